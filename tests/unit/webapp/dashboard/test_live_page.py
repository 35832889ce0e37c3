import html
import json
import re
from datetime import timedelta

from mailbeat.db.accounts import SETTING_UP, pause_account, pause_everything
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from tests.factories import make_row


def test_the_live_page_is_true_as_served(browser, add, ran):
    ran(add())

    text = browser.get("/").get_data(as_text=True)

    assert "1 account waiting, 11 messages labelled today" in text
    assert "11 of 12 labelled" in text
    assert len(re.findall(r"<article", text.split("<template")[0])) == 1


def test_the_script_starts_from_what_the_page_shows(browser, add, ran):
    account_id = add("</script>@example.org")
    ran(account_id)

    text = browser.get("/").get_data(as_text=True)

    found = re.search(
        r'<script type="application/json" id="first">(.*?)</script>', text
    )
    first = json.loads(found[1])
    assert first["snapshot"]["accounts"][0]["email_address"] == "</script>@example.org"
    assert first["labeled_today"] == 11
    assert [run["run_id"] for run in first["runs"]] == ["run-1"]
    assert first["last_runs"][str(account_id)]["run_id"] == "run-1"


def test_the_script_knows_the_last_runs_of_accounts_that_are_not_shown(
    browser, add, ran
):
    account_id = add()
    ran(account_id)

    text = browser.get("/?q=nobody").get_data(as_text=True)

    found = re.search(
        r'<script type="application/json" id="first">(.*?)</script>', text
    )
    last = json.loads(found[1])["last_runs"][str(account_id)]
    assert last["run_id"] == "run-1"


def test_what_the_head_asks_for_is_fetched_while_the_rest_is_made(browser, add):
    add()

    head, rest = (part.decode() for part in browser.get("/").response)

    assert head.rstrip().endswith("<body>")
    assert "/mailbeat.css" in head
    assert "/live.js" in head
    assert rest.rstrip().endswith("</html>")


def test_an_account_that_needs_a_person_is_told_above_the_cards(
    browser, sessions, add, ran, now
):
    account_id = add()
    ran(
        account_id,
        state="error",
        outcome="failed",
        error_code="auth_failed",
        error_message="imap.example.org refused the login.",
        messages=0,
    )
    with transaction(sessions) as session:
        pause_account(session, account_id, reason="auth_failed", now=now)

    text = browser.get("/").get_data(as_text=True)

    panel = text[text.index('id="needs"') : text.index('id="some"')]
    assert "Sign-in refused" in panel
    assert "imap.example.org refused the login." in panel
    assert f'href="/accounts/{account_id}#password"' in panel
    assert "1 needs you" in text


def test_who_needs_a_person_since_last_stands_first(browser, add, ran):
    failed = {"state": "error", "outcome": "failed", "messages": 0}
    for address, minutes in (("early@example.org", 50), ("late@example.org", 5)):
        ran(add(address), address, minutes=minutes, error_code="auth_failed",
            error_message="It refused the login.", **failed)  # fmt: skip

    text = browser.get("/").get_data(as_text=True)

    panel = text[text.index('id="needs"') : text.index('id="some"')]
    assert panel.index("late@example.org") < panel.index("early@example.org")


def test_without_an_account_the_page_says_how_to_add_one(browser):
    text = browser.get("/").get_data(as_text=True)

    assert "No account yet" in text
    assert re.search(r'<section id="none" class="panel">', text)
    assert re.search(r'<section id="some"[^>]* hidden>', text)


def test_when_everything_is_paused_the_page_says_so(browser, sessions, add, now):
    add()
    with transaction(sessions) as session:
        pause_everything(session, now=now)

    text = browser.get("/").get_data(as_text=True)

    assert "Everything is paused, 0 messages labelled today" in text
    assert 'data-says="paused"' in text
    assert re.search(r'data-act="resume-all"[^>]*">', text)
    assert re.search(r'data-act="pause-all"[^>]* hidden>', text)


