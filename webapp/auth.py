"""Who asks: a key in a header, or a browser's session. Nobody else gets past here."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from secrets import token_hex
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit, urlunsplit

import structlog
from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadHost, BadRequest, Forbidden, Unauthorized

from mailbeat.db import api_keys, sign_in
from mailbeat.db.api_keys import LOOKS_LIKE_A_KEY, Scope
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from mailbeat.settings import Settings
from webapp.attempts import WINDOW, TooMany, attempts
from webapp.errors import Problem, for_programs
from webapp.language import N_, _
from webapp.metrics import opens_metrics
from webapp.parts import parts
from webapp.security import is_https, refuse_foreign_pages

BOOTSTRAP = "bootstrap"  # the id of MAILBEAT_API_KEY
MAX_KEY = 200  # characters
MAX_PATH = 2000  # characters of a path that one is led back to
# Looked up in place of what can be no key, so that every failure takes as long.
NO_KEY = f"mb_{'0' * 12}_{'0' * 43}"
TOO_MANY = N_("Too many attempts. Wait a minute.")
# Whoever has the token of a digest may end that digest: see digest_pages.py.
UNSUBSCRIBE = "/unsubscribe/"
# A browser asks for the manifest without its cookie.
OPEN = frozenset({"/login", "/healthz", "/readyz", "/manifest.webmanifest"})

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what they may do. `session_id` is None for a key in a header."""

    key_id: str
    scope: Scope
    session_id: int | None = None


def require_sign_in(app: Flask) -> None:
    """Answer nobody but those with a key or a session, except on a few paths."""

    @app.before_request
    def check() -> ResponseReturnValue | None:
        g.request_id = token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        if "\0" in request.path or "%00" in request.query_string.decode("latin-1"):
            raise BadRequest(_("The address holds a NUL, which no name of ours does."))
        if isinstance(request.routing_exception, BadHost):
            raise request.routing_exception  # no address of ours can be built from it
        if request.path.startswith("/static/") or request.path in OPEN:
            return None
        if opens_metrics(parts().settings):
            return None
        if request.path.startswith(UNSUBSCRIBE):
            return None
        g.caller = find_caller()
        if g.caller is None and not _comes_by_ticket():
            if for_programs() and not _is_navigation():
                raise Unauthorized(
                    "Send a valid key as `X-API-Key` or `Authorization: Bearer`, or "
                    "sign in.",
                    www_authenticate=WWWAuthenticate("bearer"),
                )
            return redirect(url_for("sign_in.page", next=wanted_page()), 303)
        if g.caller is not None and g.caller.session_id is not None:
            refuse_foreign_pages()
        return None


def _comes_by_ticket() -> bool:
    """Whether a page of another origin buys a ticket, or comes with one.

    Its preflight has no key yet (Fetch, 4.8), and the ticket is looked at in
    live/socket.py.
    """
    if request.path == "/ws/status":
        return "ticket" in request.args
    return request.path == "/api/ws-ticket" and request.method == "OPTIONS"


def _is_navigation() -> bool:
    """Whether a person opened this address: browsers that say so, or ask for HTML.

    Over plain http they leave out what they would say (Fetch Metadata, 4). With a key
    it is a program, whatever it asks for.
    """
    if request.method != "GET" or _key_in_headers() is not None:
        return False
    destination = request.headers.get("Sec-Fetch-Dest")
    if destination is not None:
        return destination == "document"
    return "text/html" in request.accept_mimetypes.values()


def wanted_page() -> str | None:
    """Where a browser is led after it signed in; from a form, to the form's page."""
    if request.method != "GET":
        return _page_of_form()
    return None if request.path == "/" else request.full_path.removesuffix("?")


def _page_of_form() -> str | None:
    try:
        page = urlsplit(request.referrer or "")
    except ValueError:
        return None
    target = urlunsplit(("", "", page.path, page.query, ""))
    is_ours = page.netloc == request.host and is_own_path(target)
    return target if is_ours and target != "/" else None


