"""What waits, and how much goes in and out, on both databases."""

from datetime import timedelta

import pytest

from mailbeat.db import accounts
from mailbeat.db.queues import (
    HISTORY,
    STALE,
    Sample,
    depths,
    rates,
    read_queues,
    record_samples,
)
from mailbeat.db.session import transaction
from tests.unit.db.test_accounts import NOW, new_account

SECOND = timedelta(seconds=1)


@pytest.fixture
def sample(any_sessions):
    def sample(ago, depth, sent=0, name="celery"):
        with transaction(any_sessions) as session:
            at = NOW - timedelta(seconds=ago)
            record_samples(session, {name: depth}, {name: sent}, now=at)

    return sample


@pytest.fixture
def seen(any_sessions):
    def seen(now=NOW):
        with any_sessions() as session:
            return read_queues(session, now=now)

    return seen


def test_what_waits_in_all_queues_is_one_depth_of_each_look(any_sessions, sample):
    sample(90, 7)
    with transaction(any_sessions) as session:
        record_samples(session, {"celery": 3, "other": 2}, {}, now=NOW - 5 * SECOND)
    sample(0, 9)

    with any_sessions() as session:
        found = depths(session, since=NOW - 60 * SECOND)

    assert found == [(NOW - 5 * SECOND, 5), (NOW, 9)]


def test_without_a_look_there_is_no_queue(seen):
    assert seen() == []


def test_the_newest_look_counts_and_rates_are_of_the_last_minute(sample, seen):
    sample(600, 5000, 5000)
    sample(60, 10, 40)
    sample(30, 40, 90)
    sample(0, 70, 30)

    (one,) = seen()

    assert (one.depth, one.seen_at, one.is_stale) == (70, NOW, False)
    assert (one.rate_in, one.rate_out) == (2.0, 1.0)  # 120 in, 60 out


def test_what_beat_saw_long_ago_is_stale_and_has_no_rates(sample, seen):
    sample(5, 3)
    sample(0, 4)

    (one,) = seen(NOW + STALE + SECOND)

    assert (one.depth, one.is_stale, one.rate_in, one.rate_out) == (4, True, None, None)
    assert seen(NOW + HISTORY + SECOND) == []


def test_the_fullest_queue_is_first(sample, seen):
    sample(0, 1)
    sample(0, 9, name="another")

    assert [one.name for one in seen()] == ["another", "celery"]


def test_an_hour_is_told_by_minutes(sample, seen):
    sample(3599, 7)
    sample(61, 2)
    sample(62, 5)
    sample(0, 1)

    (one,) = seen()

    assert len(one.history) == 60
    assert (one.history[0], one.history[58], one.history[59]) == (7, 5, 1)
    assert set(one.history[1:58]) == {None}


def test_the_oldest_is_the_account_that_was_sent_and_waits_longest(
    any_sessions, sample, seen
):
    with transaction(any_sessions) as session:
        for name in ("ada", "bob"):
            accounts.add_account(session, new_account(f"{name}@example.org"), now=NOW)
    sample(0, 2)
    assert seen()[0].oldest_at is None

    with transaction(any_sessions) as session:
        at = NOW + timedelta(seconds=7)
        accounts.claim_due(session, now=at, default_interval=300)

    assert seen(NOW + 8 * SECOND)[0].oldest_at == NOW  # when they were due


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([(0, 5, 1)], (None, None)),
        ([(0, 5, 9), (10, 5, 20)], (2.0, 2.0)),
        ([(0, 50, 0), (10, 20, 0)], (0.0, 3.0)),
        ([(0, 0, 0), (10, 90, 20)], (2.0, 0.0)),  # others put something in too
    ],
)
def test_what_comes_out_is_what_went_in_and_is_not_there(samples, expected):
    given = [Sample(NOW + SECOND * at, depth, sent) for at, depth, sent in samples]

    assert rates(given) == expected
