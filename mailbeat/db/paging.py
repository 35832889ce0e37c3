"""Lists in pages, newest first: a cursor is the id of the last row that was shown."""

from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailbeat.db.models import Alert, AuditEntry, Correction, MessageRow

MAX_CURSOR = 18  # digits that fit into 64 bits


class BadCursor(Exception):
    """The cursor of a list is not one that we gave out."""


Row = TypeVar("Row", Alert, AuditEntry, Correction, MessageRow)


def newest_page(
    session: Session,
    query: sa.Select[Row],
    table: type[Row],
    *,
    limit: int,
    cursor: str | None,
) -> tuple[list[Row], str | None]:
    """One page of a query over rows of `table`, and the cursor of the next.

    Raises:
        BadCursor: `cursor` is not one that this function returned.
    """
    query = query.order_by(table.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(table.id < sa.cast(row_id(cursor), sa.BigInteger))
    rows = list(session.scalars(query))
    page = rows[:limit]
    return page, str(page[-1].id) if len(rows) > limit else None


def row_id(cursor: str) -> int:
    """Return the id that a cursor is.

    Raises:
        BadCursor: it is none that we gave out.
    """
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > MAX_CURSOR:
        raise BadCursor(
            "The cursor is not one that a list returned. Start again without it."
        )
    return int(cursor)
