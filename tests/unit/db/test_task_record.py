"""Records of one task lead to the same end, in whatever order they come."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from mailbeat.db.task_record import TaskRecord, TaskState, step_of

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def record(state, at=0, *, attempt=0, seq=0, by_run=False, **more):
    """What an event says `at` seconds after NOW."""
    moment = NOW + timedelta(seconds=at)
    state = TaskState(state)
    return TaskRecord(
        more.pop("task_id", "t"),
        state,
        step_of(state, attempt=attempt, seq=seq, by_run=by_run),
        received_at=moment,
        heard_at=moment,
        **{"retries": attempt, **more},
    )


def story():
    """All that is told of one task that was tried twice."""
    second = NOW + timedelta(seconds=5)
    return [
        record("received", 0, name="a.task", arguments="(7,)"),
        record("started", 1, worker="w1", started_at=NOW + timedelta(seconds=1)),
        record("retrying", 2, exception="TimeoutError"),
        record("received", 4, attempt=1, name="a.task"),
        record("started", 5, attempt=1, worker="w2", started_at=second),
        record("succeeded", 9, worker="w2", ended_at=NOW, runtime=4.0),
    ]


def merged(records):
    first, *rest = records
    for one in rest:
        first.merge(one)
    return first.values()


def test_any_order_comes_to_the_same():
    expected = merged(story())

    for order in permutations(range(6)):
        events = story()
        got = merged([events[k] for k in order])
        assert got == expected

    assert (expected["state"], expected["worker"]) == ("succeeded", "w2")
    assert expected["received_at"] == NOW
    assert expected["retries"] == 1


@pytest.mark.parametrize(
    ("known", "late"),
    [
        ("started", "received"),
        ("labeling", "started"),
        ("succeeded", "labeling"),
        ("failed", "succeeded"),
        ("revoked", "started"),
    ],
)
def test_a_late_event_never_turns_a_newer_state_back(known, late):
    one = record(known, 1)

    one.merge(record(late, 2, seq=9))

    assert one.state == known


def test_of_two_phases_the_one_with_the_larger_seq_is_newer():
    one = record("labeling", seq=7)

    assert one.merge(record("categorizing", seq=8))
    assert not one.merge(record("labeling", seq=7))
    assert one.state == "categorizing"


def test_what_a_run_said_of_its_end_counts_for_more_than_that_the_task_returned():
    one = record("failed", by_run=True)

    assert not one.merge(record("succeeded", 3))
    assert one.state == "failed"


def test_a_task_that_broke_after_its_run_completed_failed():
    one = record("succeeded", by_run=True)
    one.merge(record("failed", exception="TaskBroke"))

    assert (one.state, one.exception) == ("failed", "TaskBroke")


def test_an_unknown_state_gives_way_to_whatever_is_heard_next():
    one = record("started")
    one.state = TaskState.UNKNOWN

    one.merge(record("succeeded", 5))

    assert one.state == "succeeded"


def test_the_same_again_is_no_news():
    one = record("started", 1, name="a")

    assert not one.merge(record("started", 1, name="a"))


def test_an_absurd_attempt_or_seq_does_not_reach_the_end():
    wild = step_of(TaskState.LABELING, attempt=10**9, seq=10**12)

    assert wild < step_of(TaskState.SUCCEEDED)
    assert step_of(TaskState.FAILED, by_run=True) < 2**63


def test_an_event_that_tells_no_attempt_is_of_the_newest():
    one = record("retrying", exception="TimeoutError")
    one.merge(record("received", 5, attempt=1))

    one.merge(record("started", 6))
    assert one.state == "started"

    one.merge(record("received", 7))
    assert one.state == "started"
