"""Which processes of ours live, and which of them has the lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from mailbeat.db.models import Lead, Watcher

LEAD = timedelta(seconds=15)  # it is renewed with each look
FORGOTTEN = timedelta(days=1)
LEAD_NAME = "alerts"


@dataclass(frozen=True, slots=True)
class Sign:
    """What a process says of itself."""

    id: str
    kind: str  # web, worker or beat
    host: str
    deaf_since: datetime | None = None
    disk_free: int | None = None  # bytes
    disk_size: int | None = None


def show_life(session: Session, sign: Sign, *, now: datetime) -> None:
    """Write down that a process lives; what was not seen for long is forgotten."""
    values = {
        "seen_at": now,
        "deaf_since": sign.deaf_since,
        "disk_free": sign.disk_free,
        "disk_size": sign.disk_size,
    }
    known = session.execute(update(Watcher).where(Watcher.id == sign.id).values(values))
    if known.rowcount:  # type: ignore[attr-defined] # an UPDATE has one
        return
    session.execute(delete(Watcher).where(Watcher.seen_at < now - FORGOTTEN))
    session.add(
        Watcher(
            id=sign.id,
            kind=sign.kind,
            host=sign.host[:100],
            started_at=now,
            **values,
        )
    )
    session.flush()


def list_watchers(session: Session) -> Sequence[Watcher]:
    return session.scalars(select(Watcher).order_by(Watcher.seen_at)).all()


def take_lead(
    session: Session,
    holder: str,
    *,
    now: datetime,
    patience: timedelta = timedelta(),
    ttl: timedelta = LEAD,
) -> bool:
    """Whether `holder` has the lead until `now + ttl`.

    Nobody else gets it before this transaction ends. One that had it not before waits
    till the other's time is over by `patience`.
    """
    mine = Lead.holder == holder
    free = or_(Lead.until.is_(None), Lead.until < now - patience)
    done = session.execute(
        update(Lead)
        .where(Lead.name == LEAD_NAME, or_(mine, free))
        .values(holder=holder, until=now + ttl)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined] # an UPDATE has one


def leave_lead(session: Session, holder: str) -> None:
    """Let another take it at once."""
    session.execute(
        update(Lead)
        .where(and_(Lead.name == LEAD_NAME, Lead.holder == holder))
        .values(holder=None, until=None)
    )
