"""Subscriptions to digests, and which of them is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailbeat.db.busy_hours import zone_named
from mailbeat.db.models import DigestSubscription
from mailbeat.language import ENGLISH

MOST = 200  # subscriptions of one installation
AT_ONCE = 5  # digests of one turn
MONDAY = 0
# One that is due for longer than this, because nothing ran, is left out: the next one
# tells the same.
TOO_LATE = timedelta(hours=12)


class Frequency(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"  # on Mondays


SPANS = {Frequency.DAILY: timedelta(days=1), Frequency.WEEKLY: timedelta(days=7)}


class DigestNotFound(Exception):
    pass


class TooMany(Exception):
    pass


@dataclass(frozen=True, slots=True)
class NewDigest:
    """`hour` is one of the reader's clock, 0 to 23; `account_id` None means all."""

    address: str
    frequency: Frequency
    account_id: int | None
    zone: str
    hour: int
    language: str = ENGLISH


def next_time(new: NewDigest, *, after: datetime) -> datetime:
    """The next moment at which such a digest is due.

    An hour that the clock leaves out in spring is the one after it, and of one that
    comes twice in autumn the first is meant (PEP 495).

    Raises:
        ValueError: there is no such zone.
    """
    zone = zone_named(new.zone)
    day = after.astimezone(zone).date()
    while True:
        due = datetime.combine(day, time(new.hour), zone).astimezone(after.tzinfo)
        fits = new.frequency is Frequency.DAILY or day.weekday() == MONDAY
        if fits and due > after:
            return due
        day += timedelta(days=1)


def subscribe(
    session: Session, new: NewDigest, *, by: str, now: datetime
) -> DigestSubscription:
    """Store a subscription.

    Raises:
        TooMany: there are as many as there may be.
        ValueError: there is no such zone.
    """
    if len(list_subscriptions(session)) >= MOST:
        raise TooMany(f"There are {MOST} digests already. Remove one first.")
    made = DigestSubscription(
        address=new.address,
        frequency=str(new.frequency),
        account_id=new.account_id,
        zone=new.zone,
        hour=new.hour,
        language=new.language,
        created_at=now,
        created_by=by[:100],
        next_at=next_time(new, after=now),
    )
    session.add(made)
    session.flush()
    return made


def list_subscriptions(session: Session) -> Sequence[DigestSubscription]:
    return session.scalars(
        select(DigestSubscription).order_by(DigestSubscription.id)
    ).all()


def known_subscription(session: Session, subscription_id: int) -> DigestSubscription:
    """Return a subscription.

    Raises:
        DigestNotFound: there is none.
    """
    known = session.get(DigestSubscription, subscription_id)
    if known is None:
        raise DigestNotFound(f"There is no digest {subscription_id}.")
    return known


def unsubscribe(session: Session, subscription_id: int) -> DigestSubscription:
    """Remove a subscription; return what it was.

    Raises:
        DigestNotFound: there is none.
    """
    known = known_subscription(session, subscription_id)
    session.delete(known)
    session.flush()
    return known


def change(
    session: Session, known: DigestSubscription, new: NewDigest, *, now: datetime
) -> None:
    """Put another in the place of a subscription.

    Its next time is moved only where that follows: what is due is not left out.
    """
    before = wanted_by(known)
    known.address, known.account_id = new.address, new.account_id
    known.language = new.language
    if (before.frequency, before.zone, before.hour) != (
        *(new.frequency, new.zone, new.hour),
    ):
        known.frequency, known.zone, known.hour = str(new.frequency), new.zone, new.hour
        known.next_at = next_time(new, after=now)
    session.flush()


def wanted_by(one: DigestSubscription) -> NewDigest:
    return NewDigest(
        one.address,
        Frequency(one.frequency),
        one.account_id,
        one.zone,
        one.hour,
        one.language,
    )


def due_subscriptions(
    session: Session, *, now: datetime
) -> Sequence[DigestSubscription]:
    """Those whose time has come, the longest waiting first."""
    query = select(DigestSubscription).where(DigestSubscription.next_at <= now)
    return session.scalars(
        query.order_by(DigestSubscription.next_at).limit(AT_ONCE)
    ).all()


def claim(session: Session, one: DigestSubscription, *, now: datetime) -> bool:
    """Move a subscription to its next time; whether it is ours to send for this one.

    False: another process did, or it is gone, or too late. Whoever sends puts the
    letter into the outbox in this same transaction.
    """
    values: dict[str, datetime] = {"next_at": next_time(wanted_by(one), after=now)}
    in_time = now - one.next_at <= TOO_LATE
    if in_time:
        values["last_sent_at"] = now
    done = session.execute(
        update(DigestSubscription)
        .where(
            DigestSubscription.id == one.id,
            DigestSubscription.next_at == one.next_at,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return in_time and bool(done.rowcount)  # type: ignore[attr-defined] # an UPDATE has one
