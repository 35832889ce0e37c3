"""Times cut into hours, days and weeks."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mailbeat.db.cuts import moment, start_of, starts

NOW = datetime(2026, 1, 7, 8, 30, 5, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("hour", datetime(2026, 1, 7, 8, tzinfo=UTC)),
        ("day", datetime(2026, 1, 7, tzinfo=UTC)),
        ("week", datetime(2026, 1, 5, tzinfo=UTC)),
    ],
)
def test_a_step_begins_in_utc(step, expected):
    there = NOW.astimezone(timezone(timedelta(hours=9)))

    assert start_of(there, step) == expected


def test_the_steps_from_then_till_now_include_both():
    found = list(starts(NOW - timedelta(days=2), NOW, "day"))

    assert [at.day for at in found] == [5, 6, 7]


@pytest.mark.parametrize("start", ["2026-01-07 08", datetime(2026, 1, 7, 8, 1)])  # noqa: DTZ001 # as PostgreSQL gives it
def test_what_a_database_cut_off_is_a_moment(start):
    assert moment(start, "hour") == datetime(2026, 1, 7, 8, tzinfo=UTC)
