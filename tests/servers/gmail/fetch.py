"""FETCH: what is told of a message."""

import re
from typing import TYPE_CHECKING

from tests.servers.gmail import mime
from tests.servers.gmail.command import Command, Reply
from tests.servers.gmail.store import Mail
from tests.servers.gmail.words import (
    Atom,
    BadCommand,
    encode_name,
    in_set,
    literal,
    number,
    quoted,
    word,
)

if TYPE_CHECKING:
    from tests.servers.gmail.talk import Talk

_FAST = ("FLAGS", "INTERNALDATE", "RFC822.SIZE")
MACROS = {"FAST": _FAST, "ALL": (*_FAST, "ENVELOPE"), "FULL": (*_FAST, "BODY")}
_SECTION = re.compile(
    r"BODY(\.PEEK)?\[([^\]]*)\](?:<(\d{1,10})\.(\d{1,10})>)?", re.IGNORECASE
)
_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_ENVELOPES = {"ENVELOPE", "BODYSTRUCTURE", "BODY"}


def chosen(talk: "Talk", command: Command) -> list[tuple[int, int, Mail]]:
    """Number, UID and mail of those that the command's set names, as it was told."""
    if command.is_uid:
        wanted = set(in_set(command.arguments[0], talk.view))
    else:
        numbers = in_set(command.arguments[0], range(1, len(talk.view) + 1))
        wanted = {talk.view[one - 1] for one in numbers}
    return [
        (one, uid, mail)
        for one, (uid, mail) in enumerate(
            zip(talk.view, talk.mails, strict=True), start=1
        )
        # What is gone is no longer there, though the client was not told yet.
        if uid in wanted and talk.folder.mails.get(uid) is mail
    ]


def fetch(talk: "Talk", command: Command) -> Reply:
    if len(command.arguments) not in {2, 3}:
        raise BadCommand("Could not parse FETCH")
    items = _items(command.arguments[1])
    if command.is_uid and "UID" not in items:
        items.append("UID")
    since = _changed_since(talk, command)
    if since >= 0 and "MODSEQ" not in items:
        items.append("MODSEQ")
    lines = []
    for one, uid, mail in chosen(talk, command):
        if mail.changed <= since:
            continue
        reads = [item for item in items if _marks_as_read(item)]
        is_new = bool(reads) and "\\Seen" not in mail.flags and not talk.is_readonly
        if is_new:
            talk.user.set_flags(mail, mail.flags | {"\\Seen"})
            talk.known = talk.user.modseq
        told = [*items, "FLAGS"] if is_new and "FLAGS" not in items else items
        words = b" ".join(_item(talk, uid, mail, item) for item in told)
        lines.append(b"* %d FETCH (%b)\r\n" % (one, words))
    return Reply(lines)


def _items(token: object) -> list[str]:
    if isinstance(token, list):
        names = [item.decode("ascii") for item in token if isinstance(item, Atom)]
        if len(names) != len(token):
            raise BadCommand("Could not parse FETCH items")
        return names
    name = word(token)
    if name in MACROS:
        return list(MACROS[name])
    return [token.decode("ascii")]


def _changed_since(talk: "Talk", command: Command) -> int:
    """`(CHANGEDSINCE 7)` of RFC 7162."""
    if len(command.arguments) < 3:
        return -1
    if not talk.offers("CONDSTORE"):
        raise BadCommand("Unknown FETCH modifier")
    talk.counts_changes = True
    modifier = command.arguments[2]
    if not isinstance(modifier, list) or word(modifier[0]) != "CHANGEDSINCE":
        raise BadCommand("Unknown FETCH modifier")
    return number(modifier[1])


def _marks_as_read(item: str) -> bool:
    upper = item.upper()
    return upper.startswith("BODY[") or upper in {"RFC822", "RFC822.TEXT"}


def _item(talk: "Talk", uid: int, mail: Mail, item: str) -> bytes:
    name = item.upper()
    if (found := _SECTION.fullmatch(item)) is not None:
        return _section(mail, found)
    if name in {"RFC822", "RFC822.TEXT", "RFC822.HEADER"}:
        part = name.removeprefix("RFC822").removeprefix(".")
        return b"%b %b" % (name.encode(), literal(mime.section(mail.raw, part) or b""))
    if name.startswith("X-GM-") and not talk.offers("X-GM-EXT-1"):
        raise BadCommand("Unknown FETCH item")
    if name in _ENVELOPES:
        part = mime.parse(mail.raw)
        make = mime.envelope if name == "ENVELOPE" else mime.structure
        return b"%b %b" % (name.encode(), make(part))
    values = {
        "UID": lambda: b"%d" % uid,
        "FLAGS": lambda: flags(mail),
        "INTERNALDATE": lambda: quoted(_date(mail)),
        "RFC822.SIZE": lambda: b"%d" % len(mail.raw),
        "X-GM-MSGID": lambda: b"%d" % mail.id,
        "X-GM-THRID": lambda: b"%d" % mail.id,
        "X-GM-LABELS": lambda: labels(talk, mail),
        "MODSEQ": lambda: b"(%d)" % mail.changed,
    }
    if name not in values or (name == "MODSEQ" and not talk.offers("CONDSTORE")):
        raise BadCommand("Unknown FETCH item")
    talk.counts_changes |= name == "MODSEQ"
    return b"%b %b" % (name.encode(), values[name]())


def _section(mail: Mail, found: re.Match[str]) -> bytes:
    data = mime.section(mail.raw, found[2])
    name = f"BODY[{found[2]}]"
    if found[3] is not None:
        start, count = int(found[3]), int(found[4])
        name += f"<{start}>"
        data = None if data is None else data[start : start + count]
    return name.encode() + b" " + (b"NIL" if data is None else literal(data))


def _date(mail: Mail) -> bytes:
    text = mail.received_at.strftime("%d-%b-%Y %H:%M:%S %z")
    return (" " + text[1:] if text[0] == "0" else text).encode()


def flags(mail: Mail) -> bytes:
    return b"(" + " ".join(sorted(mail.flags)).encode() + b")"


def modseq(talk: "Talk", mail: Mail) -> bytes:
    """What stands behind the items of a row that no FETCH asked for."""
    return b" MODSEQ (%d)" % mail.changed if talk.counts_changes else b""


def labels(talk: "Talk", mail: Mail) -> bytes:
    """Without that of the selected folder; what is no atom is quoted, as Gmail does."""
    names = sorted(mail.labels - {talk.folder.label})
    coded = (encode_name(name, utf8=talk.utf8) for name in names)
    return b"(" + b" ".join(
        one if _ATOM.fullmatch(one) else quoted(one) for one in coded
    ) + b")"  # fmt: skip
