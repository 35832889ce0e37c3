"""Whether the schedule is kept, on both databases."""

from datetime import timedelta

import pytest

from mailbeat.db import accounts, runs
from mailbeat.db.punctuality import (
    BEAT_SILENT,
    OVERDUE_AFTER,
    quantile,
    read_punctuality,
)
from mailbeat.db.session import transaction
from tests.unit.db.test_accounts import NOW, TTL, new_account

SECOND = timedelta(seconds=1)


@pytest.fixture
def ada(any_sessions):
    with transaction(any_sessions) as session:
        return accounts.add_account(session, new_account(), now=NOW).id


@pytest.fixture
def read(any_sessions):
    def read(now=NOW):
        with any_sessions() as session:
            return read_punctuality(session, now=now)

    return read


def claim(sessions, now):
    with transaction(sessions) as session:
        return accounts.claim_due(session, now=now, default_interval=300)


def begin(sessions, due, now):
    """What a run does at its beginning."""
    with transaction(sessions) as session:
        account = accounts.find_account(session, due.account_id)
        due_at = account.due_at
        accounts.take_lease(session, account.id, due.run_id, now=now, ttl=TTL)
        runs.start_run(session, account, due.run_id, due_at=due_at, now=now)


def test_a_beat_that_never_ticked_is_silent(read):
    found = read()

    assert (found.is_silent, found.ticked_at, found.overdue) == (True, None, 0)
    assert (found.lag_p50, found.lag_p95, found.runs) == (None, None, 0)


def test_a_beat_is_silent_after_some_time_without_a_tick(any_sessions, read):
    with transaction(any_sessions) as session:
        accounts.tick(session, now=NOW)

    assert not read(NOW + BEAT_SILENT).is_silent
    assert read(NOW + BEAT_SILENT + SECOND).is_silent


def test_an_account_that_nobody_sends_is_overdue(ada, read):
    assert read(NOW + OVERDUE_AFTER - SECOND).overdue == 0

    found = read(NOW + OVERDUE_AFTER)

    assert (found.overdue, found.oldest_due_at) == (1, NOW)


def test_one_that_is_sent_and_not_taken_stays_overdue(any_sessions, ada, read):
    claim(any_sessions, NOW + SECOND)
    claim(any_sessions, NOW + 60 * SECOND)  # and sent again

    found = read(NOW + 90 * SECOND)

    assert (found.overdue, found.oldest_due_at) == (1, NOW)


def test_one_that_runs_is_not_overdue(any_sessions, ada, read):
    (due,) = claim(any_sessions, NOW + SECOND)
    begin(any_sessions, due, NOW + 20 * SECOND)

    assert read(NOW + 21 * SECOND).overdue == 0


@pytest.mark.parametrize("pause", ["account", "everything"])
def test_nothing_paused_is_overdue(any_sessions, ada, read, pause):
    with transaction(any_sessions) as session:
        if pause == "account":
            accounts.pause_account(session, ada, now=NOW)
        else:
            accounts.pause_everything(session, now=NOW)

    found = read(NOW + timedelta(hours=1))

    assert (found.overdue, found.next_due_at) == (0, None)
    assert found.paused_since == (NOW if pause == "everything" else None)


def test_the_lag_is_from_when_a_run_was_due_to_its_beginning(any_sessions, ada, read):
    (due,) = claim(any_sessions, NOW + SECOND)
    begin(any_sessions, due, NOW + 4 * SECOND)

    found = read(NOW + 5 * SECOND)

    assert (found.lag_p50, found.lag_p95, found.runs) == (4.0, 4.0, 1)


def test_a_run_that_a_person_wants_is_due_at_once(any_sessions, ada, read):
    wanted_at = NOW + 100 * SECOND
    with transaction(any_sessions) as session:
        accounts.want_run(session, ada, now=wanted_at)
    (due,) = claim(any_sessions, wanted_at + SECOND)

    assert due.due_at == wanted_at


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([3.0], 0.95, 3.0),
        ([1.0, 2.0, 3.0], 0.5, 2.0),
        (list(range(100)), 0.95, 95),
    ],
)
def test_a_quantile(values, share, expected):
    assert quantile(values, share) == expected
