"""Listing, making and selecting folders."""

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.servers.gmail.command import Command, Reply
from tests.servers.gmail.store import Folder
from tests.servers.gmail.words import (
    BadCommand,
    Refused,
    astring,
    decode_name,
    encode_name,
    quoted,
    word,
)

if TYPE_CHECKING:
    from tests.servers.gmail.talk import Talk

FLAGS = r"\Answered \Flagged \Draft \Deleted \Seen $Phishing $NotPhishing"
IDLE_LOOKS_EVERY = 0.05  # seconds


def find(talk: "Talk", token: object, *, code: str = "NONEXISTENT") -> Folder:
    """The folder of that name.

    Raises:
        Refused: there is none.
    """
    raw = astring(token)
    folder = talk.user.folder(decode_name(raw, utf8=talk.utf8))
    if folder is None:
        shown = raw.decode("ascii", "replace")
        raise Refused(f"[{code}] Unknown Mailbox: {shown} (Failure)")
    return folder


def namespace(_talk: "Talk", _command: Command) -> Reply:
    return Reply([b'* NAMESPACE (("" "/")) NIL NIL\r\n'])


def list_folders(talk: "Talk", command: Command) -> Reply:
    """LIST with the selections and returns of RFC 5258, 5819 and 6154 (`XLIST` too)."""
    arguments = list(command.arguments)
    selections = arguments.pop(0) if isinstance(arguments[0], list) else []
    options = arguments[3] if len(arguments) == 4 else []
    if len(arguments) not in {2, 4}:
        raise BadCommand("Could not parse LIST")
    patterns = arguments[1] if isinstance(arguments[1], list) else [arguments[1]]
    matches = [_pattern(bytes(arguments[0]) + bytes(one)) for one in patterns]
    if patterns == [b""]:
        return Reply([b'* %b (\\Noselect) "/" ""\r\n' % command.name.encode()])
    only_special = any(word(one) == "SPECIAL-USE" for one in selections)
    lines = []
    rows = [(one.name, one) for one in talk.user.visible()]
    rows += [(name, None) for name in talk.user.parents()]
    for name, folder in sorted(rows, key=lambda row: row[0]):
        coded = encode_name(name, utf8=talk.utf8)
        if not any(match.fullmatch(coded) for match in matches):
            continue
        if only_special and (folder is None or not folder.use):
            continue
        attributes = _attributes(talk, name, folder)
        lines.append(
            b'* %b (%b) "/" %b\r\n'
            % (command.name.encode(), " ".join(attributes).encode(), quoted(coded))
        )
        lines += _returned_status(talk, folder, options)
    return Reply(lines)


def _pattern(raw: bytes) -> re.Pattern[bytes]:
    text = re.escape(raw.decode("utf-8", "replace"))
    text = text.replace(r"\*", ".*").replace("%", "[^/]*")
    flags = re.IGNORECASE if raw.upper() == b"INBOX" else 0
    return re.compile(text.encode(), flags)


def _attributes(talk: "Talk", name: str, folder: Folder | None) -> list[str]:
    above = any(one.name.startswith(f"{name}/") for one in talk.user.visible())
    children = "\\HasChildren" if above else "\\HasNoChildren"
    if folder is None:
        return [children, "\\Noselect"]
    return [children, *([folder.use] if folder.use else [])]


def _returned_status(talk: "Talk", folder: Folder | None, options: list) -> list[bytes]:
    for option, items in pairwise(options):
        is_status = not isinstance(option, list) and option.upper() == b"STATUS"
        if is_status and folder is not None:
            return [_status(talk, folder, items)]
    return []


def subscribe(talk: "Talk", command: Command) -> Reply:
    find(talk, command.arguments[0])
    return Reply()


def create(talk: "Talk", command: Command) -> Reply:
    name = decode_name(astring(command.arguments[0]), utf8=talk.utf8)
    talk.user.create(name)
    return Reply()


def delete(talk: "Talk", command: Command) -> Reply:
    talk.user.delete(find(talk, command.arguments[0]))
    return Reply()


def status(talk: "Talk", command: Command) -> Reply:
    return Reply(
        [_status(talk, find(talk, command.arguments[0]), command.arguments[1])]
    )


def _status(talk: "Talk", folder: Folder, items: list) -> bytes:
    values = {
        "MESSAGES": len(folder.mails),
        "RECENT": 0,
        "UIDNEXT": folder.next_uid,
        "UIDVALIDITY": folder.uid_validity,
        "UNSEEN": sum("\\Seen" not in one.flags for one in folder.mails.values()),
        "HIGHESTMODSEQ": talk.user.modseq,
    }
    names = [word(item) for item in items]
    if not set(names) <= set(values):
        raise BadCommand("Could not parse STATUS")
    told = " ".join(f"{name} {values[name]}" for name in names)
    name = quoted(encode_name(folder.name, utf8=talk.utf8))
    return b"* STATUS %b (%b)\r\n" % (name, told.encode())


def select(talk: "Talk", command: Command) -> Reply:
    talk.folder = None  # a failed SELECT leaves none selected (RFC 3501, 6.3.1)
    folder = find(talk, command.arguments[0])
    _take_options(talk, command.arguments[1:])
    talk.folder = folder
    talk.uid_validity = folder.uid_validity
    talk.view, talk.mails = list(folder.mails), list(folder.mails.values())
    talk.known = talk.user.modseq
    dialect = talk.server.dialect
    talk.is_readonly = command.name == "EXAMINE" or dialect.is_readonly
    permanent = "" if talk.is_readonly else FLAGS + dialect.more_flags
    access = b"READ-ONLY" if talk.is_readonly else b"READ-WRITE"
    lines = [
        f"FLAGS ({FLAGS})",
        f"OK [PERMANENTFLAGS ({permanent})] Flags permitted.",
        f"OK [UIDVALIDITY {folder.uid_validity}] UIDs valid.",
        f"{len(talk.view)} EXISTS",
        "0 RECENT",
        f"OK [UIDNEXT {folder.next_uid}] Predicted next UID.",
    ]
    if talk.offers("CONDSTORE"):
        lines.append(f"OK [HIGHESTMODSEQ {talk.user.modseq}]")
    name = encode_name(folder.name, utf8=talk.utf8)
    return Reply(
        [f"* {line}\r\n".encode() for line in lines],
        b"[%b] %b selected. (Success)" % (access, name),
    )


def _take_options(talk: "Talk", options: list) -> None:
    """`(CONDSTORE)` of RFC 7162."""
    if not options:
        return
    if not talk.offers("CONDSTORE") or [*map(word, options[0])] != ["CONDSTORE"]:
        raise BadCommand("Unknown SELECT option")
    talk.counts_changes = True


def close(talk: "Talk", command: Command) -> Reply:
    if command.name == "CLOSE" and not talk.is_readonly:
        for mail in list(talk.folder.mails.values()):
            if "\\Deleted" in mail.flags:
                talk.user.take_out(talk.folder, mail)
    talk.folder = None
    return Reply()


def idle(talk: "Talk", _command: Command) -> Reply:
    """Tell of changes as they come, till the client says DONE (RFC 2177)."""
    talk.say(b"+ idling\r\n")
    while not talk.wire.has_line(IDLE_LOOKS_EVERY):
        with talk.server.lock:
            news = talk.news()
        talk.say(b"".join(news))
    if talk.wire.read_line().upper() != b"DONE":
        raise BadCommand("IDLE ends with DONE")
    return Reply([], b"IDLE terminated (Success)")
