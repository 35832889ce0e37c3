"""Which senders, domains and lists are worth a rule of the user's.

Worth one is what is of the same category again and again, and what the user had to say
several times, or no layer was sure of. A rule is certain, and says why in one line.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from mailbeat.labeling.categorizer import LEARNED, LLM, NONE
from mailbeat.labeling.memory import is_shared

SENDER, DOMAIN, LIST = "sender", "domain", "list"
FIELDS = (SENDER, DOMAIN, LIST)  # as conditions of rules name them

CORRECTED = 3  # times that a person said the same
MESSAGES = 5  # of one category
PURE = 0.9  # share of them among all
UNSURE = 0.5  # share that no strong layer decided
MOST_NAME = 100  # characters of a rule's name
WEAK_LAYERS = (NONE, LEARNED, LLM)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often messages of a sender, domain or list were taken for a category.

    Of these `corrected` were by a person, and `weak` by no strong layer: not at all, or
    by learned words or a model. `senders` are different addresses.
    """

    account_id: int
    field: str
    value: str
    category_id: int | None
    messages: int
    corrected: int = 0
    weak: int = 0
    senders: int = 1


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A rule that is proposed: what has this value is of this category.

    `of` counts the messages of the value that are of any category, or none.
    """

    account_id: int
    field: str
    value: str
    category_id: int
    messages: int
    of: int
    corrected: int
    weak: int

    @property
    def key(self) -> str:
        """What it is known by when a person does not want to see it again."""
        digest = hashlib.sha256(self.value.encode("utf-8", "replace")).hexdigest()
        return f"{self.account_id}-{self.field}-{self.category_id}-{digest[:16]}"

    @property
    def purity(self) -> float:
        return round(self.messages / self.of, 2)

    @property
    def name(self) -> str:
        return self.value[:MOST_NAME]

    @property
    def condition(self) -> dict[str, str]:
        """As rules are written down."""
        return {self.field: self.value}

    def reason(self, category: str) -> str:
        """Say in a sentence why it is worth a rule."""
        whose = {SENDER: "from", DOMAIN: "from", LIST: "of the list"}[self.field]
        what = f"{whose} {self.value}"
        if self.corrected >= CORRECTED:
            return f"You said {self.corrected} times that mail {what} is {category}."
        return (
            f"{self.messages} of {self.of} messages {what} were taken for {category}, "
            f"and for {self.weak} of them nothing was sure."
        )


def recommend(tallies: Sequence[Tally]) -> Recommendation | None:
    """Return what is worth a rule about one value, whose tallies these are."""
    best = max(tallies, key=lambda one: (one.corrected, one.messages))
    if best.category_id is None or (best.field == DOMAIN and is_shared(best.value)):
        return None
    of = sum(one.messages for one in tallies)
    corrections = sum(one.corrected for one in tallies)
    was_told = best.corrected >= max(CORRECTED, PURE * corrections)
    is_pure = best.messages >= max(MESSAGES, PURE * of)
    is_weak = best.weak >= UNSURE * best.messages
    if best.field == DOMAIN and best.senders == 1:  # that is one sender
        return None
    if not was_told and not (is_pure and is_weak):
        return None
    return Recommendation(
        account_id=best.account_id,
        field=best.field,
        value=best.value,
        category_id=best.category_id,
        messages=best.messages,
        of=of,
        corrected=best.corrected,
        weak=best.weak,
    )
