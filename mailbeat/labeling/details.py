"""What is kept of a message beside its decision: for rules, for learning, for people.

It holds addresses, header values and the numbers of words, so it is kept encrypted and
only as long as subjects are.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from mailbeat.labeling.categorizer import Opinion
from mailbeat.mail.message import Message
from mailbeat.mail.sender import addresses_in

MOST_RECIPIENTS = 20
MOST_VALUE = 200  # characters of a header's value
MOST_LIST_ID, MOST_EVIDENCE = 255, 300  # characters

# Kept in columns of their own, or of no use to a rule.
_NOT_KEPT = frozenset(
    {"from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"}
)


@dataclass(frozen=True, slots=True)
class Details:
    """What was kept of a message. `headers` are by lower-case name."""

    tokens: bytes = b""
    recipients: tuple[str, ...] = ()  # addresses of To and Cc
    attachments: tuple[str, ...] = ()  # content types
    size: int = 0  # bytes
    headers: tuple[tuple[str, str], ...] = ()

    def as_text(self) -> str:
        return json.dumps(
            {
                "tokens": base64.b85encode(self.tokens).decode("ascii"),
                "recipients": self.recipients,
                "attachments": self.attachments,
                "size": self.size,
                "headers": self.headers,
            },
            separators=(",", ":"),
        )


def details_of(message: Message, tokens: bytes) -> Details:
    return Details(
        tokens=tokens,
        recipients=recipients_of(message),
        attachments=message.attachments[:MOST_RECIPIENTS],
        size=message.size,
        headers=tuple(
            (name, value[:MOST_VALUE])
            for name, values in message.headers.items()
            if name not in _NOT_KEPT
            for value in values[:1]
        ),
    )


def details_from_text(text: str | None) -> Details:
    """Read what `as_text` wrote; of nothing come empty details."""
    if not text:
        return Details()
    found = json.loads(text)
    return Details(
        tokens=base64.b85decode(found["tokens"]),
        recipients=tuple(found["recipients"]),
        attachments=tuple(found["attachments"]),
        size=found["size"],
        headers=tuple((name, value) for name, value in found["headers"]),
    )


def recipients_of(message: Message, *, most: int = MOST_RECIPIENTS) -> tuple[str, ...]:
    """Return the addresses of To and Cc, in lower case."""
    written = (*message.headers.get("to", ()), *message.headers.get("cc", ()))
    # Not email.utils: it recurses, and a field of brackets would end every run.
    found = chain.from_iterable(map(addresses_in, written))
    return tuple(address.lower() for address in islice(found, most))


def list_id_of(message: Message) -> str:
    """Return the list's identifier (RFC 2919) without its description, or nothing."""
    written = message.header("list-id").strip().lower()
    _, opened, rest = written.rpartition("<")
    name = rest.partition(">")[0] if opened else written
    return name.strip()[:MOST_LIST_ID]


def thread_of(message: Message) -> str:
    """Return what all messages of one thread have in common, or nothing.

    The first message that the header refers to (RFC 5322, 3.6.4), else itself.
    """
    for name in ("references", "in-reply-to", "message-id"):
        ids = message.header(name).split()
        if ids:
            return hashlib.sha256(ids[0].encode("utf-8", "replace")).hexdigest()
    return ""


def considered_as_text(considered: Sequence[Opinion]) -> str | None:
    """Write opinions as JSON, as the ledger keeps them."""
    if not considered:
        return None
    return json.dumps(
        [
            [one.category_id, one.confidence, one.layer, one.evidence[:MOST_EVIDENCE]]
            for one in considered
        ],
        separators=(",", ":"),
    )


def considered_from_text(text: str | None) -> tuple[Opinion, ...]:
    found: list[list[Any]] = json.loads(text) if text else []
    return tuple(Opinion(*one) for one in found)
