"""Who sent a message, or gets it: addresses and names, in linear time.

The address is the one in the last angle brackets that are neither in quotes nor in a
comment, else the first that stands free. So a name that looks like an address is never
taken for one: `"service@bank.example" <x@evil.example>` is from `x@evil.example`.
"""

import re
from collections.abc import Iterator

MAX_ADDRESS = 320  # characters: 64 + @ + 255 (RFC 5321, 4.5.3.1)
MAX_NAME = 200  # characters

_MARKS = re.compile(r'\\.|["()]')  # or what means only itself
_IN_BRACKETS = re.compile(r"<([^<>]*)")
_BETWEEN = re.compile(r'[\s<>(),;:"\\]+')
_BETWEEN_ADDRESSES = re.compile(r"[,;]")
_AROUND_AT = re.compile(r" ?@ ?")  # values are on one line, with single spaces
_AROUND_DOT = re.compile(r" ?\. ?")
_AROUND_NAME = " \"'()<>[]:;,"
_ESCAPED = re.compile(r"\\(.)")
# Stands for a local part in quotes; values hold no control characters of their own.
_QUOTED = "\x01"


def address_in(value: str) -> str:
    """Return the address that a field's value names, as it is written, or nothing.

    `value` is on one line, without control characters and not yet decoded: an encoded
    name may spell `<somebody@else>`.
    """
    visible, quoted = _without_names(value)
    return _address(visible, quoted) or _address(value, quoted)


def addresses_in(value: str) -> Iterator[str]:
    """Yield the addresses of a field that may hold several, as they are written.

    `value` is on one line, without control characters.
    """
    visible, quoted = _without_names(value)
    for piece in _BETWEEN_ADDRESSES.split(visible):
        count = piece.count(_QUOTED)
        if address := _address(piece, quoted[:count]):
            yield address
        quoted = quoted[count:]


def _address(text: str, quoted: list[str]) -> str:
    """Return the address in the last brackets that hold one, else the first of all."""
    if "@" not in text:
        return ""
    for inside in reversed(_IN_BRACKETS.findall(text)):
        if "@" not in inside:
            continue
        joined = _AROUND_DOT.sub(".", _AROUND_AT.sub("@", inside))
        if found := _first_address(joined):
            return _with_quoted(found, text, quoted)
    found = _first_address(text) or _first_address(_AROUND_AT.sub("@", text))
    return _with_quoted(found, text, quoted) if found else ""


def name_beside(decoded: str, address: str) -> str:
    """Return what a decoded value says beside its address."""
    before, _, after = decoded.rpartition(address)
    if not before and after == decoded:  # written in another way: `ada @ example.org`
        before, _, after = decoded.rpartition("<")
    elif "<" in before:
        before = before.rpartition("<")[0]
    name = before if before.strip(_AROUND_NAME) else after.removeprefix(">")
    name = _ESCAPED.sub(r"\1", name)
    return name.strip(_AROUND_NAME)[:MAX_NAME]


def _without_names(value: str) -> tuple[str, list[str]]:
    """Take out comments, which nest, and quotes; an open one goes on to the end.

    What is in quotes right before an @ is a local part, and is returned beside.
    """
    pieces: list[str] = []
    quoted: list[str] = []
    start = 0  # of what is visible
    marks = (mark for mark in _MARKS.finditer(value) if mark[0] in {'"', "(", ")"})
    for mark in marks:
        if mark[0] == ")":
            continue
        pieces.append(value[start : mark.start()])
        end = _end(marks, mark[0])
        if end < 0:
            return "".join(pieces), quoted
        if mark[0] == '"' and value[end : end + 2].lstrip().startswith("@"):
            quoted.append(value[mark.start() : end])
            pieces.append(_QUOTED)
        elif mark[0] == '"':
            pieces.append(" ")
        start = end
    pieces.append(value[start:])
    return "".join(pieces), quoted


def _end(marks: Iterator[re.Match[str]], opened: str) -> int:
    """Return where the quote or the comment is over, or -1."""
    depth = 1
    for mark in marks:
        if opened == "(":
            depth += {"(": 1, ")": -1}.get(mark[0], 0)
        elif mark[0] == opened:
            depth = 0
        if depth == 0:
            return mark.end()
    return -1


def _first_address(text: str) -> str:
    for word in _BETWEEN.split(text) if "@" in text else ():
        local, _, domain = word.strip(".'").partition("@")
        local = local.lstrip("[")
        if not domain.startswith("["):  # else an address of the network: `a@[::1]`
            domain = domain.rstrip("]")
        address = f"{local}@{domain}"
        # Neither `a@b@c` nor an encoded word is one address.
        if (
            local
            and domain.strip(".")
            and "@" not in domain
            and "?=" not in domain
            and len(address) <= MAX_ADDRESS
        ):
            return address
    return ""


def _with_quoted(address: str, text: str, quoted: list[str]) -> str:
    if _QUOTED not in address:
        return address
    before = text[: text.rfind(address)] if address in text else text
    which = min(before.count(_QUOTED), len(quoted) - 1)
    whole = address.replace(_QUOTED, quoted[which])
    return whole if len(whole) <= MAX_ADDRESS else ""