def test_a_card_has_the_buttons_that_can_be_pressed(
    browser, reader, sessions, add, now
):
    add()
    paused = add("grace@example.org")
    with transaction(sessions) as session:
        pause_account(session, paused, reason="by_person", now=now)

    def buttons(client):
        *cards, _rest = client.get("/").get_data(as_text=True).split("</article>")
        return [re.findall('data-act="([a-z]+)"', card[-3000:]) for card in cards[:2]]

    assert [set(found) - {"all"} for found in buttons(browser)] == [
        {"run", "pause"},
        {"resume"},
    ]
    assert buttons(reader) == [[], []]


def test_what_failed_since_yesterday_is_one_click_away(browser, add, ran):
    add()
    ran(1, "bad", state="error", outcome="failed", error_code="server_busy", messages=0)
    ran(1, "good")
    ran(1, "old", minutes=60 * 48, state="error", outcome="failed", messages=0)

    text = browser.get("/").get_data(as_text=True)
    link = re.search(r'href="(/runs\?outcome=failed&amp;since=[^"]+)"', text)[1]
    found = browser.get(html.unescape(link)).get_data(as_text=True)

    assert re.findall('<tr data-run="([^"]+)"', found) == ["bad"]


def test_whose_session_ends_while_the_page_is_open_is_led_back_to_it(browser):
    text = browser.get("/?state=working&q=ada").get_data(as_text=True)

    assert 'href="/login?next=/?state%3Dworking%26q%3Dada" hidden>Sign in<' in text


MOST_BYTES = 60 * 1024  # of scripts and style sheets together, unpacked


def test_the_scripts_and_sheets_of_the_live_page_stay_small(browser):
    """Modules are followed into what they import, and those that come soon after."""
    text = browser.get("/").get_data(as_text=True)
    wanted = re.findall(r'(?:src|href)="/static/\w+/([\w.-]+\.(?:js|css))"', text)
    wanted += ["hour.js", "themes.js"]

    found: dict[str, int] = {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            source = browser.get(f"/static/x/{name}").get_data(as_text=True)
            found[name] = len(source.encode())
            wanted += re.findall(r'(?:import|from) ?"\./([\w-]+\.js)"', source)

    assert {
        "live.js",
        "draw.js",
        "words.js",
        "live.css",
        "mailbeat.css",
    } <= found.keys()
    assert sum(found.values()) <= MOST_BYTES, found


def test_an_account_in_set_up_says_so_and_leads_on(browser, sessions, add, now, reader):
    account_id = add()
    with transaction(sessions) as session:
        pause_account(session, account_id, reason=SETTING_UP, now=now)

    card, readers = (
        client.get("/").get_data(as_text=True).split("</article>")[0]
        for client in (browser, reader)
    )

    assert "Being set up" in card
    assert re.search(rf'href="/accounts/{account_id}/set-up">', card)
    assert 'data-act="resume"' not in card, "it would end the set-up"
    assert "Its set-up is not finished" in card
    assert "/set-up" not in readers
    assert "Being set up" in readers


def test_where_nobody_is_needed_the_panel_is_there_and_closed(browser, add):
    add()

    text = browser.get("/").get_data(as_text=True)

    panel = text[text.index('<details class="panel needs"') : text.index("</summary>")]
    assert "No account needs you" in panel
    assert " open" not in panel
    assert " hidden" not in panel.partition(">")[0]


def test_the_last_hour_is_also_a_table(browser, sessions, add):
    account_id = add()
    with sessions() as session:
        now = database_now(session)
    for uid, minutes in enumerate((0, 2, 45), start=1):
        make_row(sessions, account_id, uid, decided_at=now - timedelta(minutes=minutes))

    text = browser.get("/").get_data(as_text=True)

    table = text[text.index("<tbody>", text.index('id="hour"')) :]
    rows = re.findall(r"<th[^>]*>(\d+)\D(\d+)</th><td>(\d+)</td>", table)[:6]
    assert [(int(one), int(other)) for one, other, _ in rows] == [
        (60 - start, 50 - start) for start in range(0, 60, 10)
    ]
    assert [int(number) for *_, number in rows] == [0, 1, 0, 0, 0, 2]
