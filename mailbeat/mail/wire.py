"""The bytes between us and a server: bounded in time and size, and never logged.

`Wire` is the standard library's IMAP4 on a socket of ours. By itself that class waits
as long as bytes trickle in, and reads a literal of any length into memory.
"""

import imaplib
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mailbeat.mail.deadline import LOOK_EVERY, Deadline
from mailbeat.mail.mailbox import Login
from mailbeat.mail.net import start_tls

READ_SECONDS = 60.0  # a throttled Gmail answers late

# We ask for 32 KiB of a header and 8 KiB of a body at most.
MAX_LITERAL = 256 * 1024  # bytes
# A SEARCH answer is one line: 4 MiB hold half a million UIDs.
MAX_LINE = 4 * 1024 * 1024  # bytes
MAX_ANSWER = 8 * 1024 * 1024  # bytes that one command may bring


class TooMuch(OSError):
    """The server sent more than an answer of ours can hold."""


class _Reader(io.RawIOBase):
    """A socket as a file; each wait is cut by the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self.received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        end = time.monotonic() + READ_SECONDS
        while True:
            self._sock.settimeout(self._deadline.left(LOOK_EVERY))
            try:
                count = self._sock.recv_into(buffer)
            except TimeoutError:
                self._deadline.left(0)
                if time.monotonic() >= end:
                    raise
            else:
                break
        self.received += count
        if self.received > MAX_ANSWER:
            raise TooMuch
        return count


class Wire(imaplib.IMAP4):
    """An IMAP conversation over a connected socket; `greet` comes first.

    `refusal` is the answer to the last command if it was not OK: its kind (NO, BAD or
    BYE) and its text. `is_lost` once the other side hung up or stopped answering.
    """

    def __init__(self, sock: socket.socket, login: Login, deadline: Deadline) -> None:
        self.deadline = deadline
        self.refusal: tuple[str, bytes] | None = None
        self.is_lost = False
        self._login = login
        self._dialled = sock
        super().__init__(login.host, login.port)

    # What imaplib calls

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:  # noqa: ARG002 # imaplib's signature
        self.host = host
        self.port = port
        self._use(self._dialled)

    def _use(self, sock: socket.socket) -> None:
        self.sock = sock
        self._reader = _Reader(sock, self.deadline)
        self._buffer = io.BufferedReader(self._reader, 64 * 1024)
        self.file = self._buffer

    def read(self, size: int) -> bytes:
        if size > MAX_LITERAL:
            raise TooMuch
        with self._noticing_loss():
            literal = self._buffer.read(size)
            if len(literal) < size:
                raise ConnectionResetError
            return literal

    def readline(self) -> bytes:
        with self._noticing_loss():
            line = self._buffer.readline(MAX_LINE + 1)
            if len(line) > MAX_LINE:
                raise TooMuch
            if not line.endswith(b"\n"):
                raise ConnectionResetError
            return line

    def send(self, data: Any) -> None:
        self.refusal = None
        self._reader.received = 0
        with self._noticing_loss():
            self.sock.settimeout(self.deadline.left(READ_SECONDS))
            self.sock.sendall(data)

    @contextmanager
    def _noticing_loss(self) -> Iterator[None]:
        """Note what imaplib hides: it raises the same for nonsense and for silence."""
        try:
            yield
        except TooMuch:
            raise
        except OSError:
            self.is_lost = True
            raise

    def shutdown(self) -> None:
        self.file.close()
        self.sock.close()

    def _connect(self) -> None:
        """Leave the greeting to `greet`, so that a refused one can be looked at."""

    def _get_capabilities(self) -> None:
        """Take what the server told by itself, else ask."""
        _, told = self.response("CAPABILITY")
        if told == [None]:
            _, told = self.capability()
        if not told or not isinstance(told[-1], bytes):
            raise self.error("no capabilities")
        words = told[-1].decode("ascii", "replace").upper().split()
        self.capabilities: tuple[str, ...] = tuple(words)

    def _get_response(self) -> Any:
        """Read one answer, and remember it if it is a refusal."""
        response = super()._get_response()  # type: ignore[misc] # typeshed leaves it out
        if isinstance(response, bytes):
            kind, _, text = response.partition(b" ")[2].partition(b" ")
            if kind in {b"NO", b"BAD", b"BYE"}:
                self.refusal = (kind.decode("ascii"), text)
        return response

    def _log(self, line: str) -> None:
        """Keep no copy of what was said: imaplib's own holds the password."""

    # What we call

    def greet(self) -> None:
        """Read the greeting.

        Raises:
            imaplib.IMAP4.error: the server does not want us, or speaks no IMAP.
        """
        super()._connect()  # type: ignore[misc] # typeshed leaves it out

    def start_tls(self) -> None:
        """Change to TLS; what the server said before it is forgotten (RFC 3501, 6.2.1).

        Raises:
            imaplib.IMAP4.error: the server does not offer it.
            ConnectFailed: it hung up.
            TLSFailed: the certificate, its name or the protocol.
        """
        kind, _ = self._simple_command("STARTTLS")
        if kind != "OK":
            raise self.error("STARTTLS refused")
        self._use(start_tls(self.sock, self._login, self.deadline))
        self.untagged_responses.clear()
        self._get_capabilities()

    def sign_in(self, username: str, password: str) -> None:
        """Authenticate with PLAIN where it is offered, else with LOGIN.

        Both take any character but NUL, CR and LF: PLAIN is UTF-8 (RFC 4616), and a
        password that does not fit a quoted string goes as a literal.

        Raises:
            imaplib.IMAP4.error: refused.
        """
        if "AUTH=PLAIN" in self.capabilities:
            secret = f"\0{username}\0{password}".encode()
            self.authenticate("PLAIN", lambda _challenge: secret)
            return
        if password.isascii():
            words = [self._quoted(username), self._quoted(password)]
        else:
            words = [self._quoted(username)]
            self.literal = password.encode()  # type: ignore[assignment] # typeshed says str
        kind, _ = self._simple_command("LOGIN", *words)
        if kind != "OK":
            raise self.error("LOGIN refused")
        self.state = "AUTH"

    def learn_capabilities(self) -> None:
        """Ask again what the server can do: after signing in it is more."""
        self._get_capabilities()

    def _quoted(self, word: str) -> str:
        escaped = word.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
