"""Browsers that were sent to an OAuth provider and have not come back.

What a browser comes back with names a `state`; only its hash is kept. It is good for
one use, for ten minutes, and for who began. The PKCE verifier never leaves us until
the code is redeemed.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mailbeat.db.models import PendingSignIn

GOOD_FOR = timedelta(minutes=10)
MAX_STATE = 200  # characters; longer ones are not ours
AT_ONCE = 100  # sign-ins that one owner may have begun


@dataclass(frozen=True, slots=True)
class NewMailbox:
    """Of an account that is not there yet."""

    email_address: str
    host: str
    port: int
    security: str
    username: str
    mailbox: str
    label_prefix: str
    interval_seconds: int | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that began, for an account or, with `new`, for one to be added."""

    provider: str
    redirect_uri: str
    verifier: str = field(repr=False)
    account_id: int | None = None
    new: NewMailbox | None = None


def owner_of(session_id: int) -> str:
    """How a browser's session is named here."""
    return f"session {session_id}"


def remember(
    session: Session, state: str, pending: Pending, *, owner: str, now: datetime
) -> None:
    """Write down a sign-in that begins; the oldest of too many are forgotten."""
    session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at <= now))
    _make_room(session, owner)
    details = {
        "redirect_uri": pending.redirect_uri,
        "verifier": pending.verifier,
        "new": asdict(pending.new) if pending.new else None,
    }
    session.add(
        PendingSignIn(
            state_hash=_hash(state),
            owner=owner,
            account_id=pending.account_id,
            provider=pending.provider,
            details=json.dumps(details),
            expires_at=now + GOOD_FOR,
        )
    )
    session.flush()


def _make_room(session: Session, owner: str) -> None:
    mine = PendingSignIn.owner == owner
    count = session.scalar(select(func.count()).where(mine)) or 0
    if count >= AT_ONCE:
        oldest = select(PendingSignIn.id).where(mine).order_by(PendingSignIn.id)
        surplus = oldest.limit(count - AT_ONCE + 1)
        session.execute(delete(PendingSignIn).where(PendingSignIn.id.in_(surplus)))


def take(session: Session, state: str, *, owner: str, now: datetime) -> Pending | None:
    """Use a sign-in up; None when it is unknown, spent, too old or another's.

    One DELETE decides, so that of two at once only one succeeds.
    """
    if len(state) > MAX_STATE:
        return None
    row = session.execute(
        delete(PendingSignIn)
        .where(
            PendingSignIn.state_hash == _hash(state),
            PendingSignIn.owner == owner,
            PendingSignIn.expires_at > now,
        )
        .returning(
            PendingSignIn.provider, PendingSignIn.account_id, PendingSignIn.details
        )
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return None
    details = json.loads(row.details)
    new = details["new"]
    return Pending(
        provider=row.provider,
        redirect_uri=details["redirect_uri"],
        verifier=details["verifier"],
        account_id=row.account_id,
        new=NewMailbox(**new) if new else None,
    )


def _hash(state: str) -> bytes:
    return hashlib.sha256(state.encode(errors="surrogatepass")).digest()
