"""Lists of tasks: filtered, searched, sorted, each in a time that is bounded.

An index finds what is unusual: tasks that did not succeed, those that are no runs, and
those of a name that failed.
Whatever else is asked for is looked for among the next `SCAN` rows of the order; when
the page is not full by then, its cursor goes on from there.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailbeat.db.models import (
    FAILED_STATE,
    RUN_TASK,
    UNUSUAL_NAME,
    UNUSUAL_STATE,
    TaskRow,
)
from mailbeat.db.paging import BadCursor
from mailbeat.db.task_record import TaskState
from mailbeat.db.tasks import get_task
from mailbeat.db.types import UTCDateTime

SCAN = 10_000  # rows that are looked at for one page
MOST_FAILURES = 100_000  # the newest of them are grouped
MOST_GROUPS = 100
MOST_NAMES = 200  # that a list of them names
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = r"^(r[0-9]{1,17}|t[0-9]{1,17}(\.[0-9]{1,17})?(e[+-][0-9]{2})?)_[0-9]{1,18}$"


class TaskSort(StrEnum):
    RECEIVED = "received"  # the newest first
    RUNTIME = "runtime"  # the slowest first


_Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Failure:
    """Tasks of one name that failed by one type of exception."""

    name: str | None
    exception: str | None
    count: int
    first_at: datetime
    last_at: datetime
    example_id: str


def list_tasks(
    session: Session,
    *,
    limit: int = 50,
    cursor: str | None = None,
    states: Collection[TaskState] = (),
    name: str | None = None,
    worker: str | None = None,
    q: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    sort: TaskSort = TaskSort.RECEIVED,
    scan: int = SCAN,
) -> tuple[list[TaskRow], str | None]:
    """One page of tasks, and the cursor of the next, which may have none itself.

    `cursor` goes on in the order that it was returned for, whatever `sort` is.

    Raises:
        BadCursor: `cursor` is not one that this function returned.
    """
    if q is not None and cursor is None:
        one = get_task(session, q)
        if one is not None:
            return [one], None
    if cursor is not None:
        sort = TaskSort.RECEIVED if cursor.startswith("r") else TaskSort.RUNTIME
    by_received = sort is TaskSort.RECEIVED
    wanted = _Wanted(states, name, worker, q, since, until)
    indexed, others = wanted.by_received() if by_received else wanted.by_runtime()
    if cursor is not None:
        indexed.append(_after(cursor, sort))
    rows = sa.select(TaskRow).where(*indexed)
    rows = rows.order_by(_key(sort).desc(), TaskRow.id.desc())
    if others:
        apart = wanted.unusual_states if by_received else ()
        return _look_through(session, rows, others, limit, scan, sort, apart)
    found = list(session.scalars(rows.limit(limit + 1)))
    return found[:limit], _cursor(found[limit - 1], sort) if found[limit:] else None


def _look_through(  # noqa: PLR0917 # parts of one statement
    session: Session,
    rows: sa.Select[TaskRow],
    others: list[_Condition],
    limit: int,
    scan: int,
    sort: TaskSort,
    states: Collection[TaskState],
) -> tuple[list[TaskRow], str | None]:
    last = _end_of_share(session, rows, scan, sort, states)
    if last is not None:
        rows = rows.where(_place(sort) >= _bound(last, sort))
    found = list(session.scalars(rows.where(*others).limit(limit + 1)))
    if len(found) > limit:
        return found[:limit], _cursor(found[limit - 1], sort)
    return found, None if last is None else _cursor(last, sort)


def _end_of_share(
    session: Session,
    rows: sa.Select[TaskRow],
    scan: int,
    sort: TaskSort,
    states: Collection[TaskState],
) -> Any:
    """Key and id of the last row that is looked at, found by the index alone.

    Each state has its own order there. Asked for rows or for several states at once,
    PostgreSQL reads and sorts every task that failed: 11 s of ten million tasks.
    """
    each = [rows.where(TaskRow.state == str(one)) for one in states] or [rows]
    keys = [
        sa.select(one.with_only_columns(_key(sort), TaskRow.id).limit(scan).subquery())
        for one in each
    ]
    every = sa.union_all(*keys).subquery()
    place = every.c[_key(sort).key], every.c.id
    found = sa.select(*place).order_by(*(one.desc() for one in place))
    return session.execute(found.offset(scan - 1).limit(1)).first()


def _key(sort: TaskSort) -> Any:
    return TaskRow.received_at if sort is TaskSort.RECEIVED else TaskRow.runtime


def _place(sort: TaskSort) -> Any:
    return sa.tuple_(_key(sort), TaskRow.id)


def _bound(row: Any, sort: TaskSort) -> Any:
    by_received = sort is TaskSort.RECEIVED
    kind = UTCDateTime() if by_received else sa.Double()
    key = row.received_at if by_received else row.runtime
    return sa.tuple_(sa.literal(key, kind), sa.literal(row.id, sa.BigInteger()))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for, as what an index finds and what is looked for after that."""

    states: Collection[TaskState]
    name: str | None
    worker: str | None
    q: str | None
    since: datetime | None
    until: datetime | None

    @property
    def unusual_states(self) -> Collection[TaskState]:
        """The states that are asked for, if an index has them."""
        return () if TaskState.SUCCEEDED in self.states else self.states

    def by_received(self) -> tuple[list[_Condition], list[_Condition]]:
        indexed, others = self._times(), self._rest()
        if self.name is not None and set(self.states) == {TaskState.FAILED}:
            return [*indexed, TaskRow.name == self.name, _text(FAILED_STATE)], others
        if self.unusual_states:
            indexed += [self._is_in_state(), _text(UNUSUAL_STATE)]
        elif self.states:
            others.append(self._is_in_state())
        if self.name is not None:
            if self.unusual_states or self.name == RUN_TASK:
                others.append(TaskRow.name == self.name)
            else:
                indexed += [TaskRow.name == self.name, _text(UNUSUAL_NAME)]
        return indexed, others

    def by_runtime(self) -> tuple[list[_Condition], list[_Condition]]:
        others = self._times() + self._rest()
        if self.states:
            others.append(self._is_in_state())
        if self.name is not None:
            others.append(TaskRow.name == self.name)
        return [TaskRow.runtime.is_not(None)], others

    def _times(self) -> list[_Condition]:
        found: list[_Condition] = []
        if self.since is not None:
            found.append(TaskRow.received_at >= self.since)
        if self.until is not None:
            found.append(TaskRow.received_at < self.until)
        return found

    def _rest(self) -> list[_Condition]:
        found: list[_Condition] = []
        if self.worker is not None:
            found.append(TaskRow.worker == self.worker)
        if self.q is not None:
            found.append(_holds(self.q))
        return found

    def _is_in_state(self) -> _Condition:
        return TaskRow.state.in_(list(map(str, self.states)))


