import re
from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db.clock import database_now
from mailbeat.db.models import Correction, LLMDay
from mailbeat.db.session import transaction
from webapp.dashboard.insight_charts import CHARTS
from webapp.dashboard.insight_pages import begin, usual_span

NOW = datetime(2026, 1, 6, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "start"),
    [
        (1, datetime(2026, 1, 5, 10, tzinfo=UTC)),
        (7, datetime(2025, 12, 31, tzinfo=UTC)),
        (365, datetime(2025, 1, 6, tzinfo=UTC)),
    ],
)
def test_a_chart_begins_with_a_whole_hour_or_day(days, start):
    assert begin(days, NOW) == start


@pytest.mark.parametrize(("age", "days"), [(0, 1), (2, 7), (8, 30), (400, 30)])
def test_a_young_installation_is_shown_from_nearer(  # noqa: PLR0917 # fixtures
    sessions, add, ran, now, age, days
):
    ran(add(), minutes=age * 24 * 60)

    with sessions() as session:
        assert usual_span(session, now) == days


def test_a_page_of_an_installation_without_a_model_tells_of_none(browser, ran, add):
    ran(add())

    assert "The model" not in browser.get("/insights").text


def test_what_a_model_was_asked_and_cost_is_told(browser, sessions, ran, add):
    ran(add())
    with transaction(sessions) as session:
        day = database_now(session).date().isoformat()
        session.add(LLMDay(day=day, messages=1120, tokens=45_000, cost=0.004))

    page = browser.get("/insights").text

    assert "1,120 <small>of 1,000" in page
    assert page.count("&lt; US$0.01") == 2


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("", 24),
        ("days=1", 24),
        ("days=7", 7),
        ("days=365", 53),
        ("days=8", 24),
        ("days=x", 24),
    ],
)
def test_the_charts_have_a_column_a_step_and_a_table_beside(
    browser, add, ran, query, columns
):
    ran(add())

    text = browser.get(f"/insights?{query}").get_data(as_text=True)

    tables = re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
    assert len(tables) == len(CHARTS)
    assert tables[0].count("<tr>") == columns
    assert len(re.findall(r'<rect class="hit"', text)) == 3 * columns
    assert len(re.findall(r'rect data-heat="', text)) == 7 * 24
    assert "shop.example" in text


@pytest.fixture
def all_charts(sessions, add, ran, decide, now):
    """A history in which every chart has something to show."""
    account_id = add()
    ran(account_id)
    ran(account_id, "run-2", outcome="failed", error_code="tls_failed")
    message_id = decide(account_id, layer="rule", sender="=cmd|'/c calc'!A1")
    with transaction(sessions) as session:
        session.add(
            Correction(
                account_id=account_id,
                message_id=message_id,
                former="{}",
                source="dashboard",
                actor="key",
                created_at=now,
            )
        )
    return account_id


@pytest.mark.parametrize(
    ("chart", "line"),
    [
        ("domains", "shop.example,5"),
        ("layers", "Your rule,1,1,7"),
        ("errors", "Certificate not trusted,tls_failed,1,"),
        ("senders", "'=cmd|'/c calc'!A1,1"),
        ("hours", "Sunday,"),
        ("runs", ",1,1,50.0"),
        ("durations", ",8.0,8.0,1"),
        ("corrections", ",1,5,20.0"),
        ("messages", ",3,2,5"),
    ],
)
@pytest.mark.usefixtures("all_charts")
def test_each_chart_is_a_file_for_a_spreadsheet(browser, chart, line):
    answer = browser.get(f"/insights/{chart}.csv?days=7&seconds=7")

    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="mailbeat-{chart}-7-days.csv"'
    )
    assert line in answer.get_data(as_text=True)


def test_a_file_of_one_account_leaves_the_others_out(browser, add, all_charts):
    text = browser.get(f"/insights/domains.csv?account_id={add('b@example.org')}")

    assert text.get_data(as_text=True) == "Domain,Messages\r\n"


