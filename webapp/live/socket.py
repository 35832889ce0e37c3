"""`/ws/status`: who may come in is decided before the upgrade; then the hub has it."""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from flask_sock import Sock
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, Forbidden, Unauthorized

from mailbeat.db import sign_in
from mailbeat.db.api_keys import Scope
from mailbeat.db.clock import database_now
from mailbeat.db.models import Ticket
from mailbeat.db.session import transaction
from webapp.attempts import WINDOW
from webapp.auth import Caller, valid_keys
from webapp.errors import Problem, answer
from webapp.live.adoption import CannotAdopt, NoThread, socket_of, take_over
from webapp.live.client import Visitor
from webapp.live.places import Full, FullForKey
from webapp.parts import parts
from webapp.security import allowed_origins, own_origins

PATH = "/ws/status"
TICKET_TTL = timedelta(seconds=30)
WEBSOCKET = "websocket"  # the purpose of a ticket
COME_BACK = 10  # seconds, in Retry-After
TOO_MANY = "too_many_handshakes"
TOO_MANY_TEXT = (
    "Too many handshakes of this address were refused, or led to a socket that was "
    "closed again at once. Poll current-status, and come back in a minute."
)
KEY_BYTES = 16  # of Sec-WebSocket-Key (RFC 6455, 4.1)
# All that the library needs of a request for its handshake. The rest, cookies and keys
# above all, is kept from it; so is the offer to compress, which it always takes and
# which costs 213 KB for each client.
HANDSHAKE = frozenset(
    {
        "HTTP_HOST",
        "HTTP_UPGRADE",
        "HTTP_CONNECTION",
        "HTTP_SEC_WEBSOCKET_KEY",
        "HTTP_SEC_WEBSOCKET_VERSION",
    }
)

blueprint = Blueprint("live", __name__)
sock = Sock()
log = structlog.get_logger(__name__)


def open_feed(app: Flask) -> None:
    app.config["SOCK_SERVER_OPTIONS"] = {"thread_class": NoThread}
    app.register_blueprint(blueprint)


@blueprint.before_request
def check() -> None:
    """Refuse with plain HTTP whoever may not come in.

    A refusal after the upgrade would look like any loss of the connection.
    """
    if request.path != PATH or not _is_handshake():
        return
    address = request.remote_addr or ""
    if parts().live.handshakes.are_spent(address):
        raise Problem(429, TOO_MANY, TOO_MANY_TEXT, retry_after=WINDOW)
    caller = _who()
    try:
        socket_of(request.environ)
    except CannotAdopt as error:
        log.error("no_live_feed", reason=str(error))  # noqa: TRY400 # no fault of ours to trace
        raise Problem(501, "no_live_feed", str(error)) from None
    g.slot = _reserve(
        Visitor(caller.key_id, str(caller.scope), caller.session_id, address)
    )
    for name in [name for name in request.environ if name.startswith("HTTP_")]:
        if name not in HANDSHAKE:
            del request.environ[name]


@sock.route(PATH, bp=blueprint)  # type: ignore[untyped-decorator] # flask-sock has no types
def status(ws: Any) -> None:
    built = parts()
    built.live.start()
    slot = g.pop("slot")
    try:
        ours = take_over(ws.sock)
    except OSError:
        slot.free()
        raise
    ws.connected = False  # the library has nothing to close any more
    built.live.hub.adopt(ours, slot)
    log.info("socket_opened", key=slot.visitor.key_id)


@blueprint.after_request
def count_refusal(response: Response) -> Response:
    """Count who was refused; who was so too often is told that, key or not."""
    if request.path != PATH or not _asks_for_upgrade() or response.status_code < 400:  # noqa: PLR2004 # HTTP
        return response
    address, handshakes = request.remote_addr or "", parts().live.handshakes
    if handshakes.are_spent(address):
        response = answer(429, TOO_MANY_TEXT, code=TOO_MANY)
        response.headers["Retry-After"] = str(WINDOW)
    else:
        handshakes.spend(address)
    return response


