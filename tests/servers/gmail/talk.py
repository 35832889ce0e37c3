"""One connection: read commands, do them or what the rules want, answer."""

import random
import re
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from tests.servers.gmail import changes, fetch, folders, search, sign_in, words
from tests.servers.gmail.command import Command, Reply
from tests.servers.gmail.faults import interleaved
from tests.servers.gmail.store import Folder, Mail, User
from tests.servers.gmail.wire import HungUp, Wire
from tests.servers.gmail.words import BadCommand, Refused

if TYPE_CHECKING:
    from tests.servers.gmail.server import GmailServer

MAX_LITERAL = 50_000_000  # bytes
MAX_LINE = 8000  # octets that a server should take (RFC 2683, 3.2.1.5)
LITERAL_MINUS = 4096  # bytes (RFC 7888)
PIPELINED_WITHIN = 0.05  # seconds that an interleaving server waits for one more
_LITERAL = re.compile(rb"\{(\d{1,20})(\+?)\}$")
_TAG = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\+]+')
_UID = {"FETCH", "STORE", "SEARCH", "COPY", "MOVE", "EXPUNGE"}


Handler = Callable[["Talk", Command], Reply]

ANY: dict[str, Handler] = {
    "CAPABILITY": sign_in.capability,
    "NOOP": lambda _talk, _command: Reply(),
    "LOGOUT": sign_in.logout,
    "ID": sign_in.identify,
}
NEW: dict[str, Handler] = {
    "LOGIN": sign_in.login,
    "AUTHENTICATE": sign_in.authenticate,
    "STARTTLS": sign_in.start_tls,
}
SIGNED_IN: dict[str, Handler] = {
    "ENABLE": sign_in.enable,
    "COMPRESS": sign_in.compress,
    "NAMESPACE": folders.namespace,
    "LIST": folders.list_folders,
    "XLIST": folders.list_folders,
    "LSUB": folders.list_folders,
    "CREATE": folders.create,
    "DELETE": folders.delete,
    "SUBSCRIBE": folders.subscribe,
    "UNSUBSCRIBE": folders.subscribe,
    "STATUS": folders.status,
    "SELECT": folders.select,
    "EXAMINE": folders.select,
    "APPEND": changes.append,
    "IDLE": folders.idle,
}
SELECTED: dict[str, Handler] = {
    "CHECK": lambda _talk, _command: Reply(),
    "CLOSE": folders.close,
    "UNSELECT": folders.close,
    "EXPUNGE": changes.expunge,
    "UID EXPUNGE": changes.expunge,
    "SEARCH": search.search,
    "UID SEARCH": search.search,
    "FETCH": fetch.fetch,
    "UID FETCH": fetch.fetch,
    "STORE": changes.store,
    "UID STORE": changes.store,
    "COPY": changes.copy,
    "UID COPY": changes.copy,
    "MOVE": changes.copy,
    "UID MOVE": changes.copy,
}
OVER_QUOTA = "[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)"
# They wait for the client, and take the lock when they need it.
WITHOUT_LOCK = ("AUTHENTICATE", "IDLE")
SIDE_BY_SIDE = ("UID FETCH", "UID STORE", "NOOP")


