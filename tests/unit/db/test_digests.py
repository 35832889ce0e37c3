"""Subscriptions, and when they are due."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db import digests
from mailbeat.db.digests import Frequency, NewDigest
from mailbeat.db.session import transaction
from tests.factories import NOW

DAILY = NewDigest("ada@example.org", Frequency.DAILY, None, "Europe/Berlin", 7)
WEEKLY = NewDigest("ada@example.org", Frequency.WEEKLY, None, "Europe/Berlin", 7)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "after", "due"),
    [
        (DAILY, "2026-01-05T05:00", "2026-01-05T06:00"),
        (DAILY, "2026-01-05T06:00", "2026-01-06T06:00"),
        (DAILY, "2026-07-05T04:59", "2026-07-05T05:00"),  # summer
        (WEEKLY, "2026-01-05T05:00", "2026-01-05T06:00"),  # a Monday
        (WEEKLY, "2026-01-05T07:00", "2026-01-12T06:00"),
        # The hour from 2 to 3 is left out, and comes twice.
        (
            NewDigest("a@x.org", Frequency.DAILY, None, "Europe/Berlin", 2),
            "2026-03-28T12:00",
            "2026-03-29T01:00",
        ),
        (
            NewDigest("a@x.org", Frequency.DAILY, None, "Europe/Berlin", 2),
            "2026-10-24T12:00",
            "2026-10-25T00:00",
        ),
        (
            NewDigest("a@x.org", Frequency.DAILY, None, "Pacific/Auckland", 0),
            "2026-01-05T08:00",
            "2026-01-05T11:00",
        ),
    ],
)
def test_the_hour_is_one_of_the_readers_clock(wanted, after, due):
    assert digests.next_time(wanted, after=at(after)) == at(due)


@pytest.fixture
def one(any_sessions):
    with transaction(any_sessions) as session:
        return digests.subscribe(session, DAILY, by="me", now=NOW)


def test_one_of_two_processes_has_the_claim(any_sessions, one):
    later = one.next_at + HOUR
    with any_sessions() as session:
        (seen,) = digests.due_subscriptions(session, now=later)

    def claims():
        with transaction(any_sessions) as session:
            return digests.claim(session, seen, now=later)

    assert (claims(), claims()) == (True, False)
    with any_sessions() as session:
        (after,) = digests.list_subscriptions(session)
        assert after.last_sent_at == later
        assert after.next_at > later
        assert digests.due_subscriptions(session, now=later) == []


def test_one_that_is_very_late_is_left_out(any_sessions, one):
    later = one.next_at + 2 * digests.TOO_LATE
    with transaction(any_sessions) as session:
        (seen,) = digests.due_subscriptions(session, now=later)

        assert not digests.claim(session, seen, now=later)

    with any_sessions() as session:
        (after,) = digests.list_subscriptions(session)
        assert (after.last_sent_at, after.next_at > later) == (None, True)


def test_what_is_removed_is_gone(any_sessions, one):
    with transaction(any_sessions) as session:
        assert digests.unsubscribe(session, one.id).address == "ada@example.org"
        with pytest.raises(digests.DigestNotFound):
            digests.unsubscribe(session, one.id)


def test_there_is_an_end_to_how_many_there_may_be(any_sessions, one, monkeypatch):
    monkeypatch.setattr(digests, "MOST", 1)

    with transaction(any_sessions) as session, pytest.raises(digests.TooMany):
        digests.subscribe(session, DAILY, by="me", now=NOW)
