"""Writes the digests that are due, and one that somebody wants to see at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy.orm import Session

from mailbeat.db import digests, outbox
from mailbeat.db.busy_hours import zone_named
from mailbeat.db.clock import database_now
from mailbeat.db.digests import SPANS, Frequency, NewDigest
from mailbeat.db.models import DigestSubscription
from mailbeat.db.session import Sessions, transaction
from mailbeat.digest.content import gather
from mailbeat.digest.letter import Letter, write_letter
from mailbeat.digest.unsubscribing import make_token
from mailbeat.language import tongue_of
from mailbeat.notify.channel import Note


@dataclass(frozen=True, slots=True)
class Way:
    """A letter to one reader, as the outbox knows it."""

    key: str
    shown: str


def unsubscribe_url(
    public_url: str | None,
    secret_keys: Sequence[str],
    subscription_id: int,
    address: str,
) -> str | None:
    """Where one click ends it; None where nobody could reach us."""
    if public_url is None or not secret_keys:
        return None
    token = make_token(secret_keys, subscription_id, address)
    return f"{public_url.rstrip('/')}/unsubscribe/{token}"


def letter_of(
    session: Session,
    wanted: NewDigest,
    *,
    now: datetime,
    public_url: str | None,
    unsubscribe: str | None,
) -> Letter:
    """What such a digest says at this moment."""
    content = gather(
        session,
        since=now - SPANS[wanted.frequency],
        until=now,
        account_id=wanted.account_id,
    )
    return write_letter(
        content,
        zone=zone_named(wanted.zone),
        weekly=wanted.frequency is Frequency.WEEKLY,
        public_url=public_url,
        unsubscribe_url=unsubscribe,
        tongue=tongue_of(wanted.language),
    )


def note_of(one: DigestSubscription, letter: Letter, unsubscribe: str | None) -> Note:
    headers = {"List-Id": "Mailbeat digest <digest.mailbeat>"}
    # RFC 8058: only https may be posted to without asking.
    if unsubscribe is not None:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        if urlsplit(unsubscribe).scheme == "https":
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return Note(
        id=str(uuid4()),
        title=letter.title,
        text=letter.text,
        html=letter.html,
        to=(one.address,),
        headers=headers,
    )


def way_to(one: DigestSubscription) -> Way:
    return Way(f"digest-{one.id}", f"Mail to {one.address}")


def written(
    session: Session,
    one: DigestSubscription,
    *,
    now: datetime,
    public_url: str | None,
    secret_keys: Sequence[str],
) -> Note:
    """Write the letter to a subscriber, with the link that ends it."""
    link = unsubscribe_url(public_url, secret_keys, one.id, one.address)
    letter = letter_of(
        session,
        digests.wanted_by(one),
        now=now,
        public_url=public_url,
        unsubscribe=link,
    )
    return note_of(one, letter, link)


def put_letter(
    session: Session,
    one: DigestSubscription,
    *,
    now: datetime,
    public_url: str | None,
    secret_keys: Sequence[str],
) -> str:
    """Write one and put it into the outbox; return the id of the message."""
    note = written(
        session, one, now=now, public_url=public_url, secret_keys=secret_keys
    )
    outbox.put(
        session,
        [way_to(one)],
        kind=outbox.DIGEST,
        message_id=note.id,
        title=note.title,
        payload=note.as_text(),
        now=now,
    )
    return note.id


def send_due(
    sessions: Sessions,
    *,
    public_url: str | None,
    secret_keys: Sequence[str],
    now: datetime | None = None,
) -> int:
    """Put what is due into the outbox, each with its claim in one transaction.

    A process that dies here has done both or nothing. Returns how many those were.
    """
    with sessions() as session:
        due = digests.due_subscriptions(session, now=now or database_now(session))
    letters = 0
    for one in due:
        with transaction(sessions) as session:
            at = now or database_now(session)
            if digests.claim(session, one, now=at):
                put_letter(
                    session,
                    one,
                    now=at,
                    public_url=public_url,
                    secret_keys=secret_keys,
                )
                letters += 1
    return letters
