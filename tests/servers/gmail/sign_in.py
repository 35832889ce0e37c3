"""The greeting, signing in, and what may be switched on."""

import base64
import binascii
import json
from typing import TYPE_CHECKING

from tests.servers.gmail.command import Command, Reply
from tests.servers.gmail.store import User
from tests.servers.gmail.words import (
    Atom,
    BadCommand,
    Refused,
    Text,
    astring,
    word,
)

if TYPE_CHECKING:
    from tests.servers.gmail.talk import Talk

INVALID = "[AUTHENTICATIONFAILED] Invalid credentials (Failure)"
TOO_MANY = "[ALERT] Too many simultaneous connections. (Failure)"
SCOPE = "https://mail.google.com/"


def capabilities(talk: "Talk") -> bytes:
    dialect = talk.server.dialect
    names = list(dialect.after if talk.user else dialect.before)
    if not talk.user and not talk.is_tls and talk.server.context is not None:
        names.insert(1, "STARTTLS")
    return b"CAPABILITY " + " ".join(names).encode()


def greeting(talk: "Talk") -> bytes:
    told = b""
    if talk.server.dialect.greeting_tells:
        told = b"[" + capabilities(talk) + b"] "
    return b"* OK %bGimap ready for requests from 127.0.0.1\r\n" % told


def capability(talk: "Talk", _command: Command) -> Reply:
    return Reply([b"* %b\r\n" % capabilities(talk)])


def identify(talk: "Talk", command: Command) -> Reply:
    (given,) = command.arguments or [Atom(b"NIL")]
    if isinstance(given, list):
        names = [astring(name).decode() for name in given[::2]]
        values = [astring(value).decode() for value in given[1::2]]
        talk.server.clients.append(dict(zip(names, values, strict=True)))
    return Reply([b'* ID ("name" "GImap" "vendor" "Google, Inc.")\r\n'])


def logout(talk: "Talk", _command: Command) -> Reply:
    talk.after = talk.hang_up
    talk.is_leaving = True
    return Reply([b"* BYE LOGOUT Requested\r\n"], b"73 good day (Success)")


def login(talk: "Talk", command: Command) -> Reply:
    if len(command.arguments) != 2:
        raise BadCommand("LOGIN wants a name and a password")
    name, password = (astring(one) for one in command.arguments)
    for one, argument in zip((name, password), command.arguments, strict=True):
        if not one.isascii() and not isinstance(argument, Text):
            raise BadCommand("8 bits in an atom")
    return _with_password(talk, _utf8(name), _utf8(password))


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(INVALID) from None


def authenticate(talk: "Talk", command: Command) -> Reply:
    if not 1 <= len(command.arguments) <= 2:
        raise BadCommand("AUTHENTICATE wants a mechanism")
    mechanism = word(command.arguments[0])
    if not talk.offers(f"AUTH={mechanism}") or mechanism not in _MECHANISMS:
        raise Refused("[CANNOT] Unsupported authentication mechanism")
    if len(command.arguments) == 2 and not talk.offers("SASL-IR"):
        raise BadCommand("An initial response, and SASL-IR is not offered")
    if talk.wire.holds_more:
        talk.complain("something was sent right behind AUTHENTICATE")
    if len(command.arguments) == 2:
        said = bytes(command.arguments[1])
        answer = b"" if said == b"=" else _from_base64(said)
    else:
        answer = _challenge(talk, b"")
    return _MECHANISMS[mechanism](talk, answer)


def _challenge(talk: "Talk", text: bytes) -> bytes:
    talk.say(b"+ " + base64.b64encode(text) + b"\r\n")
    line = talk.wire.read_line()
    if line == b"*":
        raise BadCommand("Authentication cancelled")
    return _from_base64(line)


def _from_base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadCommand("Invalid base64") from None


def _plain(talk: "Talk", answer: bytes) -> Reply:
    words = answer.split(b"\0")
    if len(words) != 3:
        raise BadCommand("Invalid SASL argument")
    return _with_password(talk, _utf8(words[1]), _utf8(words[2]))


def _xoauth2(talk: "Talk", answer: bytes) -> Reply:
    fields = _fields(answer, end=b"\1\1")
    return _with_token(talk, fields.get("user", ""), fields, expected=b"")