@blueprint.teardown_request
def free_slot(_error: BaseException | None) -> None:
    """Free the slot of a handshake that came to nothing."""
    slot = g.pop("slot", None)
    if slot is not None:
        slot.free()


def _is_handshake() -> bool:
    """Whether this is one; werkzeug answers 400 to anything else on this path.

    Raises:
        BadRequest: it is one that cannot succeed.
    """
    if not _asks_for_upgrade():
        return False
    if request.headers.get("Sec-WebSocket-Version") != "13":
        raise Problem(426, "upgrade_required", "Speak version 13 (RFC 6455).")
    try:
        key = base64.b64decode(
            request.headers.get("Sec-WebSocket-Key", ""), validate=True
        )
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES or not request.host:
        raise BadRequest("This is not a WebSocket handshake (RFC 6455, 4.1).")
    return True


def _asks_for_upgrade() -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _who() -> Caller:
    """Who knocks, if the page that they come with is one of ours or allowed.

    Raises:
        Forbidden: another page tries.
        Unauthorized: the ticket is spent, or unknown.
    """
    settings = parts().settings
    origin = request.headers.get("Origin")
    own = own_origins(request, settings)
    if origin is not None and origin not in own | allowed_origins(settings):
        log.warning("origin_refused", origin=origin[:200])
        raise Forbidden("Pages of this origin may not open the feed.")
    caller: Caller | None = g.caller
    if caller is None:
        caller = _by_ticket(request.args.get("ticket", ""))
    elif caller.session_id is not None and origin not in own:
        # A browser always names the origin, and cookies travel to other ports too.
        raise Forbidden("A session opens the feed for our own pages only.")
    return caller


def _by_ticket(token: str) -> Caller:
    built = parts()
    with transaction(built.sessions) as session:
        now = database_now(session)
        ticket = sign_in.redeem_ticket(session, token, purpose=WEBSOCKET, now=now)
        valid = valid_keys(session, built.settings, now)
        alive = ticket is not None and _buyer_is_in(session, ticket, now)
    if ticket is None or ticket.key_id not in valid or not alive:
        raise Unauthorized("This ticket was used before, is too old, or unknown.")
    return Caller(ticket.key_id, Scope(ticket.scope), ticket.session_id)


def _buyer_is_in(session: Session, ticket: Ticket, now: datetime) -> bool:
    number = ticket.session_id
    return number is None or number in sign_in.live_sessions(session, {number}, now=now)


def _reserve(visitor: Visitor) -> Any:
    try:
        return parts().live.hub.reserve(visitor)
    except Full:
        text = "All places on the live feed are taken. Poll current-status meanwhile."
        raise Problem(503, "full", text, retry_after=COME_BACK) from None
    except FullForKey:
        text = "This key has as many sockets as it may have."
        raise Problem(429, "full_for_key", text, retry_after=COME_BACK) from None


# Tickets, for pages of other origins


@blueprint.route("/api/ws-ticket", methods=["POST", "OPTIONS"])
def ticket() -> ResponseReturnValue:
    if request.method == "OPTIONS":
        return _shared(make_response("", 204))
    built, caller = parts(), g.caller
    with transaction(built.sessions) as session:
        token = sign_in.issue_ticket(
            session,
            purpose=WEBSOCKET,
            key_id=caller.key_id,
            scope=str(caller.scope),
            now=database_now(session),
            ttl=TICKET_TTL,
            session_id=caller.session_id,
        )
    seconds = int(TICKET_TTL.total_seconds())
    return _shared(jsonify(ticket=token, expires_in_seconds=seconds))


def _shared(response: Response) -> Response:
    """Let an allowed origin's page read the answer; it has no cookie of ours."""
    origin = request.headers.get("Origin")
    response.vary.add("Origin")
    if origin is not None and origin in allowed_origins(parts().settings):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = (
            "Authorization, Content-Type, X-API-Key"
        )
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
