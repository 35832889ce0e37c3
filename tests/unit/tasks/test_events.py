"""The events on Celery's stream: what is in them, and what is believed."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbeat.labeling.progress import Outcome, Progress, RunState, RunStep
from mailbeat.mail.errors import ErrorCode
from tasks.events import STATE_EVENTS, event_fields, event_type, parse_event

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
RUN_ID = str(uuid4())


def step(state=RunState.LABELING, **changes):
    progress = Progress(state, found=20, processed=7, labeled=5, skipped=1, failed=1)
    values = {
        "run_id": RUN_ID,
        "account_id": 7,
        "seq": 12,
        "started_at": NOW,
        "at": NOW + timedelta(seconds=3),
        "progress": progress,
    }
    return RunStep(**(values | changes))


def as_received(one):
    return {"type": event_type(one), "hostname": "w@h", "clock": 3, "pid": 4} | (
        event_fields(one)
    )


def test_there_is_an_event_for_each_state_of_a_run():
    assert STATE_EVENTS == (
        "task-connecting",
        "task-fetching",
        "task-processing",
        "task-categorizing",
        "task-labeling",
        "task-completed",
        "task-error",
    )


def test_an_event_says_how_far_the_run_is():
    fields = event_fields(step())

    assert (fields["current"], fields["total"]) == (7, 20)
    assert fields["result"] == "labeling 7/20"
    assert fields["uuid"] == RUN_ID


def test_the_last_event_has_no_result_that_would_stay_in_flower():
    assert "result" not in event_fields(step(RunState.COMPLETED))


def test_no_event_has_a_field_that_breaks_flower():
    assert not {"worker", "children", "name", "state"} & set(event_fields(step()))


def test_an_error_travels_without_its_text():
    failed = step(
        RunState.ERROR,
        outcome=Outcome.FAILED,
        error_code=ErrorCode.AUTH_FAILED,
        error_message="imap.example.org refused the password of ada@example.org.",
    )

    assert "example.org" not in str(event_fields(failed))


@pytest.mark.parametrize("state", [s for s in RunState if s is not RunState.IDLE])
def test_what_was_sent_is_what_is_read(state):
    event = parse_event(as_received(step(state)))

    assert event is not None
    assert (event.run_id, event.account_id, event.seq) == (RUN_ID, 7, 12)
    assert (event.state, event.current, event.total) == (state, 7, 20)
    assert (event.started_at, event.at) == (NOW, NOW + timedelta(seconds=3))
    assert event.is_last is (state in {RunState.COMPLETED, RunState.ERROR})


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "task-received"},
        {"type": "task-idle"},
        {"type": ["task-labeling"]},
        {"uuid": None},
        {"uuid": ""},
        {"uuid": "x" * 10_000},
        {"uuid": "<b>"},
        {"account_id": "7"},
        {"account_id": True},
        {"account_id": -1},
        {"account_id": 2**40},
        {"account_id": 7.0},
        {"seq": 0},
        {"seq": 10**30},
        {"current": -1},
        {"total": "many"},
        {"at": "yesterday"},
        {"at": "2026-01-05T08:00:00"},
        {"at": "0001-01-01T00:00:00+23:59"},
        {"started_at": 5},
        {"labeled": float("nan")},
    ],
)
def test_a_foreign_event_is_not_believed(changes):
    assert parse_event(as_received(step()) | changes) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_nothing_that_arrives_can_raise(anything):
    parse_event(anything)
    parse_event(dict.fromkeys(as_received(step()), anything))
    for name in as_received(step()):
        parse_event(as_received(step()) | {name: anything})
