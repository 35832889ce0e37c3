"""The layers of a decision, asked one after the other.

The first opinion at or above the bar of its category wins; the others are kept as
"also considered". Below the bar nothing is labelled, and the surest is a suggestion.
A sender who may be forged, or who presses for a password or a fee, is believed nothing
that a forger would want to be believed, unless the user's own rule says so.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from typing import Protocol

from mailbeat.labeling.bayes import Learned
from mailbeat.labeling.categorizer import LEARNED, NONE, RULE, Decision, Opinion
from mailbeat.labeling.category import Category
from mailbeat.labeling.example import Example
from mailbeat.labeling.learned import TaughtFacts
from mailbeat.labeling.memory import MemoryLayer
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.rules import Rule, RuleLayer
from mailbeat.labeling.tokens import tokens_of
from mailbeat.labeling.trust import TRUSTED_ONLY
from mailbeat.mail.message import Message

DOUBTFUL = 0.5  # confidence at most where the sender may be forged
LOOKS_LIKE = "looks like"  # begins the evidence of what would be sure without doubt
MOST_CONSIDERED = 4
WORTH_TELLING = 0.05  # of confidence
# What was found out about a message takes some 12 KB while it is decided about.
AT_ONCE = 50  # messages


class Layer(Protocol):
    def consider(self, readings: Sequence[Reading]) -> Sequence[Sequence[Opinion]]:
        """Return the opinions of each message, the surest first; none is fine."""
        ...


def build_categorizer(
    categories: Sequence[Category],
    *,
    rules: Sequence[Rule] = (),
    examples: Sequence[Example] = (),
    llm: Layer | None = None,
    account: str = "",
) -> "LayeredCategorizer":
    """Make a categorizer of what is known.

    `rules` are the user's, in their order; catch-all rules are asked after everything
    else, `llm` before them. `examples` come oldest first. `account` is the address of
    the account whose mail it is.
    """
    memory = MemoryLayer(categories, examples)
    learned = Learned(categories, examples)
    layers: list[Layer] = [memory, TaughtFacts(categories, learned)]
    if llm is not None:
        layers.append(llm)
    first = [rule for rule in rules if not rule.is_catch_all]
    last = [rule for rule in rules if rule.is_catch_all]
    if first:
        layers.insert(0, RuleLayer(first, account=account))
    if last:
        layers.append(RuleLayer(last, account=account))
    return LayeredCategorizer(categories, layers, refused=memory.refused)


class LayeredCategorizer:
    """Decides for the categories it is given, by its layers in their order."""

    def __init__(
        self,
        categories: Sequence[Category],
        layers: Sequence[Layer],
        *,
        refused: Callable[[Reading], Container[int]] = lambda _: (),
    ) -> None:
        """`refused` are categories that only a rule may give to a message."""
        self._categories = {category.id: category for category in categories}
        self._layers = layers
        self._refused = refused

    def decide(self, messages: Sequence[Message]) -> list[Decision]:
        parts = (
            messages[start : start + AT_ONCE]
            for start in range(0, len(messages), AT_ONCE)
        )
        return [decision for part in parts for decision in self._decide(part)]

    def _decide(self, messages: Sequence[Message]) -> list[Decision]:
        readings = [Reading(message) for message in messages]
        decided: list[Decision | None] = [None] * len(readings)
        for layer in self._layers:
            open_ones = [i for i, one in enumerate(decided) if one is None]
            if not open_ones:
                break
            answers = layer.consider([readings[i] for i in open_ones])
            for i, opinions in zip(open_ones, answers, strict=True):
                refused = self._refused(readings[i])
                believed = [
                    self._believed(one, readings[i])
                    for one in opinions
                    if one.layer == RULE or one.category_id not in refused
                ]
                heard = readings[i].heard
                heard += believed
                if believed and self._is_sure(believed[0]):
                    decided[i] = self._decision(believed[0], heard)
        return [
            replace(
                one or self._not_sure(reading.heard),
                tokens=tokens_of(reading) if reading.message.readable else b"",
            )
            for reading, one in zip(readings, decided, strict=True)
        ]

    def _believed(self, opinion: Opinion, reading: Reading) -> Opinion:
        category = self._categories.get(opinion.category_id or 0)
        if opinion.layer == RULE or category is None:
            return opinion
        if category.slug not in TRUSTED_ONLY:
            return opinion
        by_words = reading.stranger(category.slug) if opinion.layer == LEARNED else ""
        doubt = reading.doubt or by_words
        if not doubt:
            return opinion
        is_sure = self._is_sure(opinion)
        doubted = f"{LOOKS_LIKE} {category.name}, but {doubt}"
        return replace(
            opinion,
            confidence=min(DOUBTFUL, opinion.confidence),
            evidence=doubted if is_sure else opinion.evidence,
        )

    def _is_sure(self, opinion: Opinion) -> bool:
        category = self._categories.get(opinion.category_id or 0)
        if category is None:  # a rule may say: no category
            return opinion.layer == RULE and opinion.category_id is None
        return opinion.confidence >= category.bar

    def _decision(self, opinion: Opinion, heard: Sequence[Opinion]) -> Decision:
        others = [one for one in heard if one.category_id != opinion.category_id]
        return Decision(
            opinion.category_id,
            round(opinion.confidence, 2),
            opinion.layer,
            _sentence(opinion.evidence),
            considered=_surest(others),
        )

    def _not_sure(self, heard: Sequence[Opinion]) -> Decision:
        considered = _surest(heard)
        if not considered:
            return Decision(None, 0.0, NONE, "Not sure: nothing in it tells what it is")
        doubted = [one for one in heard if one.evidence.startswith(LOOKS_LIKE)]
        guesses = ", ".join(
            f"{self._name(one)} {one.confidence:.2f}" for one in considered[:2]
        )
        return Decision(
            None,
            considered[0].confidence,
            NONE,
            _sentence(doubted[0].evidence) if doubted else f"Not sure: {guesses}",
            considered=considered,
        )

    def _name(self, opinion: Opinion) -> str:
        return self._categories[opinion.category_id or 0].name


def _surest(opinions: Sequence[Opinion]) -> tuple[Opinion, ...]:
    """One opinion for each category that is worth telling, the surest first."""
    best: dict[int | None, Opinion] = {}
    for one in sorted(opinions, key=lambda one: -one.confidence):
        best.setdefault(one.category_id, one)
    return tuple(
        replace(
            one, confidence=round(one.confidence, 2), evidence=_sentence(one.evidence)
        )
        for one in [*best.values()][:MOST_CONSIDERED]
        if one.confidence >= WORTH_TELLING
    )


def _sentence(evidence: str) -> str:
    return evidence[:1].upper() + evidence[1:]
