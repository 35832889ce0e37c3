"""Header fields by one linear scan, whatever the bytes are."""

import re
from collections.abc import Iterable, Iterator

MAX_VALUE = 1_000  # bytes of one field that are decoded
# A sender may write a long name before the address, and a long one hides nothing.
MAX_ADDRESS_VALUE = 8_000  # bytes of a field that holds an address

_ADDRESSES = frozenset({"from", "sender", "return-path"})
_NAME = re.compile(rb"[!-9;-~]{1,76}")  # RFC 5322, 2.2


def normal_lines(data: bytes) -> bytes:
    """Make CRLF, LF and bare CR the same, and CR CR LF, which some write by mistake."""
    return data.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def scan(lines: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield lower-case names and unfolded values; what is no field is left out."""
    name, pieces, room = "", [b""], 0
    for line in lines:
        if line[:1] in {b" ", b"\t"}:
            if name and room > 0:
                pieces.append(line[:room])
                room -= len(line)
            continue
        start, colon, value = line.partition(b":")
        start = start.rstrip(b" \t")
        if not colon or not _NAME.fullmatch(start):
            continue
        if name:
            yield name, b"".join(pieces).strip()
        name = start.decode("ascii").lower()
        room = MAX_ADDRESS_VALUE if name in _ADDRESSES else MAX_VALUE
        pieces = [value[:room]]
        room -= len(value)
    if name:
        yield name, b"".join(pieces).strip()
