"""Tokens that end one subscription and do nothing else, without signing in (RFC 8058).

One is an id and an HMAC of it and the address, so it cannot be guessed, fits no other
subscription, and is of no use after the address was removed. It never expires: a link
in an old mail must still end what it came from.
"""

import hashlib
import hmac
from collections.abc import Sequence

PURPOSE = b"mailbeat digest unsubscribe v1"
LONGEST = 100  # characters


def make_token(secret_keys: Sequence[str], subscription_id: int, address: str) -> str:
    return f"{subscription_id}.{_mac(secret_keys[0], subscription_id, address)}"


def id_in(token: str) -> int | None:
    """The id that a token names, which proves nothing yet."""
    number, dot, _ = token.partition(".")
    is_number = number.isascii() and number.isdigit() and len(number) < 10  # noqa: PLR2004 # 32 bits
    return int(number) if dot and is_number and len(token) <= LONGEST else None


def is_token_of(
    token: str, secret_keys: Sequence[str], subscription_id: int, address: str
) -> bool:
    """Whether it was made for this, with any of the keys: keys are rotated."""
    told = token.partition(".")[2].encode()
    good = [_mac(key, subscription_id, address).encode() for key in secret_keys]
    return any(hmac.compare_digest(told, one) for one in good)


def _mac(key: str, subscription_id: int, address: str) -> str:
    derived = hmac.new(key.encode(), PURPOSE, hashlib.sha256).digest()
    said = f"{subscription_id}\n{address}".encode()
    return hmac.new(derived, said, hashlib.sha256).hexdigest()
