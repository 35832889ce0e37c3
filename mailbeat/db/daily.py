"""What arrived and how runs ended, day by day (UTC): what the charts are drawn from."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from mailbeat.db.models import MessageRow, Run


def labeled_since(session: Session, since: datetime) -> int:
    """Labels that runs put on since a moment."""
    total = select(func.sum(Run.emails_labeled)).where(Run.start_time >= since)
    return session.scalar(total) or 0


def messages_by_day(
    session: Session, *, since: datetime, account_id: int | None = None
) -> dict[tuple[date, int | None], int]:
    """How many messages of each category were decided about on each day."""
    day = _day(session, MessageRow.decided_at)
    query = (
        select(day, MessageRow.category_id, func.count())
        .where(MessageRow.decided_at >= since)
        .group_by(day, MessageRow.category_id)
    )
    if account_id is not None:
        query = query.where(MessageRow.account_id == account_id)
    return {
        (_date(when), category): number
        for when, category, number in session.execute(query)
    }


def runs_by_day(
    session: Session, *, since: datetime, account_id: int | None = None
) -> dict[tuple[date, str], int]:
    """How many runs ended with each outcome, by the day they began."""
    day = _day(session, Run.start_time)
    query = (
        select(day, Run.outcome, func.count())
        .where(Run.start_time >= since, Run.outcome.is_not(None))
        .group_by(day, Run.outcome)
    )
    if account_id is not None:
        query = query.where(Run.account_id == account_id)
    return {
        (_date(when), outcome or ""): number
        for when, outcome, number in session.execute(query)
    }


def messages_by_category(session: Session, *, since: datetime) -> dict[int | None, int]:
    query = (
        select(MessageRow.category_id, func.count())
        .where(MessageRow.decided_at >= since)
        .group_by(MessageRow.category_id)
    )
    return dict(session.execute(query).all())


def _day(session: Session, moment: Any) -> ColumnElement[Any]:
    # SQLite keeps naive UTC text; PostgreSQL would else cut days in the zone of its
    # own configuration.
    if session.get_bind().dialect.name == "sqlite":
        return func.date(moment)
    return sa.cast(func.timezone("UTC", moment), sa.Date)


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
