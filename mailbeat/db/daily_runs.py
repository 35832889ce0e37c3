"""Days of runs that are counted: how many ended how, and how long they took.

A run ends once, and its row never changes after that. So its end adds to its day, in
the same transaction, which holds its account's row. A run that has not ended counts
nowhere yet. See db/daily_messages.py for the messages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailbeat.db import lanes
from mailbeat.db.cuts import Step
from mailbeat.db.daily_messages import monday_of, ordinal, start_of_day
from mailbeat.db.models import DailyRuns, Run, StatisticsState, table_of
from mailbeat.labeling.progress import Outcome

AT_ONCE = 500  # rows of one statement

_DAYS = table_of(DailyRuns)
_KEY = ("account_id", "day", "outcome", "error_code")
_SUMS = ("runs", "messages", "seconds")
_DURATIONS = select(_DAYS.c.durations).where(
    *(_DAYS.c[name] == bindparam(name) for name in _KEY)
)
_RUNS_FROM = select(StatisticsState.runs_from)


def _upsert(dialect: Any) -> Any:
    statement = dialect.insert(_DAYS)
    return statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: _DAYS.c[name] + statement.excluded[name] for name in _SUMS}
        | {name: statement.excluded[name] for name in ("durations", "last_at")},
    )


_ADD = {"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)}


def add_run(
    session: Session,
    account_id: int | None,
    *,
    outcome: str,
    error_code: str | None,
    messages: int,
    start: datetime,
    end: datetime,
) -> None:
    """Count a run that just ended; its account's row is held, if it has one.

    Of one whose account is gone there is a row for each run.
    """
    key = {
        "account_id": account_id,
        "day": ordinal(start),
        "outcome": outcome,
        "error_code": error_code or "",
    }
    seconds = (end - start).total_seconds()
    durations = b""
    if outcome == Outcome.SUCCEEDED:
        known = session.scalar(_DURATIONS, key) or b""
        durations = lanes.pack(lanes.unpack(known) + lanes.durations([seconds]))
    values = {
        "runs": 1,
        "messages": messages,
        "seconds": seconds,
        "durations": durations,
        "last_at": start,
    }
    session.execute(_ADD[session.get_bind().dialect.name], key | values)


@dataclass(slots=True)
class _Day:
    runs: int = 0
    messages: int = 0
    seconds: float = 0
    durations: int = 0
    last_at: datetime | None = None

    @property
    def packed(self) -> bytes:
        return lanes.pack(self.durations)


def count_account(session: Session, account_id: int | None) -> None:
    """Count an account's runs anew, or those of accounts that are gone.

    The caller holds its row. Days that runs were forgotten of stay as they are.
    """
    first = max(session.scalar(_RUNS_FROM) or 1, 1)
    is_mine = (
        Run.account_id.is_(None) if account_id is None else Run.account_id == account_id
    )
    table_is_mine = (
        _DAYS.c.account_id.is_(None)
        if account_id is None
        else _DAYS.c.account_id == account_id
    )
    session.execute(delete(_DAYS).where(table_is_mine, _DAYS.c.day >= first))
    found = session.execute(
        select(
            Run.start_time,
            Run.end_time,
            Run.outcome,
            Run.error_code,
            Run.emails_processed,
        )
        .where(is_mine, Run.outcome.is_not(None), Run.start_time >= start_of_day(first))
        .order_by(Run.start_time)
        .execution_options(yield_per=5000)
    )
    days: dict[tuple[int, str, str], _Day] = {}
    for start, end, outcome, error_code, messages in found:
        key = (ordinal(start), outcome or "", error_code or "")
        day = days.setdefault(key, _Day())
        seconds = ((end or start) - start).total_seconds()
        day.runs += 1
        day.messages += messages
        day.seconds += seconds
        day.last_at = start
        if outcome == Outcome.SUCCEEDED:
            day.durations += lanes.durations([seconds])
    rows = [
        {
            "account_id": account_id,
            **dict(zip(_KEY[1:], key, strict=True)),
            **{name: getattr(day, name) for name in (*_SUMS, "last_at")},
            "durations": day.packed,
        }
        for key, day in sorted(days.items())
    ]
    for begin in range(0, len(rows), AT_ONCE):
        session.execute(insert(_DAYS), rows[begin : begin + AT_ONCE])


# Reading


def _of(
    query: sa.Select[Any], since: datetime, account_id: int | None
) -> sa.Select[Any]:
    query = query.where(_DAYS.c.day >= ordinal(since))
    return (
        query if account_id is None else query.where(_DAYS.c.account_id == account_id)
    )


def by_outcome(
    session: Session, *, since: datetime, account_id: int | None
) -> dict[str, int]:
    query = select(_DAYS.c.outcome, func.sum(_DAYS.c.runs)).group_by(_DAYS.c.outcome)
    rows = session.execute(_of(query, since, account_id))
    return dict(map(tuple, rows))


def over_time(
    session: Session, *, since: datetime, account_id: int | None, step: Step
) -> list[tuple[datetime, str, int]]:
    """By the start of a day or week, and by outcome: how many runs."""
    query = select(_DAYS.c.day, _DAYS.c.outcome, func.sum(_DAYS.c.runs))
    query = query.group_by(_DAYS.c.day, _DAYS.c.outcome)
    return [
        (_begin(day, step), outcome, runs)
        for day, outcome, runs in session.execute(_of(query, since, account_id))
    ]


def errors(
    session: Session,
    *,
    since: datetime,
    account_id: int | None,
    outcomes: Iterable[str],
) -> list[tuple[str | None, int, datetime]]:
    """By error code, the most frequent first: how many runs, and the last of them."""
    number = func.sum(_DAYS.c.runs).label("number")
    query = (
        select(_DAYS.c.error_code, number, func.max(_DAYS.c.last_at))
        .where(_DAYS.c.outcome.in_([str(one) for one in outcomes]))
        .group_by(_DAYS.c.error_code)
        .order_by(number.desc(), _DAYS.c.error_code)
    )
    return [
        (code or None, runs, last_at)
        for code, runs, last_at in session.execute(_of(query, since, account_id))
    ]


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The runs that succeeded; `durations` has a lane for each length."""

    runs: int
    messages: int
    seconds: float
    durations: int


