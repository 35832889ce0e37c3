import re

import pytest

from webapp.dashboard import run_pages


def runs_in(response):
    return re.findall(r'data-run="([^"]+)"', response.get_data(as_text=True))


@pytest.fixture
def history(add, ran):
    ada, grace = add("ada@example.org"), add("grace@example.org")
    ran(ada, "run-1", minutes=3000)
    ran(grace, "run-2", minutes=90)
    ran(ada, "run-3", state="error", outcome="failed", error_code="internal")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["run-3", "run-2", "run-1"]),
        ("account_id=2", ["run-2"]),
        ("outcome=failed", ["run-3"]),
        ("state=completed", ["run-2", "run-1"]),
        ("time=24h", ["run-3", "run-2"]),
        ("outcome=failed&account_id=2", []),
        ("outcome=nonsense&time=x&account_id=&state=", ["run-3", "run-2", "run-1"]),
    ],
)
def test_runs_are_found_by_what_is_asked(browser, history, query, found):
    assert runs_in(browser.get(f"/runs?{query}")) == found


def test_older_runs_are_a_page_away_and_keep_the_filters(browser, history, monkeypatch):
    monkeypatch.setattr(run_pages, "ROWS", 1)

    first = browser.get("/runs?state=completed")
    older = re.search(r'rel="next" href="([^"]+)"', first.get_data(as_text=True))
    second = browser.get(older[1].replace("&amp;", "&"))

    assert (runs_in(first), runs_in(second)) == (["run-2"], ["run-1"])


def test_a_cursor_that_is_not_ours_is_a_bad_request(browser):
    assert browser.get("/runs?cursor=x").status_code == 400


def test_a_runs_page_draws_its_phases_to_scale_and_lists_its_messages(browser, history):
    text = browser.get("/runs/run-2").get_data(as_text=True)

    lanes = re.findall(r'<li data-phase="(\w+)">', text)
    widths = re.findall(
        r'<rect x="[\d.]+%" width="([\d.]+)%" height="100%" rx="2">', text
    )
    assert lanes == ["connecting", "fetching", "labeling"]
    assert widths == ["25.0", "25.0", "50.0"]
    assert "The sender&#39;s domain sends receipts" in text
    assert "93 %" in text


def test_a_failed_run_says_why_and_what_to_do(browser, add, ran):
    ran(
        add(),
        state="error",
        outcome="failed",
        error_code="connect_failed",
        error_message="imap.example.org did not answer. Check the host.",
        messages=0,
    )

    text = browser.get("/runs/run-1").get_data(as_text=True)

    assert "Server not reachable." in text
    assert "imap.example.org did not answer. Check the host." in text
    assert "No message in this run" in text
