"""Days of runs that are counted: each end adds to its day, once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mailbeat.db import accounts, daily_runs, run_stats, stats
from mailbeat.db.models import DailyRuns
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import Outcome
from tests.unit.db.days import say_counted

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SINCE = NOON.replace(hour=0)


@pytest.fixture
def ended(any_sessions, two):
    def ended(seconds, outcome=Outcome.SUCCEEDED, code=None, *, gone=False):
        with transaction(any_sessions) as session:
            daily_runs.add_run(
                session,
                None if gone else two[0],
                outcome=outcome,
                error_code=code,
                messages=2,
                start=NOON,
                end=NOON + timedelta(seconds=seconds),
            )

    return ended


def test_runs_of_one_day_that_ended_alike_are_one_row(any_sessions, ended):
    for seconds in (1, 2, 4):
        ended(seconds)
    ended(1, Outcome.FAILED, "deadline")

    with any_sessions() as session:
        rows = session.scalars(select(DailyRuns).order_by(DailyRuns.runs)).all()
    assert [(row.outcome, row.error_code, row.runs) for row in rows] == [
        ("failed", "deadline", 1),
        ("succeeded", "", 3),
    ]
    assert (rows[1].messages, rows[1].seconds, rows[1].last_at) == (6, 7.0, NOON)
    assert rows[0].durations == b""


def test_how_long_runs_took_is_at_most_three_of_a_hundred_off(any_sessions, ended):
    say_counted(any_sessions, NOON)
    for seconds in range(1, 101):
        ended(seconds)

    with any_sessions() as session:
        speed = stats.performance(session, since=SINCE)
        (spread,) = run_stats.durations_over_time(
            session, since=SINCE, until=NOON, step="day"
        )

    assert speed.median_seconds == pytest.approx(51, rel=0.03)
    assert speed.p95_seconds == pytest.approx(96, rel=0.03)
    assert (spread.runs, spread.median_seconds) == (100, speed.median_seconds)


def test_runs_of_an_account_that_is_gone_stay(any_sessions, two, ended):
    say_counted(any_sessions, NOON)
    ended(1)
    with transaction(any_sessions) as session:
        accounts.remove_account(session, two[0], now=NOON)
    ended(1, gone=True)
    ended(1, gone=True)

    with any_sessions() as session:
        assert stats.totals(session, now=NOON, since=SINCE).runs["succeeded"] == 3


def test_days_that_runs_were_forgotten_of_stay_as_they_are(any_sessions, two, ended):
    ended(1)
    with transaction(any_sessions) as session:
        session.execute(
            daily_runs.StatisticsState.__table__.update().values(
                runs_from=daily_runs.ordinal(NOON) + 1
            )
        )
        daily_runs.count_account(session, two[0])

        assert session.scalar(select(DailyRuns.runs)) == 1
