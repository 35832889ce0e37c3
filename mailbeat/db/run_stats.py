"""How the runs went over time: how long they took, how many failed, and of what."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbeat.db import daily_runs, lanes
from mailbeat.db.cuts import Step, start_of, starts
from mailbeat.db.daily_messages import is_counted
from mailbeat.db.models import Run
from mailbeat.db.stats import quantile
from mailbeat.labeling.progress import Outcome

SAMPLE = 10_000  # runs that durations are taken from, spread evenly over the time
AT_ONCE = 500  # ids of one statement
FAILED = (Outcome.FAILED, Outcome.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Spread:
    """How long the runs took that began in one step, in seconds; None: there were none.

    `runs` is how many of them were looked at.
    """

    start: datetime
    runs: int
    median_seconds: float | None
    p95_seconds: float | None


def durations_over_time(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    step: Step,
    account_id: int | None = None,
    sample: int = SAMPLE,
) -> list[Spread]:
    """One spread for each hour, day or week (of UTC), of the runs that succeeded.

    Whole days that are counted tell it of all runs, at most 3 of 100 off. Else, of more
    than `sample` runs every so many-th is read.
    """
    if is_counted(session, since, step):
        return _spreads_of_days(session, since, until, step, account_id)
    found: dict[datetime, list[float]] = {at: [] for at in starts(since, until, step)}
    for start, end in _sampled(session, since, account_id, sample):
        at = start_of(start, step)
        if end is not None and start >= since and at in found:
            found[at].append((end - start).total_seconds())
    return [_spread(at, sorted(seconds)) for at, seconds in found.items()]


def _spreads_of_days(
    session: Session,
    since: datetime,
    until: datetime,
    step: Step,
    account_id: int | None,
) -> list[Spread]:
    counted = daily_runs.durations_over_time(
        session, since=since, account_id=account_id, step=step
    )
    return [
        Spread(
            at,
            sum(lanes.counts_of(counted.get(at, 0))),
            lanes.quantile(counted.get(at, 0), 0.5),
            lanes.quantile(counted.get(at, 0), 0.95),
        )
        for at in starts(since, until, step)
    ]


def _spread(at: datetime, seconds: Sequence[float]) -> Spread:
    return Spread(at, len(seconds), quantile(seconds, 0.5), quantile(seconds, 0.95))


def _sampled(
    session: Session, since: datetime, account_id: int | None, sample: int
) -> Iterator[tuple[datetime, datetime | None]]:
    query = select(Run.start_time, Run.end_time).where(Run.outcome == Outcome.SUCCEEDED)
    if account_id is not None:
        query = query.where(Run.account_id == account_id)
    ids = _ids(session, since, account_id)
    some = ids[:: max(math.ceil(len(ids) / sample), 1)]
    for begin in range(0, len(some), AT_ONCE):
        bite = query.where(Run.id.in_(some[begin : begin + AT_ONCE]))
        yield from map(tuple, session.execute(bite))


def _ids(session: Session, since: datetime, account_id: int | None) -> Sequence[int]:
    """The ids of the runs since then: those of all accounts, or of one."""
    first = session.scalar(
        select(Run.id).where(Run.start_time >= since).order_by(Run.start_time).limit(1)
    )
    last = session.scalar(select(func.max(Run.id)))
    if first is None or last is None:
        return ()
    # A run gets its id when it starts, so ids rise with the time. With nothing but the
    # two ends known, no index of two million entries is read for them.
    if account_id is None:
        return range(first, last + 1)
    of_account = select(Run.id).where(Run.account_id == account_id, Run.id >= first)
    return session.scalars(of_account).all()


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """`code` is an `error_code`; None where a worker died and left none."""

    code: str | None
    runs: int
    last_at: datetime


def errors(
    session: Session, *, since: datetime, account_id: int | None = None
) -> list[ErrorCount]:
    """How many runs ended with each error, the most frequent first."""
    if is_counted(session, since):
        counted = daily_runs.errors(
            session, since=since, account_id=account_id, outcomes=FAILED
        )
        return list(starmap(ErrorCount, counted))
    number = func.count().label("number")
    query = (
        select(Run.error_code, number, func.max(Run.start_time))
        .where(Run.start_time >= since, Run.outcome.in_(map(str, FAILED)))
        .group_by(Run.error_code)
        .order_by(number.desc(), Run.error_code)
    )
    if account_id is not None:
        query = query.where(Run.account_id == account_id)
    return [ErrorCount(*row) for row in session.execute(query)]
