"""The words that we send, and the reading of what comes back."""

import calendar
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain
from typing import Any, TypeVar

from mailbeat.mail.labels import encode_utf7
from mailbeat.mail.message import Message
from mailbeat.mail.parse import FIELDS, MAX_BODY, MAX_FIELDS, parse_message
from mailbeat.mail.wire import Response

MAX_SET = 900  # characters: RFC 2683 wants lines of at most 1,000
MAX_UID = 2**32 - 1
MAX_DIGITS = 20  # of a number: 64 bits
MAX_DEPTH = 60  # lists in lists

T = TypeVar("T")
Value = Any  # int, bytes, None, or a tuple of them
Row = dict[bytes, Value]

HEADER = b"BODY[HEADER"
TEXT = b"BODY[TEXT"
ITEMS = (
    "(UID INTERNALDATE RFC822.SIZE "
    f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})]<0.{MAX_FIELDS}> "
    f"BODY.PEEK[TEXT]<0.{MAX_BODY}>)"
).encode("ascii")
GMAIL_ITEMS = ITEMS.replace(b"(UID ", b"(UID X-GM-MSGID ")
DATE_ITEMS = b"(UID INTERNALDATE)"
FIELD_ITEMS = ITEMS.partition(b" BODY.PEEK[TEXT]")[0].replace(b"(UID ", b"(UID FLAGS ")
FIELD_ITEMS += b")"


def uid_sets(uids: Sequence[int]) -> Iterator[bytes]:
    """Yield sequence sets like `1:3,7` of at most `MAX_SET` characters."""
    words: list[str] = []
    length = 0
    for first, last in _ranges(sorted(set(uids))):
        word = str(first) if first == last else f"{first}:{last}"
        if words and length + len(word) + 1 > MAX_SET:
            yield ",".join(words).encode("ascii")
            words, length = [], 0
        words.append(word)
        length += len(word) + 1
    if words:
        yield ",".join(words).encode("ascii")


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


def parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def quoted(name: str) -> bytes:
    """Write a name of a mailbox or label, in modified UTF-7, as a quoted string."""
    return in_quotes(encode_utf7(name))


def in_quotes(text: bytes) -> bytes:
    """Return a quoted string (RFC 3501, 4.3) of bytes without line ends."""
    escaped = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"%b"' % escaped


def imap_date(day: datetime) -> bytes:
    month = calendar.month_abbr[day.month]  # English: we never set a locale
    return f"{day.day:02d}-{month}-{day.year:04d}".encode("ascii")


def permanent_flags(told: bytes | None) -> frozenset[str]:
    r"""Read `(\Deleted \*)`; a server that tells nothing keeps all (RFC 3501, 7.1)."""
    if told is None:
        return frozenset({"\\*"})
    inside = told.partition(b"(")[2].partition(b")")[0]
    return frozenset(inside.decode("ascii", "replace").lower().split())


def fetched_row(response: Response) -> Row:
    r"""Return the items of `* 7 FETCH (UID 9 FLAGS (\\Seen) ...)` by upper-case name.

    Values are numbers, bytes, None, or tuples of such.

    Raises:
        ValueError: it is no such answer.
    """
    tokens = _tokens(response)
    for _ in range(3):  # the star, the number and the word FETCH
        next(tokens, None)
    if next(tokens, None) != (_OPEN, None):
        raise ValueError("no list of items")
    items = _list(tokens)
    names, values = items[::2], items[1::2]
    if len(names) != len(values):
        raise ValueError("an item without a value")
    return {
        name.upper(): value
        for name, value in zip(names, values, strict=True)
        if isinstance(name, bytes)
    }


def values_of(response: Response) -> tuple[Value, ...]:
    """Return what an untagged response says behind its name: `* LIST () "/" Sent`.

    Raises:
        ValueError: it cannot be read.
    """
    _, _, *values = _list(chain(_tokens(response), [(_CLOSE, None)]))
    return tuple(values)


_OPEN, _CLOSE, _VALUE = "open", "close", "value"
# Only single characters are possessive: before Python 3.11.5 a possessive group that
# fails half way has moved on (python/cpython#106052).
_TOKEN = re.compile(
    rb'[ \t]*+(?:([()])|"((?:[^"\\]++|\\.)*)"'
    rb'|((?:[^ \t()"\[]++|\[[^\]]*+\])+))'  # an atom, or a section's name
)
_SPACE_LEFT = re.compile(rb"[ \t]*+$")
_ESCAPE = re.compile(rb"\\(.)")


def _tokens(response: Response) -> Iterator[tuple[str, Value]]:
    for number, piece in enumerate(response):
        if number % 2:
            yield _VALUE, piece
            continue
        position = 0
        while match := _TOKEN.match(piece, position):
            position = match.end()
            bracket, text, atom = match.groups()
            if bracket is not None:
                yield (_OPEN if bracket == b"(" else _CLOSE), None
            elif text is not None:
                yield _VALUE, _ESCAPE.sub(rb"\1", text) if b"\\" in text else text
            else:
                yield _VALUE, _atom(atom)
        if not _SPACE_LEFT.match(piece, position):
            raise ValueError("no token")


def _atom(atom: bytes) -> Value:
    if atom.isdigit():
        if len(atom) > MAX_DIGITS:
            raise ValueError("a number beyond measure")
        return int(atom)
    return None if atom.upper() == b"NIL" else atom


def _list(tokens: Iterator[tuple[str, Value]], depth: int = 1) -> tuple[Value, ...]:
    """Return what follows an opening bracket, till it is closed."""
    if depth > MAX_DEPTH:
        raise ValueError("nested too deep")
    values: list[Value] = []
    for kind, value in tokens:
        if kind == _CLOSE:
            return tuple(values)
        values.append(_list(tokens, depth + 1) if kind == _OPEN else value)
    raise ValueError("a list without an end")


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


_DATE = re.compile(
    rb"\s*(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$"
)
_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_abbr)}


def received_at(row: Row) -> datetime:
    """INTERNALDATE in UTC; a server that tells none gives the present."""
    value = row.get(b"INTERNALDATE")
    found = _DATE.match(value) if isinstance(value, bytes) else None
    if found is None:
        return datetime.now(UTC)
    day, month, year, hour, minute, second, sign, *zone = found.groups()
    east = timedelta(hours=int(zone[0]), minutes=int(zone[1]))
    with suppress(OverflowError, ValueError):
        local = datetime(
            int(year),
            _MONTHS.get(month.decode("ascii", "replace").lower(), 0),
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=timezone(east if sign == b"+" else -east),
        )
        return local.astimezone(UTC)
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
