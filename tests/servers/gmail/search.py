"""SEARCH: which messages fit."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from tests.servers.gmail import mime
from tests.servers.gmail.command import Command, Reply
from tests.servers.gmail.store import Mail
from tests.servers.gmail.words import (
    Atom,
    BadCommand,
    Text,
    Token,
    astring,
    decode_name,
    in_set,
    number,
    sequence,
    word,
)

if TYPE_CHECKING:
    from tests.servers.gmail.talk import Talk

Test = Callable[[int, int, Mail], bool]  # number, UID, mail
RETURNS = {"MIN", "MAX", "COUNT", "ALL"}
_FLAGS = ("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN")


def search(talk: "Talk", command: Command) -> Reply:
    keys = list(command.arguments)
    returns = _returns(talk, keys)
    if keys and isinstance(keys[0], Atom) and keys[0].upper() == b"CHARSET":
        keys = keys[2:]
    if not keys:
        raise BadCommand("Missing search key")
    reading = _Reading(talk, keys)
    tests = reading.all_of()
    found = [
        uid if command.is_uid else one
        for one, (uid, mail) in enumerate(
            zip(talk.view, talk.mails, strict=True), start=1
        )
        if talk.folder.mails.get(uid) is mail and tests(one, uid, mail)
    ]
    if returns is None:
        told = "".join(f" {one}" for one in found)
        return Reply([f"* SEARCH{told}\r\n".encode()])
    return Reply([_extended(command, found, returns)])


def _returns(talk: "Talk", keys: list[Token]) -> list[str] | None:
    """Take `RETURN (...)` of RFC 4731 from the front."""
    if not (isinstance(keys[0], Atom) and keys[0].upper() == b"RETURN"):
        return None
    if not talk.offers("ESEARCH"):
        raise BadCommand("RETURN, and ESEARCH is not offered")
    names = [word(one) for one in keys[1]] or ["ALL"]
    if not set(names) <= RETURNS:
        raise BadCommand("Unknown RETURN option")
    del keys[:2]
    return names


def _extended(command: Command, found: list[int], returns: list[str]) -> bytes:
    words = [f'* ESEARCH (TAG "{command.tag.decode()}")']
    if command.is_uid:
        words.append("UID")
    for name in returns:
        if name == "COUNT":
            words.append(f"COUNT {len(found)}")
        elif found:
            value = {"MIN": min, "MAX": max, "ALL": sequence}[name](found)
            words.append(f"{name} {value}")
    return " ".join(words).encode() + b"\r\n"


class _Reading:
    """The keys of a search, read one after the other."""

    def __init__(self, talk: "Talk", keys: list[Token]) -> None:
        self._talk = talk
        self._keys = keys

    def all_of(self) -> Test:
        tests = []
        while self._keys:
            tests.append(self._one())
        return lambda *row: all(test(*row) for test in tests)

    def _next(self) -> Token:
        if not self._keys:
            raise BadCommand("Missing search argument")
        return self._keys.pop(0)

    def _one(self) -> Test:
        key = self._next()
        if isinstance(key, list):
            return _Reading(self._talk, key).all_of()
        if isinstance(key, Text):
            raise BadCommand("Could not parse search key")
        name = word(key)
        if re.fullmatch(r"[\d:,*]+", name):
            numbers = set(in_set(key, range(1, len(self._talk.view) + 1)))
            return lambda one, _uid, _mail: one in numbers
        if name in {"NOT", "OR"}:
            return self._combined(name)
        return self._simple(name)

    def _combined(self, name: str) -> Test:
        first = self._one()
        if name == "NOT":
            return lambda *row: not first(*row)
        second = self._one()
        return lambda *row: first(*row) or second(*row)

    def _simple(self, name: str) -> Test:
        if name in {"ALL", "OLD"}:
            return lambda *_row: True
        if name.removeprefix("UN") in _FLAGS:
            return _flag(f"\\{name.removeprefix('UN').capitalize()}", name)
        if name in {"KEYWORD", "UNKEYWORD"}:
            return _flag(astring(self._next()).decode(), name)
        if name.startswith("X-GM-") and self._talk.offers("X-GM-EXT-1"):
            return self._gmail(name)
        kinds = {"UID": self._uids}
        kinds |= dict.fromkeys(("SINCE", "BEFORE", "ON"), self._day)
        kinds |= dict.fromkeys(("LARGER", "SMALLER", "MODSEQ"), self._size)
        return kinds.get(name, self._text)(name)

    def _uids(self, _name: str) -> Test:
        uids = set(in_set(self._next(), self._talk.view))
        return lambda _one, uid, _mail: uid in uids

    def _day(self, name: str) -> Test:
        day = _date(bytes(self._next()).decode("ascii", "replace"))
        compare = {"SINCE": date.__ge__, "BEFORE": date.__lt__, "ON": date.__eq__}[name]
        return lambda _one, _uid, mail: compare(
            mail.received_at.astimezone(UTC).date(), day
        )

    def _size(self, name: str) -> Test:
        size = number(self._next())
        if name == "MODSEQ":
            return lambda _one, _uid, mail: mail.changed >= size
        larger = name == "LARGER"
        return lambda _one, _uid, mail: (
            len(mail.raw) > size if larger else len(mail.raw) < size
        )

    def _text(self, name: str) -> Test:
        if name == "HEADER":
            field = astring(self._next()).decode("ascii", "replace")
            return _in_section(f"HEADER.FIELDS ({field})", astring(self._next()))
        if name in {"FROM", "TO", "CC", "BCC", "SUBJECT"}:
            return _in_section(f"HEADER.FIELDS ({name})", astring(self._next()))
        if name in {"TEXT", "BODY"}:
            return _in_section("" if name == "TEXT" else "TEXT", astring(self._next()))
        raise BadCommand("Unknown search key")

    def _gmail(self, name: str) -> Test:
        if name in {"X-GM-MSGID", "X-GM-THRID"}:
            wanted = number(self._next())
            return lambda _one, _uid, mail: mail.id == wanted
        token = self._next()
        if name == "X-GM-LABELS":
            raw = bytes(token) if token[:1] == b"\\" else astring(token)
            label = decode_name(raw, utf8=self._talk.utf8).casefold()
            return lambda _one, _uid, mail: label in map(str.casefold, mail.labels)
        if name == "X-GM-RAW":
            return _raw(astring(token).decode("utf-8", "replace"))
        raise BadCommand("Unknown search key")


def _flag(flag: str, name: str) -> Test:
    wanted = not name.startswith("UN")
    return lambda _one, _uid, mail: (
        flag.casefold() in map(str.casefold, mail.flags)
    ) is wanted  # fmt: skip


def _in_section(section: str, wanted: bytes) -> Test:
    lowered = wanted.lower()

    def test(_one: int, _uid: int, mail: Mail) -> bool:
        data = mime.section(mail.raw, section) or b""
        data = data.removesuffix(b"\r\n") if "FIELDS" in section else data
        # An empty value asks whether the field is there.
        return bool(data) and lowered in data.lower()

    return test


def _raw(query: str) -> Test:
    """A little of what Gmail's search box knows: words, `rfc822msgid:`, `label:`."""
    tests = []
    for term in query.split():
        name, colon, value = term.partition(":")
        if colon and name == "rfc822msgid":
            tests.append(_in_section("HEADER.FIELDS (MESSAGE-ID)", value.encode()))
        elif colon and name == "label":
            tests.append(
                lambda _one, _uid, mail, value=value: value in mail.labels
            )  # fmt: skip
        else:
            tests.append(_in_section("", term.encode()))
    return lambda *row: all(test(*row) for test in tests)


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%d-%b-%Y").replace(tzinfo=UTC).date()
    except ValueError:
        raise BadCommand("Could not parse date") from None