def requires(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Answer 403 to callers with a lesser scope than `scope`."""
    least = Scope(scope)

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            caller: Caller = g.caller
            if not caller.scope.includes(least):
                log.warning(
                    "scope_refused", key=caller.key_id, needs=scope, path=request.path
                )
                raise Forbidden(
                    _("This needs a key with the scope `%(scope)s`.", scope=scope)
                )
            return view(*args, **kwargs)

        return checked

    return decorate


def find_caller() -> Caller | None:
    """Return who asks. A wrong key is refused even beside a good session.

    Raises:
        Problem: 429, for too many keys from this address were wrong.
    """
    key = _key_in_headers()
    if key is not None:
        try:
            return find_by_key(key)
        except TooMany:
            raise Problem(
                429, "too_many_attempts", TOO_MANY, retry_after=WINDOW
            ) from None
    token = request.cookies.get(cookie_name())
    return None if not token else _find_by_session(token)


def find_by_key(text: str) -> Caller | None:
    """Return whose key this is; None was counted as a failure of who asks.

    Raises:
        TooMany: too many keys from this address were wrong.
    """
    caller = attempts().judge(
        request.remote_addr or "",
        text,
        lambda: _look_up(text),
        # Issued ones are 256 random bits.
        can_be_guessed=lambda caller: caller.key_id == BOOTSTRAP,
    )
    if caller is None:
        log.warning("key_refused", address=request.remote_addr, path=request.path)
    return caller


def _look_up(text: str) -> Caller | None:
    """Every failure costs the same: two comparisons and one look into the database."""
    built = parts()
    if len(text) > MAX_KEY:
        text = NO_KEY
    if is_bootstrap(text, built.settings):
        return Caller(BOOTSTRAP, Scope.ADMIN)
    if not LOOKS_LIKE_A_KEY.fullmatch(text):
        text = NO_KEY
    with built.sessions() as session:
        now = database_now(session)
        key = api_keys.find_key(session, text, now=now)
    if key is None:
        return None
    if api_keys.use_is_news(key, now):
        with transaction(built.sessions) as session:
            api_keys.note_use(session, key.key_id, now=now)
    return Caller(key.key_id, Scope(key.scope))


def _find_by_session(token: str) -> Caller | None:
    built = parts()
    with built.sessions() as session:
        now = database_now(session)
        found = sign_in.find_session(session, token, now=now)
        if found is None or found.key_id not in valid_keys(
            session, built.settings, now
        ):
            return None
    if sign_in.seen_is_news(found, now):
        with transaction(built.sessions) as session:
            sign_in.note_seen(session, found.id, now=now)
    # What a page or the audit log shows is the plain name, without the fingerprint.
    key_id = found.key_id.partition("-")[0]
    return Caller(key_id, Scope(found.scope), found.id)


def valid_keys(session: Session, settings: Settings, now: datetime) -> set[str]:
    """Ids of the keys that open something at this moment."""
    valid = api_keys.valid_key_ids(session, now=now)
    if settings.mailbeat_api_key is not None:
        valid |= {BOOTSTRAP, stored_key_id(BOOTSTRAP, settings)}
    return valid


def stored_key_id(key_id: str, settings: Settings) -> str:
    """The id under which a session remembers its key.

    A session of MAILBEAT_API_KEY ends when that is changed, so its id names the key's
    fingerprint too: 32 bits of the hash of a hash, which give nothing away.
    """
    if key_id != BOOTSTRAP or settings.mailbeat_api_key is None:
        return key_id
    secret = settings.mailbeat_api_key.get_secret_value().encode()
    return f"{BOOTSTRAP}-{hashlib.sha256(_hash(secret)).hexdigest()[:8]}"


def is_bootstrap(text: str, settings: Settings) -> bool:
    if settings.mailbeat_api_key is None:
        return False
    # Bytes: compare_digest() raises for text that is not ASCII.
    known = _hash(settings.mailbeat_api_key.get_secret_value().encode())
    return hmac.compare_digest(known, _hash(text.encode(errors="surrogatepass")))


def cookie_name() -> str:
    """`__Host-` binds a cookie to https and this very host (RFC 6265bis, 4.1.3)."""
    return "__Host-mailbeat" if is_https(request, parts().settings) else "mailbeat"


def is_own_path(target: str | None) -> bool:
    """Whether a `next` leads to a page of ours, whatever a browser makes of it."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return False
    if len(target) > MAX_PATH or "\\" in target or not target.isprintable():
        return False
    if " " in target:
        return False
    split = urlsplit(target)
    return not split.netloc and not split.scheme


def _key_in_headers() -> str | None:
    key = request.headers.get("X-API-Key")
    if key is not None:
        return key
    authorization = request.authorization
    if authorization is not None:
        return (authorization.token or "") if authorization.type == "bearer" else ""
    return "" if "Authorization" in request.headers else None


def _hash(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
