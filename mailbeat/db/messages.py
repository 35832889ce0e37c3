"""Reading the ledger for people: what was decided about which message, and why."""

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbeat.db.models import MessageRow
from mailbeat.db.runs import BadCursor

UNCATEGORIZED = 0  # asks for messages that got no category
MAX_CURSOR = 18  # digits that fit into 64 bits


def list_messages(
    session: Session,
    *,
    limit: int = 50,
    cursor: str | None = None,
    account_id: int | None = None,
    category_id: int | None = None,
    run_id: str | None = None,
) -> tuple[list[MessageRow], str | None]:
    """One page of decisions, newest first, and the cursor of the next.

    Raises:
        BadCursor: `cursor` is not one that this function returned.
    """
    query = select(MessageRow).order_by(MessageRow.id.desc()).limit(limit + 1)
    if account_id is not None:
        query = query.where(MessageRow.account_id == account_id)
    if category_id == UNCATEGORIZED:
        query = query.where(MessageRow.category_id.is_(None))
    elif category_id is not None:
        query = query.where(MessageRow.category_id == category_id)
    if run_id is not None:
        query = query.where(MessageRow.run_id == run_id)
    if cursor is not None:
        query = query.where(MessageRow.id < sa.cast(_row_id(cursor), sa.BigInteger))
    rows = list(session.scalars(query))
    page = rows[:limit]
    return page, str(page[-1].id) if len(rows) > limit else None


def _row_id(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > MAX_CURSOR:
        raise BadCursor(
            "The cursor is not one that a list returned. Start again without it."
        )
    return int(cursor)
