"""From the bytes of a message to a `Message`, whatever the bytes are.

The standard library's parser reads the MIME parts (policy compat32: the newer ones
raise on odd mail, and some take seconds), and only of input that is short: the server
sends us 8 KiB of a body. Header fields are read by one linear scan of our own.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes as parse_mime
from email.message import Message as MIMEPart

from mailbeat.mail import text as texts
from mailbeat.mail.message import Message

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
MAX_BODY = 8 * 1024  # bytes
MAX_VALUE = 1_000  # bytes of one field
MAX_VALUES = 10  # of one field's name
MAX_PARTS = 50
# More nesting than any mailer writes; the parser's recursion is our stack.
MAX_BOUNDARIES = 20
MAX_INNER_MESSAGES = 10
SUSPICIOUS_BODY = 1024  # bytes that are kept of a message that has more of those
MIN_PLAIN = 20  # letters: less is a note that HTML is needed
MAX_RAW_HEADER = 256 * 1024  # bytes of a whole .eml

_KNOWN = frozenset(name.lower() for name in FIELDS)
_ESSENTIAL = ("from", "subject", "date", "message-id", "to")
_ADDRESS = re.compile(
    r'[^\s<>()\[\]{},;:"@\\]{1,64}@[^\s<>()\[\]{},;:"@\\]{1,255}', re.UNICODE
)
_CHARSET = re.compile(
    r"""charset\*?\s*=\s*["']?(?:[\w-]*'[\w-]*')?([^"';\s]{1,60})""", re.IGNORECASE
)
_FIELD_NAME = re.compile(rb"[!-9;-~]{1,76}")  # RFC 5322, 2.2
_BLANK_LINE = b"\n\n"


def parse_message(
    *,
    uid: int,
    fields: bytes,
    body: bytes,
    received_at: datetime,
    size: int,
    gmail_id: str | None = None,
) -> Message:
    """Make a message of its header fields and the beginning of its body.

    Never raises: of what cannot be read at all comes a message with `readable=False`.
    """
    try:
        return _parse(
            fields,
            body,
            uid=uid,
            received_at=received_at,
            size=size,
            gmail_id=gmail_id,
        )
    except Exception:  # noqa: BLE001 # one message must never end a batch, whatever it holds
        return unreadable_message(uid=uid, received_at=received_at)


def message_from_bytes(raw: bytes, *, uid: int = 0) -> Message:
    """Make a message of a whole `.eml`, as if it had come from a server."""
    start = _normal(raw[:MAX_RAW_HEADER]).lstrip(b"\n")
    if start.startswith(b"From "):  # of an mbox
        start = start.partition(b"\n")[2]
    head, _, rest = start.partition(_BLANK_LINE)
    named = b"\n".join(
        name.encode() + b": " + value for name, value in _scan(head) if name in _KNOWN
    )
    return parse_message(
        uid=uid,
        fields=named,
        body=rest[:MAX_BODY],
        received_at=datetime.now(UTC),
        size=len(raw),
    )


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


def _parse(
    fields: bytes,
    body: bytes,
    *,
    uid: int,
    received_at: datetime,
    size: int,
    gmail_id: str | None,
) -> Message:
    raw = list(_scan(_normal(fields[:MAX_FIELDS])))
    headers = _decoded(raw)
    if not any(headers.get(name) for name in _ESSENTIAL):
        return unreadable_message(uid=uid, received_at=received_at)
    sender, sender_name = _sender(raw, headers)
    message_id = _first(headers, "message-id")[:255]
    date = _first(headers, "date") or received_at.isoformat()
    text, attachments = _content(raw, _normal(body[:MAX_BODY]))
    key = f"gm-{gmail_id}" if gmail_id else _digest(message_id, sender, date, str(size))
    return Message(
        uid=uid,
        key=key,
        message_id=message_id,
        sender=sender,
        subject=_first(headers, "subject"),
        received_at=received_at,
        headers=headers,
        text=text,
        sender_name=sender_name,
        attachments=attachments,
    )


