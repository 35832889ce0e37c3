"""Who did what, and when."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbeat.db.models import AuditEntry
from mailbeat.db.paging import newest_page


def record(
    session: Session,
    actor: str,
    action: str,
    target: str,
    detail: str = "",
    *,
    now: datetime,
) -> None:
    """Write down a control or a change, in the transaction that does it.

    `actor` is the id of a key, `cli` or `worker`; `action` reads `account.pause`.
    """
    session.add(
        AuditEntry(
            at=now,
            actor=actor[:100],
            action=action[:64],
            target=target[:100],
            detail=detail[:300],
        )
    )
    session.flush()


def newest_id(session: Session) -> int:
    """Return a number that is larger after every control and every change."""
    return session.scalar(select(func.max(AuditEntry.id))) or 0


def newest_entries(session: Session, *, limit: int = 50) -> list[AuditEntry]:
    return list_entries(session, limit=limit)[0]


def list_entries(
    session: Session, *, limit: int = 50, cursor: str | None = None
) -> tuple[list[AuditEntry], str | None]:
    """One page of entries, newest first, and the cursor of the next.

    Raises:
        BadCursor: `cursor` is not one that this function returned.
    """
    query = select(AuditEntry)
    return newest_page(session, query, AuditEntry, limit=limit, cursor=cursor)
