"""How much of each kind is kept at this moment, and since when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailbeat.db.daily_messages import start_of_day
from mailbeat.db.models import AuditEntry, DailyStatistic, MessageRow, Run, TaskRow

# More than these are not counted one by one, so that the page stays quick: 200,000
# messages took 0.25 s on SQLite, on a busy machine.
MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Kept:
    """`count` is at most MOST_COUNTED, and then there may be more."""

    count: int
    oldest: datetime | None

    @property
    def is_all(self) -> bool:
        return self.count < MOST_COUNTED


def count_kept(session: Session, *, most: int = MOST_COUNTED) -> dict[str, Kept]:
    """What is kept of runs, messages, subjects, numbers, tasks and the audit log."""
    has_subject = MessageRow.subject.is_not(None)
    return {
        "runs": _kept(session, Run.start_time, most=most),
        "messages": _kept(session, MessageRow.decided_at, most=most),
        "subjects": _kept(session, MessageRow.decided_at, has_subject, most=most),
        "statistics": _kept_days(session, most=most),
        "tasks": _kept(session, TaskRow.received_at, most=most),
        "audit": _kept(session, AuditEntry.at, most=most),
    }


def _kept_days(session: Session, *, most: int) -> Kept:
    some = select(literal(1)).select_from(DailyStatistic).limit(most)
    count = session.scalar(select(func.count()).select_from(some.subquery()))
    oldest = session.scalar(select(func.min(DailyStatistic.day)))
    return Kept(count or 0, start_of_day(oldest) if oldest is not None else None)


def _kept(
    session: Session,
    moment: InstrumentedAttribute[datetime],
    *which: ColumnElement[bool],
    most: int,
) -> Kept:
    some = select(literal(1)).select_from(moment.class_).where(*which).limit(most)
    count = session.scalar(select(func.count()).select_from(some.subquery()))
    oldest = session.scalar(select(func.min(moment)).where(*which))
    return Kept(count or 0, oldest)
