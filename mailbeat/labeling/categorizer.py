"""What a categorizer is, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mailbeat.mail.message import Message

# The layers, in the order in which they are asked.
RULE, MEMORY, FACTS, LEARNED, LLM = "rule", "memory", "facts", "learned", "llm"
NONE = "none"
YOU = "you"  # what a person chose for the message itself stands above all of them
LAYERS = (RULE, MEMORY, FACTS, LEARNED, LLM)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one layer takes a message for, how surely (0 to 1), and why.

    `category_id` is None where the user's rule says that it gets no category.
    `evidence` is for the user, and quotes no more of the mail than a header's name, a
    sender's address or domain, or single words.
    """

    category_id: int | None
    confidence: float
    layer: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The category of one message, or an honest "not sure", and why.

    `layer` names what decided (`none` when nothing did), `evidence` is a sentence.
    `considered` are other opinions, the surest first: where nothing decided, the first
    is a suggestion. `tokens` is what there is to learn from (see `tokens.py`).
    """

    category_id: int | None
    confidence: float  # 0 to 1
    layer: str
    evidence: str
    considered: tuple[Opinion, ...] = ()
    tokens: bytes = b""

    @property
    def suggestion(self) -> int | None:
        """The category to confirm, where none was sure enough."""
        if self.layer != NONE or not self.considered:
            return None
        return self.considered[0].category_id


class Categorizer(Protocol):
    def decide(self, messages: Sequence[Message]) -> list[Decision]:
        """Return one decision for each message, in the same order."""
        ...
