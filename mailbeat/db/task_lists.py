"""Lists of tasks: filtered, searched, sorted, each in a time that is bounded.

An index finds what is unusual: tasks that did not succeed, those that are no runs, and
those of a name that failed.
Whatever else is asked for is looked for among the next `SCAN` rows of the order; when
the page is not full by then, its cursor goes on from there.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

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


# Of the table, or of the rows that are looked through.
_Condition = Callable[[Any], sa.ColumnElement[bool]]


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
    rows = sa.select(TaskRow).where(*indexed).order_by(*_order(TaskRow, sort))
    if others:
        return _look_through(session, rows, others, limit, scan, sort)
    found = list(session.scalars(rows.limit(limit + 1)))
    return found[:limit], _cursor(found[limit - 1], sort) if found[limit:] else None


def _look_through(  # noqa: PLR0917 # parts of one statement
    session: Session,
    rows: sa.Select[TaskRow],
    others: list[_Condition],
    limit: int,
    scan: int,
    sort: TaskSort,
) -> tuple[list[TaskRow], str | None]:
    near = aliased(TaskRow, rows.limit(scan).subquery())
    conditions = [condition(near) for condition in others]
    query = sa.select(near).where(*conditions).order_by(*_order(near, sort))
    found = list(session.scalars(query.limit(limit + 1)))
    if len(found) > limit:
        return found[:limit], _cursor(found[limit - 1], sort)
    last = session.scalar(rows.offset(scan - 1).limit(1))
    return found, None if last is None else _cursor(last, sort)


def _order(table: Any, sort: TaskSort) -> tuple[Any, Any]:
    key = table.received_at if sort is TaskSort.RECEIVED else table.runtime
    return key.desc(), table.id.desc()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for, as what an index finds and what is looked for after that."""

    states: Collection[TaskState]
    name: str | None
    worker: str | None
    q: str | None
    since: datetime | None
    until: datetime | None

    def by_received(self) -> tuple[list[Any], list[_Condition]]:
        indexed: list[Any] = [condition(TaskRow) for condition in self._times()]
        others = self._rest()
        if self.name is not None and set(self.states) == {TaskState.FAILED}:
            indexed += [_is_named(self.name)(TaskRow), sa.text(FAILED_STATE)]
            return indexed, others
        unusual = bool(self.states) and TaskState.SUCCEEDED not in self.states
        if unusual:
            indexed += [_is_in(self.states)(TaskRow), sa.text(UNUSUAL_STATE)]
        elif self.states:
            others.append(_is_in(self.states))
        if self.name is not None:
            if unusual or self.name == RUN_TASK:
                others.append(_is_named(self.name))
            else:
                indexed += [_is_named(self.name)(TaskRow), sa.text(UNUSUAL_NAME)]
        return indexed, others

    def by_runtime(self) -> tuple[list[Any], list[_Condition]]:
        others = self._times() + self._rest()
        if self.states:
            others.append(_is_in(self.states))
        if self.name is not None:
            others.append(_is_named(self.name))
        return [TaskRow.runtime.is_not(None)], others

    def _times(self) -> list[_Condition]:
        found: list[_Condition] = []
        since, until = self.since, self.until
        if since is not None:
            found.append(lambda table: table.received_at >= since)
        if until is not None:
            found.append(lambda table: table.received_at < until)
        return found

    def _rest(self) -> list[_Condition]:
        found: list[_Condition] = []
        if self.worker is not None:
            found.append(lambda table: table.worker == self.worker)
        if self.q is not None:
            found.append(_holds(self.q))
        return found


def _is_in(states: Collection[TaskState]) -> _Condition:
    return lambda table: table.state.in_(list(map(str, states)))


def _is_named(name: str) -> _Condition:
    return lambda table: table.name == name


def _holds(q: str) -> _Condition:
    # One look at all texts takes half as long as one at each.
    def holds(table: Any) -> sa.ColumnElement[bool]:
        others = (table.name, table.arguments, table.exception)
        text = table.task_id
        for one in others:
            text = text + "\n" + sa.func.coalesce(one, "")
        return text.icontains(q, autoescape=True)  # type: ignore[no-any-return] # of a column

    return holds


def _cursor(row: TaskRow, sort: TaskSort) -> str:
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
