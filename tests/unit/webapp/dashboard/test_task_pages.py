"""The pages of tasks: true as served, whatever the tasks say of themselves."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db import task_gaps
from mailbeat.db.session import transaction
from mailbeat.db.task_record import TaskState
from mailbeat.db.tasks import write_tasks
from tests.unit.db.test_task_record import record

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


@pytest.fixture
def write(sessions):
    def write(*records):
        for one in records:  # as if they had been a moment ago
            ago = datetime.now(UTC) - one.heard_at - timedelta(minutes=-5)
            one.received_at += ago - timedelta(minutes=10)
        with transaction(sessions) as session:
            write_tasks(session, records)

    return write


def shown(client, path="/tasks", **asked):
    return client.get(path, query_string=asked).get_data(as_text=True)


def ids(text):
    return re.findall(r'<tr data-task="([^"]*)"', text.split("<template")[0])


def test_tasks_are_listed_newest_first(browser, write):
    write(record("started", 1, task_id="a", name="shop.send"))
    write(record("succeeded", 2, task_id="b", name="shop.tidy", runtime=0.25))

    text = shown(browser)

    assert ids(text) == ["a", "b"] or ids(text) == ["b", "a"]
    assert "shop.send" in text
    assert "0.2 s" in text or "0.3 s" in text


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"state": "running"}, ["a"]),
        ({"state": "failed"}, ["b"]),
        ({"name": "shop.send"}, ["a"]),
        ({"q": "TIDY"}, ["b"]),
        ({"worker": "w"}, ["a"]),
        ({"state": "nonsense", "q": "", "worker": "w"}, ["a"]),
        ({"sort": "runtime"}, ["b"]),
        ({"time": "24h", "state": "failed"}, ["b"]),
    ],
)
def test_filters_leave_what_was_asked_for(browser, write, asked, expected):
    write(
        record("started", 1, task_id="a", name="shop.send", worker="w"),
        record("failed", 2, task_id="b", name="shop.tidy", runtime=1.0),
    )

    assert ids(shown(browser, **asked)) == expected


def test_the_next_page_keeps_the_filter(browser, write):
    write(*(record("failed", k, task_id=f"t{k}", name="shop.send") for k in range(60)))

    first = shown(browser, state="failed")
    (older,) = re.findall(r'rel="next" href="([^"]*)"', first)
    second = browser.get(older.replace("&amp;", "&")).get_data(as_text=True)

    assert (len(ids(first)), len(ids(second))) == (50, 10)
    assert "state=failed" in older


def test_a_filter_without_a_match_says_so(browser):
    assert "No task like that" in shown(browser, q="nothing")
    assert "No task yet" in shown(browser)


def test_a_cursor_that_is_none_of_ours_is_refused(browser):
    assert browser.get("/tasks?cursor=x").status_code == 400


def test_failures_of_the_day_stand_above_and_each_group_is_one_row(browser, write):
    write(
        record("failed", 1, task_id="a", name="shop.send", exception="ValueError"),
        record("failed", 2, task_id="b", name="shop.send", exception="ValueError"),
    )

    for text in (shown(browser), shown(browser, "/tasks/failures")):
        assert "2 times" in text
        assert "ValueError" in text
    assert "Failed in the last 24 hours" not in shown(browser, state="running")


def test_a_task_tells_what_happened_in_order(browser, write):
    start = datetime.now(UTC)
    second = timedelta(seconds=1)
    one = record("succeeded", name="shop.send", arguments="(7,)", retries=2)
    one.started_at, one.ended_at = start, start + 3 * second
    write(one)

    text = shown(browser, "/tasks/t")

    words = re.findall(r"<li data-tone=\"\w+\"><span>(\w+)", text)
    assert words == ["Received", "Started", "Done"]
    assert "+3.0 s" in text


def test_a_task_that_is_a_run_leads_there_with_its_phases(browser, add, ran, write):
    account_id = add()
    ran(account_id)
    write(record("succeeded", task_id="run-1", by_run=True, account_id=account_id))

    text = shown(browser, "/tasks/run-1")

    assert '/runs/run-1"' in text
    assert f'/accounts/{account_id}"' in text


def test_an_unknown_task_says_since_when(browser, write):
    one = record("started", name="shop.send")
    one.state = TaskState.UNKNOWN
    write(one)

    text = shown(browser, "/tasks/t")

    assert "How it ended is not known" in text
    assert "last heard of <time" in text


@pytest.mark.parametrize("task_id", ["none", "x" * 101, "..", "%00", "<img>"])
def test_a_task_that_there_is_not_is_not_found(browser, task_id):
    assert browser.get(f"/tasks/{task_id}").status_code in {400, 404, 308}


def test_hostile_text_is_text(browser, write):
    write(
        record(
            "failed",
            name=HOSTILE,
            worker=HOSTILE,
            arguments=HOSTILE,
            exception=HOSTILE,
            error=HOSTILE,
        )
    )

    for path in ("/tasks", "/tasks/t", "/tasks/failures"):
        assert "<img" not in shown(browser, path)
    assert ids(shown(browser, q=HOSTILE)) == ["t"]
    assert "<img" not in shown(browser, name=HOSTILE, worker=HOSTILE)


def test_what_was_dropped_is_said(browser, sessions):
    now = datetime.now(UTC)
    with transaction(sessions) as session:
        task_gaps.note_listener(session, "x", since=now, dropped=1234, now=now)

    assert "1,234 tasks are missing" in shown(browser)
