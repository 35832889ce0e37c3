"""The list of accounts, for people who have thousands: found, sorted, page by page.

A page is read by what the last row of the one before had (keyset), so that the last
page takes as long as the first, and an account that is added or removed shifts nothing.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.orm import Session, defer

from mailbeat.db import health
from mailbeat.db.accounts import SECRETS
from mailbeat.db.health import Kind
from mailbeat.db.models import Account, Run
from mailbeat.db.paging import BadCursor, row_id
from mailbeat.db.runs import last_runs
from mailbeat.db.types import UTCDateTime

LONGEST_CURSOR = 2000  # characters
_MAX_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """`text` is looked for in addresses and servers' names; `sort` is one of SORTS."""

    text: str = ""
    kind: Kind | None = None
    sort: str = "address"


@dataclass(frozen=True, slots=True)
class Listed:
    account: Account
    kind: Kind
    last: Run | None  # the newest finished one


@dataclass(frozen=True, slots=True)
class _Sort:
    """By what, which way, and how a value is kept in a cursor."""

    column: Callable[[], Any]
    is_rising: bool
    read: Callable[[Any], Any]


def _moment(kept: Any) -> datetime:
    return datetime.fromtimestamp(float(kept), tz=UTC)


SORTS = {
    "address": _Sort(lambda: Account.email_address, is_rising=True, read=str),
    "next": _Sort(lambda: Account.next_run_at, is_rising=True, read=_moment),
    "last": _Sort(health.last_run_id, is_rising=False, read=int),
    "quiet": _Sort(health.last_run_id, is_rising=True, read=int),
    "added": _Sort(lambda: Account.id, is_rising=False, read=int),
    "id": _Sort(lambda: Account.id, is_rising=True, read=int),
}
# Where a cursor is an account's id, as in the other lists.
_BY_ID = frozenset({"added", "id"})


def list_page(
    session: Session,
    asked: Asked,
    *,
    now: datetime,
    default_interval: int,
    limit: int,
    cursor: str | None = None,
) -> tuple[list[Listed], str | None]:
    """One page of accounts, without their secrets, and the cursor of the next.

    Raises:
        BadCursor: `cursor` is not one that this function returned for this order.
    """
    sort = SORTS[asked.sort]
    value = sort.column()
    kind = health.kind(session, now=now, default_interval=default_interval)
    query = select(Account, kind, value).options(
        *(defer(column, raiseload=True) for column in SECRETS)
    )
    if asked.kind is not None:
        query = query.where(kind == str(asked.kind))
    if (found := matches(asked.text)) is not None:
        query = query.where(found)
    if cursor is not None:
        query = query.where(_is_after(asked.sort, value, cursor))
    by = (value, Account.id) if sort.is_rising else (value.desc(), Account.id.desc())
    rows = session.execute(query.order_by(*by).limit(limit + 1)).all()
    page = rows[:limit]
    last = last_runs(session, [account.id for account, _, _ in page])
    listed = [
        Listed(account, Kind(name), last.get(account.id)) for account, name, _ in page
    ]
    if len(rows) <= limit:
        return listed, None
    account, _, shown = page[-1]
    if asked.sort in _BY_ID:
        return listed, str(account.id)
    return listed, _cursor(shown, account.id)


def matches(text: str) -> sa.ColumnElement[bool] | None:
    """Whether an account has a text in its address or its server's name."""
    # PostgreSQL refuses a NUL in a text with an error of its own.
    wanted = text.replace("\0", "").strip().lower()
    if not wanted:
        return None
    columns = (Account.email_address, Account.host)
    return or_(*(func.lower(one).contains(wanted, autoescape=True) for one in columns))


def _is_after(name: str, value: Any, cursor: str) -> sa.ColumnElement[bool]:
    sort = SORTS[name]
    if name in _BY_ID:
        last = sa.cast(row_id(cursor), sa.BigInteger)
        return Account.id > last if sort.is_rising else Account.id < last
    kept, account_id = _read(sort, cursor)
    if isinstance(kept, datetime):
        kept = literal(kept, UTCDateTime)
    if sort.is_rising:
        return or_(value > kept, and_(value == kept, Account.id > account_id))
    return or_(value < kept, and_(value == kept, Account.id < account_id))


def _cursor(shown: Any, account_id: int) -> str:
    if isinstance(shown, datetime):
        shown = shown.timestamp()
    kept = json.dumps([shown, account_id], separators=(",", ":"))
    return urlsafe_b64encode(kept.encode()).decode("ascii").rstrip("=")


def _read(sort: _Sort, cursor: str) -> tuple[Any, int]:
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError  # noqa: TRY301 # as all others
        padded = cursor + "=" * (-len(cursor) % 4)
        kept, account_id = json.loads(urlsafe_b64decode(padded.encode("ascii")))
        value = sort.read(kept)
        if isinstance(value, str):
            value.encode()  # half of a surrogate pair is no text for a database
            value = value.replace("\0", "")
        if type(account_id) is not int or not 0 <= account_id <= _MAX_ID:
            raise ValueError  # noqa: TRY301 # as all others
        if isinstance(value, int) and not 0 <= value <= _MAX_ID:
            raise ValueError  # noqa: TRY301 # as all others
    except (ValueError, TypeError, OverflowError, OSError, RecursionError):
        raise BadCursor(
            "The cursor is not one that this list returned. Start again without it."
        ) from None
    return value, account_id
