"""Who did what, and when."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailbeat.db.models import AuditEntry
from mailbeat.db.paging import newest_page

KNOWN = 500  # different actors or actions that a list of them names


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
    session: Session,
    *,
    limit: int = 50,
    cursor: str | None = None,
    actor: str | None = None,
    action: str | None = None,
    target: str | None = None,
    since: datetime | None = None,
) -> tuple[list[AuditEntry], str | None]:
    """One page of entries, newest first, and the cursor of the next.

    They are those of `actor`, of `action` and about `target`, since then.

    Raises:
        BadCursor: `cursor` is not one that this function returned.
    """
    query = select(AuditEntry)
    wanted = (
        (AuditEntry.actor, actor),
        (AuditEntry.action, action),
        (AuditEntry.target, target),
    )
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    return newest_page(session, query, AuditEntry, limit=limit, cursor=cursor)


def known_actors(session: Session) -> list[str]:
    """Whoever did something, in order; of very many the first."""
    return _known(session, AuditEntry.actor)


def known_actions(session: Session) -> list[str]:
    """Whatever was done, in order."""
    return _known(session, AuditEntry.action)


def _known(session: Session, column: InstrumentedAttribute[str]) -> list[str]:
    return list(
        session.scalars(select(column).distinct().order_by(column).limit(KNOWN))
    )
