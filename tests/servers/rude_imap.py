"""An IMAP server that says exactly what a test wants, rude things too."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mailbeat.mail.mailbox import Login, Security
from tests.servers.imap import LOOPBACK

HANG_UP = b"<hang up>"

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


class RudeIMAP:
    """Each command is answered by the longest key that it starts with.

    `HANG_UP` at its end closes the connection; a list is used up answer by answer.
    """

    def __init__(
        self, answers: dict[str, bytes | list[bytes]], *, greeting: bytes
    ) -> None:
        self.answers = DEFAULTS | answers
        self.greeting = greeting
        self.commands: list[str] = []
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
        lines = connection.makefile("rb")
        for line in lines:
            tag, _, command = line.rstrip(b"\r\n").partition(b" ")
            self.commands.append(command.decode("utf-8", "replace"))
            if command.upper().startswith(b"AUTHENTICATE"):
                connection.sendall(b"+ \r\n")
                self.commands.append(lines.readline().decode("ascii").strip())
            answer = self._answer(command.decode("utf-8", "replace"))
            said = answer.removesuffix(HANG_UP)
            connection.sendall(said.replace(b"{tag}", tag))
            if said != answer:
                return

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
