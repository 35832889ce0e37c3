"""`/login` and `/logout`: a key, or a link that is good once, becomes a session."""

from typing import Any

import structlog
from flask import (
    Blueprint,
    Response,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from jinja2 import TemplateError
from markupsafe import escape
from werkzeug.exceptions import Forbidden

from mailbeat.db import api_keys, audit, sign_in
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from webapp.attempts import WINDOW, TooMany, attempts
from webapp.auth import (
    TOO_MANY,
    Caller,
    cookie_name,
    find_by_key,
    find_caller,
    is_own_path,
    stored_key_id,
    valid_keys,
)
from webapp.language import N_, _, language
from webapp.parts import parts
from webapp.security import is_https, own_origins

REFUSED = N_("That key does not open anything here.")
SPENT = N_("This link was used before, or is too old. Sign in with a key.")

blueprint = Blueprint("sign_in", __name__)
log = structlog.get_logger(__name__)


@blueprint.get("/login")
def page() -> ResponseReturnValue:
    if request.method == "GET" and (once := request.args.get("once")) is not None:
        return _use_link(once)
    if find_caller() is not None:
        return redirect(_next(), 303)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # Whoever follows a link from elsewhere comes without our cookie, which is
        # SameSite=Strict. Asked for again by a page of ours, it is sent.
        return move_on(url_for("sign_in.page", next=_next()))
    return _page(None)


@blueprint.post("/login")
def enter() -> ResponseReturnValue:
    _refuse_foreign_forms()
    try:
        caller = find_by_key(request.form.get("key", "").strip())
    except TooMany:
        return _too_many()
    if caller is None:
        return _page(REFUSED), 401
    response = make_response(redirect(_next(), 303))
    return _begin(caller, response)


@blueprint.post("/logout")
def leave() -> ResponseReturnValue:
    caller: Caller = g.caller
    if caller.session_id is not None:
        with transaction(parts().sessions) as session:
            sign_in.end_session(session, caller.session_id)
        parts().live.put_out()
    response = redirect(url_for("sign_in.page"), 303)
    response.delete_cookie(cookie_name(), **_cookie_options())
    response.headers["Clear-Site-Data"] = '"cache", "cookies"'
    return response


def _use_link(token: str) -> ResponseReturnValue:
    try:
        caller = attempts().judge(
            request.remote_addr or "",
            token,
            lambda: _redeem(token),
            can_be_guessed=lambda _: False,
        )
    except TooMany:
        return _too_many()
    if caller is None:
        log.warning("sign_in_link_refused", address=request.remote_addr)
        return _page(SPENT), 401
    # Not a redirect: see page() about links from elsewhere.
    return _begin(caller, move_on(_next()))


def _redeem(token: str) -> Caller | None:
    built = parts()
    with transaction(built.sessions) as session:
        now = database_now(session)
        ticket = sign_in.redeem_ticket(session, token, purpose="sign_in", now=now)
        valid = valid_keys(session, built.settings, now)
    if ticket is None or ticket.key_id not in valid:
        return None
    return Caller(ticket.key_id, api_keys.Scope(ticket.scope))


def _too_many() -> ResponseReturnValue:
    return _page(TOO_MANY), 429, {"Retry-After": str(WINDOW)}


def _begin(caller: Caller, response: Response) -> Response:
    """Start a new session, never go on with one that was there before."""
    built = parts()
    with transaction(built.sessions) as session:
        now = database_now(session)
        sign_in.forget_ended(session, now=now)
        token = sign_in.start_session(
            session,
            key_id=stored_key_id(caller.key_id, built.settings),
            scope=str(caller.scope),
            now=now,
        )
        audit.record(session, caller.key_id, "session.begin", "browser", now=now)
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(sign_in.ABSOLUTE.total_seconds()),
        **_cookie_options(),
    )
    return response


def _cookie_options() -> dict[str, Any]:
    return {
        "path": "/",
        "httponly": True,
        "samesite": "Strict",
        "secure": is_https(request, parts().settings),
    }


def _next() -> str:
    target = request.values.get("next")
    return target if target is not None and is_own_path(target) else "/"


def _refuse_foreign_forms() -> None:
    """Nobody signs a browser in from another page.

    Raises:
        Forbidden: another page sent the form.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    own = own_origins(request, parts().settings)
    if site not in {"same-origin", "none"} or (origin and origin not in own):
        raise Forbidden(_("This form did not come from our own page."))


def move_on(target: str) -> Response:
    """A page that leads on by itself, as one of ours."""
    where, word = escape(target), escape(_("Continue"))
    return make_response(
        f"<!doctype html><html lang={language()}><title>Mailbeat</title>"
        f'<meta http-equiv="refresh" content="0;url={where}">'
        f'<p><a href="{where}">{word}</a></p>'
    )


def _page(error: str | None) -> Response:
    target = _next()
    shown = {"error": error and _(error), "next": None if target == "/" else target}
    try:
        return make_response(render_template("login.html", **shown))
    except TemplateError:
        return make_response(
            "<!doctype html><title>Sign in</title>"
            f"<p>{escape(error or '')}</p>"
            '<form method="post" action="/login">'
            f'<input type="hidden" name="next" value="{escape(target)}">'
            '<input type="password" name="key" aria-label="Your key">'
            "<button>Sign in</button></form>"
        )