class Talk:
    """What a handler may look at and change of a connection.

    `view` are the UIDs of the selected mailbox as the client was told them; a message's
    number is its place in there.
    """

    def __init__(self, server: "GmailServer", wire: Wire, *, is_tls: bool) -> None:
        self.server = server
        self.wire = wire
        self.is_tls = is_tls
        self.is_compressed = False
        self.is_leaving = False
        self.user: User | None = None
        self.folder: Folder | None = None
        self.uid_validity = 0
        self.is_readonly = False
        self.utf8 = False
        self.counts_changes = False  # a client asked for MODSEQ (RFC 7162, 3.1)
        self.view: list[int] = []
        self.mails: list[Mail] = []
        self.known = 0  # MODSEQ up to which the client knows all
        self.after: Callable[[], None] | None = None  # what the answer is followed by
        self._pending: list[Command] = []
        self._chance = random.Random(1)

    def run(self) -> None:
        """Talk till one of both hangs up."""
        try:
            if self.is_tls:
                self.wire.start_tls(self.server.context)
            self._greet()
            while True:
                self._do(self._read_some())
        except HungUp:
            pass

    def say(self, data: bytes) -> None:
        if data:
            self.wire.send(data)

    def hang_up(self) -> None:
        self.wire.hang_up()
        raise HungUp

    def complain(self, what: str) -> None:
        """Note what a client must not do."""
        self.server.complaints.append(what)

    def offers(self, name: str) -> bool:
        dialect = self.server.dialect
        return name in (dialect.after if self.user else dialect.before)

    # Reading

    def _greet(self) -> None:
        command = Command(b"*", "GREETING", [], "GREETING")
        rule = self.server.rule_for(command.text)
        if rule is None:
            self.say(sign_in.greeting(self))
        else:
            rule.do.act(self, command)

    def _read_some(self) -> list[Command]:
        """Read a command; if answers are to be interleaved, those that fit it, too."""
        commands = [self._pending.pop() if self._pending else self._read()]
        if not self.server.dialect.interleaves or self.folder is None:
            return commands
        name = commands[0].name
        while name in SIDE_BY_SIDE and self.wire.has_line(PIPELINED_WITHIN):
            command = self._read()
            if command.name != name:
                self._pending.append(command)
                break
            commands.append(command)
        return commands

    def _read(self) -> Command:
        while True:
            parts = self._read_parts()
            tag, _, rest = parts[0].partition(b" ")
            if not _TAG.fullmatch(tag):
                self.complain("a command without a tag")
                self.say(b"* BAD Invalid tag\r\n")
                continue
            try:
                command = self._command(tag, [rest, *parts[1:]])
            except BadCommand as error:
                self.complain(f"{parts[0].split(b' ')[1:2]}: {error}")
                self.say(b"%b BAD %b\r\n" % (tag, str(error).encode()))
                continue
            self.server.commands.append(command.text)
            return command

    def _command(self, tag: bytes, parts: list[bytes]) -> Command:
        arguments = words.tokens(parts)
        if not arguments:
            raise BadCommand("Missing command")
        name = words.word(arguments.pop(0))
        if name == "UID" and arguments:
            name = f"UID {words.word(arguments.pop(0))}"
        text = b"".join(
            words.quoted(part) if number % 2 else part
            for number, part in enumerate(parts)
        ).decode("utf-8", "replace")
        if name in {"LOGIN", "AUTHENTICATE"}:
            shown = words.word(arguments[0]) if name != "LOGIN" and arguments else ""
            text = f"{name} {shown} ***".replace("  ", " ")
        return Command(tag, name, arguments, text)

    def _read_parts(self) -> list[bytes]:
        """Read text, literal, text, ..., text."""
        parts = []
        while True:
            line = self.wire.read_line()
            if len(line) > MAX_LINE:
                self.complain(f"a line of {len(line)} octets")
            found = _LITERAL.search(line)
            if not found:
                return [*parts, line]
            size = int(found[1])
            if found[2]:
                self._allow(size)
            if size > MAX_LITERAL:
                self.say(b"* BYE [TOOBIG] Literal is too large\r\n")
                self.hang_up()
            if not found[2]:
                self.say(b"+ go ahead\r\n")
            parts += [line[: found.start()], self.wire.read(size)]

    def _allow(self, size: int) -> None:
        """Let only those send a literal without waiting who may (RFC 7888)."""
        if self.offers("LITERAL+") or (
            self.offers("LITERAL-") and size <= LITERAL_MINUS
        ):
            return
        self.complain("a non-synchronizing literal that was not offered")
        self.say(b"* BYE Literal+ is not supported\r\n")
        self.hang_up()

    # Doing

    def _do(self, commands: list[Command]) -> None:
        waiting: list[list[bytes]] = []
        for command in commands:
            rule = self.server.rule_for(command.text)
            if rule is None:
                waiting.append(self.execute(command))
                continue
            self.say(b"".join(interleaved(waiting, self._chance)))
            waiting = []
            rule.do.act(self, command)
        self.say(b"".join(interleaved(waiting, self._chance)))
        after, self.after = self.after, None
        if after is not None:
            after()

    def execute(self, command: Command) -> list[bytes]:
        """Do a command, and return the lines of its answer; the tagged one is last."""
        try:
            handler = self._handler(command.name)
            is_free = command.name in WITHOUT_LOCK
            with nullcontext() if is_free else self.server.lock:
                self._check_numbers(command)
                reply = handler(self, command)
            with self.server.lock:
                news = self._news(command)
        except (IndexError, AttributeError, TypeError, BadCommand) as error:
            # A word is missing, or is a list where none should be.
            self.complain(f"{command.name}: {error}")
            return [b"%b BAD %b\r\n" % (command.tag, str(error).encode())]
        except Refused as error:
            return [b"%b NO %b\r\n" % (command.tag, str(error).encode())]
        return [*reply.lines, *news, b"%b OK %b\r\n" % (command.tag, reply.text)]

    def _handler(self, name: str) -> Handler:
        if self.user is not None and self.user.over_quota and name != "LOGOUT":
            raise Refused(OVER_QUOTA)
        if (handler := ANY.get(name)) is not None:
            return handler
        if self.user is None:
            table = NEW
        else:
            table = SIGNED_IN | (SELECTED if self.folder else {})
        if name not in table:
            known = name in NEW or name in SIGNED_IN or name in SELECTED
            what = f"{name} not now" if known else f"Unknown command {name[:20]!a}"
            raise BadCommand(what)
        return table[name]

    def _check_numbers(self, command: Command) -> None:
        """UIDVALIDITY may not change while a mailbox is open (RFC 3501, 2.3.1.1)."""
        if self.folder is None or command.name not in SELECTED:
            return
        if self.folder.uid_validity != self.uid_validity:
            self.say(b"* BYE The mailbox was numbered anew\r\n")
            self.hang_up()

    # What changed meanwhile

    def _news(self, command: Command) -> list[bytes]:
        r"""Tell of what other connections did; no EXPUNGE while numbers are in use."""
        if self.folder is None or command.name in {"FETCH", "STORE", "SEARCH"}:
            return []
        return self.news()

    def news(self) -> list[bytes]:
        folder = self.folder
        if folder is None:
            return []
        present = folder.mails
        lines = []
        for number in range(len(self.view), 0, -1):
            if present.get(self.view[number - 1]) is not self.mails[number - 1]:
                lines.append(b"* %d EXPUNGE\r\n" % number)
                del self.view[number - 1], self.mails[number - 1]
        last = self.view[-1] if self.view else 0
        new = [uid for uid in present if uid > last]
        for number, uid in enumerate(self.view, start=1):
            if present[uid].changed > self.known:
                told = fetch.flags(present[uid]) + fetch.modseq(self, present[uid])
                lines.append(b"* %d FETCH (UID %d FLAGS %b)\r\n" % (number, uid, told))
        if new:
            self.view += new
            self.mails += [present[uid] for uid in new]
            lines.append(b"* %d EXISTS\r\n" % len(self.view))
        self.known = self.user.modseq if self.user else 0
        return lines
