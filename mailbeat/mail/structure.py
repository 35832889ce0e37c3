"""Which part of a message is its text, by what a server tells of its parts."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mailbeat.mail.content import MIN_LETTERS

MAX_DEPTH = 50
MAX_PARTS = 500

# Where a part's fields are (RFC 3501, 7.4.2).
_ENCODING, _OCTETS = 5, 6
_EMBEDDED = 8  # the structure of a message inside
_DISPOSITION = 9  # of a text: others have it elsewhere


class TextPart(NamedTuple):
    """The part to ask for by `BODY.PEEK[section]`, and how to read it."""

    section: str  # `1.2`
    charset: str  # as the message says, or empty
    encoding: str  # of the transfer, in lower case
    subtype: str  # `plain` or `html`


def text_part_of(structure: object) -> TextPart | None:
    """Return the first plain text that is not attached, else the first HTML.

    `structure` is a parsed BODYSTRUCTURE: tuples or lists of bytes, numbers and None,
    by whatever server. A plain text that is too short to say anything gives way.
    """
    html = stub = None
    for section, part in _leaves(structure):
        if _word(part, 0) != "text" or _is_attached(part):
            continue
        found = TextPart(
            section, _charset(part), _word(part, _ENCODING), _word(part, 1)
        )
        if found.subtype == "html":
            html = html or found
        elif found.subtype == "plain":
            octets = _field(part, _OCTETS)
            if not isinstance(octets, int) or octets >= MIN_LETTERS:
                return found
            stub = stub or found
    return html or stub


def _leaves(structure: object) -> Iterator[tuple[str, object]]:
    """Yield section numbers and parts in their order, those of inner messages too."""
    waiting: list[tuple[tuple[int, ...], object]] = [((), structure)]
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        numbers, part = waiting.pop()
        if len(numbers) > MAX_DEPTH:
            continue
        if isinstance(_field(part, 0), tuple | list):
            waiting += [
                ((*numbers, n), child) for n, child in reversed(_children(part))
            ]
            continue
        # A message of one part has number 1, also when it is inside another.
        numbers = numbers or (1,)
        yield ".".join(map(str, numbers)), part
        if _word(part, 0) == "message" and _word(part, 1) == "rfc822":
            inner = _field(part, _EMBEDDED)
            is_multipart = isinstance(_field(inner, 0), tuple | list)
            waiting.append((numbers if is_multipart else (*numbers, 1), inner))


def _children(multipart: object) -> list[tuple[int, object]]:
    children: list[tuple[int, object]] = []
    for child in _items(multipart)[:MAX_PARTS]:
        if not isinstance(child, tuple | list):
            break  # its subtype; fields of the whole follow
        children.append((len(children) + 1, child))
    return children


def _is_attached(part: object) -> bool:
    return _word(_field(part, _DISPOSITION), 0) == "attachment"


def _charset(part: object) -> str:
    """Return the parameter `charset`: names and values take turns."""
    parameters = _items(_field(part, 2))[: 2 * MAX_PARTS]
    for at in range(0, len(parameters) - 1, 2):
        if _word(parameters, at) == "charset":
            return _word(parameters, at + 1)[:60]
    return ""


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple | list) else ()


def _field(part: object, at: int) -> object:
    items = _items(part)
    return items[at] if at < len(items) else None


def _word(part: object, at: int) -> str:
    value = _field(part, at)
    return value[:100].decode("latin-1").lower() if isinstance(value, bytes) else ""
