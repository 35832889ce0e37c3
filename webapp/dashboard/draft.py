"""What was found for an address, between the first page of a set-up and the second.

The browser keeps it, encrypted by us and good for an hour and its own session: whoever
could put another server in would be sent the password. A password is never in it.
"""

import json
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import g, request
from werkzeug.wrappers import Response

from mailbeat.mail.mailbox import Security
from mailbeat.mail.providers import Server
from webapp.auth import Caller
from webapp.parts import parts
from webapp.security import is_https

COOKIE = "mailbeat-new"
PATH = "/accounts"
GOOD_FOR = 3600  # seconds


class Draft(NamedTuple):
    """An address, and its server, unless none was found."""

    email_address: str
    server: Server | None


def keep(response: Response, draft: Draft) -> None:
    kept = json.dumps([_owner(), draft.email_address, draft.server])
    response.set_cookie(
        COOKIE,
        _cipher().encrypt(kept.encode()).decode("ascii"),
        max_age=GOOD_FOR,
        path=PATH,
        httponly=True,
        samesite="Strict",
        secure=is_https(request, parts().settings),
    )


def kept() -> Draft | None:
    """What the browser that asks was given; None where there is nothing, or no more."""
    try:
        told = _cipher().decrypt(request.cookies.get(COOKIE, ""), ttl=GOOD_FOR)
    except InvalidToken:
        return None
    owner, email_address, server = json.loads(told)
    if owner != _owner():
        return None
    if server is None:
        return Draft(email_address, None)
    host, port, security = server
    return Draft(email_address, Server(host, port, Security(security)))


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, path=PATH)


def _owner() -> str:
    caller: Caller = g.caller
    return f"{caller.key_id} {caller.session_id}"


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in parts().settings.secret_keys])
