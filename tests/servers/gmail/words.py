"""Reading the words of a command, and writing those of an answer (RFC 3501, 9)."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence

MAX_UID = 2**32 - 1


class BadCommand(Exception):
    """The command breaks the grammar: its answer is BAD."""


class Refused(Exception):
    """The command is understood and not done: its answer is NO."""


class Atom(bytes):
    """A word without quotes."""


class Text(bytes):
    """A quoted string or a literal."""


Token = Atom | Text | list  # a list is what stood in parentheses


def tokens(parts: Sequence[bytes]) -> list[Token]:
    """Read the pieces of a command: text, literal, text, literal, ..., text."""
    stack: list[list[Token]] = [[]]
    for number, part in enumerate(parts):
        if number % 2:
            stack[-1].append(Text(part))
        else:
            _scan(part, stack)
    if len(stack) != 1:
        raise BadCommand("Missing parenthesis")
    return stack[0]


def _scan(text: bytes, stack: list[list[Token]]) -> None:
    at = 0
    while at < len(text):
        char = text[at : at + 1]
        if char == b" ":
            at += 1
        elif char == b"(":
            stack.append([])
            at += 1
        elif char == b")":
            if len(stack) == 1:
                raise BadCommand("Too many parentheses")
            inner = stack.pop()
            stack[-1].append(inner)
            at += 1
        elif char == b'"':
            word, at = _quoted(text, at + 1)
            stack[-1].append(word)
        else:
            word, at = _atom(text, at)
            stack[-1].append(word)


def _quoted(text: bytes, at: int) -> tuple[Text, int]:
    word = bytearray()
    while at < len(text):
        char = text[at]
        if char == ord('"'):
            return Text(word), at + 1
        if char == ord("\\"):
            at += 1
            if text[at : at + 1] not in {b'"', b"\\"}:
                raise BadCommand("Odd escape in a quoted string")
            char = text[at]
        word.append(char)
        at += 1
    raise BadCommand("Missing quote")


def _atom(text: bytes, at: int) -> tuple[Atom, int]:
    """Read up to a space or parenthesis; in brackets they belong to the word."""
    start = at
    depth = 0
    while at < len(text):
        char = text[at]
        if char < 0x20 or char >= 0x7F:
            raise BadCommand("Control character or 8 bits in an atom")
        depth += (char == ord("[")) - (char == ord("]"))
        if depth <= 0 and char in b' ()"':
            break
        at += 1
    return Atom(text[start:at]), at


def astring(token: object) -> bytes:
    """A name or a password: an atom, quoted or literal."""
    if isinstance(token, Text):
        return bytes(token)
    if isinstance(token, Atom) and not set(token) & set(b'%*\\"{'):
        return bytes(token)
    raise BadCommand("Could not parse command")


def number(token: object) -> int:
    if isinstance(token, Atom) and token.isdigit() and len(token) <= 20:
        return int(token)
    raise BadCommand("Not a number")


def word(token: object) -> str:
    """A keyword of the protocol, in capitals."""
    if isinstance(token, Atom):
        return token.decode("ascii").upper()
    raise BadCommand("Could not parse command")


def in_set(token: object, present: Sequence[int]) -> list[int]:
    """Those of the ascending numbers `present` that `1:3,7,9:*` names."""
    ranges = _ranges(word(token), present[-1] if present else 0)
    return [one for one in present if any(low <= one <= high for low, high in ranges)]


def _ranges(text: str, last: int) -> list[tuple[int, int]]:
    found = []
    for piece in text.split(","):
        ends = [last if end == "*" else _nz_number(end) for end in piece.split(":")]
        if len(ends) > 2:
            raise BadCommand("Could not parse sequence set")
        found.append((min(ends), max(ends)))
    return found


def _nz_number(text: str) -> int:
    if not text.isdigit() or len(text) > 10 or not 0 < int(text) <= MAX_UID:
        raise BadCommand("Could not parse sequence set")
    return int(text)


def sequence(numbers: Iterable[int]) -> str:
    """`1:3,7`"""
    runs: list[list[int]] = []
    for one in sorted(numbers):
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    return ",".join(f"{a}" if a == b else f"{a}:{b}" for a, b in runs)


# Names: modified UTF-7 (RFC 3501, 5.1.3), or UTF-8 once it is enabled (RFC 6855)


def decode_name(raw: bytes, *, utf8: bool) -> str:
    if utf8:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise BadCommand("Not UTF-8") from None
    if not raw.isascii():
        raise BadCommand("8 bits in a name, and UTF8=ACCEPT is not enabled")
    name = "".join(_decoded(raw.decode("ascii")))
    if encode_utf7(name) != raw:
        raise BadCommand("Not modified UTF-7")
    return name


def _decoded(text: str) -> Iterator[str]:
    while text:
        plain, mark, rest = text.partition("&")
        yield plain
        if not mark:
            return
        shifted, end, text = rest.partition("-")
        if not end:
            raise BadCommand("Not modified UTF-7")
        yield _unshifted(shifted) if shifted else "&"


def _unshifted(text: str) -> str:
    padded = text.replace(",", "/") + "=" * (-len(text) % 4)
    try:
        return base64.b64decode(padded, validate=True).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        raise BadCommand("Not modified UTF-7") from None


def encode_utf7(name: str) -> bytes:
    out = bytearray()
    run = ""
    for char in [*name, ""]:
        if char and not " " <= char <= "~":
            run += char
            continue
        if run:
            shifted = base64.b64encode(run.encode("utf-16-be")).rstrip(b"=")
            out += b"&" + shifted.replace(b"/", b",") + b"-"
            run = ""
        out += b"&-" if char == "&" else char.encode("ascii")
    return bytes(out)


def encode_name(name: str, *, utf8: bool) -> bytes:
    return name.encode() if utf8 else encode_utf7(name)


def string(value: bytes) -> bytes:
    """Quoted if it can be, else a literal."""
    if len(value) > 1000 or any(not 0x20 <= char < 0x7F for char in value):
        return literal(value)
    return quoted(value)


def quoted(value: bytes) -> bytes:
    return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def literal(value: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(value), value)


def nstring(value: bytes | None) -> bytes:
    return b"NIL" if value is None else string(value)
