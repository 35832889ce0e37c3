"""Keeping leases, and learning when to stop."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import UnboundExecutionError

from mailbeat.db import accounts, runs
from mailbeat.db.runs import Mark
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import Outcome, Progress, RunState
from mailbeat.lease import LeaseKeeper, StopReason
from tests.unit.db.test_accounts import NOW, TTL, new_account
from tests.unit.tasks.test_reporter import until


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self, _session):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keeper(sessions, clock):
    keeper = LeaseKeeper(sessions, renew_seconds=3600, clock=clock)
    yield keeper
    keeper.close()


@pytest.fixture
def ada(sessions):
    with transaction(sessions) as session:
        account = accounts.add_account(session, new_account(), now=NOW).id
        accounts.take_lease(session, account, "run", now=NOW, ttl=TTL)
        return account


def test_a_lease_is_prolonged_while_it_is_held(sessions, keeper, clock, ada):
    clock.now = NOW + timedelta(seconds=10)

    with keeper.hold("run") as hold:
        keeper.renew()

    with sessions() as session:
        account = accounts.find_account(session, ada)
    assert account.lease_until == clock.now + TTL
    assert hold.stop_reason is None


def test_a_cancelled_run_learns_it(sessions, keeper, ada):
    with transaction(sessions) as session:
        accounts.cancel_run(session, "run", now=NOW)

    with keeper.hold("run") as hold:
        keeper.renew()

    assert hold.stop_reason is StopReason.CANCELLED


def test_a_run_whose_account_was_taken_learns_it(keeper):
    with keeper.hold("somebody else's") as hold:
        keeper.renew()

    assert hold.stop_reason is StopReason.LOST


def test_shutting_down_stops_runs_in_hand_and_those_that_begin(keeper, ada):
    with keeper.hold("run") as hold:
        keeper.shut_down()
        with keeper.hold("late") as late:
            pass

    assert hold.stop_reason is late.stop_reason is StopReason.SHUTDOWN


def test_without_its_database_a_process_gives_its_leases_up(sessions):
    ttl = timedelta(seconds=0.05)
    keeper = LeaseKeeper(sessions, ttl=ttl, renew_seconds=0.01)
    sessions.kw["bind"] = None  # every statement fails from here on

    with keeper.hold("run") as hold:
        assert hold.stop_reason is None
        until(hold.is_stopped, 5)

    assert hold.stop_reason is StopReason.LOST
    keeper.close()


def test_a_lease_ends_though_the_thread_that_renews_it_stands_still(sessions):
    keeper = LeaseKeeper(sessions, ttl=timedelta(), renew_seconds=3600)

    with keeper.hold("run") as hold:
        until(hold.is_stopped, 5)

    assert hold.stop_reason is StopReason.LOST
    keeper.close()


def begin(sessions, account_id, run_id="run"):
    with transaction(sessions) as session:
        account = accounts.find_account(session, account_id)
        runs.start_run(session, account, run_id, now=NOW)


def mark(state, seq, seconds):
    at = NOW + timedelta(seconds=seconds)
    return Mark(Progress(state, found=9, processed=seq), seq, since=at, at=at)


def run_of(sessions, run_id="run"):
    with sessions() as session:
        return runs.get_run(session, run_id)


def test_where_runs_stand_is_written_down_for_all_at_once(sessions, keeper, ada):
    begin(sessions, ada)

    with keeper.hold("run") as hold:
        hold.note(mark(RunState.FETCHING, 2, 1))
        hold.note(mark(RunState.CATEGORIZING, 3, 2))
        hold.note(mark(RunState.CATEGORIZING, 4, 3))
        keeper.record()

    run = run_of(sessions)
    assert (run.state, run.seq, run.emails_processed) == ("categorizing", 4, 4)
    assert [(phase.state, phase.start_time) for phase in run.phases] == [
        ("connecting", NOW),
        ("fetching", NOW + timedelta(seconds=1)),
        ("categorizing", NOW + timedelta(seconds=2)),
    ]


def test_what_could_not_be_written_down_is_written_the_next_time(sessions, keeper, ada):
    begin(sessions, ada)
    bound = sessions.kw["bind"]

    with keeper.hold("run") as hold:
        hold.note(mark(RunState.LABELING, 2, 1))
        sessions.kw["bind"] = None  # every statement fails
        with pytest.raises(UnboundExecutionError):
            keeper.record()
        sessions.kw["bind"] = bound
        hold.note(mark(RunState.LABELING, 3, 2))
        keeper.record()

    states = [phase.state for phase in run_of(sessions).phases]
    assert states == ["connecting", "labeling"]


def test_a_run_that_has_ended_is_not_written_to(sessions, keeper, ada):
    begin(sessions, ada)
    with transaction(sessions) as session:
        runs.end_run(session, "run", Outcome.INTERRUPTED, now=NOW)

    with keeper.hold("run") as hold:
        hold.note(mark(RunState.LABELING, 2, 1))
        keeper.record()

    run = run_of(sessions)
    assert (run.state, [phase.state for phase in run.phases]) == (
        "error",
        ["connecting"],
    )


def test_a_row_that_somebody_has_is_not_waited_for(any_sessions):
    if any_sessions.kw["bind"].dialect.name == "sqlite":
        return  # there a writer holds everything
    keeper = LeaseKeeper(any_sessions, renew_seconds=3600)
    for name in ("held", "free"):
        with transaction(any_sessions) as session:
            new = new_account(f"{name}@example.org")
            account = accounts.add_account(session, new, now=NOW)
            runs.start_run(session, account, name, now=NOW)

    with keeper.hold("held") as held, keeper.hold("free") as free:
        for hold in (held, free):
            hold.note(mark(RunState.LABELING, 2, 1))
        with transaction(any_sessions) as other:
            runs.lock_runs(other, ["held"])
            keeper.record()
            assert run_of(any_sessions, "free").state == "labeling"
            assert run_of(any_sessions, "held").state == "connecting"
        keeper.record()

    assert run_of(any_sessions, "held").state == "labeling"
    keeper.close()
