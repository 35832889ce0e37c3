"""A conversation with a server in which every failure becomes one of our errors."""

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple, TypeVar

from mailbeat.mail import refusal
from mailbeat.mail.answers import in_quotes
from mailbeat.mail.deadline import Deadline
from mailbeat.mail.errors import AuthFailed, MailError, ServerBusy
from mailbeat.mail.mailbox import Login, Security
from mailbeat.mail.net import dial, unreachable
from mailbeat.mail.providers import meant_password
from mailbeat.mail.refusal import Step
from mailbeat.mail.stage import Begins, Stage, untold
from mailbeat.mail.wire import Lost, Response, Unreadable, Wire

LOGOUT_SECONDS = 2.0
# Bytes of commands that the server has not answered yet. Beyond what both ends buffer,
# it would wait for us to read, and we for it.
MAX_UNANSWERED = 16 * 1024

# What status responses may tell that we want to know (RFC 3501, 7.1).
CODES = frozenset(
    {b"HIGHESTMODSEQ", b"PERMANENTFLAGS", b"READ-ONLY", b"UIDNEXT", b"UIDVALIDITY"}
)
LOGIN_DISABLED = "LOGINDISABLED"
# Gmail's, in the OK of a command that it did: it will refuse soon.
THROTTLED = b"THROTTLED"
# Gmail's, with an address for one person's eyes, before it refuses a sign-in.
WEB_ALERT = b"WEBALERT"

# What is told of folders is kept till it is read. Who asks, asks about few.
MAX_KEPT = 50  # responses of a kind
MAX_KEPT_SIZE = 4 * 1024  # bytes of one

# Control characters, and halves of characters, which have no bytes.
_NEVER_SENT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_UNTAGGED = re.compile(rb"\* (?:[0-9]{1,10} )?([A-Za-z]{1,20})\b ?(.*)", re.DOTALL)
_CODE = re.compile(rb"\[([A-Z0-9-]{1,40}) ?((?:[^\]\"]|\"[^\"]*\")*)\]", re.IGNORECASE)

T = TypeVar("T")


class UnreadableAnswer(ServerBusy):
    """An answer that breaks the protocol, or is too large."""


class Answer(NamedTuple):
    """How a command ended: OK, NO or BAD, and the text behind that."""

    kind: str
    text: bytes


