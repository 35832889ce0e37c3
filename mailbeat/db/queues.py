"""How full the queues are, as beat sees them, and how much goes in and out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from mailbeat.db.models import Account, QueueSample, table_of

RATE_OVER = timedelta(minutes=1)
HISTORY = timedelta(hours=1)
KEPT = timedelta(days=2)
# Beat looks every 5 s. What is older says what was, not what is.
STALE = timedelta(seconds=30)

_SAMPLES = table_of(QueueSample)


@dataclass(frozen=True, slots=True)
class QueueSeen:
    """A queue at beat's last look. Rates are messages a second, over the last minute.

    `oldest_at` is since when the account waits that waits longest; None where no
    account waits. `history` has the depth of each minute of the last hour, oldest
    first; None for a minute in which beat did not look.
    """

    name: str
    depth: int
    seen_at: datetime
    is_stale: bool
    oldest_at: datetime | None
    rate_in: float | None
    rate_out: float | None
    history: Sequence[int | None]


def record_samples(
    session: Session,
    depths: Mapping[str, int],
    sent: Mapping[str, int],
    *,
    now: datetime,
) -> None:
    """Write down how many messages wait, and how many were put in since the last time.

    Both are of the same moment: a depth counts what is `sent`, and no more.
    """
    rows = [
        {"at": now, "name": name[:255], "depth": depth, "sent": sent.get(name, 0)}
        for name, depth in depths.items()
    ]
    if rows:
        session.execute(insert(_SAMPLES), rows)


def read_queues(session: Session, *, now: datetime) -> list[QueueSeen]:
    """Every queue that was looked at within the last hour, the fullest first."""
    columns = (_SAMPLES.c.name, _SAMPLES.c.at, _SAMPLES.c.depth, _SAMPLES.c.sent)
    rows = session.execute(
        select(*columns).where(_SAMPLES.c.at > now - HISTORY).order_by(_SAMPLES.c.at)
    )
    samples: dict[str, list[Sample]] = {}
    for name, at, depth, sent in rows:
        samples.setdefault(name, []).append(Sample(at, depth, sent))
    oldest = oldest_waiting(session) if samples else None
    seen = [_seen(name, found, oldest, now) for name, found in samples.items()]
    return sorted(seen, key=lambda one: (-one.depth, one.name))


def depths(session: Session, *, since: datetime) -> list[tuple[datetime, int]]:
    """How many messages waited in all queues at each look of beat, oldest first."""
    rows = session.execute(
        select(_SAMPLES.c.at, func.sum(_SAMPLES.c.depth))
        .where(_SAMPLES.c.at >= since)
        .group_by(_SAMPLES.c.at)
        .order_by(_SAMPLES.c.at)
    )
    return [(at, int(depth)) for at, depth in rows]


def oldest_waiting(session: Session) -> datetime | None:
    """Since when the account waits that was sent, is not taken, and waits longest."""
    return session.scalar(
        select(func.min(Account.due_at)).where(
            Account.wanted_run_id.is_not(None), Account.queued_until.is_not(None)
        )
    )


@dataclass(frozen=True, slots=True)
class Sample:
    at: datetime
    depth: int
    sent: int


def _seen(
    name: str, samples: Sequence[Sample], oldest: datetime | None, now: datetime
) -> QueueSeen:
    newest = samples[-1]
    is_stale = now - newest.at > STALE
    rate_in, rate_out = (None, None) if is_stale else rates(samples)
    return QueueSeen(
        name=name,
        depth=newest.depth,
        seen_at=newest.at,
        is_stale=is_stale,
        oldest_at=oldest if newest.depth else None,
        rate_in=rate_in,
        rate_out=rate_out,
        history=_by_minute(samples, now),
    )


def rates(samples: Sequence[Sample]) -> tuple[float | None, float | None]:
    """Messages a second that went in and came out, over the last minute of samples.

    What came out is what went in and is not there: nobody counts at the other end.
    """
    newest = samples[-1]
    since = next(one for one in samples if newest.at - one.at <= RATE_OVER)
    seconds = (newest.at - since.at).total_seconds()
    if seconds <= 0:
        return None, None
    sent = sum(one.sent for one in samples if one.at > since.at)
    taken = sent - (newest.depth - since.depth)
    return sent / seconds, max(taken / seconds, 0.0)


def _by_minute(samples: Sequence[Sample], now: datetime) -> list[int | None]:
    minutes = int(HISTORY.total_seconds()) // 60
    deepest: list[int | None] = [None] * minutes
    for one in samples:
        place = minutes - 1 - int((now - one.at).total_seconds() // 60)
        if 0 <= place < minutes:
            deepest[place] = max(deepest[place] or 0, one.depth)
    return deepest
