"""Tasks over the API, as they are kept."""

from datetime import timedelta

import pytest

from mailbeat.db.session import transaction
from mailbeat.db.tasks import write_tasks
from tests.unit.db.test_task_record import NOW, record
from webapp.api import answers

ROOT = "/api/tasks"


@pytest.fixture
def write(sessions):
    def write(*records):
        with transaction(sessions) as session:
            write_tasks(session, records)

    return write


@pytest.fixture
def three(write):
    write(
        record("started", 1, task_id="a", name="shop.send", worker="w"),
        record(
            "failed",
            2,
            task_id="b",
            name="shop.send",
            exception="ValueError",
            started_at=NOW,
            ended_at=NOW + timedelta(seconds=2),
        ),
        record("succeeded", 3, task_id="c", name="shop.tidy", runtime=0.25),
    )


def ids(response):
    return [one["task_id"] for one in response.json["items"]]


def test_tasks_come_in_pages_newest_first(admin, three):
    first = admin.get(ROOT, query_string={"limit": 2})
    cursor = first.json["next_cursor"]
    then = admin.get(ROOT, query_string={"limit": 2, "cursor": cursor})

    assert (ids(first), ids(then)) == (["c", "b"], ["a"])
    assert then.json["next_cursor"] is None
    answers.Tasks.model_validate(first.json)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"state": "running"}, ["a"]),
        ({"state": "failed"}, ["b"]),
        ({"state": "succeeded"}, ["c"]),
        ({"state": "waiting"}, []),
        ({"name": "shop.send"}, ["b", "a"]),
        ({"worker": "w"}, ["a"]),
        ({"q": "TIDY"}, ["c"]),
        ({"q": "a"}, ["a"]),
        ({"since": (NOW + timedelta(seconds=3)).isoformat()}, ["c"]),
        ({"until": (NOW + timedelta(seconds=2)).isoformat()}, ["a"]),
        ({"sort": "runtime"}, ["c"]),
    ],
)
def test_filters_leave_what_was_asked_for(admin, three, asked, expected):
    assert ids(admin.get(ROOT, query_string=asked)) == expected


@pytest.mark.parametrize(
    "asked",
    [{"state": "x"}, {"sort": "name"}, {"q": ""}, {"q": "x" * 201}, {"cursor": "1"}],
)
def test_what_makes_no_sense_is_refused(admin, asked):
    assert admin.get(ROOT, query_string=asked).status_code == 422


def test_a_cursor_goes_on_in_its_own_order(admin, three):
    cursor = admin.get(ROOT, query_string={"limit": 1}).json["next_cursor"]

    asked = {"cursor": cursor, "sort": "runtime"}

    there = admin.get(ROOT, query_string=asked).json
    assert there == admin.get(ROOT, query_string={"cursor": cursor}).json


def test_one_task_is_told_whole(admin, three):
    found = admin.get(f"{ROOT}/b").json

    answers.Task.model_validate(found)
    assert (found["exception"], found["runtime_seconds"]) == ("ValueError", 2.0)
    assert admin.get(f"{ROOT}/none").status_code == 404


def test_failures_are_grouped(admin, three):
    found = admin.get(f"{ROOT}/failures").json

    answers.TaskFailures.model_validate(found)
    (one,) = found["items"]
    assert (one["count"], one["example_id"]) == (1, "b")


def test_how_well_the_history_is_kept_is_told(admin):
    assert admin.get(ROOT).json["history"] == {
        "waiting": 0,
        "dropped": 0,
        "refused": 0,
        "behind_since": None,
    }


def test_who_may_read_may_see_tasks(with_scope, three):
    assert with_scope("read").get(ROOT).status_code == 200
