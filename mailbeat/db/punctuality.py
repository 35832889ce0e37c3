"""Whether the schedule is kept: beat's tick, who is overdue, how late runs begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from mailbeat.db.models import Account, Installation, Run

# Beat ticks every second and says so every 5.
BEAT_SILENT = timedelta(seconds=15)
# An account is sent within a second, and taken within another where a thread is free.
OVERDUE_AFTER = timedelta(seconds=15)
LAG_OVER = timedelta(hours=1)
MOST_RUNS = 2000  # whose beginning is looked at, the newest


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Lags are seconds between when a run was due and when it began; None: no runs.

    `next_due_at` is of accounts that wait for their time; an overdue one's has passed,
    and is `oldest_due_at`. While everything is paused nothing is due.
    """

    ticked_at: datetime | None
    is_silent: bool
    paused_since: datetime | None
    next_due_at: datetime | None
    overdue: int
    oldest_due_at: datetime | None
    lag_p50: float | None
    lag_p95: float | None
    runs: int  # of which that is told


def read_punctuality(session: Session, *, now: datetime) -> Punctuality:
    ticked_at, paused_since = session.execute(
        select(Installation.beat_ticked_at, Installation.paused_at)
    ).one()
    overdue, oldest, next_due_at = 0, None, None
    if paused_since is None:
        overdue, oldest = _overdue(session, now)
        next_due_at = _next_due_at(session)
    lags = _lags(session, now)
    return Punctuality(
        ticked_at=ticked_at,
        is_silent=ticked_at is None or now - ticked_at > BEAT_SILENT,
        paused_since=paused_since,
        next_due_at=next_due_at,
        overdue=overdue,
        oldest_due_at=oldest,
        lag_p50=quantile(lags, 0.5),
        lag_p95=quantile(lags, 0.95),
        runs=len(lags),
    )


def due_at() -> ColumnElement[datetime]:
    """Since when, or when, an account is due: it may have moved to its next slot."""
    waits = and_(Account.wanted_run_id.is_not(None), Account.due_at.is_not(None))
    return case((waits, Account.due_at), else_=Account.next_run_at)


def _overdue(session: Session, now: datetime) -> tuple[int, datetime | None]:
    is_free = or_(Account.lease_until.is_(None), Account.lease_until <= now)
    found = session.execute(
        select(func.count(), func.min(due_at()))
        .select_from(Account)
        .where(Account.paused_at.is_(None), is_free)
        .where(due_at() <= now - OVERDUE_AFTER)
    ).one()
    return found[0], found[1]


def _next_due_at(session: Session) -> datetime | None:
    return session.scalar(
        select(func.min(Account.next_run_at)).where(Account.paused_at.is_(None))
    )


def _lags(session: Session, now: datetime) -> list[float]:
    rows = session.execute(
        select(Run.due_at, Run.start_time)
        .where(Run.start_time > now - LAG_OVER, Run.due_at.is_not(None))
        .order_by(Run.start_time.desc())
        .limit(MOST_RUNS)
    )
    return sorted(
        max((began - due).total_seconds(), 0.0)
        for due, began in rows
        if due is not None
    )


def quantile(ascending: Sequence[float], share: float) -> float | None:
    """The value that so large a share of them does not exceed."""
    if not ascending:
        return None
    return ascending[min(int(share * len(ascending)), len(ascending) - 1)]
