import re
from dataclasses import replace
from datetime import timedelta

from pydantic import SecretStr

from mailbeat.db.accounts import SETTING_UP, pause_account
from mailbeat.db.models import Account, LearnedExample, RuleRow
from mailbeat.db.session import transaction


def page_of(browser, account_id):
    return browser.get(f"/accounts/{account_id}").get_data(as_text=True)


def health(text):
    said = re.search(r'id="health">(.*?)</span>', text)[1]
    return re.sub("<[^>]*>", "", said)


def test_a_page_begins_with_how_the_account_is(browser, sessions, add, ran, now):
    account_id = add()
    assert health(page_of(browser, account_id)) == "Its first run is due now."

    ran(account_id)
    with transaction(sessions) as session:
        session.get(Account, account_id).next_run_at = now + timedelta(minutes=2)

    text = page_of(browser, account_id)
    assert health(text) == "Working: last run 3 min ago labelled 11, next in 2 min."
    assert re.search(r'<time class="due" datetime="[^"]*Z"', text)


def test_the_last_runs_are_a_list_told_by_shape_and_words(browser, add, ran):
    account_id = add()
    ran(account_id, "run-1", minutes=9)
    ran(
        account_id,
        "run-2",
        state="error",
        outcome="failed",
        error_code="connect_failed",
        emails_labeled=0,
    )

    text = page_of(browser, account_id)

    strip = text[text.index('class="last-runs"') : text.index('class="tally"')]
    items = re.findall(r'<li><a data-tone="(\w+)" href="/runs/(run-\d)"', strip)
    assert items == [("good", "run-1"), ("bad", "run-2")], "oldest first"
    told = re.findall(r'<span class="unseen">(.*?)</span>', strip)
    assert told == [
        "Done, 11 of 12 labelled, 9 min ago",
        "Failed, Server not reachable, 3 min ago",
    ]


def test_what_was_labelled_leads_to_the_messages(browser, add, decide):
    account_id, other = add(), add("grace@example.org")
    for _ in range(3):
        decide(account_id, category_id=2)
    decide(account_id, category_id=None, label=None)
    decide(other, category_id=3)

    text = page_of(browser, account_id)

    share = text[text.index('class="share"') : text.index("</table>")]
    rows = re.findall(r'href="([^"]*)".*?<td class="num">(\d+)</td>', share)
    assert rows == [
        (f"/messages?account_id={account_id}&amp;category_id=2", "3"),
        (f"/messages?account_id={account_id}&amp;category_id=0", "1"),
    ]


def test_an_account_that_needs_a_person_says_what_and_since_when(
    browser, sessions, add, ran, now
):
    account_id = add()
    ran(
        account_id,
        state="error",
        outcome="failed",
        error_code="auth_failed",
        error_message="imap.example.org refused the login.",
    )
    with transaction(sessions) as session:
        then = now - timedelta(hours=1)
        pause_account(session, account_id, reason="auth_failed", now=then)

    text = page_of(browser, account_id)

    assert health(text) == (
        "Needs you: the password was refused 60 min ago; 12 runs were not made."
    )
    assert "imap.example.org refused the login." in text
    assert 'href="#login"' in text


def test_an_account_in_set_up_leads_on_with_it(browser, sessions, add, now):
    account_id = add()
    with transaction(sessions) as session:
        pause_account(session, account_id, reason=SETTING_UP, now=now)

    text = page_of(browser, account_id)

    assert f'href="/accounts/{account_id}/set-up"' in text
    assert 'data-act="resume"' not in text
    assert health(text).startswith("Being set up")


def test_a_reader_sees_the_settings_and_no_form(reader, add):
    text = page_of(reader, add())

    assert "imap.example.org:993" in text
    assert "Mail is copied there" in text
    assert "A first run looks back" in text
    assert 'name="password"' not in text


def test_what_goes_with_an_account_is_told_in_numbers(
    browser, sessions, add, decide, now
):
    account_id = add()
    decide(account_id)
    with transaction(sessions) as session:
        session.add(
            LearnedExample(
                account_id=account_id,
                category_id=2,
                message_key="k",
                sender="a@b.example",
                sender_domain="b.example",
                created_at=now,
            )
        )
        session.add(
            RuleRow(
                name="r",
                account_id=account_id,
                condition="{}",
                created_at=now,
                updated_at=now,
            )
        )

    text = page_of(browser, account_id)

    goes = text[text.index('class="goes"') : text.index("Stays")]
    assert "1 decision about a message" in goes
    assert "1 thing it learned" in goes
    assert "1 rule for this account only" in goes
    assert "correction" not in goes
    assert "with the labels that are on it" in text


def test_a_page_says_what_a_model_gets_to_see_and_where_it_is(app, browser, add):
    from webapp.parts import parts_of, put_parts

    account_id = add()
    told = {
        "llm_base_url": "https://llm.example.org/v1",
        "llm_model": "llama3.1",
        "llm_api_key": SecretStr("hidden-key"),
    }
    built = parts_of(app)
    put_parts(app, replace(built, settings=built.settings.model_copy(update=told)))

    page = page_of(browser, account_id)

    assert "llama3.1 at llm.example.org gets to see the subject" in page
    assert "hidden-key" not in page
