"""Taking a message apart as RFC 3501 numbers its parts (6.4.5), byte by byte."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses

from tests.servers.gmail.words import nstring, string

MAX_DEPTH = 20
_FIELD = re.compile(rb"[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")


@dataclass
class Part:
    header: bytes  # with the blank line
    body: bytes
    parts: list["Part"] = field(default_factory=list)  # of a multipart
    message: "Part | None" = None  # of a message/rfc822

    @property
    def fields(self) -> Message:
        return message_from_bytes(self.header)


def parse(raw: bytes, depth: int = 0, default: str = "text/plain") -> Part:
    header, body = _split(raw)
    part = Part(header, body)
    kind = _kind(part.fields, default)
    if depth >= MAX_DEPTH:
        return part
    if kind[0] == "multipart":
        boundary = part.fields.get_boundary("")
        inner = "message/rfc822" if kind[1] == "digest" else "text/plain"
        part.parts = [
            parse(piece, depth + 1, inner) for piece in _pieces(body, boundary)
        ]
    elif kind == ("message", "rfc822"):
        part.message = parse(body, depth + 1)
    return part


def _kind(fields: Message, default: str = "text/plain") -> tuple[str, str]:
    text = fields.get_content_type() if "content-type" in fields else default
    major, _, minor = text.partition("/")
    return major, minor


def _split(raw: bytes) -> tuple[bytes, bytes]:
    if raw.startswith(b"\r\n"):
        return raw[:2], raw[2:]
    at = raw.find(b"\r\n\r\n")
    return (raw, b"") if at < 0 else (raw[: at + 4], raw[at + 4 :])


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    if not boundary:
        return []
    mark = re.compile(
        rb"(?:^|\r\n)--" + re.escape(boundary.encode("utf-8", "replace"))
        + rb"(--)?[ \t]*(?:\r\n|$)"
    )  # fmt: skip
    found = list(mark.finditer(body))
    pieces = []
    for number, one in enumerate(found):
        if one[1]:
            break
        end = found[number + 1].start() if number + 1 < len(found) else len(body)
        # An empty part shares its line end with the next boundary.
        pieces.append(body[one.end() : max(one.end(), end)])
    return pieces


# Sections


def section(raw: bytes, name: str) -> bytes | None:
    """The bytes of `BODY[name]`; None if there is no such part."""
    upper, _, names = name.upper().partition(" ")
    part: Part | None = None
    words = upper.split(".") if upper else []
    if not words:
        return raw
    if words[0] in {"HEADER", "TEXT"}:  # the common ones need no MIME
        part = Part(*_split(raw))
        return _of_message(part, words, names)
    part = parse(raw)
    while words and words[0].isdigit():
        part = _numbered(part, int(words.pop(0)))
        if part is None:
            return None
    if not words:
        return part.body
    if words == ["MIME"]:
        return part.header
    return None if part.message is None else _of_message(part.message, words, names)


def _numbered(part: Part, number: int) -> Part | None:
    if part.message is not None:
        part = part.message
    if part.parts:
        return part.parts[number - 1] if 0 < number <= len(part.parts) else None
    return part if number == 1 else None


def _of_message(part: Part, words: list[str], names: str) -> bytes | None:
    if words == ["TEXT"]:
        return part.body
    if words == ["HEADER"]:
        return part.header
    wanted = set(names.replace('"', "").strip("()").split())
    if words in (["HEADER", "FIELDS"], ["HEADER", "FIELDS", "NOT"]):
        keep = len(words) == 2
        return b"".join(_fields(part.header, wanted, keep=keep)) + b"\r\n"
    return None


def _fields(header: bytes, wanted: set[str], *, keep: bool) -> Iterator[bytes]:
    for found in _FIELD.finditer(header):
        name = found[0].partition(b":")[0].strip().decode("latin-1").upper()
        if found[0] != b"\r\n" and (name in wanted) is keep:
            yield found[0]


# BODYSTRUCTURE and ENVELOPE


def structure(part: Part, default: str = "text/plain") -> bytes:
    fields = part.fields
    major, minor = _kind(fields, default)
    if part.parts:
        inner = b"".join(structure(one) for one in part.parts)
        params = _params(fields.get_params([], unquote=True)[1:])
        return b"(%b %b %b NIL NIL NIL)" % (inner, _string(minor), params)
    if major == "multipart":
        major, minor = "text", "plain"
    words = [
        _string(major),
        _string(minor),
        _params(fields.get_params([], unquote=True)[1:]),
        nstring(_raw(fields, "content-id")),
        nstring(_raw(fields, "content-description")),
        nstring(_raw(fields, "content-transfer-encoding") or b"7BIT"),
        b"%d" % len(part.body),
    ]
    if part.message is not None:
        words += [envelope(part.message), structure(part.message)]
    if major == "text" or part.message is not None:
        words.append(b"%d" % part.body.count(b"\n"))
    words += [b"NIL", _disposition(fields), b"NIL", b"NIL"]
    return b"(" + b" ".join(words) + b")"


def _disposition(fields: Message) -> bytes:
    params = fields.get_params([], "content-disposition", unquote=True)
    if not params:
        return b"NIL"
    return b"(%b %b)" % (_string(params[0][0]), _params(params[1:]))


def _params(params: list) -> bytes:
    if not params:
        return b"NIL"
    words = []
    for name, value in params:
        # RFC 2231 gives charset, language, value.
        text = value[2] if isinstance(value, tuple) else value
        words += [_string(name), _string(text)]
    return b"(" + b" ".join(words) + b")"


def _string(text: str) -> bytes:
    return string(text.encode("utf-8", "replace"))


def _raw(fields: Message, name: str) -> bytes | None:
    value = fields.get(name)
    if value is None:
        return None
    text = re.sub(r"[\r\n]+", "", str(value))
    return text.encode("utf-8", "replace")


def envelope(part: Part) -> bytes:
    fields = part.fields
    people = {name: _addresses(fields, name) for name in ("from", "to", "cc", "bcc")}
    words = [
        nstring(_raw(fields, "date")),
        nstring(_raw(fields, "subject")),
        people["from"],
        _addresses(fields, "sender", people["from"]),
        _addresses(fields, "reply-to", people["from"]),
        people["to"],
        people["cc"],
        people["bcc"],
        nstring(_raw(fields, "in-reply-to")),
        nstring(_raw(fields, "message-id")),
    ]
    return b"(" + b" ".join(words) + b")"


def _addresses(fields: Message, name: str, default: bytes = b"NIL") -> bytes:
    values = [str(value) for value in fields.get_all(name, [])]
    found = []
    for real, address in getaddresses(values):
        local, _, host = address.rpartition("@")
        words = (real or None, None, local or None, host or None)
        coded = (nstring(word.encode() if word else None) for word in words)
        found.append(b"(" + b" ".join(coded) + b")")
    return b"(" + b"".join(found) + b")" if found else default
