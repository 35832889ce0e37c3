"""Signing in at Google or Microsoft instead of with a password (OAuth 2.0, RFC 6749).

The person signs in at the provider, which gives us a refresh token; with that we get,
for about an hour each, access tokens that open the mailbox (XOAUTH2).

Protocol only: what is stored, and when a token is renewed, is in `signing_in.py`.
No token, and nothing that a provider says, gets into an error.
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from mailbeat.mail.deadline import never
from mailbeat.mail.errors import AuthFailed, MailError, ServerBusy
from mailbeat.mail.id_token import are_of_one_person
from mailbeat.mail.oauth_clients import (
    GOOGLE,
    MICROSOFT,
    PROVIDERS,
    Client,
    ClientRefused,
    Clients,
    Provider,
    client_of,
    clients_of,
)
from mailbeat.mail.token_endpoint import (
    TOKEN,
    WITHIN,
    Tokens,
    bounded,
    error_of,
    post,
    raise_error,
    token_in,
    tokens_in,
    unreadable,
)

__all__ = [
    "DEVICE_SECONDS",
    "GOOGLE",
    "MICROSOFT",
    "PROVIDERS",
    "WITHIN",
    "Authorization",
    "Client",
    "ClientRefused",
    "Clients",
    "DeviceCode",
    "Provider",
    "Tokens",
    "ask_device",
    "begin",
    "begin_device",
    "client_of",
    "clients_of",
    "code_in",
    "redeem",
    "refresh",
    "require_address",
    "sign_in_again",
]

MAX_CODE = 4096  # characters
DEVICE_SECONDS = 5  # between two questions, where the provider does not tell (RFC 8628)

# Only a person can help, by signing in.
_GONE = frozenset(
    {"invalid_grant", "interaction_required", "consent_required", "login_required"}
)

_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]")

IsStopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Authorization:
    """A sign-in that began: `url` is for the person, the rest is ours."""

    url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)  # of PKCE (RFC 7636)


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A person types `user_code` at `where`, on any machine with a browser."""

    device_code: str = field(repr=False)
    user_code: str
    where: str
    seconds: int  # that the codes are good for
    interval: int  # seconds between two questions


# Signing in


def begin(client: Client, *, redirect_uri: str, address: str = "") -> Authorization:
    """Begin a sign-in in a browser, which ends at `redirect_uri`."""
    provider = client.provider
    state, verifier = generate_token(43), generate_token(64)
    more = dict(provider.more)
    if address:
        more["login_hint"] = address
    url = prepare_grant_uri(
        provider.authorization_endpoint,
        client_id=client.client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=" ".join(provider.scopes),
        state=state,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        **more,
    )
    return Authorization(str(url), state, verifier)


def code_in(client: Client, answer: Mapping[str, str], *, state: str) -> str:
    """Return the code out of what a browser came back with.

    Raises:
        AuthFailed: it is of another sign-in, or the provider said no.
    """
    title = client.provider.title
    told = answer.get("state", "").encode(errors="surrogatepass")
    if not hmac.compare_digest(told, state.encode()):
        raise AuthFailed(
            f"This answer of {title} belongs to another sign-in. Start again."
        )
    issuer = answer.get("iss")  # RFC 9207
    if issuer is not None and not re.fullmatch(client.provider.issuer, issuer):
        raise AuthFailed(f"This answer does not come from {title}. Start again.")
    if "error" in answer:
        raise _refused_by_person(client, answer["error"])
    code = answer.get("code", "")
    if not code or len(code) > MAX_CODE or not TOKEN.fullmatch(code):
        raise AuthFailed(f"The answer of {title} has no code in it. Start again.")
    return code


def _refused_by_person(client: Client, error: str) -> MailError:
    title = client.provider.title
    if error in {"server_error", "temporarily_unavailable"}:
        return ServerBusy(f"{title} could not serve us just now. Try again.")
    if error == "access_denied":
        return AuthFailed(
            f"{title} was not allowed to let Mailbeat in. Sign in again, and allow it "
            "to read mail."
        )
    return AuthFailed(
        f"{title} did not accept this sign-in. Check {client.provider.name.upper()}"
        "_CLIENT_ID and the redirect address that is registered there, and try again."
    )


def redeem(
    client: Client,
    code: str,
    *,
    verifier: str,
    redirect_uri: str,
    is_stopped: IsStopped = never,
) -> Tokens:
    """Turn the code of a sign-in into tokens.

    Raises:
        AuthFailed: the code is not good any more, or gave no lasting access.
        ClientRefused: the installation's registration is wrong.
        TemporaryMailError: the provider did not answer, or not with tokens.
    """
    body = prepare_token_request(
        "authorization_code",
        redirect_uri=redirect_uri,
        code=code,
        code_verifier=verifier,
        **_credentials(client),
    )
    told = post(client, client.provider.token_endpoint, body, is_stopped=is_stopped)
    title = client.provider.title
    if error_of(told) in _GONE:
        raise AuthFailed(f"{title} says that this sign-in is too old. Start again.")
    tokens = tokens_in(client, told)
    _require_mail(client.provider, told)
    return _lasting(client, tokens)


