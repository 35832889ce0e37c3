"""The text of messages that begin with something else: long styles, an attachment."""

from collections.abc import Callable, Mapping, Sequence

from mailbeat.mail.answers import Row, section
from mailbeat.mail.message import Message
from mailbeat.mail.parse import MAX_FIELDS, with_text
from mailbeat.mail.structure import TextPart, text_part_of

STRUCTURE = b"(UID BODYSTRUCTURE)"

# Asks for items of messages, all at once; returns what came, by UID.
Ask = Callable[[Mapping[bytes, Sequence[int]]], Mapping[int, Row]]


def with_far_text(messages: Sequence[Message], ask: Ask) -> list[Message]:
    """Give those messages their text of which it lies further down than was read.

    The server is asked twice for all of them: where it is, then for its start.
    """
    lacking = [message.uid for message in messages if message.needs_text_part]
    if not lacking:
        return list(messages)
    parts = {
        uid: part
        for uid, row in ask({STRUCTURE: lacking}).items()
        if (part := text_part_of(row.get(b"BODYSTRUCTURE")))
    }
    rows = ask(_by_items(parts)) if parts else {}
    return [
        with_text(one, section(rows[one.uid], b"BODY[") or b"", parts[one.uid])
        if one.uid in rows and one.uid in parts
        else one
        for one in messages
    ]


def _by_items(parts: Mapping[int, TextPart]) -> dict[bytes, list[int]]:
    """Sort messages by what is asked of them: most have their text in the same part."""
    by_items: dict[bytes, list[int]] = {}
    for uid, part in parts.items():
        items = f"(UID BODY.PEEK[{part.section}]<0.{MAX_FIELDS}>)".encode("ascii")
        by_items.setdefault(items, []).append(uid)
    return by_items
