"""Mail over SMTP. Nothing is sent unencrypted to another machine, unless so wished."""

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from mailbeat.notify.channel import SEND_SECONDS, Note, Undelivered, one_line

ANSWER_SECONDS = 10.0  # for each answer of the server
PORTS = {"smtp": 587, "smtps": 465}
ENCRYPTED, PLAIN = "required", "none"
MAX_ADDRESS = 254  # characters (RFC 5321, 4.5.3.1.3)
_ODD = frozenset(' ,;:<>()"[]\\')
_PERMANENT = 500  # replies from here on are final (RFC 5321, 4.2.1)


# A long address in a header, as that of List-Unsubscribe, would be cut in pieces and
# encoded, which no mail program reads there. 998 is the longest line (RFC 5322, 2.1.1).
_WHOLE_LINES = policy.SMTP.clone(max_line_length=990)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `tls` says whether STARTTLS must be there."""

    host: str
    port: int
    is_tls: bool
    tls: str = ENCRYPTED
    username: str = ""
    password: str = field(default="", repr=False)


def mail_server(url: str) -> MailServer:
    """Read SMTP_URL.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    tls = parse_qs(parts.query).get("tls", [ENCRYPTED])[-1]
    if parts.scheme not in PORTS or not parts.hostname or parts.port == 0:
        raise ValueError("no smtp:// or smtps:// address")
    if tls not in {ENCRYPTED, PLAIN} or parts.path not in {"", "/"} or parts.fragment:
        raise ValueError("no plain smtp:// or smtps:// address")
    if not url.isascii() or not url.isprintable():
        raise ValueError("no plain address")
    return MailServer(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        is_tls=parts.scheme == "smtps",
        tls=tls,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def is_mail_address(text: str) -> bool:
    """Whether this is one address, as it may stand in a head and in SMTP."""
    name, address = parseaddr(text)
    local, _, domain = text.rpartition("@")
    is_plain = text.isprintable() and text.isascii() and not _ODD & set(text)
    is_whole = not name and address == text and bool(local and domain)
    return is_plain and is_whole and len(text) <= MAX_ADDRESS


@dataclass(frozen=True, slots=True)
class MailChannel:
    """Mail to some people; a note may name others."""

    server: MailServer
    sender: str
    to: tuple[str, ...]
    key: str = "email"

    @property
    def shown(self) -> str:
        return one_line(f"Mail to {', '.join(self.to) or 'who subscribed'}", 300)

    def send(self, note: Note) -> None:
        recipients = note.to or self.to
        message = as_mail(note, sender=self.sender, to=recipients)
        try:
            self._hand_in(message, recipients)
        except Undelivered:
            raise
        except smtplib.SMTPAuthenticationError:
            raise Undelivered(
                f"{self.server.host} refused the user or the password of SMTP_URL.",
                permanent=True,
            ) from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise Undelivered(
                f"{self.server.host} takes no mail for {', '.join(recipients)[:100]}.",
                permanent=all(code >= _PERMANENT for code in codes),
            ) from None
        except smtplib.SMTPResponseException as error:
            raise Undelivered(
                f"{self.server.host} did not take the mail (SMTP {error.smtp_code}).",
                permanent=error.smtp_code >= _PERMANENT,
            ) from None
        except ssl.SSLError:
            raise Undelivered(
                f"The certificate of {self.server.host} is not to be trusted, or it "
                "speaks no TLS on this port. Check SMTP_URL."
            ) from None
        except (OSError, smtplib.SMTPException, ValueError):
            raise Undelivered(
                f"{self.server.host} port {self.server.port} did not answer, or hung "
                "up. Check SMTP_URL."
            ) from None

    def _hand_in(self, message: EmailMessage, to: tuple[str, ...]) -> None:
        server = self.server
        context = ssl.create_default_context()
        smtp: smtplib.SMTP = (
            smtplib.SMTP_SSL(timeout=ANSWER_SECONDS, context=context)
            if server.is_tls
            else smtplib.SMTP(timeout=ANSWER_SECONDS)
        )
        # smtplib keeps the name for the certificate only when it connects by itself.
        smtp._host = server.host  # type: ignore[attr-defined] # noqa: SLF001
        end = threading.Timer(SEND_SECONDS, _cut, (smtp,))
        end.daemon = True
        end.start()
        try:
            smtp.connect(server.host, server.port)
            smtp.ehlo()
            if not server.is_tls:
                self._encrypt(smtp, context)
            if server.username:
                smtp.login(server.username, server.password)
            smtp.send_message(message, self.sender, list(to))
        finally:
            end.cancel()
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()

    def _encrypt(self, smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
        if self.server.tls == PLAIN:
            return
        if smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo()
        elif not _is_here(self.server.host) or self.server.password:
            raise Undelivered(
                f"{self.server.host} offers no encryption, so nothing was sent. Use "
                "smtps://, or add ?tls=none to SMTP_URL for a server of your own.",
                permanent=True,
            )


def _is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _cut(smtp: smtplib.SMTP) -> None:
    """End what takes too long: whoever waits for the socket is told that it is over."""
    sock = smtp.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def as_mail(note: Note, *, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """The mail of a note: plain text, and HTML beside it where there is some."""
    message = EmailMessage(policy=_WHOLE_LINES)
    message["From"] = f"Mailbeat <{sender}>"
    message["To"] = ", ".join(to)
    message["Subject"] = one_line(note.title)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{note.id}@{sender.rpartition('@')[2]}>"
    # Machines do not answer it (RFC 3834, 5).
    message["Auto-Submitted"] = "auto-generated"
    for name, value in note.headers.items():
        message[name] = value
    message.set_content(note.text)
    if note.html is not None:
        message.add_alternative(note.html, subtype="html")
    return message