class _Refused(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Session:
    """Connected, then signed in, then signed out.

    Commands can be sent together; what comes in between their ends goes to whoever
    takes it: `codes` of status responses, `found` by SEARCH, rows by `take_row`, what
    is `told` of folders. A server may answer a later command first.

    `is_pipelined` is whether commands may be sent before the one before has ended, and
    `begins` is told of the stages.

    Raises:
        MailError: from the constructor and every method but `close` and `sign_out`.
    """

    def __init__(
        self,
        login: Login,
        mailbox: str,
        deadline: Deadline,
        *,
        is_pipelined: bool = True,
        begins: Begins = untold,
    ) -> None:
        self.login = login
        self.mailbox = mailbox
        self.is_pipelined = is_pipelined
        self.capabilities: frozenset[str] = frozenset()
        self.codes: dict[bytes, bytes] = {}
        self.found: list[bytes] | None = None  # None: no answer to a SEARCH came
        self.take_row: Callable[[Response], None] = lambda _row: None
        self.told: dict[bytes, list[Response]] = {}  # LIST, NAMESPACE
        self._count = 0
        self._unanswered: dict[bytes, int] = {}  # bytes by tag, as sent
        self._answers: dict[bytes, Answer] = {}
        self._unsent = bytearray()
        self._is_over = self._is_leaving = self._is_compressed = False
        self._is_gathering = False
        self._begins = begins
        self._wire = Wire(dial(login, deadline, begins=begins), deadline)

    # Signing in and out

    def sign_in(self) -> None:
        login = self.login
        self._guarded(Step.GREETING, self._greet)
        if login.security is Security.STARTTLS:
            self._begins(Stage.ENCRYPT)
            self._start_tls()
        words = (login.username, login.password, login.access_token)
        if any(map(_NEVER_SENT.search, words)):
            raise refusal.refused(AuthFailed, host=login.host)
        self._begins(Stage.SIGN_IN)
        before, self.capabilities = self.capabilities, frozenset()
        self._guarded(Step.SIGN_IN, lambda: self._authenticate(before))
        if not self.capabilities:  # signed in they are more
            self.ask(Step.READ, b"CAPABILITY")

    def _greet(self) -> None:
        greeting = self._wire.read()[0]
        kind, _, text = greeting.removeprefix(b"* ").partition(b" ")
        if kind.upper() == b"BYE":
            raise _Refused(Answer("BYE", text))
        if not greeting.startswith(b"* ") or kind.upper() != b"OK":
            raise Unreadable
        self._dispatch([greeting])
        if not self.capabilities:
            self._ask(b"CAPABILITY")
        if "IMAP4REV1" not in self.capabilities:
            raise Unreadable

    def _start_tls(self) -> None:
        login = self.login
        if "STARTTLS" not in self.capabilities:
            raise refusal.no_starttls(login.host, login.port)
        self.ask(Step.GREETING, b"STARTTLS")
        self._wire.start_tls(login)
        self.codes.clear()
        self.capabilities = frozenset()
        self.ask(Step.GREETING, b"CAPABILITY")

    def _authenticate(self, offered: frozenset[str]) -> None:
        """Sign in with a token, with PLAIN where it is offered, else with LOGIN.

        All of them take any character but NUL, CR and LF: PLAIN is UTF-8 (RFC 4616),
        and a password that does not fit a quoted string goes as a literal.
        """
        login = self.login
        password = meant_password(login.host, login.password)
        if login.access_token:
            bearer = f"user={login.username}\1auth=Bearer {login.access_token}\1\1"
            self._sasl(b"XOAUTH2", bearer, offered)
        elif "AUTH=PLAIN" in offered:
            self._sasl(b"PLAIN", f"\0{login.username}\0{password}", offered)
        elif LOGIN_DISABLED in offered:
            # To say it all the same would tell the password to who listens, for no use
            # (RFC 3501, 6.2.3).
            raise _Refused(Answer("NO", f"[PRIVACYREQUIRED] {LOGIN_DISABLED}".encode()))
        else:
            words = (login.username.encode(), password.encode())
            if all(map(bytes.isascii, words)):
                self._ask(b"LOGIN " + b" ".join(map(in_quotes, words)))
            else:
                self._ask(*_with_literals(b"LOGIN", words, offered))

    def _sasl(self, mechanism: bytes, said: str, offered: frozenset[str]) -> None:
        word = base64.b64encode(said.encode())
        if "SASL-IR" in offered:
            lines = [b"AUTHENTICATE %b %b" % (mechanism, word)]
        else:
            lines = [b"AUTHENTICATE " + mechanism, word]
        # A server that asks once more tells why it will refuse (XOAUTH2), and waits
        # for an empty line before it does.
        self._ask(*lines, b"")

    def sign_out(self) -> None:
        """Say goodbye, and wait no longer than `LOGOUT_SECONDS` for the answer."""
        if self._is_over:
            return
        self._is_leaving = True
        self._wire.deadline.restart(LOGOUT_SECONDS)
        with suppress(MailError, Lost, Unreadable, _Refused):  # the work is done
            self._wait(self._send(b"LOGOUT"))
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._is_over = True
        with suppress(OSError):
            self._wire.close()

    # Commands

    def offers(self, capability: str) -> bool:
        return capability in self.capabilities

    def ask(self, step: Step, *commands: bytes) -> None:
        """Send commands together; every one must end with OK."""
        self._guarded(step, lambda: self._each_ok(commands))

    def send(self, command: bytes) -> bytes:
        """Send a command, and return its tag for `wait`."""
        return self._guarded(Step.READ, lambda: self._send(command))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Have what is sent here go out as one, at the end or when it is waited for.

        Sent one by one, each command would be a packet, and a server that is quick
        would answer each by itself: a turn of the line for each.
        """
        self._is_gathering = True
        try:
            yield
        finally:
            self._is_gathering = False
        self._guarded(Step.READ, self._send_off)

    def wait(self, tag: bytes) -> Answer:
        """Wait until a command that was sent has ended, well or not."""
        return self._guarded(Step.READ, lambda: self._wait(tag))

    def must_be_ok(self, tag: bytes, step: Step) -> None:
        """Wait for the end of a command that was sent, which must be OK."""
        answer = self.wait(tag)
        if answer.kind != "OK":
            raise self.refused(answer, step)

    def settle(self) -> None:
        """Wait until every command that was sent has ended."""
        self._guarded(Step.READ, lambda: self._settle(at_most=0))

    def refused(self, answer: Answer, step: Step) -> MailError:
        """Return what an answer that is not OK means."""
        text = answer.text
        if step is Step.SIGN_IN and WEB_ALERT in self.codes:
            text = b"[%b] " % WEB_ALERT
        return refusal.explain(
            answer.kind,
            text,
            step=step,
            host=self.login.host,
            mailbox=self.mailbox,
            by_token=bool(self.login.access_token),
        )

    def compress(self) -> None:
        """Have both sides speak DEFLATE, if the server can."""
        if self.offers("COMPRESS=DEFLATE") and not self._is_compressed:
            self._guarded(Step.READ, self._compress)

    # Its details

    def _each_ok(self, commands: Sequence[bytes]) -> None:
        tags = [self._send(command) for command in commands]
        for tag in tags:
            self._must_be_ok(self._wait(tag))

    def _ask(self, command: bytes, *more: bytes) -> None:
        """Send a command; `more` are lines that it gets when the server asks."""
        self._must_be_ok(self._wait(self._send(command), more))

    def _must_be_ok(self, answer: Answer) -> None:
        if answer.kind != "OK":
            raise _Refused(answer)

    def _compress(self) -> None:
        self._settle(at_most=0)
        if self._wait(self._send(b"COMPRESS DEFLATE")).kind == "OK":
            self._wire.compress()
            self._is_compressed = True

    def _send(self, command: bytes) -> bytes:
        room = MAX_UNANSWERED - len(command) if self.is_pipelined else 0
        self._settle(at_most=room)
        self._count += 1
        tag = b"A%d" % self._count
        self._unanswered[tag] = len(command)
        self._unsent += b"%b %b\r\n" % (tag, command)
        if not self._is_gathering:
            self._send_off()
        return tag

    def _send_off(self) -> None:
        unsent = bytes(self._unsent)
        self._unsent.clear()
        if unsent:
            self._wire.send(unsent)

    def _settle(self, *, at_most: int) -> None:
        """Wait until no more than so many bytes of commands are unanswered."""
        while self._unanswered and sum(self._unanswered.values()) > at_most:
            tag = next(iter(self._unanswered))
            self._answers[tag] = self._wait(tag)

    def _wait(self, tag: bytes, more: Sequence[bytes] = ()) -> Answer:
        lines = iter(more)
        self._send_off()
        while tag not in self._answers:
            response = self._wire.read()
            if response[0].startswith(b"+"):
                line = next(lines, None)
                if line is None:
                    raise Unreadable
                self._wire.send(line + b"\r\n")
            else:
                self._dispatch(response)
        return self._answers.pop(tag)

    def _dispatch(self, response: Response) -> None:
        line = response[0]
        if not line.startswith(b"* "):
            self._end(line)
            return
        found = _UNTAGGED.match(line)
        kind, rest = (found[1].upper(), found[2]) if found else (b"", b"")
        match kind:
            case b"FETCH":
                self.take_row(response)
            case b"SEARCH":
                self.found = (self.found or []) + [rest]
            case b"CAPABILITY":
                self._learn(rest)
            case b"LIST" | b"NAMESPACE":
                self._keep(kind, response)
            case b"OK" | b"NO" | b"BAD":
                self._note_code(rest)
            case b"BYE" if not self._is_leaving:
                raise _Refused(Answer("BYE", rest))

    def _keep(self, kind: bytes, response: Response) -> None:
        kept = self.told.setdefault(kind, [])
        if len(kept) < MAX_KEPT and sum(map(len, response)) <= MAX_KEPT_SIZE:
            kept.append(response)

    def _end(self, line: bytes) -> None:
        tag, _, rest = line.partition(b" ")
        kind, _, text = rest.partition(b" ")
        kind = kind.upper()
        if kind not in {b"OK", b"NO", b"BAD"} or tag not in self._unanswered:
            raise Unreadable
        del self._unanswered[tag]
        self._note_code(text)
        self._answers[tag] = Answer(kind.decode(), text)

    def _note_code(self, text: bytes) -> None:
        found = _CODE.match(text)
        if found is None:
            return
        name, value = found[1].upper(), found[2]
        if name == b"CAPABILITY":
            self._learn(value)
        elif name in CODES:
            self.codes[name] = value
        elif name in {WEB_ALERT, THROTTLED}:
            self.codes[name] = b""

    def _learn(self, words: bytes) -> None:
        self.capabilities = frozenset(words.decode("ascii", "replace").upper().split())

    def _guarded(self, step: Step, talk: Callable[[], T]) -> T:
        """Talk; whatever goes wrong becomes our error, with none behind it."""
        trouble: MailError
        try:
            return talk()
        except _Refused as error:
            answer = error.answer
            trouble = self.refused(answer, step)
            if answer.kind == "BYE":
                self.close()
        except Lost:
            self.close()
            is_first = step is Step.GREETING
            trouble = (
                unreachable(self.login)
                if is_first
                else refusal.hung_up(self.login.host)
            )
        except Unreadable:
            self.close()  # the rest of the answer would be taken for the next one
            trouble = self._unreadable()
        raise trouble

    def _unreadable(self) -> UnreadableAnswer:
        return UnreadableAnswer(
            f"{self.login.host} answered what Mailbeat cannot read. Check that it is "
            "an IMAP server; Mailbeat tries again at the next run."
        )


def _with_literals(
    command: bytes, words: Sequence[bytes], offered: frozenset[str]
) -> list[bytes]:
    """Return the lines of a command; before each but the first the server asks."""
    at_once = bool(offered & {"LITERAL+", "LITERAL-"})
    lines = [command]
    for word in words:
        lines[-1] += b" {%d%b}" % (len(word), b"+" if at_once else b"")
        lines.append(word)
    return [b"\r\n".join(lines)] if at_once else lines
