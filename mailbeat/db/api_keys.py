"""API keys: issued once, kept as a hash, looked up by their id."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_hex, token_urlsafe

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from mailbeat.db.models import APIKey, SignInSession, Ticket

# Written down at most this often: a key in steady use would else cost a write for
# every request.
USED_PRECISION = timedelta(minutes=1)
LOOKS_LIKE_A_KEY = re.compile(r"mb_[0-9a-f]{12}_[0-9A-Za-z_-]{43}")


class KeyNotFound(Exception):
    pass


class Scope(StrEnum):
    """What a key may do; each scope includes the one before it."""

    READ = "read"
    CONTROL = "control"
    ADMIN = "admin"

    def includes(self, other: "Scope") -> bool:
        order = list(Scope)
        return order.index(self) >= order.index(other)


def issue_key(
    session: Session,
    *,
    name: str,
    scope: Scope,
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[APIKey, str]:
    """Store a new key; its text is returned here and never again."""
    secret = token_urlsafe(32)  # 256 bits, so that a fast hash is right
    key = APIKey(
        key_id=token_hex(6),
        secret_hash=_hash(secret),
        name=name,
        scope=str(scope),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(key)
    session.flush()
    return key, f"mb_{key.key_id}_{secret}"


def find_key(session: Session, text: str, *, now: datetime) -> APIKey | None:
    """Return the valid key whose text this is."""
    if not LOOKS_LIKE_A_KEY.fullmatch(text):
        return None
    _, key_id, secret = text.split("_", 2)
    key = session.scalar(select(APIKey).where(APIKey.key_id == key_id))
    # An unknown id costs the same comparison as a wrong secret.
    known = key.secret_hash if key is not None else bytes(32)
    if not hmac.compare_digest(known, _hash(secret)) or key is None:
        return None
    return key if is_valid(key, now) else None


def is_valid(key: APIKey, now: datetime) -> bool:
    expired = key.expires_at is not None and key.expires_at <= now
    return key.revoked_at is None and not expired


def valid_key_ids(session: Session, *, now: datetime) -> set[str]:
    return set(
        session.scalars(
            select(APIKey.key_id).where(
                APIKey.revoked_at.is_(None),
                or_(APIKey.expires_at.is_(None), APIKey.expires_at > now),
            )
        )
    )


def note_use(session: Session, key_id: str, *, now: datetime) -> None:
    session.execute(
        update(APIKey).where(APIKey.key_id == key_id).values(last_used_at=now)
    )


def use_is_news(key: APIKey, now: datetime) -> bool:
    """Whether `last_used_at` is old enough to be written again."""
    return key.last_used_at is None or now - key.last_used_at >= USED_PRECISION


def list_keys(session: Session) -> list[APIKey]:
    return list(session.scalars(select(APIKey).order_by(APIKey.id)))


def revoke_key(session: Session, key_id: str, *, now: datetime) -> APIKey:
    """End a key, the sessions that were opened with it, and its tickets.

    Raises:
        KeyNotFound: there is none.
    """
    key = session.scalar(select(APIKey).where(APIKey.key_id == key_id))
    if key is None:
        raise KeyNotFound(
            f"There is no key {key_id[:32]!r}. `mailbeat key list` shows them."
        )
    key.revoked_at = key.revoked_at or now
    session.execute(delete(SignInSession).where(SignInSession.key_id == key_id))
    session.execute(delete(Ticket).where(Ticket.key_id == key_id))
    session.flush()
    return key


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
