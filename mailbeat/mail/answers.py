"""The words that we send, and the reading of what comes back."""

import calendar
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from imapclient.imap_utf7 import encode as encode_utf7
from imapclient.response_parser import parse_fetch_response

from mailbeat.mail.message import Message
from mailbeat.mail.parse import FIELDS, MAX_BODY, MAX_FIELDS, parse_message

MAX_SET = 900  # characters: RFC 2683 wants lines of at most 1,000
MAX_UID = 2**32 - 1

Row = dict[bytes, Any]

HEADER = b"BODY[HEADER"
TEXT = b"BODY[TEXT"
ITEMS = (
    "(UID INTERNALDATE RFC822.SIZE "
    f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})]<0.{MAX_FIELDS}> "
    f"BODY.PEEK[TEXT]<0.{MAX_BODY}>)"
)
GMAIL_ITEMS = ITEMS.replace("(UID ", "(UID X-GM-MSGID ")


def uid_sets(uids: Sequence[int]) -> Iterator[str]:
    """Yield sequence sets like `1:3,7` of at most `MAX_SET` characters."""
    words: list[str] = []
    length = 0
    for first, last in _ranges(sorted(set(uids))):
        word = str(first) if first == last else f"{first}:{last}"
        if words and length + len(word) + 1 > MAX_SET:
            yield ",".join(words)
            words, length = [], 0
        words.append(word)
        length += len(word) + 1
    if words:
        yield ",".join(words)


def _ranges(uids: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for uid in uids:
        if last is not None and uid == last + 1:
            last = uid
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = uid
    if first is not None and last is not None:
        yield first, last


def parts(uids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), size):
        yield uids[start : start + size]


def quoted(name: str) -> str:
    encoded = encode_utf7(name).decode("ascii")
    escaped = encoded.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def imap_date(day: datetime) -> str:
    month = calendar.month_abbr[day.month]  # English: we never set a locale
    return f"{day.day:02d}-{month}-{day.year:04d}"


def permanent_flags(data: object) -> frozenset[str]:
    r"""Read `(\Deleted \*)`; a server that tells nothing keeps all (RFC 3501, 7.1)."""
    if not isinstance(data, bytes):
        return frozenset({"\\*"})
    inside = data.partition(b"(")[2].partition(b")")[0]
    return frozenset(inside.decode("ascii", "replace").lower().split())


def fetched_rows(data: list[Any]) -> dict[int, Row]:
    """Return what a FETCH brought, by UID.

    Rows without a UID are left out: a server may tell of changes by a message's number
    in the mailbox, which is another message's UID.
    """
    rows: dict[int, Row] = {}
    for answer in _each_answer(data):
        # One at a time: an EXPUNGE in between gives a number to another message.
        parsed = parse_fetch_response(answer, normalise_times=False, uid_is_key=False)
        for row in parsed.values():
            uid = row.get(b"UID")
            if isinstance(uid, int):
                rows.setdefault(uid, {}).update(row)
    return rows


def _each_answer(data: list[Any]) -> Iterator[list[Any]]:
    """Split what imaplib collects: an answer's literals are pairs, its end is not."""
    answer: list[Any] = []
    for piece in data:
        answer.append(piece)
        if not isinstance(piece, tuple):
            yield answer
            answer = []


def section(row: Row, start: bytes) -> bytes | tuple[()]:
    """Return the value of the item whose name starts like this, or an empty tuple."""
    for name, value in row.items():
        if name.startswith(start):
            return value if isinstance(value, bytes) else b""
    return ()


def words_in(value: object) -> set[str]:
    parts = value if isinstance(value, tuple) else ()
    return {
        part.decode("ascii", "replace").lower()
        for part in parts
        if isinstance(part, bytes)
    }


def received_at(row: Row) -> datetime:
    """INTERNALDATE in UTC; a server that tells none gives the present."""
    value = row.get(b"INTERNALDATE")
    if isinstance(value, datetime):
        with suppress(OverflowError, ValueError):
            return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    return datetime.now(UTC)


def message_of(uid: int, row: Row) -> Message:
    size = row.get(b"RFC822.SIZE")
    gmail_id = row.get(b"X-GM-MSGID")
    return parse_message(
        uid=uid,
        fields=section(row, HEADER) or b"",
        body=section(row, TEXT) or b"",
        received_at=received_at(row),
        size=size if isinstance(size, int) else 0,
        gmail_id=str(gmail_id) if isinstance(gmail_id, int) else None,
    )
