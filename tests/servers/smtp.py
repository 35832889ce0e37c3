"""A mail server on loopback that keeps what it is handed, and can be rude."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "mailbeat", "a smtp password 0815"


@dataclass
class MailDrop:
    """What arrived. `refuse` is a reply instead of taking it, as long as it is set."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuse: str | None = None
    arrived: threading.Condition = field(default_factory=threading.Condition)

    async def handle_DATA(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.refuse is not None:
            return self.refuse
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        with self.arrived:
            self.mails.append(mail)
            self.recipients.append(list(envelope.rcpt_tos))
            self.arrived.notify_all()
        return "250 Taken"

    def wait_for(self, number: int, timeout: float = 30) -> list[EmailMessage]:
        with self.arrived:
            came = self.arrived.wait_for(lambda: len(self.mails) >= number, timeout)
            assert came, f"{len(self.mails)} mails came, not {number}"
            return list(self.mails)


@contextmanager
def mail_drop(
    *, tls: ssl.SSLContext | None = None, auth: bool = False
) -> Iterator[MailDrop]:
    """With `tls` it offers STARTTLS; with `auth` it wants USER and PASSWORD."""
    drop = MailDrop()

    def authenticate(server, session, envelope, mechanism, data) -> AuthResult:
        user, password = data.login.decode(), data.password.decode()
        drop.logins.append(user)
        return AuthResult(success=(user, password) == (USER, PASSWORD), handled=False)

    controller = Controller(
        drop,
        hostname="127.0.0.1",
        port=_free_port(),
        server_hostname="localhost",
        tls_context=tls,
        auth_required=auth,
        auth_require_tls=tls is not None,
        authenticator=authenticate if auth else None,
    )
    controller.start()
    drop.port = controller.port
    try:
        yield drop
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(8)
        yield sock.getsockname()[1]


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
