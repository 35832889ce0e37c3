"""Messages on their way out."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from mailbeat.db import outbox
from mailbeat.db.session import transaction
from tests.factories import NOW

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@dataclass
class Way:
    key: str
    shown: str = "a way"


@pytest.fixture
def put(any_sessions):
    def put(*keys, kind="alert", title="A title"):
        with transaction(any_sessions) as session:
            outbox.put(
                session,
                [Way(key) for key in keys],
                kind=kind,
                message_id="m-1",
                title=title,
                payload=f"of {title}",
                now=NOW,
            )

    return put


@pytest.fixture
def take(any_sessions):
    def take(seconds, **options):
        with transaction(any_sessions) as session:
            now = NOW + seconds * SECOND
            return outbox.take_due(session, now=now, **({"limit": 8} | options))

    return take


@pytest.fixture
def newest(any_sessions):
    def newest():
        with any_sessions() as session:
            return outbox.newest_deliveries(session)

    return newest


def test_each_way_gets_its_own_and_one_after_the_other(put, take, any_sessions):
    put("a", "b", title="First")
    put("a", title="Second")

    taken = take(0)
    assert [(one.channel, one.payload) for one in taken] == [
        ("a", "of First"),
        ("b", "of First"),
    ]
    with transaction(any_sessions) as session:
        outbox.note_sent(session, taken[0].id, now=NOW)

    assert [one.payload for one in take(1)] == ["of Second"]


def test_what_is_taken_is_nobody_elses(put, take):
    put("a")

    assert len(take(0)) == 1
    assert take(1) == []


def test_a_way_that_is_busy_is_left_out(put, take):
    put("a", "b")

    assert [one.channel for one in take(0, busy=["a"])] == ["b"]


def test_an_alert_whose_sender_died_is_sent_again(put, take):
    put("a")
    take(0)

    assert len(take(outbox.TAKEN_FOR.total_seconds() + 1)) == 1


def test_a_digest_whose_sender_died_is_not(put, take, newest):
    put("a", kind="digest")
    take(0)

    assert take(outbox.TAKEN_FOR.total_seconds() + 1) == []
    assert newest()[0].state == "unclear"


def test_what_failed_is_tried_again_later_and_later_for_a_day(
    put, take, newest, any_sessions
):
    put("a")
    tries = 0
    while newest()[0].state == "waiting":
        now = newest()[0].next_try_at
        (parcel,) = take((now - NOW).total_seconds())
        tries += 1
        with transaction(any_sessions) as session:
            outbox.note_failed(session, parcel.id, "It was away.", now=now)

    (row,) = newest()
    assert (row.state, row.error) == ("failed", "It was away.")
    assert row.next_try_at - NOW > 22 * HOUR
    assert 25 < tries < 40


def test_a_failure_that_is_final_is_tried_three_times(put, take, newest, any_sessions):
    put("a")
    for hours in range(5):
        for parcel in take(hours * 3600):
            with transaction(any_sessions) as session:
                now = NOW + hours * HOUR
                outbox.note_failed(session, parcel.id, "No.", now=now, is_final=True)

    assert (newest()[0].attempts, newest()[0].state) == (3, "failed")


def test_what_was_sent_keeps_no_text(put, take, newest, any_sessions):
    put("a")
    with any_sessions() as session:
        assert outbox.has_due(session, now=NOW)
    (parcel,) = take(0)
    with transaction(any_sessions) as session:
        outbox.note_sent(session, parcel.id, now=NOW)

    with transaction(any_sessions) as session:
        (row,) = outbox.deliveries_of(session, "m-1")
        assert (row.state, row.payload, row.sent_at) == ("sent", None, NOW)
        assert not outbox.has_due(session, now=NOW)


def test_what_went_out_while_nothing_could_be_written_is_written_later(
    any_sessions, newest
):
    with transaction(any_sessions) as session:
        for error in (None, "It was away."):
            outbox.note_told(
                session,
                Way("a"),
                message_id="m-2",
                title="The database fails",
                error=error,
                now=NOW,
            )

    assert [row.state for row in newest()] == ["failed", "sent"]


def test_of_a_way_that_nothing_took_nothing_is_known(put, any_sessions):
    put("a")

    with any_sessions() as session:
        assert outbox.last_try(session, "a") is None


def test_the_last_try_says_what_came_of_it_and_since_when(put, take, any_sessions):
    def tried(seconds, error=None):
        put("a")
        (parcel,) = take(seconds)
        with transaction(any_sessions) as session:
            now = NOW + seconds * SECOND
            if error is None:
                outbox.note_sent(session, parcel.id, now=now)
            else:
                outbox.note_failed(session, parcel.id, error, now=now)
            return outbox.last_try(session, "a")

    def after(seconds):
        return NOW + seconds * SECOND

    assert tried(1) == outbox.LastTry(after(1), None, after(1))
    failed = tried(2, "It was full.")
    assert failed == outbox.LastTry(after(2), "It was full.", NOW, is_tried_again=True)
    assert tried(3).error is None


def test_one_of_many_letters_tells_of_the_way_of_all(put, take, any_sessions):
    put("digest-1", "digest-2", kind="digest")
    first, second = take(1)
    with transaction(any_sessions) as session:
        outbox.note_failed(session, first.id, "No such user.", now=NOW + 2 * SECOND)
        outbox.note_sent(session, second.id, now=NOW + 3 * SECOND)

    with any_sessions() as session:
        assert outbox.last_try(session, "digest-%").error is None
        assert outbox.last_try(session, "digest-1").error == "No such user."