def _text(condition: str) -> Any:
    return sa.text(condition)


def _holds(q: str) -> _Condition:
    # One look at all texts takes half as long as one at each.
    text: Any = TaskRow.task_id
    for one in (TaskRow.name, TaskRow.arguments, TaskRow.exception):
        text = text + "\n" + sa.func.coalesce(one, "")
    return text.icontains(q, autoescape=True)  # type: ignore[no-any-return] # of a column


def _cursor(row: Any, sort: TaskSort) -> str:
    if sort is TaskSort.RECEIVED:
        return f"r{(row.received_at - _EPOCH) // timedelta(microseconds=1)}_{row.id}"
    return f"t{row.runtime!r}_{row.id}"


def _after(cursor: str, sort: TaskSort) -> sa.ColumnElement[bool]:
    bad = BadCursor(
        "The cursor is not one that this list returned. Start again without it."
    )
    if not re.fullmatch(CURSOR, cursor):
        raise bad
    at, _, row_id = cursor[1:].partition("_")
    key: Any = TaskRow.received_at
    try:
        if sort is TaskSort.RECEIVED:
            moment = _EPOCH + timedelta(microseconds=int(at))
            bound: Any = sa.literal(moment, UTCDateTime())
        else:
            bound, key = sa.literal(float(at), sa.Double()), TaskRow.runtime
    except (ValueError, OverflowError):
        raise bad from None
    place = sa.tuple_(bound, sa.literal(int(row_id), sa.BigInteger()))
    return sa.tuple_(key, TaskRow.id) < place


def known_names(session: Session) -> list[str]:
    """The names of tasks that are kept, in order; of very many the first.

    From one name to the next by the index, however many rows there are of each.
    """
    unusual = sa.text(UNUSUAL_NAME)
    first = sa.select(sa.func.min(TaskRow.name).label("name")).where(unusual)
    names = first.cte("names", recursive=True)
    following = (
        sa.select(sa.func.min(TaskRow.name))
        .where(TaskRow.name > names.c.name, unusual)
        .correlate(names)
        .scalar_subquery()
    )
    names = names.union_all(sa.select(following).where(names.c.name.is_not(None)))
    found = session.scalars(sa.select(names.c.name).limit(MOST_NAMES + 1))
    known = [one for one in found if one is not None][:MOST_NAMES]
    newest = sa.select(TaskRow.name).order_by(TaskRow.received_at.desc()).limit(1000)
    if RUN_TASK in set(session.scalars(newest)):
        known.append(RUN_TASK)
    return sorted(known)


def failures(session: Session, *, since: datetime | None = None) -> list[Failure]:
    """Tasks that failed by what they are and why, the latest first.

    All columns are those of one index: of 100,000 failures no row is read.
    """
    columns = (TaskRow.received_at, TaskRow.id, TaskRow.name, TaskRow.exception)
    failed = sa.select(*columns).where(sa.text(FAILED_STATE))
    if since is not None:
        failed = failed.where(TaskRow.received_at >= since)
    latest = failed.order_by(TaskRow.received_at.desc(), TaskRow.id.desc())
    some = latest.limit(MOST_FAILURES).subquery()
    groups = session.execute(
        sa.select(
            some.c.name,
            some.c.exception,
            sa.func.count(),
            sa.func.min(some.c.received_at),
            sa.func.max(some.c.received_at),
            sa.func.max(some.c.id),
        )
        .group_by(some.c.name, some.c.exception)
        .order_by(sa.func.max(some.c.received_at).desc())
        .limit(MOST_GROUPS)
    ).all()
    newest_of = sa.select(TaskRow.id, TaskRow.task_id).where(
        TaskRow.id.in_([group[5] for group in groups])
    )
    examples = {row.id: row.task_id for row in session.execute(newest_of)}
    return [
        Failure(name, exception, count, first, last, examples[newest])
        for name, exception, count, first, last, newest in groups
    ]
