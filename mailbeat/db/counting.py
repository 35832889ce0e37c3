"""Counting everything that is kept of days anew, from the ledger and the runs.

One account after the other, some weeks in each transaction, which holds its row: runs
and corrections go on meanwhile, and nothing is counted twice.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailbeat.db import daily_messages, daily_runs
from mailbeat.db.clock import database_now
from mailbeat.db.models import (
    Account,
    DailyRuns,
    DailyStatistic,
    ReceivedDay,
    SenderWeek,
    StatisticsState,
    table_of,
)
from mailbeat.db.session import Sessions, transaction


def counted_at(session: Session) -> datetime | None:
    """When everything was counted; None: it never was, and the ledger is read."""
    return session.scalar(select(StatisticsState.counted_at))


def count_everything(sessions: Sessions) -> Iterator[tuple[int, int]]:
    """Count all accounts, and yield how many are done, and how many there are."""
    with sessions() as session:
        ids = list(session.scalars(select(Account.id).order_by(Account.id)))
    for done, account_id in enumerate(ids):
        yield done, len(ids)
        with sessions() as session:
            spans = daily_messages.spans_of(session, account_id)
        for span in spans:
            with transaction(sessions) as session:
                if _hold(session, account_id):
                    daily_messages.count_span(session, account_id, span)
        with transaction(sessions) as session:
            if _hold(session, account_id):
                daily_runs.count_account(session, account_id)
    with transaction(sessions) as session:
        daily_runs.count_account(session, None)
        now = database_now(session)
        session.execute(update(StatisticsState).values(counted_at=now))
    yield len(ids), len(ids)


def _hold(session: Session, account_id: int) -> bool:
    """Hold an account's row till the commit, if there is one."""
    row = select(Account.id).where(Account.id == account_id)
    return session.scalar(row.with_for_update()) is not None


def close_days(
    session: Session, *, messages_from: datetime, runs_from: datetime
) -> None:
    """Count days before these no more: what happened on them is about to be forgotten.

    In the transaction that forgets it; where nothing changes, nothing is locked.
    """
    messages, runs = map(daily_messages.ordinal, (messages_from, runs_from))
    state = StatisticsState
    session.execute(
        update(state)
        .where(or_(state.messages_from < messages, state.runs_from < runs))
        .values(
            messages_from=_later(state.messages_from, messages),
            runs_from=_later(state.runs_from, runs),
        ),
        execution_options={"synchronize_session": False},
    )


def _later(column: InstrumentedAttribute[int], day: int) -> ColumnElement[int]:
    """A day that was closed stays so, also when more is to be kept from now on."""
    return case((column > day, column), else_=day)


def forget_days(session: Session, end: datetime, *, senders_end: datetime) -> int:
    """Forget one day of what is counted and older; return how many rows there were.

    Senders go with the last of the decisions that their week had.
    """
    senders_before = daily_messages.ordinal(senders_end) - daily_messages.WEEK + 1
    before = daily_messages.ordinal(end)
    forgotten = 0
    for table, period, first in (
        (table_of(DailyStatistic), "day", before),
        (table_of(ReceivedDay), "day", before),
        (table_of(SenderWeek), "week", max(senders_before, before)),
        (table_of(DailyRuns), "day", before),
    ):
        column = table.c[period]
        oldest = select(func.min(column)).where(column < first).scalar_subquery()
        gone = session.execute(delete(table).where(column == oldest))
        forgotten += gone.rowcount  # type: ignore[attr-defined] # a DELETE has one
    return forgotten
