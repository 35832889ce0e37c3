"""Reading the ledger for people: what was decided about which message, and why."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbeat.db.models import MessageRow
from mailbeat.db.paging import newest_page

UNCATEGORIZED = 0  # asks for messages that got no category


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
    query = select(MessageRow)
    if account_id is not None:
        query = query.where(MessageRow.account_id == account_id)
    if category_id == UNCATEGORIZED:
        query = query.where(MessageRow.category_id.is_(None))
    elif category_id is not None:
        query = query.where(MessageRow.category_id == category_id)
    if run_id is not None:
        query = query.where(MessageRow.run_id == run_id)
    return newest_page(session, query, MessageRow, limit=limit, cursor=cursor)
