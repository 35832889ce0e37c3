"""After a gap in listening each task says what is known of it, and no more."""

from datetime import timedelta

import pytest

from mailbeat.db import accounts, runs, task_gaps
from mailbeat.db.session import transaction
from mailbeat.db.tasks import get_task, write_tasks
from mailbeat.labeling.progress import Outcome, Progress, RunState
from tests.unit.db.test_accounts import new_account
from tests.unit.db.test_task_record import NOW, record

LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def listen(any_sessions):
    def listen(since, seen_at, name="one", dropped=0):
        with transaction(any_sessions) as session:
            task_gaps.note_listener(
                session, name, since=since, dropped=dropped, now=seen_at
            )

    return listen


@pytest.fixture
def write(any_sessions):
    def write(*records):
        with transaction(any_sessions) as session:
            write_tasks(session, records)

    return write


@pytest.fixture
def run(any_sessions):
    """Start a run of an account of its own."""

    def run(run_id="run", *, ttl=timedelta(minutes=1), now=NOW):
        with transaction(any_sessions) as session:
            account = accounts.add_account(session, new_account(), now=now)
            accounts.take_lease(session, account.id, run_id, now=now, ttl=ttl)
            runs.start_run(session, account, run_id, now=now)
            return account.id

    return run


def finish(sessions, run_id, outcome, **error):
    with transaction(sessions) as session:
        state = RunState.COMPLETED if not error else RunState.ERROR
        runs.finish_run(
            session, run_id, Progress(state), 9, outcome=outcome, now=LATER, **error
        )


def lose(sessions, workers=None, now=LATER):
    with transaction(sessions) as session:
        return task_gaps.lose_tasks(session, workers=workers, now=now)


def state(sessions, task_id="t"):
    with sessions() as session:
        return get_task(session, task_id).state


def test_what_was_open_before_anybody_listened_is_unknown(any_sessions, listen, write):
    write(record("started", task_id="a"), record("received", task_id="b"))
    write(record("succeeded", task_id="c", ended_at=NOW))
    listen(LATER, LATER)

    assert lose(any_sessions) == 2

    assert [state(any_sessions, one) for one in "abc"] == ["unknown"] * 2 + [
        "succeeded"
    ]
    assert lose(any_sessions) == 0


def test_a_process_that_starts_anew_takes_the_word_of_one_that_heard_all(
    any_sessions, listen, write
):
    write(record("started"))
    listen(NOW - timedelta(hours=1), LATER, "old")
    listen(LATER, LATER, "new")

    assert lose(any_sessions) == 0


def test_the_word_of_one_that_is_gone_counts_for_nothing(any_sessions, listen, write):
    write(record("started"))
    listen(NOW - timedelta(hours=1), LATER - timedelta(seconds=30), "gone")
    listen(LATER, LATER, "new")

    assert lose(any_sessions) == 1


def test_what_a_worker_had_that_is_gone_is_unknown(any_sessions, listen, write):
    listen(NOW - timedelta(hours=1), LATER)
    write(
        record("started", task_id="a", worker="one"),
        record("started", task_id="b", worker="two"),
        record("sent", task_id="c", worker="one"),
        record("started", 595, task_id="d", worker="one"),
    )

    assert lose(any_sessions, workers=["two"]) == 1
    assert state(any_sessions, "a") == "unknown"


def test_a_run_whose_lease_holds_is_running(any_sessions, listen, write, run):
    run(ttl=timedelta(hours=1))
    write(record("labeling", task_id="run", by_run=True))
    listen(LATER, LATER)

    assert lose(any_sessions, workers=[]) == 0


def test_a_run_whose_lease_ended_is_unknown(any_sessions, listen, write, run):
    run()
    write(record("labeling", task_id="run", by_run=True))
    listen(LATER, LATER)

    assert lose(any_sessions) == 1


def test_a_run_that_ended_unheard_is_completed_from_its_row(any_sessions, write, run):
    account_id = run()
    write(record("labeling", task_id="run", by_run=True))
    finish(any_sessions, "run", Outcome.FAILED, error_code="auth_failed")

    with transaction(any_sessions) as session:
        found = task_gaps.ended_runs(session, limit=10, now=LATER)
        write_tasks(session, found)

    with any_sessions() as session:
        row = get_task(session, "run")
    assert (row.state, row.exception, row.ended_at) == ("failed", "auth_failed", LATER)
    assert (row.account_id, row.runtime) == (account_id, 600)


def test_runs_that_nobody_heard_of_at_all_are_found(any_sessions, run):
    run()
    finish(any_sessions, "run", Outcome.SUCCEEDED)

    with any_sessions() as session:
        found, after = task_gaps.runs_since(session, NOW, after=0, limit=9, now=LATER)
        rest, _ = task_gaps.runs_since(session, NOW, after=after, limit=9, now=LATER)
        none, _ = task_gaps.runs_since(session, LATER, after=0, limit=9, now=LATER)

    assert [(one.task_id, one.state) for one in found] == [("run", "succeeded")]
    assert rest == none == []


def test_until_when_somebody_listened_is_known(any_sessions, listen):
    with any_sessions() as session:
        assert task_gaps.heard_until(session) is None
    listen(NOW, NOW, dropped=2)
    listen(NOW, LATER, dropped=3)
    listen(NOW, NOW, "two", dropped=4)

    with any_sessions() as session:
        assert task_gaps.heard_until(session) == LATER
        assert task_gaps.dropped(session) == 7


def test_listeners_that_are_long_gone_are_forgotten(any_sessions, listen):
    listen(NOW, NOW, dropped=5)
    listen(NOW, NOW + timedelta(days=8), "new")

    with any_sessions() as session:
        assert task_gaps.dropped(session) == 0
