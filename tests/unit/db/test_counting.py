"""Counting everything anew, closing days, and forgetting what was counted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailbeat.db.counting import (
    close_days,
    count_everything,
    counted_at,
    forget_days,
)
from mailbeat.db.daily_messages import ordinal
from mailbeat.db.models import DailyStatistic, MessageRow, SenderWeek, StatisticsState
from mailbeat.db.session import transaction
from tests.unit.db.conftest import NOW

DAY = timedelta(days=1)


def days_of(sessions, column):
    with sessions() as session:
        return sorted(set(session.scalars(select(column))))


def test_it_says_how_far_it_is_and_remembers_that_it_was_done(any_sessions, decided):
    decided(DAY)
    with any_sessions() as session:
        assert counted_at(session) is None

    assert list(count_everything(any_sessions)) == [(0, 2), (1, 2), (2, 2)]

    with any_sessions() as session:
        assert counted_at(session) is not None


def test_what_was_forgotten_stays_counted(any_sessions, decided):
    decided(9 * DAY)
    decided(DAY)
    for _ in count_everything(any_sessions):
        pass
    with transaction(any_sessions) as session:
        end = (NOW - 5 * DAY).replace(hour=0, minute=0)
        close_days(session, messages_from=end, runs_from=end)
        session.delete(session.scalars(select(MessageRow)).first())

    for _ in count_everything(any_sessions):
        pass

    expected = [ordinal(NOW) - 9, ordinal(NOW) - 1]
    assert days_of(any_sessions, DailyStatistic.day) == expected


def test_a_closed_day_stays_closed(any_sessions):
    for ago in (5, 9):
        with transaction(any_sessions) as session:
            close_days(session, messages_from=NOW - ago * DAY, runs_from=NOW)

    with any_sessions() as session:
        state = session.get(StatisticsState, 1)
        assert (state.messages_from, state.runs_from) == (
            ordinal(NOW) - 5,
            ordinal(NOW),
        )


@pytest.mark.parametrize("senders_ago", [20, 100])
def test_old_numbers_go_a_day_at_a_time_and_senders_before(
    any_sessions, decided, senders_ago
):
    for days in (60, 50, 40, 10):
        decided(days * DAY)
    for _ in count_everything(any_sessions):
        pass

    def forget():
        with transaction(any_sessions) as session:
            return forget_days(
                session, NOW - 45 * DAY, senders_end=NOW - senders_ago * DAY
            )

    while forget():
        pass

    left = [ordinal(NOW) - 40, ordinal(NOW) - 10]
    assert days_of(any_sessions, DailyStatistic.day) == left
    assert len(days_of(any_sessions, SenderWeek.week)) == (
        1 if senders_ago == 20 else 2
    )
