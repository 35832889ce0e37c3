from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailbeat.db.busy_hours import by_hour_of_week, zone_named

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def busy(week):
    """The hours with messages, by weekday and hour."""
    return {
        (day, hour): number
        for day, hours in enumerate(week)
        for hour, number in enumerate(hours)
        if number
    }


def test_each_message_counts_in_the_hour_of_the_week_it_came_in(any_sessions, decided):
    decided(HOUR)
    decided(7 * DAY + HOUR)
    decided(2 * DAY)
    decided(HOUR, state="failed")
    decided(40 * DAY)

    with any_sessions() as session:
        week = by_hour_of_week(session, since=NOW - 30 * DAY, zone=UTC)

    assert [len(hours) for hours in week] == [24] * 7
    assert busy(week) == {(0, 7): 2, (5, 8): 1}


def test_hours_are_those_of_the_readers_clock_on_that_day(any_sessions, decided):
    summer = datetime(2025, 7, 7, 22, 30, tzinfo=UTC)  # Tuesday, 00:30 in Berlin
    decided(NOW - summer)
    decided(HOUR)

    with any_sessions() as session:
        week = by_hour_of_week(
            session, since=NOW - 300 * DAY, zone=ZoneInfo("Europe/Berlin")
        )

    assert busy(week) == {(1, 0): 1, (0, 8): 1}


def test_the_hours_of_one_account_leave_the_others_out(any_sessions, two, decided):
    decided(HOUR)
    decided(HOUR, account=1)

    with any_sessions() as session:
        week = by_hour_of_week(session, since=NOW - DAY, zone=UTC, account_id=two[1])

    assert busy(week) == {(0, 7): 1}


def test_mail_with_an_old_date_is_left_out(any_sessions, decided):
    decided(HOUR, received_at=datetime(1999, 1, 1, tzinfo=UTC))

    with any_sessions() as session:
        week = by_hour_of_week(session, since=NOW - DAY, zone=UTC)

    assert busy(week) == {}


def test_a_zone_is_found_by_its_name():
    assert zone_named("Asia/Kolkata").utcoffset(NOW) == timedelta(hours=5, minutes=30)
    assert zone_named("UTC") is UTC


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Base",
        "Europe",
        "../etc/passwd",
        "/etc/passwd",
        "a" * 10_000,
        "\0",
        "é",
    ],
)
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(ValueError, match="is no time zone") as refused:
        zone_named(name)

    assert len(str(refused.value)) < 400