def _oauthbearer(talk: "Talk", answer: bytes) -> Reply:
    """RFC 7628: `n,a=ada@example.org,^Aauth=Bearer T^A^A`."""
    start, _, rest = answer.partition(b"\1")
    name = _utf8(start.removeprefix(b"n,a=").removesuffix(b","))
    return _with_token(talk, name, _fields(rest, end=b"\1\1"), expected=b"\1")


_MECHANISMS = {"PLAIN": _plain, "XOAUTH2": _xoauth2, "OAUTHBEARER": _oauthbearer}


def _fields(answer: bytes, *, end: bytes) -> dict[str, str]:
    if not answer.endswith(end):
        raise BadCommand("Invalid SASL argument")
    pairs = (field.partition("=") for field in _utf8(answer).split("\1") if field)
    return {name: value for name, _, value in pairs}


def _with_password(talk: "Talk", name: str, password: str) -> Reply:
    user = talk.server.users.get(name)
    if user is None:
        talk.server.refused += 1
        raise Refused(INVALID)
    _refuse_if_told(talk, user)
    if password != user.password:
        talk.server.refused += 1
        raise Refused(INVALID)
    return _admit(talk, user)


def _with_token(
    talk: "Talk", name: str, fields: dict[str, str], *, expected: bytes
) -> Reply:
    """On a bad token the reason comes as a challenge, and the client has to answer."""
    user = talk.server.users.get(name)
    token = fields.get("auth", "").removeprefix("Bearer ")
    if user is None or token not in user.tokens:
        talk.server.refused += 1
        reason = {"status": "400", "schemes": "Bearer", "scope": SCOPE}
        if _challenge(talk, json.dumps(reason).encode()) != expected:
            talk.complain("a wrong answer to the challenge of a refused token")
            raise BadCommand("Invalid SASL argument")
        raise Refused(INVALID)
    _refuse_if_told(talk, user)
    return _admit(talk, user)


def _refuse_if_told(talk: "Talk", user: User) -> None:
    if user.web_login_url:
        talk.say(b"* NO [WEBALERT %b] Web login required.\r\n" % (
            user.web_login_url.encode()
        ))  # fmt: skip
        raise Refused("[ALERT] Please log in via your web browser (Failure)")
    if user.refusal:
        talk.server.refused += 1
        raise Refused(user.refusal)


def _admit(talk: "Talk", user: User) -> Reply:
    with talk.server.lock:
        if talk.server.open_for(user) >= talk.server.dialect.connections:
            raise Refused(TOO_MANY)
        talk.user = user
        talk.server.logins += 1
    text = user.address.encode("ascii", "replace") + b" authenticated (Success)"
    told = capabilities(talk)
    how = talk.server.dialect.sign_in_tells
    if how == "untagged":
        return Reply([b"* %b\r\n" % told], text)
    return Reply([], b"[%b] %b" % (told, text) if how == "code" else text)


# Switching on


def start_tls(talk: "Talk", _command: Command) -> Reply:
    if talk.is_tls or talk.server.context is None:
        raise BadCommand("STARTTLS not now")
    if talk.wire.holds_more:
        talk.complain("something was sent right behind STARTTLS")

    def begin() -> None:
        talk.wire.start_tls(talk.server.context)
        talk.is_tls = True

    talk.after = begin
    return Reply([], b"Begin TLS")


def compress(talk: "Talk", command: Command) -> Reply:
    if not talk.offers("COMPRESS=DEFLATE") or word(command.arguments[0]) != "DEFLATE":
        raise BadCommand("Unknown compression")
    if talk.is_compressed:
        raise Refused("[COMPRESSIONACTIVE] DEFLATE is active")
    if talk.wire.holds_more:
        talk.complain("something was sent right behind COMPRESS")
    talk.is_compressed = True
    talk.after = talk.wire.compress
    return Reply()


def enable(talk: "Talk", command: Command) -> Reply:
    if not talk.offers("ENABLE"):
        raise BadCommand("Unknown command ENABLE")
    names = [word(argument) for argument in command.arguments]
    enabled = [name for name in names if name in {"UTF8=ACCEPT", "CONDSTORE"}]
    enabled = [name for name in enabled if talk.offers(name)]
    talk.utf8 = talk.utf8 or "UTF8=ACCEPT" in enabled
    return Reply([b"* ENABLED %b\r\n" % " ".join(enabled).encode()])