def succeeded(
    session: Session, *, since: datetime, account_id: int | None
) -> Succeeded:
    columns = [func.coalesce(func.sum(_DAYS.c[name]), 0) for name in _SUMS]
    runs, messages, seconds = session.execute(
        _of(select(*columns).where(_SUCCEEDED), since, account_id)
    ).one()
    durations = _durations(session, since, account_id, "week").values()
    return Succeeded(runs, messages, seconds, sum(durations))


def durations_over_time(
    session: Session, *, since: datetime, account_id: int | None, step: Step
) -> dict[datetime, int]:
    """How long the runs took that succeeded, by the day or week that they began in."""
    return _durations(session, since, account_id, step)


_SUCCEEDED = _DAYS.c.outcome == str(Outcome.SUCCEEDED)


def _durations(
    session: Session, since: datetime, account_id: int | None, step: Step
) -> dict[datetime, int]:
    query = select(_DAYS.c.day, _DAYS.c.durations).where(_SUCCEEDED)
    by_day: dict[int, int] = {}
    for day, packed in session.execute(_of(query, since, account_id)):
        by_day[day] = by_day.get(day, 0) + lanes.unpack(packed)
    found: dict[datetime, int] = {}
    for day, number in by_day.items():
        begin = _begin(day, step)
        found[begin] = found.get(begin, 0) + number
    return found


def _begin(day: int, step: Step) -> datetime:
    return start_of_day(monday_of(day) if step == "week" else day)
