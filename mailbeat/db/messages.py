"""Reading the ledger for people: what was decided about which message, and why."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from mailbeat.db.categories import effective_categories
from mailbeat.db.models import MessageRow
from mailbeat.db.paging import newest_page
from mailbeat.labeling.categorizer import NONE

UNCATEGORIZED = 0  # asks for messages that got no category


def list_messages(
    session: Session,
    *,
    limit: int = 50,
    cursor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    suggested: bool | None = None,
    **wanted: Any,
) -> tuple[list[MessageRow], str | None]:
    """One page of decisions, newest first, and the cursor of the next.

    They are those decided from `since` until before `until`; `suggested` are those that
    a person may confirm with one click. For `wanted` see `FILTERS`; None wants nothing.

    Raises:
        BadCursor: `cursor` is not one that this function returned.
    """
    query = select(MessageRow)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(FILTERS[name](value))
    if suggested is not None:
        is_suggested = _is_suggested(session)
        query = query.where(is_suggested if suggested else not_(is_suggested))
    if since is not None:
        query = query.where(MessageRow.decided_at >= since)
    if until is not None:
        query = query.where(MessageRow.decided_at < until)
    return newest_page(session, query, MessageRow, limit=limit, cursor=cursor)


def _has_category(category_id: int) -> ColumnElement[bool]:
    if category_id == UNCATEGORIZED:
        return MessageRow.category_id.is_(None)
    return MessageRow.category_id == category_id


def _is_one_of(category_ids: Collection[int | None]) -> ColumnElement[bool]:
    column = MessageRow.category_id
    is_one = column.in_([one for one in category_ids if one is not None])
    return or_(is_one, column.is_(None)) if None in category_ids else is_one


def _is_corrected(corrected: bool) -> ColumnElement[bool]:  # noqa: FBT001 # a filter's value
    at = MessageRow.corrected_at
    return at.is_not(None) if corrected else at.is_(None)


def _is_suggested(session: Session) -> ColumnElement[bool]:
    """Not sure enough to be labelled, but pointing at a category that there is."""
    living = [one for one, now in effective_categories(session).items() if now]
    suggested = func.coalesce(MessageRow.suggested_id, 0)
    return and_(MessageRow.layer == NONE, suggested.in_(living))


def _is_from(sender: str) -> ColumnElement[bool]:
    """An address, or a domain."""
    column = MessageRow.sender if "@" in sender else MessageRow.sender_domain
    return func.lower(column) == sender.lower()


FILTERS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "account_id": lambda value: MessageRow.account_id == value,
    "category_id": _has_category,  # 0: without one
    "read_as": _is_one_of,  # categories; None among them: without one
    "run_id": lambda value: MessageRow.run_id == value,
    "layer": lambda value: MessageRow.layer == value,
    "corrected": _is_corrected,
    "sender": _is_from,  # an address, or a domain
}