def refresh(
    client: Client, refresh_token: str, *, is_stopped: IsStopped = never
) -> Tokens:
    """Get a new access token; a new refresh token may come with it.

    Raises:
        AuthFailed: the person has to sign in again.
        ClientRefused: the installation's registration is wrong.
        TemporaryMailError: the provider did not answer, or not with tokens.
    """
    body = prepare_token_request(
        "refresh_token", refresh_token=refresh_token, **_credentials(client)
    )
    told = post(client, client.provider.token_endpoint, body, is_stopped=is_stopped)
    if error_of(told) in _GONE:
        raise sign_in_again(client.provider)
    return tokens_in(client, told)


def sign_in_again(provider: Provider) -> AuthFailed:
    return AuthFailed(
        f"{provider.title} does not let Mailbeat into this mailbox any more: the "
        "permission has ended or was withdrawn, or the password was changed. Sign in "
        f"again with {provider.title} on the account's page, or with `mailbeat account "
        "sign-in`."
    )


# Without a browser on this machine (RFC 8628)


def begin_device(client: Client) -> DeviceCode:
    """Ask for a code that a person types at the provider's page.

    Raises:
        MailError: as `redeem`.
    """
    assert client.provider.device_endpoint is not None  # noqa: S101 # the caller looked
    asked = {"client_id": client.client_id, "scope": " ".join(client.provider.scopes)}
    told = post(client, client.provider.device_endpoint, urlencode(asked))
    raise_error(client, told)
    device_code = token_in(told, "device_code")
    where = told.get("verification_uri")
    user_code = told.get("user_code")
    if not (device_code and isinstance(where, str) and isinstance(user_code, str)):
        raise unreadable(client)
    if not where.startswith("https://") or _NOT_PRINTABLE.search(where + user_code):
        raise unreadable(client)
    return DeviceCode(
        device_code,
        user_code[:40],
        where[:200],
        bounded(told.get("expires_in"), 900, 30, 3600),
        bounded(told.get("interval"), DEVICE_SECONDS, 1, 60),
    )


def ask_device(client: Client, device: DeviceCode) -> Tokens | int:
    """Return tokens, or by how many seconds more one has to wait each time.

    Raises:
        MailError: as `redeem`; `AuthFailed` too when the person said no.
    """
    body = prepare_token_request(
        "urn:ietf:params:oauth:grant-type:device_code",
        device_code=device.device_code,
        **_credentials(client),
    )
    told = post(client, client.provider.token_endpoint, body)
    waits = {"authorization_pending": 0, "slow_down": DEVICE_SECONDS}
    error = error_of(told)
    if error in waits:
        return waits[error]
    if error in {"access_denied", "authorization_declined"}:
        raise _refused_by_person(client, "access_denied")
    if error in {"expired_token", "bad_verification_code", *_GONE}:
        raise AuthFailed(
            f"The code for {client.provider.title} is too old. Start again."
        )
    return _lasting(client, tokens_in(client, told))


def require_address(
    provider: Provider, tokens: Tokens, *, wanted: Sequence[str]
) -> None:
    """Look whether the right person signed in, if the provider told who did.

    Raises:
        AuthFailed: somebody else did.
    """
    if tokens.addresses and not are_of_one_person(tokens.addresses, wanted):
        raise AuthFailed(
            f"Somebody else is signed in at {provider.title}. Choose "
            f"{wanted[0]} there, or sign out first, and start again. Nothing was "
            "stored."
        )


def _require_mail(provider: Provider, told: Mapping[str, object]) -> None:
    """Look whether the person left access to mail ticked, where one may untick it."""
    granted = told.get("scope")
    if provider.may_be_unticked is None or not isinstance(granted, str):
        return
    if provider.may_be_unticked not in granted.split():
        raise AuthFailed(
            f"{provider.title} was not allowed to let Mailbeat read mail. Sign in "
            "again, and tick that permission. Nothing was stored."
        )


def _lasting(client: Client, tokens: Tokens) -> Tokens:
    if tokens.refresh_token is None:
        raise AuthFailed(
            f"{client.provider.title} gave access for an hour only. Sign in again, and "
            "allow access at any time."
        )
    return tokens


def _credentials(client: Client) -> dict[str, str]:
    told = {"client_id": client.client_id}
    if client.client_secret:
        told["client_secret"] = client.client_secret
    return told
