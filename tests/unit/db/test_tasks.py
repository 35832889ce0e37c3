"""The history of tasks says the same on both databases, whoever wrote it how often."""

from datetime import timedelta
from itertools import permutations

import pytest
import sqlalchemy as sa

from mailbeat.db.models import TaskRow
from mailbeat.db.session import transaction
from mailbeat.db.task_record import COLUMNS, TaskState
from mailbeat.db.tasks import get_task, write_tasks
from tests.unit.db.test_task_record import NOW, merged, record, story


@pytest.fixture
def write(any_sessions):
    def write(*records):
        with transaction(any_sessions) as session:
            write_tasks(session, records)

    return write


def row_of(sessions, task_id="t"):
    with sessions() as session:
        row = get_task(session, task_id)
    return {name: getattr(row, name) for name in COLUMNS}


def test_rows_come_to_what_records_come_to(any_sessions, write):
    """Whatever the order; of the 720 there are, every 90th."""
    expected = merged(story())

    for number, order in enumerate(list(permutations(range(6)))[::90]):
        for k in order:
            event = story()[k]
            event.task_id = f"t{number}"
            write(event)
        row = row_of(any_sessions, f"t{number}")
        told = {"task_id", "heard_at", "exception"}
        same = expected.keys() - told
        assert {name: row[name] for name in same} == {
            name: expected[name] for name in same
        }


def test_a_batch_is_written_as_its_records(any_sessions, write):
    full = record(
        "failed",
        name="a.task",
        worker="celery@one",
        arguments="('é', \"'\")",
        account_id=7,
        exception="ValueError",
        error="no",
        sent_at=NOW,
        started_at=NOW,
        ended_at=NOW + timedelta(seconds=0.25),
        runtime=0.25,
        eta=NOW,
        expires=NOW,
        root_id="r",
        parent_id="p",
    )
    write(full, record("received", task_id="other"))

    assert row_of(any_sessions) == full.values()
    assert row_of(any_sessions, "other")["state"] == "received"


def test_who_hears_the_same_a_second_time_writes_nothing(any_sessions, write):
    write(record("started", name="a", worker="w", started_at=NOW))

    heard_later = record("started", name="a", worker="w", started_at=NOW)
    heard_later.heard_at += timedelta(seconds=9)
    write(heard_later)

    assert row_of(any_sessions)["heard_at"] == NOW
    with any_sessions() as session:
        assert session.scalar(sa.select(sa.func.count(TaskRow.id))) == 1


def test_an_unknown_row_gives_way_to_whatever_is_heard_next(any_sessions, write):
    lost = record("started")
    lost.state = TaskState.UNKNOWN
    write(lost)

    write(record("succeeded", 5))

    assert row_of(any_sessions)["state"] == "succeeded"


def test_an_event_that_tells_no_attempt_is_of_the_newest(any_sessions, write):
    write(record("received", attempt=1))
    write(record("started", 1))
    write(record("received", 2))

    assert row_of(any_sessions)["state"] == "started"
