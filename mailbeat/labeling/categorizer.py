"""What a categorizer is, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mailbeat.mail.message import Message


@dataclass(frozen=True, slots=True)
class Decision:
    """The category of one message, or an honest "not sure", and why.

    `layer` names what decided (`rules`, ...; `none` when nothing did), `evidence` is
    a sentence for the user that quotes no more of the mail than a header's name,
    a sender's domain or single words.
    """

    category_id: int | None
    confidence: float  # 0 to 1
    layer: str
    evidence: str


class Categorizer(Protocol):
    def decide(self, messages: Sequence[Message]) -> list[Decision]:
        """Return one decision for each message, in the same order."""
        ...