@pytest.mark.parametrize("chart", ["nothing", "=1+1", "a" * 3000])
def test_a_chart_that_is_not_there_is_not_found(browser, chart):
    assert browser.get(f"/insights/{chart}.csv").status_code == 404


def test_files_are_for_those_who_are_signed_in(app):
    answer = app.test_client().get("/insights/senders.csv")

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login")


@pytest.mark.usefixtures("all_charts")
def test_senders_are_shown_as_text(browser):
    text = browser.get("/insights?days=7").get_data(as_text=True)

    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


@pytest.mark.parametrize(
    ("query", "seconds"),
    [("", 5), ("seconds=12", 12), ("seconds=601", 5), ("seconds=-1", 5)],
)
@pytest.mark.usefixtures("all_charts")
def test_the_reader_says_what_a_label_saves(browser, query, seconds):
    text = browser.get(f"/insights?days=7&{query}").get_data(as_text=True)

    assert f'inputmode="numeric" value="{seconds}"' in text
    assert f"About <b>{5 * seconds}" in text or seconds == 12
    assert ("About <b>1 min 0 s</b>" in text) == (seconds == 12)


def test_what_the_reader_decided_saved_no_time(browser, add, decide):
    decide(add(), layer="you")

    text = browser.get("/insights").get_data(as_text=True)

    assert "no time was saved yet" in text


@pytest.mark.parametrize(
    ("query", "cookie", "zone"),
    [
        ("", None, "UTC"),
        ("zone=Asia/Tokyo", None, "Asia/Tokyo"),
        ("", "Asia/Tokyo", "Asia/Tokyo"),
        ("zone=Europe/Berlin", "Asia/Tokyo", "Europe/Berlin"),
        ("zone=Mars/Base", None, "UTC"),
        ("", "<script>", "UTC"),
    ],
)
@pytest.mark.usefixtures("all_charts")
def test_hours_are_told_by_the_readers_clock(browser, query, cookie, zone):
    if cookie:
        browser.set_cookie("zone", cookie)

    text = browser.get(f"/insights?days=7&{query}").get_data(as_text=True)

    assert f'name="zone" value="{zone}"' in text


@pytest.mark.usefixtures("all_charts")
def test_what_was_chosen_stays_when_something_else_is(browser):
    text = browser.get("/insights?days=7&seconds=9&zone=Asia/Tokyo").get_data(
        as_text=True
    )

    assert text.count('type="hidden" name="seconds" value="9"') == 2
    assert text.count('type="hidden" name="zone" value="Asia/Tokyo"') == 2
    assert "/insights/hours.csv?days=7&amp;zone=Asia/Tokyo&amp;seconds=9" in text


def test_insights_of_one_account_leave_the_others_out(browser, add, ran):
    ran(add("ada@example.org"))
    grace = add("grace@example.org")

    text = browser.get(f"/insights?account_id={grace}").get_data(as_text=True)

    assert "Nothing to draw yet" in text


def test_runs_that_go_on_are_not_counted_as_labelled_yet(sessions, add, ran, now):
    from webapp.dashboard.live_page import labeled_by_runs

    account_id = add()
    ran(account_id, "run-1")
    ran(account_id, "run-2", end_time=None, outcome=None, state="labeling")

    with sessions() as session:
        assert labeled_by_runs(session, since=now - timedelta(hours=1)) == 11


def test_what_is_worth_a_rule_is_proposed_here_too(browser, add, decide):
    account_id = add()
    values = {"sender": "news@paper.example", "sender_domain": "paper.example"}
    for _ in range(3):
        decide(account_id, category_id=7, layer="you", **values)

    text = browser.get("/insights").get_data(as_text=True)

    assert "You said 3 times that mail from" in text
    (path,) = set(re.findall(r'action="(/rules/recommendations/[^"]+)"', text))
    other = browser.get("/insights?account_id=99").get_data(as_text=True)
    assert path not in other

    answer = browser.post(path, data={"place": "insights"})

    assert answer.location == "/insights?done=dismissed"
    assert path not in browser.get(answer.location).get_data(as_text=True)
