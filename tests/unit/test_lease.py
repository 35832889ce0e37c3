"""Keeping leases, and learning when to stop."""

from datetime import timedelta

import pytest

from mailbeat.db import accounts
from mailbeat.db.session import transaction
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
