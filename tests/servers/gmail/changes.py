"""STORE, COPY, MOVE, EXPUNGE and APPEND."""

from datetime import datetime
from typing import TYPE_CHECKING

from tests.servers.gmail import fetch, folders
from tests.servers.gmail.command import Command, Reply
from tests.servers.gmail.store import Mail
from tests.servers.gmail.words import (
    Atom,
    BadCommand,
    Refused,
    Text,
    Token,
    astring,
    decode_name,
    in_set,
    sequence,
    word,
)

if TYPE_CHECKING:
    from tests.servers.gmail.talk import Talk

_SPECIALS = set(b'%*\\"{]')


def store(talk: "Talk", command: Command) -> Reply:
    if len(command.arguments) < 3:
        raise BadCommand("Could not parse STORE")
    item = word(command.arguments[1])
    is_silent = item.endswith(".SILENT")
    sign = item[0] if item[0] in "+-" else ""
    name = item.removeprefix(sign).removesuffix(".SILENT")
    given = command.arguments[2]
    values = given if isinstance(given, list) else command.arguments[2:]
    if name == "X-GM-LABELS" and talk.offers("X-GM-EXT-1"):
        change, show = _label_change(talk, sign, values), fetch.labels
    elif name == "FLAGS":
        change, show = _flag_change(talk, sign, values), None
    else:
        raise BadCommand("Unknown STORE item")
    if talk.is_readonly:
        raise Refused("[READ-ONLY] The folder is read-only (Failure)")
    told = talk.news()
    lines = []
    for one, uid, mail in fetch.chosen(talk, command):
        change(mail)
        told_uid = b" UID %d" % uid if command.is_uid else b""
        rest = told_uid + fetch.modseq(talk, mail)
        if not is_silent:
            value = fetch.flags(mail) if show is None else show(talk, mail)
            words = (one, name.encode(), value, rest)
            lines.append(b"* %d FETCH (%b %b%b)\r\n" % words)
        elif talk.counts_changes:  # then even these are answered (RFC 7162, 3.1.3)
            lines.append(b"* %d FETCH (%b)\r\n" % (one, rest.strip()))
    talk.known = talk.user.modseq
    return Reply([*(told if command.is_uid else []), *lines])


def _label_change(talk: "Talk", sign: str, values: list[Token]):
    names = [_label(talk, value) for value in values]
    given = [talk.user.label(name, create=sign != "-") for name in names]
    labels = {label for label in given if label}

    def change(mail: Mail) -> None:
        if not talk.server.dialect.labels_stick:
            return
        # The folder that is open is no label of its messages, as far as one can see.
        own = {talk.folder.label} & mail.labels
        gone = labels if sign == "-" else mail.labels - own if not sign else set()
        talk.user.relabel(mail, remove=gone, add=labels if sign != "-" else ())

    return change


def _label(talk: "Talk", token: Token) -> str:
    """A label: quoted, literal, or an atom, which may start with a backslash."""
    if isinstance(token, Text):
        return decode_name(bytes(token), utf8=talk.utf8)
    if not isinstance(token, Atom) or set(token[1:]) & _SPECIALS:
        raise BadCommand("Could not parse command")
    if token[:1] != b"\\" and set(token[:1]) & _SPECIALS:
        raise BadCommand("Could not parse command")
    return decode_name(bytes(token), utf8=talk.utf8)


def _flag_change(talk: "Talk", sign: str, values: list[Token]):
    flags = {_flag(value) for value in values}
    if not talk.server.dialect.keywords_stick:
        flags = {flag for flag in flags if flag.startswith("\\")}

    def change(mail: Mail) -> None:
        lowered = {flag.casefold() for flag in flags}
        kept = {flag for flag in mail.flags if flag.casefold() not in lowered}
        new = {"-": kept, "+": mail.flags | flags, "": flags}[sign]
        if sign == "+":  # keywords do not differ by case only
            new = kept | flags
        talk.user.set_flags(mail, new)

    return change


def _flag(token: Token) -> str:
    if not isinstance(token, Atom) or set(token[1:]) & _SPECIALS or not token:
        raise BadCommand("Could not parse flag")
    name = token.decode("ascii")
    if name[0] != "\\":
        if set(token[:1]) & _SPECIALS:
            raise BadCommand("Could not parse flag")
        return name
    known = ("\\Answered", "\\Flagged", "\\Draft", "\\Deleted", "\\Seen")
    found = [flag for flag in known if flag.casefold() == name.casefold()]
    if not found:
        raise BadCommand("Unknown system flag")
    return found[0]


def copy(talk: "Talk", command: Command) -> Reply:
    """COPY adds a label; MOVE (RFC 6851) takes the folder's own off, too."""
    is_move = command.name.endswith("MOVE")
    target = folders.find(talk, command.arguments[1], code="TRYCREATE")
    if is_move and not talk.offers("MOVE"):
        raise BadCommand("Unknown command MOVE")
    pairs = []
    for _one, uid, mail in fetch.chosen(talk, command):
        gone = {talk.folder.label} if is_move and talk.folder.label else set()
        if target.label in {"\\Trash", "\\Spam"}:
            gone = set(mail.labels)
        if target.label:
            talk.user.relabel(mail, add={target.label}, remove=gone - {target.label})
        pairs.append((uid, target.uids.get(mail.id, 0)))
    if not pairs:
        return Reply()
    code = (
        f"[COPYUID {target.uid_validity} {sequence(uid for uid, _ in pairs)} "
        f"{sequence(new for _, new in pairs)}]"
    ).encode()
    if is_move:
        return Reply([b"* OK %b\r\n" % code])
    return Reply([], code + b" (Success)")


def expunge(talk: "Talk", command: Command) -> Reply:
    wanted = (
        set(in_set(command.arguments[0], talk.view))
        if command.is_uid
        else set(talk.view)
    )
    if talk.is_readonly:
        raise Refused("[READ-ONLY] The folder is read-only (Failure)")
    for uid, mail in list(talk.folder.mails.items()):
        if uid in wanted and "\\Deleted" in mail.flags:
            talk.user.take_out(talk.folder, mail)
    return Reply()


def append(talk: "Talk", command: Command) -> Reply:
    name, *options, raw = command.arguments
    folder = folders.find(talk, name, code="TRYCREATE")
    flags: list[str] = []
    when = None
    for option in options:
        if isinstance(option, list):
            flags = [_flag(flag) for flag in option]
        else:
            when = _date_time(astring(option).decode("ascii", "replace"))
    labels = (folder.label,) if folder.label else ()
    mail = talk.user.deliver(bytes(raw), labels=labels, flags=flags, received_at=when)
    uid = folder.uids.get(mail.id, 0)
    return Reply([], b"[APPENDUID %d %d] (Success)" % (folder.uid_validity, uid))


def _date_time(text: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        raise BadCommand("Could not parse date-time") from None
