"""Taking over from workers that died, on both databases."""

from datetime import timedelta

import pytest

from mailbeat.db import accounts, runs, takeover
from mailbeat.db.session import transaction
from tests.factories import make_row
from tests.unit.db.test_accounts import INTERVAL, NOW, TTL, account_of, due, new_account

LATER = NOW + 2 * TTL


@pytest.fixture
def ada(any_sessions):
    """An account whose run "dead" lost its worker."""
    with transaction(any_sessions) as session:
        account = accounts.add_account(session, new_account(), now=NOW)
        accounts.take_lease(session, account.id, "dead", now=NOW, ttl=TTL)
        runs.start_run(session, account, "dead", now=NOW)
        return account.id


def take_over(sessions, account_id, now=LATER):
    with transaction(sessions) as session:
        account = accounts.lock_account(session, account_id)
        return takeover.take_over(session, account, now=now)


def take_over_idle(sessions, now=LATER):
    with transaction(sessions) as session:
        return takeover.take_over_idle(session, now=now, default_interval=INTERVAL)


def run_of(sessions, run_id="dead"):
    with sessions() as session:
        return runs.get_run(session, run_id)


def test_who_takes_over_ends_the_dead_run(any_sessions, ada):
    assert take_over(any_sessions, ada) is None

    dead = run_of(any_sessions)
    assert (dead.state, dead.outcome, dead.end_time) == ("error", "interrupted", LATER)
    assert "takes over where it stopped" in dead.error_message
    after = account_of(any_sessions, ada)
    assert (after.lease_run_id, after.interruptions_in_a_row) == (None, 1)


def test_a_run_that_lives_is_left_alone(any_sessions, ada):
    assert take_over(any_sessions, ada, NOW) is None

    assert run_of(any_sessions).end_time is None
    assert account_of(any_sessions, ada).lease_run_id == "dead"


def test_a_wish_to_cancel_outlives_the_worker(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.cancel_run(session, "dead", now=NOW)

    assert take_over_idle(any_sessions) == 1

    assert due(any_sessions, LATER) == []
    dead = run_of(any_sessions)
    assert (dead.state, dead.outcome) == ("completed", "cancelled")


def test_an_account_that_kills_its_workers_has_to_wait(any_sessions, ada):
    waits = []
    for _ in range(20):
        with transaction(any_sessions) as session:
            account = accounts.lock_account(session, ada)
            back_off = takeover.note_interruption(account, now=NOW)
        waits.append(back_off and back_off.wait.total_seconds() / 60)
        wait = account_of(any_sessions, ada).next_run_at - NOW
        assert wait.total_seconds() / 60 == (waits[-1] or 0)

    assert waits[:5] == [None, None, 1, 2, 4]
    assert waits[-1] == 60


def test_the_run_says_that_its_account_has_to_wait(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.find_account(session, ada).interruptions_in_a_row = 2

    assert take_over(any_sessions, ada).wait == timedelta(minutes=1)

    message = run_of(any_sessions).error_message
    assert "as in the 2 before it" in message
    assert "waits 1 min before it is tried again" in message


@pytest.mark.parametrize(
    ("state", "interruptions"), [("applied", 1), ("failed", 1), ("planned", 3)]
)
def test_a_run_that_finished_messages_is_the_first_of_a_row_again(
    any_sessions, ada, state, interruptions
):
    """Workers that are killed again and again do not stop a long backlog."""
    make_row(any_sessions, ada, 5, run_id="dead", state=state)
    with transaction(any_sessions) as session:
        accounts.find_account(session, ada).interruptions_in_a_row = 2

    back_off = take_over(any_sessions, ada)

    assert (back_off is None) == (interruptions == 1)
    assert account_of(any_sessions, ada).interruptions_in_a_row == interruptions


@pytest.mark.parametrize("everything", [False, True])
def test_the_dead_run_of_a_paused_account_ends(any_sessions, ada, everything):
    with transaction(any_sessions) as session:
        if everything:
            accounts.pause_everything(session, now=NOW)
        else:
            accounts.pause_account(session, ada, now=NOW)

    assert take_over_idle(any_sessions) == 1

    assert run_of(any_sessions).outcome == "interrupted"
    assert account_of(any_sessions, ada).lease_run_id is None


def test_a_dead_run_that_another_will_take_over_is_left_to_it(any_sessions, ada):
    assert take_over_idle(any_sessions) == 0
    assert [one.account_id for one in due(any_sessions, LATER)] == [ada]
