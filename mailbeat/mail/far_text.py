"""The text of messages that begin with something else: long styles, an attachment."""

from collections.abc import Callable, Mapping, Sequence

from mailbeat.mail.answers import Row, parts, section
from mailbeat.mail.message import Message
from mailbeat.mail.parse import MAX_TEXT_PART, with_text
from mailbeat.mail.structure import TextPart, text_part_of

STRUCTURE = b"(UID BODYSTRUCTURE)"
AT_ONCE = 50  # messages: 3 MiB of text at most

# Asks for items of messages, all at once; returns what came, by UID.
Ask = Callable[[Mapping[bytes, Sequence[int]]], Mapping[int, Row]]


def with_far_text(messages: Sequence[Message], ask: Ask) -> list[Message]:
    """Give those messages their text of which it lies further down than was read.

    The server is asked twice for some of them: where it is, then for its start.
    """
    lacking = [message for message in messages if message.needs_text_part]
    found: dict[int, Message] = {}
    for some in parts(lacking, AT_ONCE):
        found |= _found(some, ask)
    return [found.get(message.uid, message) for message in messages]


def _found(messages: Sequence[Message], ask: Ask) -> dict[int, Message]:
    rows = ask({STRUCTURE: [message.uid for message in messages]})
    where = {
        uid: part
        for uid, row in rows.items()
        if (part := text_part_of(row.get(b"BODYSTRUCTURE")))
    }
    texts = ask(_by_items(where)) if where else {}
    return {
        one.uid: with_text(
            one, section(texts[one.uid], b"BODY[") or b"", where[one.uid]
        )
        for one in messages
        if one.uid in texts
    }


def _by_items(where: Mapping[int, TextPart]) -> dict[bytes, list[int]]:
    """Sort messages by what is asked of them: most have their text in the same part."""
    by_items: dict[bytes, list[int]] = {}
    for uid, part in where.items():
        items = f"(UID BODY.PEEK[{part.section}]<0.{MAX_TEXT_PART}>)".encode("ascii")
        by_items.setdefault(items, []).append(uid)
    return by_items
