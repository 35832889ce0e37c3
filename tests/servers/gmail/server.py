"""The server: its ports, its users, its rules, and what it has seen."""

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from imapclient import IMAPClient

from mailbeat.mail.mailbox import Login, Security
from tests.servers.certificates import Certificate
from tests.servers.gmail.faults import Fault, Rule
from tests.servers.gmail.store import Mail, User
from tests.servers.gmail.talk import Talk
from tests.servers.gmail.wire import Wire
from tests.servers.imap import LOOPBACK

BEFORE = (
    "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY "
    "SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER"
)
AFTER = (
    "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS "
    "COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED "
    "LIST-STATUS LITERAL- SPECIAL-USE"
)


@dataclass(frozen=True)
class Dialect:
    r"""How a server behaves, which is Gmail's way unless told otherwise.

    `sign_in_tells`: how the capabilities come with the answer to a sign-in: as an
    `untagged` line, as a `code` in the tagged one, or `not` at all. `more_flags` stands
    behind the permanent flags: ` \*` means that keywords are kept. Where neither labels
    nor keywords stick, they are taken with an OK and forgotten. A server that
    `interleaves` mixes the answers to commands that were sent together.
    """

    before: tuple[str, ...] = tuple(BEFORE.split())
    after: tuple[str, ...] = tuple(AFTER.split())
    greeting_tells: bool = False
    sign_in_tells: str = "untagged"
    more_flags: str = " \\*"
    labels_stick: bool = True
    keywords_stick: bool = True
    is_readonly: bool = False
    interleaves: bool = False
    connections: int = 15

    def without(self, *names: str) -> "Dialect":
        """The same, with some capabilities not offered."""
        return replace(
            self,
            before=tuple(one for one in self.before if one not in names),
            after=tuple(one for one in self.after if one not in names),
        )

    def offering(self, *names: str) -> "Dialect":
        return replace(self, before=self.before + names, after=self.after + names)


class GmailServer:
    """Serves on loopback; with a certificate there is `tls_port` and STARTTLS, too.

    `commands` are those that came, without secrets; `complaints` what a client did that
    it must not do. `logins` succeeded, `refused` did not. `lock` is for whoever touches
    the users beside the methods of this class.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        *,
        certificate: Certificate | None = None,
        dialect: Dialect | None = None,
        port: int = 0,
    ) -> None:
        self.dialect = dialect or Dialect()
        self.lock = threading.RLock()
        self.users: dict[str, User] = {}
        self.commands: list[str] = []
        self.complaints: list[str] = []
        self.clients: list[dict[str, str]] = []  # what they said in ID
        self.logins = self.refused = 0
        self.connections = self.peak = self.bytes_in = self.bytes_out = 0
        self.cut_after: int | None = None  # bytes said on a new connection
        self.context = _context(certificate) if certificate else None
        self._rules: list[Rule] = []
        self._talks: list[Talk] = []
        self._listeners = [socket.create_server((self.host, port), backlog=200)]
        if self.context is not None:
            self._listeners.append(socket.create_server((self.host, 0), backlog=200))
        ports = [int(one.getsockname()[1]) for one in self._listeners]
        self.port, self.tls_port = ports[0], ports[-1]

    # Life

    def start(self) -> None:
        for number, listener in enumerate(self._listeners):
            threading.Thread(
                target=self._accept, args=(listener, bool(number)), daemon=True
            ).start()

    def stop(self) -> None:
        for listener in self._listeners:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def cut(self) -> int:
        """Cut every connection there is, and say how many."""
        with self.lock:
            talks = list(self._talks)
        for talk in talks:
            talk.wire.hang_up()
        return len(talks)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _accept(self, listener: socket.socket, is_tls: bool) -> None:  # noqa: FBT001 # a thread's argument
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire = Wire(
                sock, came=self._came, went=self._went, cut_after=self.cut_after
            )
            talk = Talk(self, wire, is_tls=is_tls)
            with self.lock:
                self._talks.append(talk)
                self.connections += 1
                self.peak = max(self.peak, self.open)
            threading.Thread(target=self._serve, args=(talk,), daemon=True).start()

    def _serve(self, talk: Talk) -> None:
        try:
            talk.run()
        finally:
            with self.lock:
                self._talks.remove(talk)
            talk.wire.hang_up()
            talk.wire.close()

    def _came(self, count: int) -> None:
        self.bytes_in += count

    def _went(self, count: int) -> None:
        self.bytes_out += count

    # Rules

    def rule(
        self, start: str, *, do: Fault, after: int = 0, times: int | None = None
    ) -> Rule:
        rule = Rule(start, do, after, times)
        with self.lock:
            self._rules.append(rule)
        return rule

    def forget_rules(self) -> None:
        with self.lock:
            self._rules.clear()

    def rule_for(self, text: str) -> Rule | None:
        """The first that fits; it is counted."""
        with self.lock:
            return next((rule for rule in self._rules if rule.fits(text)), None)

    # Users

    def add_user(
        self,
        address: str,
        password: str = "a password",
        *,
        tokens: Iterable[str] = (),
        language: str = "en",
    ) -> User:
        user = User(address, password, tokens=tokens, language=language)
        with self.lock:
            self.users[address] = user
        return user

    def open_for(self, user: User) -> int:
        """How many connections are signed in."""
        return sum(talk.user is user and not talk.is_leaving for talk in self._talks)

    @property
    def open(self) -> int:
        """How many connections there are, but for those that said goodbye."""
        return sum(not talk.is_leaving for talk in self._talks)

    def login(
        self,
        address: str,
        *,
        password: str | None = None,
        security: Security = Security.NONE,
    ) -> Login:
        user = self.users[address]
        return Login(
            host=self.host if security is Security.NONE else "localhost",
            port=self.tls_port if security is Security.TLS else self.port,
            security=security,
            username=address,
            password=user.password if password is None else password,
            allowed_networks=LOOPBACK,
        )

    # Mail, as the user and the world change it

    def append(
        self, address: str, *messages: bytes, received_at: datetime | None = None
    ) -> None:
        """Deliver messages to a user's INBOX."""
        for message in messages:
            self.deliver(address, message, received_at=received_at)

    def deliver(
        self,
        address: str,
        raw: bytes,
        *,
        labels: Iterable[str] = ("\\Inbox",),
        received_at: datetime | None = None,
    ) -> Mail:
        with self.lock:
            return self.users[address].deliver(
                raw, labels=labels, received_at=received_at
            )

    def labels(self, address: str) -> dict[str, set[str]]:
        """All labels of each mail, by Message-ID."""
        with self.lock:
            mails = self.users[address].mails.values()
            return {mail.message_id: set(mail.labels) for mail in mails}

    def flags(self, address: str) -> dict[str, set[str]]:
        """All flags of each mail, by Message-ID."""
        with self.lock:
            mails = self.users[address].mails.values()
            return {mail.message_id: set(mail.flags) for mail in mails}

    def correct(
        self,
        address: str,
        message_id: str,
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
    ) -> None:
        """The user changes labels; without `\\Inbox` a mail is archived."""
        with self.lock:
            user = self.users[address]
            labels = [user.label(name, create=True) for name in add]
            for mail in user.mails.values():
                if mail.message_id == message_id:
                    user.relabel(mail, add=labels, remove=remove)

    @contextmanager
    def client(self, address: str) -> Iterator[IMAPClient]:
        """Another's client, signed in."""
        with IMAPClient(self.host, port=self.port, ssl=False, timeout=10) as client:
            password = self.users[address].password
            if password.isascii():
                client.login(address, password)
            else:
                client.plain_login(address, password)
            yield client


def _context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context
