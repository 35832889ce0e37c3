"""The row of a run from its beginning to the history, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db import accounts, runs
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import Outcome, Progress, RunState
from tests.unit.db.test_accounts import NOW, TTL, new_account

DONE = Progress(RunState.COMPLETED, found=3, processed=3, labeled=2, skipped=1)


@pytest.fixture
def ada(any_sessions):
    with transaction(any_sessions) as session:
        return accounts.add_account(session, new_account(), now=NOW).id


def start(sessions, account_id, run_id="run", now=NOW):
    with transaction(sessions) as session:
        accounts.take_lease(session, account_id, run_id, now=now, ttl=TTL)
        account = accounts.find_account(session, account_id)
        return runs.start_run(session, account, run_id, now=now)


def finish(sessions, run_id="run", seq=9, now=NOW, **values):
    with transaction(sessions) as session:
        return runs.finish_run(
            session,
            run_id,
            DONE,
            seq,
            now=now,
            **({"outcome": Outcome.SUCCEEDED} | values),
        )


def run_of(sessions, run_id="run"):
    with sessions() as session:
        return runs.get_run(session, run_id)


def test_a_run_has_its_phases_from_when_to_when(any_sessions, ada):
    def at(seconds):
        return NOW + timedelta(seconds=seconds)

    start(any_sessions, ada)
    steps = (
        (1, Progress(RunState.FETCHING)),
        (2, Progress(RunState.CATEGORIZING, found=3, processed=1)),
        (3, Progress(RunState.CATEGORIZING, found=3, processed=2)),
    )
    for seconds, progress in steps:
        with transaction(any_sessions) as session:
            runs.record_step(session, "run", progress, seconds, now=at(seconds))
    finish(any_sessions, now=at(5))

    run = run_of(any_sessions)
    assert [(p.state, p.start_time, p.end_time) for p in run.phases] == [
        ("connecting", at(0), at(1)),
        ("fetching", at(1), at(2)),
        ("categorizing", at(2), at(5)),
    ]
    assert (run.state, run.outcome, run.end_time) == ("completed", "succeeded", at(5))
    assert (run.emails_found, run.emails_labeled, run.emails_skipped) == (3, 2, 1)


def test_exactly_one_ends_a_run(any_sessions, ada):
    start(any_sessions, ada)

    assert finish(any_sessions)
    assert not finish(any_sessions, outcome=Outcome.FAILED)
    assert run_of(any_sessions).outcome == "succeeded"


def test_a_run_is_ended_in_its_workers_stead_once(any_sessions, ada):
    start(any_sessions, ada, "dead")

    with transaction(any_sessions) as session:
        assert runs.end_run(session, "dead", Outcome.INTERRUPTED, "Why.", now=NOW)
        assert not runs.end_run(session, "dead", Outcome.CANCELLED, now=NOW)

    dead = run_of(any_sessions, "dead")
    assert (dead.state, dead.outcome, dead.error_message) == (
        "error",
        "interrupted",
        "Why.",
    )
    assert [(phase.state, phase.end_time) for phase in dead.phases] == [
        ("connecting", NOW)
    ]


def test_a_run_after_one_that_died_is_a_further_attempt(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.find_account(session, ada).interruptions_in_a_row = 1

    start(any_sessions, ada)

    assert run_of(any_sessions).attempt == 2


def test_the_row_tells_which_worker_did_it_as_far_as_there_is_room(any_sessions, ada):
    with transaction(any_sessions) as session:
        account = accounts.find_account(session, ada)
        runs.start_run(session, account, "run", worker="w" * 300, now=NOW)

    assert run_of(any_sessions).worker == "w" * 255


def test_only_runs_with_the_lease_are_running(any_sessions, ada):
    start(any_sessions, ada, "dead")
    start(any_sessions, ada, "heir", NOW + 2 * TTL)

    with any_sessions() as session:
        running = runs.running_runs(session)

    assert [run.run_id for run in running] == ["heir"]


def test_each_account_has_its_newest_finished_run(any_sessions, ada):
    with transaction(any_sessions) as session:
        bob, eve = (
            accounts.add_account(session, new_account(f"{name}@x.org"), now=NOW).id
            for name in ("bob", "eve")
        )
    for number, account_id in enumerate((ada, bob, ada)):
        start(any_sessions, account_id, f"run {number}")
        finish(any_sessions, f"run {number}")
        with transaction(any_sessions) as session:
            accounts.release_lease(
                session, account_id, f"run {number}", now=NOW, interval_seconds=300
            )
    start(any_sessions, bob, "still running")

    with any_sessions() as session:
        found = runs.last_runs(session)

    assert {one: run.run_id for one, run in found.items()} == {
        ada: "run 2",
        bob: "run 1",
    }
    assert eve not in found


def test_the_newest_finished_run_of_each_account(any_sessions, ada):
    for n in range(3):
        start(any_sessions, ada, f"run {n}", NOW + n * 2 * TTL)
        if n < 2:
            finish(any_sessions, f"run {n}")

    with any_sessions() as session:
        last = runs.last_runs(session)
        recent = runs.recent_runs(session, limit=5)

    assert last[ada].run_id == "run 1"
    assert [run.run_id for run in recent] == ["run 1", "run 0"]


def test_a_run_outlives_its_account(any_sessions, ada):
    start(any_sessions, ada)
    finish(any_sessions)

    with transaction(any_sessions) as session:
        accounts.remove_account(session, ada, now=NOW)

    run = run_of(any_sessions)
    assert (run.account_id, run.email_address) == (None, "ada@example.org")
    assert run.created_at.tzinfo is UTC or run.created_at.utcoffset() == timedelta()
    assert isinstance(run.created_at, datetime)
