from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db.run_stats import ErrorCount, Spread, durations_over_time, errors

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUNDAY, MONDAY = datetime(2026, 1, 4, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)


def test_each_day_has_the_spread_of_its_durations(any_sessions, ran):
    ran(DAY, seconds=9)
    for seconds in (1, 2, 3, 4, 10):
        ran(HOUR, seconds=seconds)
    ran(HOUR, "failed", seconds=1000)
    ran(HOUR, None)

    with any_sessions() as session:
        found = durations_over_time(session, since=SUNDAY, until=NOW, step="day")

    assert found == [Spread(SUNDAY, 1, 9.0, 9.0), Spread(MONDAY, 5, 3.0, 10.0)]


def test_durations_of_nothing_are_unknown(any_sessions):
    with any_sessions() as session:
        found = durations_over_time(session, since=MONDAY, until=NOW, step="day")

    assert found == [Spread(MONDAY, 0, None, None)]


@pytest.mark.parametrize("account", [None, 1])
def test_of_many_runs_every_so_many_th_is_looked_at(any_sessions, two, ran, account):
    for minutes in range(100, 0, -1):
        ran(timedelta(minutes=minutes), seconds=minutes, account=1)

    with any_sessions() as session:
        (found,) = durations_over_time(
            session,
            since=MONDAY,
            until=NOW,
            step="day",
            account_id=account and two[account],
            sample=10,
        )

    assert found.runs == 10
    assert found.median_seconds == pytest.approx(50, abs=10)


def test_durations_of_one_account_leave_the_others_out(any_sessions, two, ran):
    ran(HOUR, seconds=2)
    ran(HOUR, seconds=30, account=1)

    with any_sessions() as session:
        (found,) = durations_over_time(
            session, since=MONDAY, until=NOW, step="day", account_id=two[0]
        )

    assert found == Spread(MONDAY, 1, 2.0, 2.0)


def test_errors_are_counted_the_most_frequent_first(any_sessions, two, ran):
    ran(3 * HOUR, "failed", error_code="auth_failed")
    ran(2 * HOUR, "failed", error_code="connect_failed")
    ran(HOUR, "failed", error_code="connect_failed", account=1)
    ran(HOUR, "interrupted")
    ran(HOUR)
    ran(40 * DAY, "failed", error_code="internal")

    with any_sessions() as session:
        found = errors(session, since=NOW - DAY)
        of_one = errors(session, since=NOW - DAY, account_id=two[1])

    assert found[0] == ErrorCount("connect_failed", 2, NOW - HOUR)
    assert {(one.code, one.runs) for one in found[1:]} == {
        ("auth_failed", 1),
        (None, 1),
    }
    assert [one.code for one in of_one] == ["connect_failed"]
