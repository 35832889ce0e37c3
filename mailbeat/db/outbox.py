"""Messages on their way out: one row for each way, tried until it arrives.

Who sends takes the row first. An alert whose sender died is sent again: better twice,
under the same id, than never. A digest is not: see docs/decisions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, undefer

from mailbeat.db.models import Delivery

TAKEN_FOR = timedelta(minutes=2)  # by then who sends is done, or dead
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP = timedelta(hours=24)
FINAL_TRIES = 3  # of a failure that is said to be final: even that may be a slip
WAITING, SENDING, SENT, FAILED, UNCLEAR = (
    *("waiting", "sending", "sent"),
    *("failed", "unclear"),
)
DIGEST = "digest"


class Way(Protocol):
    """A channel, as far as it is remembered."""

    @property
    def key(self) -> str: ...

    @property
    def shown(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is taken to be sent."""

    id: int
    kind: str
    channel: str
    payload: str


def put(
    session: Session,
    ways: Iterable[Way],
    *,
    kind: str,
    message_id: str,
    title: str,
    payload: str,
    now: datetime,
) -> int:
    """Put one message on all ways; return how many those are."""
    rows = [
        Delivery(
            message_id=message_id,
            kind=kind,
            channel=way.key,
            shown=way.shown[:400],
            title=title[:300],
            payload=payload,
            state=WAITING,
            attempts=0,
            created_at=now,
            next_try_at=now,
        )
        for way in ways
    ]
    session.add_all(rows)
    session.flush()
    return len(rows)


def take_due(
    session: Session, *, now: datetime, limit: int, busy: Iterable[str] = ()
) -> list[Parcel]:
    """Take what is to be sent now, the oldest of each channel that is not `busy`."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.state == SENDING,
            Delivery.kind == DIGEST,
            Delivery.next_try_at <= now,
        )
        .values(
            state=UNCLEAR,
            payload=None,
            tried_at=now,
            error="The process that sent it died meanwhile. It may have arrived.",
        )
    )
    due = session.scalars(
        select(Delivery)
        .options(undefer(Delivery.payload))
        .where(
            Delivery.next_try_at <= now,
            or_(
                Delivery.state == WAITING,
                and_(Delivery.state == SENDING, Delivery.kind != DIGEST),
            ),
            Delivery.channel.not_in(list(busy)),
        )
        .order_by(Delivery.id)
        .limit(limit * 4)
        .with_for_update(skip_locked=True)
    ).all()
    parcels: dict[str, Parcel] = {}
    for row in due:
        if row.channel not in parcels and len(parcels) < limit:
            row.state, row.attempts = SENDING, row.attempts + 1
            row.next_try_at = now + TAKEN_FOR
            parcels[row.channel] = Parcel(
                row.id, row.kind, row.channel, row.payload or ""
            )
    session.flush()
    return list(parcels.values())


def note_sent(session: Session, delivery_id: int, *, now: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(state=SENT, sent_at=now, tried_at=now, payload=None, error=None)
    )


def note_failed(
    session: Session,
    delivery_id: int,
    error: str,
    *,
    now: datetime,
    is_final: bool = False,
) -> None:
    """Note why it did not go out, and when it is tried again, if it is."""
    row = session.get(Delivery, delivery_id, with_for_update=True)
    if row is None:
        return
    row.error, row.tried_at = error[:300], now
    pause = min(FIRST_PAUSE * 2 ** min(row.attempts - 1, 10), LONGEST_PAUSE)
    is_over = now + pause - row.created_at > GIVE_UP
    if is_over or (is_final and row.attempts >= FINAL_TRIES):
        row.state, row.payload = FAILED, None
    else:
        row.state, row.next_try_at = WAITING, now + pause
    session.flush()


def newest_deliveries(session: Session, *, limit: int = 20) -> Sequence[Delivery]:
    return session.scalars(
        select(Delivery).order_by(Delivery.id.desc()).limit(limit)
    ).all()


def deliveries_of(session: Session, message_id: str) -> Sequence[Delivery]:
    return session.scalars(
        select(Delivery).where(Delivery.message_id == message_id).order_by(Delivery.id)
    ).all()


@dataclass(frozen=True, slots=True)
class LastTry:
    """What came of the newest try on a way out; `error` is None where it arrived.

    `since` is when the last message arrived, or since when none does.
    """

    at: datetime
    error: str | None
    since: datetime
    is_tried_again: bool = False


def last_try(session: Session, channel: str) -> LastTry | None:
    """Return what is known of a way out; a `%` in `channel` stands for any text.

    None: nothing was tried yet.
    """
    mine = (Delivery.channel.like(channel), Delivery.tried_at.is_not(None))
    newest = session.scalar(
        select(Delivery)
        .where(*mine)
        .order_by(Delivery.tried_at.desc(), Delivery.id.desc())
        .limit(1)
    )
    if newest is None or newest.tried_at is None:
        return None
    if newest.error is None:
        return LastTry(newest.tried_at, None, newest.tried_at)
    arrived = session.scalar(
        select(Delivery.sent_at)
        .where(*mine, Delivery.sent_at.is_not(None))
        .order_by(Delivery.tried_at.desc())
        .limit(1)
    )
    failing = select(func.min(Delivery.created_at, type_=Delivery.created_at.type))
    failing = failing.where(*mine, Delivery.sent_at.is_(None))
    if arrived is not None:
        failing = failing.where(Delivery.tried_at > arrived)
    return LastTry(
        newest.tried_at,
        newest.error,
        session.scalar(failing) or newest.created_at,
        is_tried_again=newest.state in {WAITING, SENDING},
    )


def note_told(
    session: Session,
    way: Way,
    *,
    message_id: str,
    title: str,
    error: str | None,
    now: datetime,
    kind: str = "alert",
) -> None:
    """Write down what went out, or did not, without having waited here."""
    session.add(
        Delivery(
            message_id=message_id,
            kind=kind,
            channel=way.key,
            shown=way.shown[:400],
            title=title[:300],
            state=SENT if error is None else FAILED,
            attempts=1,
            created_at=now,
            next_try_at=now,
            tried_at=now,
            sent_at=now if error is None else None,
            error=error and error[:300],
        )
    )
    session.flush()


def has_due(session: Session, *, now: datetime) -> bool:
    """Whether anything is to be sent. Asked first, for mostly there is nothing."""
    query = select(Delivery.id).where(
        Delivery.state.in_((WAITING, SENDING)), Delivery.next_try_at <= now
    )
    return session.scalar(query.limit(1)) is not None
