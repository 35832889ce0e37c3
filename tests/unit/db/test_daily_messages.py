"""Days that are counted say what the ledger and the runs say, whatever happens."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mailbeat.db import daily_messages, stats
from mailbeat.db.counting import count_everything
from mailbeat.db.daily_messages import is_counted, monday_of, ordinal, start_of_day
from mailbeat.db.models import DailyStatistic
from mailbeat.db.session import transaction
from tests.unit.db.days import Life, answers, reading_the_ledger, say_counted

MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)  # of a Monday
DAY = timedelta(days=1)


@pytest.fixture
def compare(any_sessions, monkeypatch):
    """Compare what is counted with what the ledger says, since a midnight."""

    def compare(now, *, account_id=None, since=MIDNIGHT - 3 * DAY):
        asked = {"since": since, "now": now, "account_id": account_id}
        with any_sessions() as session:
            assert is_counted(session, since)
            counted = answers(session, **asked)
        with any_sessions() as session, reading_the_ledger(monkeypatch):
            truth = answers(session, **asked)
        assert counted == truth

    return compare


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_counted_is_the_truth_at_any_time(any_sessions, compare, seed):
    """Runs, deaths of workers, corrections, undos, relabels, accounts that go."""
    say_counted(any_sessions, MIDNIGHT)
    life = Life(any_sessions, MIDNIGHT + timedelta(hours=20), seed)

    for step in range(110):
        life.go_on()

        if step % 15 == 0:
            compare(life.now)
    compare(life.now, account_id=life.some_account())
    compare(life.now, since=MIDNIGHT + 2 * DAY)  # not on a Monday


def test_counting_everything_anew_changes_nothing(any_sessions, compare):
    say_counted(any_sessions, MIDNIGHT)
    life = Life(any_sessions, MIDNIGHT + timedelta(hours=20), seed=4)
    for _ in range(60):
        life.go_on()
    with any_sessions() as session:
        before = answers(session, since=MIDNIGHT, now=life.now)

    done = list(count_everything(any_sessions))

    assert done[-1][0] == done[-1][1]
    compare(life.now)
    with any_sessions() as session:
        assert answers(session, since=MIDNIGHT, now=life.now) == before


def test_a_database_of_before_is_counted_once(any_sessions, two, decided, ran, compare):
    for days in reversed(range(20)):
        decided(days * DAY)
        decided(days * DAY, None, account=1, state="failed")
        ran(days * DAY, account=days % 2)

    for _ in count_everything(any_sessions):
        pass

    compare(MIDNIGHT + DAY, since=MIDNIGHT - 30 * DAY)
    compare(MIDNIGHT + DAY, since=MIDNIGHT - 30 * DAY, account_id=two[1])


def test_until_everything_was_counted_the_ledger_is_read(any_sessions, decided):
    decided(timedelta())

    with any_sessions() as session:
        assert not is_counted(session, MIDNIGHT)
        assert stats.totals(session, now=MIDNIGHT, since=MIDNIGHT).messages == 1


@pytest.mark.parametrize(
    ("since", "step", "expected"),
    [
        (MIDNIGHT, "day", True),
        (MIDNIGHT, "week", True),
        (MIDNIGHT, "hour", False),
        (MIDNIGHT + timedelta(seconds=1), "day", False),
        (MIDNIGHT + timedelta(microseconds=1), "day", False),
    ],
)
def test_only_whole_days_are_counted(any_sessions, since, step, expected):
    say_counted(any_sessions, MIDNIGHT)

    with any_sessions() as session:
        assert is_counted(session, since, step) is expected


def test_a_day_that_was_closed_is_not_counted_again(any_sessions, two, decided):
    decided(timedelta())
    with transaction(any_sessions) as session:
        state = session.get(daily_messages.StatisticsState, 1)
        state.messages_from = ordinal(MIDNIGHT) + 1

    with transaction(any_sessions) as session:
        daily_messages.count_days(session, two[0], [ordinal(MIDNIGHT)])
        assert session.scalars(select(DailyStatistic)).all() == []


def test_days_have_numbers():
    assert start_of_day(ordinal(MIDNIGHT + timedelta(hours=23))) == MIDNIGHT
    for days in range(7):
        assert monday_of(ordinal(MIDNIGHT + days * DAY)) == ordinal(MIDNIGHT)
    assert monday_of(ordinal(MIDNIGHT - DAY)) == ordinal(MIDNIGHT) - 7
