"""From the bytes of a message to a `Message`, whatever the bytes are.

Everything is short: the server sends us the fields that we name and 5.5 KiB of a body.
Everything is read in linear time, and nothing raises: the standard library's parser
does on odd mail, or takes seconds, depending on its policy.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from mailbeat.mail import sender as senders
from mailbeat.mail import text as texts
from mailbeat.mail.content import (
    MIN_LETTERS,
    charset_of,
    letters_in,
    part_text,
    read_content,
)
from mailbeat.mail.fields import MAX_VALUE, normal_lines, scan
from mailbeat.mail.message import Message
from mailbeat.mail.structure import TextPart

# What is asked of a server; the categorizers know no other fields.
FIELDS = (
    "From", "Sender", "Reply-To", "Return-Path", "To", "Cc", "Subject", "Date",
    "Message-ID", "In-Reply-To", "References",
    "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
    "List-Id", "List-Post", "List-Unsubscribe", "List-Unsubscribe-Post",
    "List-Archive", "Mailing-List", "X-Mailing-List", "X-BeenThere",
    "X-Mailman-Version", "X-Google-Group-Id",
    "Precedence", "Auto-Submitted", "X-Auto-Response-Suppress", "Feedback-ID",
    "X-Failed-Recipients", "Authentication-Results", "X-Mailer", "User-Agent",
    "X-Campaign", "X-Campaign-ID", "X-CampaignID", "X-MC-User", "X-Mailgun-Tag",
    "X-GitHub-Reason", "X-GitLab-Project", "X-JIRA-FingerPrint", "X-Bugzilla-Reason",
    "X-Facebook-Notify", "X-LinkedIn-Class", "X-Cron-Env", "X-Spam-Flag",
)  # fmt: skip

MAX_FIELDS = 32 * 1024  # bytes
# Five new messages of any length are less than 40 KB on the line. Of 3,479 messages 25
# get another decision than with 8 KiB, most of them newsletters of old that say only
# late what they are: 82.7 % of those without spam are right, with 8 KiB 83.1, with
# 4 KiB 82.1. Long styles at the beginning are no matter: their text is asked for.
MAX_BODY = 5632  # bytes
MAX_VALUES = 10  # of one field's name
MAX_TEXT_PART = 64 * 1024  # bytes of a text that had to be asked for by itself
MAX_RAW_HEADER = 256 * 1024  # bytes of a whole .eml

_KNOWN = frozenset(name.lower() for name in FIELDS)
_CONTENT_FIELDS = ("content-type", "content-transfer-encoding", "content-disposition")
_SENDER_FIELDS = ("from", "sender", "return-path")
_ESSENTIAL = ("from", "subject", "date", "message-id", "to")
_BLANK_LINE = b"\n\n"


def parse_message(
    *,
    uid: int,
    fields: bytes,
    body: bytes,
    received_at: datetime,
    size: int,
    gmail_id: str | None = None,
    max_body: int = MAX_BODY,
) -> Message:
    """Make a message of its header fields and the first `max_body` bytes of its body.

    Never raises: of what cannot be read at all comes a message with `readable=False`.
    """
    try:
        return read_message(
            uid=uid,
            fields=fields,
            body=body,
            received_at=received_at,
            size=size,
            gmail_id=gmail_id,
            max_body=max_body,
        )
    except Exception:  # noqa: BLE001 # one message must never end a batch, whatever it holds
        return unreadable_message(uid=uid, received_at=received_at)


def with_text(message: Message, data: bytes, part: TextPart) -> Message:
    """Give a message the text of a part that was asked for by itself.

    `data` is the first MAX_TEXT_PART bytes of it, as the server sends them, and `part`
    what `text_part_of` found. Never raises.
    """
    try:
        text = part_text(
            normal_lines(data[:MAX_TEXT_PART]),
            kind=f"text/{part.subtype}",
            encoding=part.encoding,
            content_type=f'charset="{part.charset}"',
        )
    except Exception:  # noqa: BLE001 # as above
        text = ""
    text = max(message.text, text, key=letters_in)
    return replace(message, text=text, needs_text_part=False)


def message_from_bytes(raw: bytes, *, uid: int = 0) -> Message:
    """Make a message of a whole `.eml`, as if it had come from a server."""
    start = normal_lines(raw[:MAX_RAW_HEADER]).lstrip(b"\n")
    if start.startswith(b"From ") and not start.startswith(b"From :"):  # of an mbox
        start = start.partition(b"\n")[2]
    head, _, rest = start.partition(_BLANK_LINE)
    named = b"\n".join(
        name.encode() + b": " + value
        for name, value in scan(head.split(b"\n"))
        if name in _KNOWN
    )
    read = partial(
        parse_message,
        uid=uid,
        fields=named,
        received_at=datetime.now(UTC),
        size=len(raw),
    )
    message = read(body=rest[:MAX_BODY])
    if message.needs_text_part:
        return read(body=rest[:MAX_TEXT_PART], max_body=MAX_TEXT_PART)
    return message


def unreadable_message(*, uid: int, received_at: datetime) -> Message:
    return Message(
        uid=uid,
        key=_digest("unreadable", str(uid), received_at.isoformat()),
        message_id="",
        sender="",
        subject="",
        received_at=received_at,
        headers={},
        text="",
        readable=False,
    )


def read_message(
    *,
    uid: int,
    fields: bytes,
    body: bytes,
    received_at: datetime,
    size: int,
    gmail_id: str | None = None,
    max_body: int = MAX_BODY,
) -> Message:
    """As `parse_message`, but without its net: what it raises is a mistake of ours."""
    raw = _known(scan(normal_lines(fields[:MAX_FIELDS]).split(b"\n")))
    content_fields = {name: raw[name][0] for name in _CONTENT_FIELDS if name in raw}
    charset = charset_of(content_fields)
    headers = {
        name: tuple(texts.decode_header(value[:MAX_VALUE], charset) for value in values)
        for name, values in raw.items()
    }
    sender, sender_name = _sender(raw, charset)
    message_id = _first(headers, "message-id")[:255]
    date = _first(headers, "date") or received_at.isoformat()
    content = read_content(content_fields, normal_lines(body[:max_body]))
    has_fields = any(headers.get(name) for name in _ESSENTIAL)
    if not (has_fields or content.text or content.attachments):
        return unreadable_message(uid=uid, received_at=received_at)
    key = f"gm-{gmail_id}" if gmail_id else _digest(message_id, sender, date, str(size))
    return Message(
        uid=uid,
        key=key,
        message_id=message_id,
        sender=sender,
        subject=_first(headers, "subject"),
        received_at=received_at,
        headers=headers,
        text=content.text,
        sender_name=sender_name,
        attachments=content.attachments,
        size=size,
        needs_text_part=len(body) >= max_body
        and letters_in(content.text) < MIN_LETTERS,
    )


def _known(fields: Iterable[tuple[str, bytes]]) -> dict[str, list[bytes]]:
    known: dict[str, list[bytes]] = {}
    for name, value in fields:
        if name in _KNOWN and len(values := known.setdefault(name, [])) < MAX_VALUES:
            values.append(value)
    return known


def _first(headers: dict[str, tuple[str, ...]], name: str) -> str:
    values = headers.get(name, ())
    return values[0] if values else ""


def _sender(raw: dict[str, list[bytes]], charset: str) -> tuple[str, str]:
    """Return the address and the display name of the first field that has one.

    The address is looked for in the undecoded value: an encoded display name may
    spell `<somebody@else>`.
    """
    for value in (v for name in _SENDER_FIELDS for v in raw.get(name, ())):
        written = texts.one_line(texts.decode_raw(value, charset))
        decoded = texts.decode_header(value, charset)
        address = senders.address_in(written) or senders.address_in(decoded)
        if address:
            return address.lower(), senders.name_beside(decoded, address)
    return "", ""


def _digest(*parts: str) -> str:
    joined = "\0".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()
