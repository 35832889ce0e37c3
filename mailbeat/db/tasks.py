"""The history of Celery's tasks: written in batches, read in pages.

A record goes in once or many times, from one web process or from several, in any order:
the row says the same at the end, and a record without news writes nothing.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailbeat.db.models import TaskRow, table_of
from mailbeat.db.task_record import (
    ATTEMPT,
    COLUMNS,
    END,
    FACTS,
    LATEST,
    STORY,
    TaskRecord,
)

_TASKS = table_of(TaskRow)
_ID = [_TASKS.c.task_id]


def write_tasks(session: Session, records: Iterable[TaskRecord]) -> None:
    """Bring the rows of some tasks up to their records; each task at most once.

    By rising id, so that two who write the same tasks never wait for each other.
    """
    ordered = sorted(records, key=lambda one: one.task_id)
    if not ordered:
        return
    # One parameter for all rows: psycopg takes longer to bind twenty for each than
    # PostgreSQL to write them. SQLite's driver lets other threads run between two rows,
    # and waits up to 5 ms for its turn after each; of one statement it is one wait.
    if session.get_bind().dialect.name == "postgresql":
        rows: list[Any] = [one.values() for one in ordered]
        given = json.dumps(rows, default=datetime.isoformat)
        session.execute(_POSTGRES, {"rows": given})
    else:
        rows = [list(one.values().values()) for one in ordered]
        session.execute(_SQLITE, {"rows": json.dumps(rows, default=_as_sqlite)})


def get_task(session: Session, task_id: str) -> TaskRow | None:
    return session.scalar(sa.select(TaskRow).where(TaskRow.task_id == task_id))


def _as_sqlite(value: datetime) -> str:
    """A time as SQLAlchemy writes it there."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _newer_step(new: Any) -> sa.ColumnElement[int]:
    """`task_record.newer_step` in SQL, which has no operator for this on both."""
    known, told = _TASKS.c.step, new["step"]
    of_newest = known - known % ATTEMPT + told % ATTEMPT
    both_open = (told < END) & (known < END)
    return sa.case(
        (told > known, told),
        (both_open & (of_newest > known), of_newest),
        else_=known,
    )


def _merged(new: Any) -> dict[str, Any]:
    """What a row becomes: `TaskRecord.merge` in SQL."""
    row = _TASKS.c
    step = _newer_step(new)
    is_newer = step > row.step

    def larger(name: str) -> Any:
        is_larger = row[name].is_(None) | (new[name] > row[name])
        return sa.case((is_larger, new[name]), else_=row[name])

    story = {
        name: sa.case(
            (is_newer, sa.func.coalesce(new[name], row[name])),
            else_=sa.func.coalesce(row[name], new[name]),
        )
        for name in STORY
    }
    facts = {name: sa.func.coalesce(row[name], new[name]) for name in FACTS}
    earlier = (new["received_at"] < row.received_at, new["received_at"])
    return {
        **story,
        **facts,
        "state": sa.case((is_newer, new["state"]), else_=row.state),
        "step": step,
        **{name: larger(name) for name in LATEST},
        "heard_at": larger("heard_at"),
        "received_at": sa.case(earlier, else_=row.received_at),
    }


def _is_news(new: Any) -> sa.ColumnElement[bool]:
    row = _TASKS.c
    filled = (*STORY, *FACTS, "started_at")
    return sa.or_(
        _newer_step(new) > row.step,
        new["received_at"] < row.received_at,
        *(new[name] > row[name] for name in LATEST),
        *(row[name].is_(None) & new[name].is_not(None) for name in filled),
    )


def _for_sqlite() -> sa.Executable:
    given = sa.func.json_each(sa.bindparam("rows", type_=sa.Text)).table_valued("value")
    told = [
        sa.func.json_extract(given.c.value, sa.literal_column(f"'$[{place}]'"))
        for place in range(len(COLUMNS))
    ]
    # Without a WHERE it would take ON for that of a join.
    rows = sa.select(*told).where(sa.true())
    statement = sqlite.insert(_TASKS).from_select(list(COLUMNS), rows)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=_ID, set_=_merged(new), where=_is_news(new)
    )


def _for_postgres() -> sa.Executable:
    given = (
        sa.func.json_to_recordset(sa.cast(sa.bindparam("rows", type_=sa.Text), sa.JSON))
        .table_valued(*(sa.column(name, _plain(name)) for name in COLUMNS))
        .render_derived(name="given", with_types=True)
    )
    rows = sa.select(*(given.c[name] for name in COLUMNS)).order_by(given.c.task_id)
    statement = postgresql.insert(_TASKS).from_select(list(COLUMNS), rows)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=_ID, set_=_merged(new), where=_is_news(new)
    )


def _plain(name: str) -> Any:
    kind = _TASKS.c[name].type
    return kind.impl if isinstance(kind, sa.types.TypeDecorator) else kind


_SQLITE, _POSTGRES = _for_sqlite(), _for_postgres()
