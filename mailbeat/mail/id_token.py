"""Who signed in, as an ID token tells it (OpenID Connect).

It comes from the provider itself over TLS, so its signature need not be checked (OpenID
Connect Core 1.0, 3.1.3.7, point 6).
"""

import base64
import json
import re
from collections.abc import Iterable
from typing import Any


def addresses_in(id_token: Any, *, client_id: str, issuer: str) -> frozenset[str]:
    """Return the addresses of who signed in, in lower case; none if it does not tell.

    A token for another client, or of an issuer that does not match the pattern
    `issuer`, tells nothing.
    """
    claims = _claims(id_token)
    is_ours = claims.get("aud") in (client_id, [client_id])
    if not is_ours or not re.fullmatch(issuer, str(claims.get("iss", ""))[:200]):
        return frozenset()
    names = {"email", "preferred_username", "upn"} & claims.keys()
    if claims.get("email_verified") is False:
        names.discard("email")
    told = [claims[name] for name in names]
    return frozenset(one.lower() for one in told if isinstance(one, str) and "@" in one)


def _claims(id_token: Any) -> dict[str, Any]:
    if not isinstance(id_token, str) or id_token.count(".") != 2:  # noqa: PLR2004 # of a JWT
        return {}
    payload = id_token.split(".")[1]
    try:
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        claims = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def are_of_one_person(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether an address is in both, written one way or the other."""
    return bool({_plain(one) for one in some} & {_plain(one) for one in others})


def _plain(address: str) -> str:
    """An address without what makes no difference; googlemail.com is gmail.com."""
    local, _, domain = address.strip().lower().rpartition("@")
    if domain in {"gmail.com", "googlemail.com"}:
        return f"{local.replace('.', '').partition('+')[0]}@gmail.com"
    return f"{local}@{domain}"
