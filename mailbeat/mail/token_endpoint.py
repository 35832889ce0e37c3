"""What a provider answers where tokens are asked for, read with care.

Nothing that it says gets into an error: it may repeat what it was sent.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from mailbeat.mail.deadline import Deadline, never
from mailbeat.mail.errors import (
    ConnectFailed,
    DeadlineExceeded,
    ServerBusy,
    Throttled,
    TLSFailed,
)
from mailbeat.mail.https import ask
from mailbeat.mail.id_token import addresses_in
from mailbeat.mail.oauth_clients import Client, ClientRefused

WITHIN = 15.0  # seconds for one question to a provider
MAX_TOKEN = 16_384  # characters; Microsoft's have some 2,000
USUAL_LIFE = 3600  # seconds, where the provider does not tell
SHORTEST, LONGEST = 60, 86_400  # seconds that we believe
TOKEN = re.compile(r"[\x21-\x7e]+")

Told = Mapping[str, Any]

# Only the operator can mend these.
_MISREGISTERED = frozenset(
    {"invalid_client", "unauthorized_client", "invalid_scope", "invalid_request"}
    | {"unsupported_grant_type", "unsupported_response_type", "access_denied"}
)
_TOO_MANY = 429
_FAULT = 500


@dataclass(frozen=True, slots=True)
class Tokens:
    """`addresses` are those of who signed in, in lower case, if the provider told."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    seconds: int  # that the access token is good for
    addresses: frozenset[str] = frozenset()


def post(
    client: Client, url: str, body: str, *, is_stopped: Callable[[], bool] = never
) -> Told:
    """Post a form, and return the JSON object that comes back, empty if none does.

    It may be an error: see `raise_error`.

    Raises:
        Throttled: there were too many.
        ServerBusy: the provider is in trouble.
        ConnectFailed: or cannot be reached.
    """
    title = client.provider.title
    try:
        answer = ask(
            url,
            Deadline(WITHIN, is_stopped=is_stopped),
            form=body.encode(),
            headers={"Accept": "application/json"},
            networks=client.networks,
        )
    except ServerBusy:
        raise unreadable(client) from None
    except TLSFailed:
        raise TLSFailed(
            f"The certificate of {urlsplit(url).hostname} could not be verified, so "
            f"Mailbeat did not talk to {title}. Check the clock and the certificates "
            "of the machine that Mailbeat runs on."
        ) from None
    except (ConnectFailed, DeadlineExceeded):
        raise ConnectFailed(
            f"{title} ({urlsplit(url).hostname}) did not answer, so there is no new "
            "access to the mailbox yet. Mailbeat tries again at the next run; if it "
            "lasts, check that this machine reaches that host."
        ) from None
    if answer.status == _TOO_MANY:
        raise Throttled(
            f"{title} wants fewer questions from this installation. Mailbeat tries "
            "again later."
        )
    if answer.status >= _FAULT:
        raise ServerBusy(
            f"{title} could not give new access to the mailbox just now. Mailbeat "
            "tries again at the next run."
        )
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def error_of(told: Told) -> str | None:
    """The provider's word for what is wrong (RFC 6749, 5.2)."""
    error = told.get("error")
    return error if isinstance(error, str) else None


def raise_error(client: Client, told: Told) -> None:
    """Raise what an error means that is nobody's but the provider's or ours.

    Raises:
        ClientRefused: the installation's registration is wrong.
        ServerBusy: for every other error.
    """
    error = error_of(told)
    if error in _MISREGISTERED:
        raise ClientRefused(
            f"{client.provider.title} does not accept how this installation is "
            f"registered there. The operator has to check "
            f"{client.provider.client_id_variable} and what belongs to it; "
            "docs/operating.md says how. Mailbeat tries again at the next run."
        )
    if error is not None:
        raise ServerBusy(
            f"{client.provider.title} could not give access to the mailbox just now. "
            "Mailbeat tries again at the next run."
        )


def tokens_in(client: Client, told: Told) -> Tokens:
    """Return the tokens that a provider gave.

    Raises:
        ClientRefused: as `raise_error`.
        ServerBusy: as well, or there are none.
    """
    raise_error(client, told)
    access_token = token_in(told, "access_token")
    if access_token is None or str(told.get("token_type", "")).lower() != "bearer":
        raise unreadable(client)
    return Tokens(
        access_token,
        token_in(told, "refresh_token"),
        bounded(told.get("expires_in"), USUAL_LIFE, SHORTEST, LONGEST),
        addresses_in(
            told.get("id_token"),
            client_id=client.client_id,
            issuer=client.provider.issuer,
        ),
    )


def token_in(told: Told, name: str) -> str | None:
    token = told.get(name)
    if not isinstance(token, str) or len(token) > MAX_TOKEN:
        return None
    return token if TOKEN.fullmatch(token) else None


def bounded(told: object, usual: int, least: int, most: int) -> int:
    try:
        seconds = int(str(told))
    except (TypeError, ValueError, OverflowError):
        return usual
    return max(least, min(seconds, most))


def unreadable(client: Client) -> ServerBusy:
    return ServerBusy(
        f"{client.provider.title} answered what Mailbeat cannot read. Mailbeat tries "
        "again at the next run."
    )