def _normal(data: bytes) -> bytes:
    """Make CRLF, LF and bare CR the same."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


# Header fields


def _scan(head: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield lower-case names and unfolded values; what is no field is left out."""
    name, pieces, length = "", [], 0
    for line in head.split(b"\n"):
        if line[:1] in {b" ", b"\t"}:
            if name and length < MAX_VALUE:
                pieces.append(line)
                length += len(line)
            continue
        start, colon, value = line.partition(b":")
        start = start.rstrip()
        if not colon or not _FIELD_NAME.fullmatch(start):
            continue
        if name:
            yield name, b"".join(pieces)[:MAX_VALUE].strip()
        name, pieces, length = start.decode("ascii").lower(), [value], len(value)
    if name:
        yield name, b"".join(pieces)[:MAX_VALUE].strip()


def _decoded(raw: list[tuple[str, bytes]]) -> dict[str, tuple[str, ...]]:
    values: dict[str, list[str]] = {}
    for name, value in raw:
        known = values.setdefault(name, [])
        if len(known) < MAX_VALUES:
            known.append(texts.decode_header(value))
    return {name: tuple(known) for name, known in values.items()}


def _first(headers: dict[str, tuple[str, ...]], name: str) -> str:
    values = headers.get(name, ())
    return values[0] if values else ""


def _sender(
    raw: list[tuple[str, bytes]], headers: dict[str, tuple[str, ...]]
) -> tuple[str, str]:
    """Return the address and the display name of the first field that has one.

    The address is looked for in the undecoded value: an encoded display name may
    spell `<somebody@else>`.
    """
    for wanted in ("from", "sender", "return-path"):
        for name, value in raw:
            if name != wanted:
                continue
            address = _address(texts.one_line(texts.decode(value)))
            decoded = _first(headers, wanted)
            address = address or _address(decoded)
            if address:
                shown = decoded.rpartition("<")[0] or decoded.replace(address, "")
                return address.lower(), shown.strip(" \"'()<>")[:200]
    return "", ""


def _address(value: str) -> str:
    """The address in the last `<...>`, else the first that looks like one."""
    last = value.rpartition("<")[2].partition(">")[0]
    found = _ADDRESS.search(last) or _ADDRESS.search(value)
    return found[0].strip(".'") if found else ""


def _digest(*parts: str) -> str:
    joined = "\0".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()


# The body


def _content(raw: list[tuple[str, bytes]], body: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text, and the content types of what is attached."""
    lowered = body.lower()
    if (
        lowered.count(b"boundary") > MAX_BOUNDARIES
        or lowered.count(b"message/") > MAX_INNER_MESSAGES
    ):
        body = body[:SUSPICIOUS_BODY]
    head = b"".join(
        name.encode() + b": " + value.replace(b"\n", b" ") + b"\n"
        for name, value in raw
        if name.startswith("content-")
    )
    root = parse_mime(head + b"\n" + body)
    plain = html = ""
    attachments: list[str] = []
    for part, _ in zip(root.walk(), range(MAX_PARTS), strict=False):
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        if _is_attached(part):
            attachments.append(kind[:100])
        elif kind == "text/html":
            html = html or _part_text(part)
        elif kind.startswith(("text/plain", "multipart/")):  # one without its parts
            plain = plain or _part_text(part)
        else:
            attachments.append(kind[:100])
    if html and sum(map(str.isalpha, plain)) < MIN_PLAIN:
        return texts.tidy(texts.html_to_text(html)), tuple(attachments)
    return texts.tidy(plain), tuple(attachments)


def _is_attached(part: MIMEPart) -> bool:
    return _header(part, "content-disposition").lower().startswith("attachment")


def _header(part: MIMEPart, wanted: str) -> str:
    """The undecoded value: `part[...]` would make it a Header object when it is odd."""
    for name, value in part.raw_items():
        if name.lower() == wanted:
            return str(value)[:MAX_VALUE].strip()
    return ""


def _part_text(part: MIMEPart) -> str:
    encoding = _header(part, "content-transfer-encoding").lower()
    del part["content-transfer-encoding"]  # else it is decoded by rules that raise
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    if encoding.startswith("base64"):
        data = texts.decode_base64(data)
    elif encoding.startswith("quoted-printable"):
        data = texts.decode_quoted(data)
    charset = _CHARSET.search(_header(part, "content-type"))
    return texts.decode(data, charset[1] if charset else "")
