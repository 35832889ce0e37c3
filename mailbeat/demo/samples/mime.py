"""From a draft to the bytes of a message, in any charset and encoding.

Written out by hand rather than by `email`, which would put right what a sample is meant
to have: odd charsets, old encodings, eight bits in a header.
"""

import base64
import quopri
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

CRLF = "\r\n"


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it is written down; `sender` and `to` are (name, address)."""

    sender: tuple[str, str]
    to: tuple[str, str]
    subject: str
    text: str
    sent_at: datetime
    message_id: str
    html: str | None = None
    charset: str = "utf-8"
    encoding: str = "quoted-printable"  # or base64, 8bit, 7bit
    headers: Mapping[str, str] = field(default_factory=dict)
    calendar: str | None = None
    attachments: Sequence[Attachment] = ()


def write(draft: Draft) -> bytes:
    """Return the message as it goes over the wire, lines ending in CRLF."""
    charset = draft.charset
    headers = {
        "From": _address(draft.sender, charset),
        "To": _address(draft.to, charset),
        "Subject": _encoded(draft.subject, charset),
        "Date": format_datetime(draft.sent_at),
        "Message-ID": f"<{draft.message_id}>",
        **draft.headers,
        "MIME-Version": "1.0",
    }
    lines = CRLF.join(f"{name}: {value}" for name, value in headers.items())
    return lines.encode() + CRLF.encode() + _body(draft)


def _address(who: tuple[str, str], charset: str) -> str:
    name, address = who
    if name.isascii():
        return formataddr(who)
    return f"{_encoded(name, charset)} <{address}>"


def _encoded(text: str, charset: str) -> str:
    if text.isascii():
        return Header(text, "us-ascii", maxlinelen=76).encode(linesep=CRLF)
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        charset = "utf-8"
    return Header(text, charset, maxlinelen=76).encode(linesep=CRLF)


def _body(draft: Draft) -> bytes:
    """The part's own headers, an empty line, and what follows."""
    parts = []
    if draft.text:
        parts.append(_text("plain", draft.text, draft))
    if draft.html is not None:
        parts.append(_text("html", draft.html, draft))
    if draft.calendar is not None:
        parts.append(_calendar(draft.calendar))
    whole = parts[0] if len(parts) == 1 else _multipart("alternative", parts, draft)
    if not draft.attachments:
        return whole
    files = [_attached(attachment) for attachment in draft.attachments]
    return _multipart("mixed", [whole, *files], draft)


def _text(subtype: str, text: str, draft: Draft) -> bytes:
    raw = text.replace("\n", CRLF).encode(draft.charset, "replace")
    head = (
        f"Content-Type: text/{subtype}; charset={draft.charset}{CRLF}"
        f"Content-Transfer-Encoding: {draft.encoding}{CRLF}{CRLF}"
    )
    return head.encode() + _transfer(raw, draft.encoding) + CRLF.encode()


def _transfer(raw: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(raw).replace(b"\n", b"\r\n")
    if encoding == "quoted-printable":
        encoded = quopri.encodestring(raw.replace(b"\r\n", b"\n"))
        return encoded.replace(b"\n", b"\r\n")
    return raw


def _calendar(event: str) -> bytes:
    head = (
        f"Content-Type: text/calendar; charset=utf-8; method=REQUEST{CRLF}"
        f"Content-Transfer-Encoding: base64{CRLF}{CRLF}"
    )
    raw = event.replace("\n", CRLF).encode()
    return head.encode() + _transfer(raw, "base64") + CRLF.encode()


def _attached(attachment: Attachment) -> bytes:
    head = (
        f'Content-Type: {attachment.content_type}; name="{attachment.name}"{CRLF}'
        f'Content-Disposition: attachment; filename="{attachment.name}"{CRLF}'
        f"Content-Transfer-Encoding: base64{CRLF}{CRLF}"
    )
    return head.encode() + _transfer(attachment.content, "base64") + CRLF.encode()


def _multipart(subtype: str, parts: Sequence[bytes], draft: Draft) -> bytes:
    boundary = f"={subtype}={draft.message_id.partition('@')[0]}"
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"{CRLF}{CRLF}'
    opening = f"--{boundary}{CRLF}".encode()
    closing = f"--{boundary}--{CRLF}".encode()
    return head.encode() + b"".join(opening + part for part in parts) + closing
