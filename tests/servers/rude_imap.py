"""An IMAP server that says exactly what a test wants, rude things too."""

import re
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mailbeat.mail.mailbox import Login, Security
from tests.servers.imap import LOOPBACK

HANG_UP = b"<hang up>"
WAIT = b"<wait>"  # for a line of the client

DEFAULTS = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done\r\n",
    "AUTHENTICATE": b"{tag} OK welcome\r\n",
    "LOGIN": b"{tag} OK welcome\r\n",
    "SELECT": (
        b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n"
        b"* OK [PERMANENTFLAGS (\\Seen \\*)] ok\r\n{tag} OK [READ-WRITE] done\r\n"
    ),
    "UID SEARCH": b"* SEARCH 1 2 3\r\n{tag} OK done\r\n",
    "UID STORE": b"{tag} OK done\r\n",
    "LOGOUT": b"* BYE\r\n{tag} OK done\r\n",
}


class _Talk:
    """Lines to and from a client; a line's literals are read as part of it."""

    def __init__(self, connection: socket.socket) -> None:
        self.heard = 0  # times that bytes came
        self._connection = connection
        self._buffer = b""
        self._inflater = self._deflater = None

    def compress(self) -> None:
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)

    def say(self, data: bytes) -> None:
        if self._deflater:
            data = self._deflater.compress(data)
            data += self._deflater.flush(zlib.Z_SYNC_FLUSH)
        self._connection.sendall(data)

    def line(self) -> bytes:
        line = self._read(b"\n").rstrip(b"\r\n")
        while announced := re.search(rb"\{(\d+)(\+?)\}$", line):
            if not announced[2]:
                self.say(b"+ go on\r\n")
            line += b" " + self._read(int(announced[1]))
            line += self._read(b"\n").rstrip(b"\r\n")
        return line

    def _read(self, what: bytes | int) -> bytes:
        """Read up to a mark, or so many bytes."""
        while True:
            end = self._buffer.find(what) + 1 if isinstance(what, bytes) else what
            if 0 < end <= len(self._buffer):
                taken, self._buffer = self._buffer[:end], self._buffer[end:]
                return taken
            data = self._connection.recv(65536)
            if not data:
                return b""
            self.heard += 1
            self._buffer += self._inflater.decompress(data) if self._inflater else data


class RudeIMAP:
    """Each command is answered by the longest key that it starts with.

    `HANG_UP` at its end closes the connection; `WAIT` in it stands for a line of the
    client; a list is used up answer by answer. `heard` says for each command how often
    bytes had come on its connection: what was sent as one has the same number.
    """

    def __init__(
        self, answers: dict[str, bytes | list[bytes]], *, greeting: bytes
    ) -> None:
        self.answers = DEFAULTS | answers
        self.greeting = greeting
        self.commands: list[str] = []
        self.heard: list[int] = []
        self.compresses = b"{tag} OK" in self.answers.get("COMPRESS", b"")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def login(self, password: str = "a password", **changes) -> Login:
        values = {
            "host": "127.0.0.1",
            "port": self._listener.getsockname()[1],
            "security": Security.NONE,
            "username": "ada",
            "password": password,
            "allowed_networks": LOOPBACK,
        }
        return Login(**(values | changes))

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError):
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        connection.sendall(self.greeting)
        if not self.greeting:
            return
        talk = _Talk(connection)
        while line := talk.line():
            tag, _, said = line.partition(b" ")
            command = said.decode("utf-8", "replace")
            self.commands.append(command)
            self.heard.append(talk.heard)
            if command.upper().startswith("AUTHENTICATE") and command.count(" ") == 1:
                talk.say(b"+ \r\n")
                self.commands.append(talk.line().decode("ascii"))
            answer = self._answer(command).replace(b"{tag}", tag)
            before, waits, after = answer.partition(WAIT)
            talk.say(before.removesuffix(HANG_UP))
            if waits:
                self.commands.append(talk.line().decode("ascii"))
                talk.say(after)
            if answer.endswith(HANG_UP):
                return
            if self.compresses and command.startswith("COMPRESS"):
                talk.compress()

    def _answer(self, command: str) -> bytes:
        keys = [key for key in self.answers if command.upper().startswith(key)]
        answer = self.answers[max(keys, key=len)] if keys else b"{tag} OK done\r\n"
        if isinstance(answer, list):
            answer = answer.pop(0)
        return answer


@contextmanager
def rude_imap(
    answers: dict[str, bytes | list[bytes]] | None = None,
    *,
    greeting: bytes = b"* OK hello\r\n",
) -> Iterator[RudeIMAP]:
    server = RudeIMAP(answers or {}, greeting=greeting)
    try:
        yield server
    finally:
        server.stop()
