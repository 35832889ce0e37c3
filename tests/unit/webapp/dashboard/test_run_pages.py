import html
import json
import re

import pytest

from tests.unit.webapp.dashboard.conftest import HOSTILE
from webapp.dashboard import run_filters, run_pages


def runs_in(response):
    return re.findall(r'data-run="([^"]+)"', response.get_data(as_text=True))


def link(response, rel):
    found = re.search(rf'rel="{rel}" href="([^"]+)"', response.get_data(as_text=True))
    return found and found[1].replace("&amp;", "&")


@pytest.fixture
def history(add, ran):
    ada, grace = add("ada@example.org"), add("grace@example.org")
    ran(ada, "run-1", minutes=3000)
    ran(grace, "run-2", minutes=90, email_address="grace@example.org")
    ran(ada, "run-3", state="error", outcome="failed", error_code="internal")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["run-3", "run-2", "run-1"]),
        ("account_id=2", ["run-2"]),
        ("account_id=99", []),
        ("account=grace@example.org", ["run-2"]),
        ("account=GRACE", ["run-2"]),
        ("account=example.org", ["run-3", "run-2", "run-1"]),
        ("account=nobody", []),
        ("account=%25", []),
        ("error_code=internal", ["run-3"]),
        ("error_code=internal&outcome=succeeded", []),
        ("outcome=failed", ["run-3"]),
        ("state=completed", ["run-2", "run-1"]),
        ("time=24h", ["run-3", "run-2"]),
        ("outcome=failed&account_id=2", []),
        ("time=1h&account=ada", ["run-3"]),
        ("since=2020-01-01", ["run-3", "run-2", "run-1"]),
        ("until=2020-01-01", []),
        ("since=9999-12-31&until=9999-12-31", []),
        ("since=0001-01-01T00:00:00%2B14:00", ["run-3", "run-2", "run-1"]),
        ("outcome=nonsense&time=x&account_id=&state=", ["run-3", "run-2", "run-1"]),
        ("since=x&until=2026-99-99&error_code=' OR 1", ["run-3", "run-2", "run-1"]),
    ],
)
def test_runs_are_found_by_what_is_asked(browser, history, query, found):
    answer = browser.get(f"/runs?{query}", follow_redirects=True)

    assert runs_in(answer) == found


def test_pages_lead_there_and_back_and_keep_the_filters(browser, history, monkeypatch):
    monkeypatch.setattr(run_pages, "ROWS", 1)

    first = browser.get("/runs?state=completed&time=7d")
    second = browser.get(link(first, "next"))
    back = browser.get(link(second, "prev"))

    assert (runs_in(first), runs_in(second)) == (["run-2"], ["run-1"])
    assert runs_in(back) == ["run-2"]
    assert link(first, "prev") is link(second, "next") is link(back, "prev") is None


def test_a_cursor_that_is_not_ours_is_a_bad_request(browser):
    assert browser.get("/runs?cursor=x").status_code == 400
    assert browser.get("/runs?newer=-1").status_code == 400


def follow_of(response):
    text = response.get_data(as_text=True)
    found = re.search(r'data-follow="([^"]+)"', text)
    return found and json.loads(html.unescape(found[1]))


def test_the_script_is_told_which_newer_runs_belong_to_the_list(browser, history):
    follow = follow_of(browser.get("/runs?account=ada&outcome=failed"))

    assert (follow["accounts"], follow["outcome"]) == ([1], "failed")
    assert follow_of(browser.get("/runs?until=2026-01-01")) is None


def test_what_is_asked_for_stands_in_the_form_and_in_no_markup(browser, history):
    text = browser.get(f"/runs?account={HOSTILE}{'x' * 10_000}").get_data(as_text=True)

    assert HOSTILE not in text
    assert html.escape(HOSTILE) in text
    assert len(text) < 40_000


def test_a_few_accounts_are_named_and_many_are_counted(browser, add, ran, monkeypatch):
    monkeypatch.setattr(run_filters, "FEW_ACCOUNTS", 20)
    for number in range(22):
        ran(add(f"a{number:02}@example.org"), f"run-{number}")

    few = browser.get("/runs?account=a0").get_data(as_text=True)
    many = browser.get("/runs?account=a").get_data(as_text=True)

    assert "10 accounts:" in few
    assert "and 2 more" in few
    assert "More than 20 accounts" in many
    assert len(re.findall("<tr data-run", many)) == 22


def test_runs_of_an_account_that_was_removed_are_found_by_its_address(browser, ran):
    ran(None, "old", email_address="old@example.org", messages=0)

    assert runs_in(browser.get("/runs?account=old@example.org")) == ["old"]
    assert runs_in(browser.get("/runs?account=old")) == []


def test_a_run_that_goes_on_says_what_it_does(browser, add, ran):
    ran(
        add(),
        state="categorizing",
        outcome=None,
        end_time=None,
        emails_processed=7,
        emails_found=20,
    )

    text = browser.get("/runs").get_data(as_text=True)

    assert "Categorizing 7 of 20" in text
    assert 'data-run="run-1" data-open' in text


FAILED = {"state": "error", "outcome": "failed", "messages": 0}


def test_failures_are_gathered_with_what_to_do_about_each(browser, add, ran):
    ada, grace = add("ada@example.org"), add("grace@example.org")
    for number in (50, 40, 30):
        why = f"The password of {HOSTILE} was refused."
        ran(ada, f"bad-{number}", minutes=number, error_code="auth_failed",
            error_message=why, **FAILED)  # fmt: skip
    ran(grace, "slow", minutes=20, error_code="server_busy", error_message="Busy.",
        **FAILED)  # fmt: skip
    ran(grace, "good", minutes=10)

    text = browser.get("/runs/failures").get_data(as_text=True)

    assert "3 times" in text
    assert f'href="/accounts/{ada}#password"' in text
    assert "not in its last run any more" in text
    assert HOSTILE not in text
    where = re.search(r'href="(/runs\?[^"]*error_code=auth_failed[^"]*)"', text)[1]
    runs = browser.get(html.unescape(where))
    assert runs_in(runs) == ["bad-30", "bad-40", "bad-50"]


def test_what_the_next_run_may_mend_is_run_again_by_a_button(browser, reader, add, ran):
    ran(add(), "slow", error_code="server_busy", **FAILED)

    button = 'action="/runs/slow/again"'
    assert button in browser.get("/runs/failures").get_data(as_text=True)
    assert button not in reader.get("/runs/failures").get_data(as_text=True)


def test_the_failed_runs_of_yesterday_are_two_clicks_away(browser, add, ran):
    account_id = add()
    ran(account_id, "old", minutes=60 * 24 * 3, error_code="internal", **FAILED)
    ran(account_id, "bad", minutes=60 * 24, error_code="internal", **FAILED)
    ran(account_id, "new", minutes=0, error_code="internal", **FAILED)

    text = browser.get("/runs?outcome=failed").get_data(as_text=True)
    link = re.search(r'href="(/runs\?[^"]+)">Yesterday<', text)[1]
    found = browser.get(html.unescape(link))

    assert runs_in(found) == ["bad"]
    assert 'aria-current="true">Yesterday<' in found.get_data(as_text=True)


def test_failures_are_of_a_week_unless_others_are_asked_for(browser, add, ran):
    ran(add(), "old", minutes=60 * 24 * 9, error_code="internal", **FAILED)

    assert "Nothing failed" in browser.get("/runs/failures").get_data(as_text=True)
    assert "/runs/old" in browser.get("/runs/failures?time=any").get_data(as_text=True)
    assert "/runs/old" in browser.get("/runs/failures?time=30d").get_data(as_text=True)
