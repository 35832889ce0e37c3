"""Browser sessions and single-use tickets; of both only a hash is kept."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from mailbeat.db.models import PendingSignIn, SignInSession, Ticket
from mailbeat.db.pending import owner_of as pending_owner

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=7)
# `last_seen_at` is written at most this often.
SEEN_PRECISION = timedelta(minutes=1)
MAX_TOKEN = 100  # characters; longer ones are not ours
LISTED = 100  # sessions at most in a list of them
BITE = 500  # sessions ended by one statement


def start_session(session: Session, *, key_id: str, scope: str, now: datetime) -> str:
    """Sign a browser in and return the token for its cookie."""
    token = token_urlsafe(32)
    session.add(
        SignInSession(
            token_hash=_hash(token),
            key_id=key_id,
            scope=scope,
            created_at=now,
            last_seen_at=now,
            expires_at=now + ABSOLUTE,
        )
    )
    session.flush()
    return token


def find_session(
    session: Session, token: str, *, now: datetime
) -> SignInSession | None:
    """Return the session of a cookie, unless it was idle or lasted too long."""
    if len(token) > MAX_TOKEN:
        return None
    return session.scalar(
        select(SignInSession).where(
            SignInSession.token_hash == _hash(token),
            SignInSession.expires_at > now,
            SignInSession.last_seen_at > now - IDLE,
        )
    )


def live_sessions(session: Session, ids: Collection[int], *, now: datetime) -> set[int]:
    """Return those of `ids` that have not ended."""
    return set(
        session.scalars(
            select(SignInSession.id).where(
                SignInSession.id.in_(ids),
                SignInSession.expires_at > now,
                SignInSession.last_seen_at > now - IDLE,
            )
        )
    )


def note_seen(session: Session, session_id: int, *, now: datetime) -> None:
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(last_seen_at=now)
    )


def seen_is_news(found: SignInSession, now: datetime) -> bool:
    """Whether `last_seen_at` is old enough to be written again."""
    return now - found.last_seen_at >= SEEN_PRECISION


def end_session(session: Session, session_id: int) -> None:
    """End a session, with the tickets that it bought and the sign-ins that it began."""
    _end_all(session, [session_id])


def list_sessions(
    session: Session, key_ids: Collection[str], *, now: datetime, limit: int = LISTED
) -> list[SignInSession]:
    """Sessions of these keys that have not ended, those seen last first."""
    return list(
        session.scalars(
            select(SignInSession)
            .where(*_of_keys(key_ids, now))
            .order_by(SignInSession.last_seen_at.desc(), SignInSession.id.desc())
            .limit(limit)
        )
    )


def end_one_of(
    session: Session, session_id: int, key_ids: Collection[str], *, now: datetime
) -> bool:
    """End a session if it is one of these keys; False when it is none, or has ended."""
    its_id = SignInSession.id == session_id
    found = session.scalar(
        select(SignInSession.id).where(its_id, *_of_keys(key_ids, now))
    )
    if found is None:
        return False
    _end_all(session, [session_id])
    return True


def end_others(
    session: Session, keep: int | None, key_ids: Collection[str], *, now: datetime
) -> int:
    """End all sessions of these keys but `keep`; return how many there were."""
    others = [
        found
        for found in session.scalars(
            select(SignInSession.id).where(*_of_keys(key_ids, now))
        )
        if found != keep
    ]
    for start in range(0, len(others), BITE):
        _end_all(session, others[start : start + BITE])
    return len(others)


def _of_keys(
    key_ids: Collection[str], now: datetime
) -> tuple[ColumnElement[bool], ...]:
    return (
        SignInSession.key_id.in_(key_ids),
        SignInSession.expires_at > now,
        SignInSession.last_seen_at > now - IDLE,
    )


def _end_all(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(SignInSession).where(SignInSession.id.in_(ids)))
    session.execute(delete(Ticket).where(Ticket.session_id.in_(ids)))
    owners = PendingSignIn.owner.in_([pending_owner(one) for one in ids])
    session.execute(delete(PendingSignIn).where(owners))


def issue_ticket(
    session: Session,
    *,
    purpose: str,
    key_id: str,
    scope: str,
    now: datetime,
    ttl: timedelta,
    session_id: int | None = None,
) -> str:
    """Return a token that is good once. `purpose` is `sign_in` or `websocket`.

    `session_id` is the browser's that buys it, if it is one.
    """
    token = token_urlsafe(32)
    session.add(
        Ticket(
            token_hash=_hash(token),
            purpose=purpose,
            key_id=key_id,
            scope=scope,
            expires_at=now + ttl,
            session_id=session_id,
        )
    )
    session.flush()
    return token


def redeem_ticket(
    session: Session, token: str, *, purpose: str, now: datetime
) -> Ticket | None:
    """Use a ticket up; None when it is unknown, spent, too old or for something else.

    One DELETE decides, so that of two at once only one succeeds.
    """
    if len(token) > MAX_TOKEN:
        return None
    row = session.execute(
        delete(Ticket)
        .where(
            Ticket.token_hash == _hash(token),
            Ticket.purpose == purpose,
            Ticket.expires_at > now,
        )
        .returning(Ticket.key_id, Ticket.scope, Ticket.expires_at, Ticket.session_id)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return None
    return Ticket(
        purpose=purpose,
        key_id=row.key_id,
        scope=row.scope,
        expires_at=row.expires_at,
        session_id=row.session_id,
    )


def forget_ended(session: Session, *, now: datetime) -> None:
    """Delete sessions and tickets that are over."""
    over = or_(
        SignInSession.expires_at <= now, SignInSession.last_seen_at <= now - IDLE
    )
    session.execute(delete(SignInSession).where(over))
    session.execute(delete(Ticket).where(Ticket.expires_at <= now))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
