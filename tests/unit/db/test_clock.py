"""The time that counts."""

import time
from datetime import UTC, datetime, timedelta

from mailbeat.db.clock import Stopwatch, database_now

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def test_the_time_of_a_transaction_is_utc_and_goes_on_inside_of_it(any_sessions):
    with any_sessions() as session:
        first = database_now(session)
        time.sleep(0.01)
        second = database_now(session)

    assert first.utcoffset() == timedelta()
    assert timedelta(seconds=0.01) <= second - first < timedelta(seconds=5)
    assert abs(datetime.now(UTC) - second) < timedelta(seconds=5)


def test_a_stopwatch_counts_on_from_its_start():
    watch = Stopwatch(START)

    time.sleep(0.01)

    assert timedelta(seconds=0.01) <= watch() - START < timedelta(seconds=5)


def test_a_database_may_be_ahead_of_us(ahead):
    with ahead() as session:
        skew = database_now(session) - datetime.now(UTC)

    assert timedelta(minutes=59) < skew < timedelta(minutes=61)
