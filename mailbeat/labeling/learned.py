"""The layer that learns from examples, beside the facts.

A category is as likely as the facts make it, times how much likelier its examples make
the message (`bayes.py`). Figures and what was tried are in docs/decisions/0019.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import exp, log

from mailbeat.labeling.bayes import NO_CATEGORY, Learned, Said
from mailbeat.labeling.categorizer import LEARNED, Opinion
from mailbeat.labeling.category import Category
from mailbeat.labeling.facts import FactsLayer
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.tokens import SENDER, Token

USABLE = 5  # examples of a category from which it may be sure
FEW = 0.6  # confidence at most of a category with fewer
LEAST = 0.3  # confidence; by shipped examples alone, less is no suggestion
UNTAUGHT = 0.8  # of the confidence, where fewer examples than that are the user's
OF_FACTS = 0.93  # of the log-odds that the facts give
BELIEVED = 4  # examples that contradict no fact, given to each fact beforehand
CONTRADICTED = 0.5  # of an example, that one counts which does
EXCEPTIONS = 0.1  # of what agrees with a fact, that many contradictions are none
# Who writes like a friend may want to sell: the facts must see a person, too.
PERSON = 0.5  # confidence of the facts
STRANGER = 0.7  # confidence at most, where they do not see one
MOST_OPINIONS = 3
MOST_QUOTED = 3
MOST_QUOTE = 60  # characters
MOST = 0.95  # confidence
# How often opinions were right that were this sure, as straight lines. The mail that
# they are measured on is named in docs/decisions/0019.
Table = tuple[tuple[float, float], ...]
# Above .78 facts were right in .95 and more; the line is lower, so that it still tells
# apart what one word more or less is worth.
RIGHT_BY_FACTS: Table = (
    (0.0, 0.0), (0.45, 0.22), (0.55, 0.35), (0.65, 0.64), (0.75, 0.75), (0.78, 0.84),
    (1.0, 1.0),
)  # fmt: skip
RIGHT_BY_LEARNED: Table = (
    (0.0, 0.0), (0.5, 0.3), (0.65, 0.45), (0.75, 0.63), (0.8, 0.74), (0.85, 0.83),
    (0.95, 0.89), (1.0, 0.92),
)  # fmt: skip
PERSONAL = "personal"  # slug
ITS_KIND = "how it was sent"  # evidence, where no word of it tells more


class TaughtFacts:
    """The facts and what was learned, which may say that the facts are wrong.

    The facts are overruled only where a person put mail of which they said the same
    into the other category.
    """

    def __init__(self, categories: Sequence[Category], learned: Learned) -> None:
        self._facts = FactsLayer(categories)
        self._slugs = {category.id: category.slug for category in categories}
        self._bars = {category.id: category.bar for category in categories}
        self._learned = learned

    def consider(self, readings: Sequence[Reading]) -> list[list[Opinion]]:
        opinions = [
            [
                replace(one, confidence=as_measured(one.confidence, RIGHT_BY_FACTS))
                for one in some
            ]
            for some in self._facts.consider(readings)
        ]
        if not self._learned.counts:
            return opinions
        return [
            self._together(reading, facts)
            for reading, facts in zip(readings, opinions, strict=True)
        ]

    def _together(self, reading: Reading, facts: list[Opinion]) -> list[Opinion]:
        if facts and self._is_sure(facts[0]) and not self._is_doubted(facts[0]):
            return facts
        said = self._learned.said_for(reading.tokens)
        likely = self._likely(facts, said)
        ranked = sorted(likely, key=lambda one: -likely[one])[:MOST_OPINIONS]
        learned = [
            self._opinion(one, likely, said, reading, facts)
            for one in ranked
            if one in said and self._is_worth_it(one, likely[one])
        ]
        if facts and self._is_overruled(facts[0], ranked[0]):
            facts[0] = replace(
                facts[0],
                confidence=min(facts[0].confidence, likely[facts[0].category_id or 0]),
            )
        by_confidence = sorted([*facts, *learned], key=lambda one: -one.confidence)
        if facts and self._is_sure(facts[0]):
            by_confidence.remove(facts[0])
            by_confidence.insert(0, facts[0])
        return by_confidence

    def _believe_who_contradicted(
        self, fact: Opinion, by_facts: dict[int, float]
    ) -> None:
        """Move what a fact gives to where a person put mail of which it said the same.

        Who corrects tells where the facts are wrong more often than where they are
        right, so a contradiction counts less than its number.
        """
        said = fact.category_id or 0
        told = self._learned.told_about(self._slugs[said])
        right = told.pop(said, 0)
        wrong = sum(told.values())
        if not wrong:
            return
        moved = by_facts[said] * wrong / (wrong + (right + BELIEVED) / CONTRADICTED)
        by_facts[said] -= moved
        for one, count in told.items():
            by_facts[one] += moved * count / wrong

    def _is_worth_it(self, category_id: int, confidence: float) -> bool:
        is_taught = self._learned.counts[category_id].taught > 0
        return category_id != NO_CATEGORY and (is_taught or confidence >= LEAST)

    def _is_sure(self, opinion: Opinion) -> bool:
        return opinion.confidence >= self._bars[opinion.category_id or 0]

    def _is_doubted(self, fact: Opinion) -> bool:
        """Whether a person put mail of which it said the same somewhere else."""
        told = self._learned.told_about(self._slugs[fact.category_id or 0])
        return bool(told.keys() - {fact.category_id})

    def _is_overruled(self, fact: Opinion, best: int) -> bool:
        if best == fact.category_id or best not in self._learned.counts:
            return False
        told = self._learned.told_about(self._slugs[fact.category_id or 0])
        agreeing = told.get(fact.category_id or 0, 0)
        return told.get(best, 0) > agreeing * EXCEPTIONS

    def _likely(self, facts: Sequence[Opinion], said: Said) -> dict[int, float]:
        """Return how likely each category is, in sum 1."""
        left, by_facts = 1.0, dict.fromkeys([*self._slugs, *said], 0.0)
        for one in facts:
            by_facts[one.category_id or 0] = left * one.confidence
            left *= 1 - one.confidence
        rest = left / len(by_facts)
        if facts:
            self._believe_who_contradicted(facts[0], by_facts)
        odds = {
            one: OF_FACTS * log(share + rest) + sum(said.get(one, ()))
            for one, share in by_facts.items()
        }
        most = max(odds.values())
        shares = {one: exp(value - most) for one, value in odds.items()}
        total = sum(shares.values())
        return {one: share / total for one, share in shares.items()}

    def _opinion(
        self,
        category_id: int,
        likely: Mapping[int, float],
        said: Said,
        reading: Reading,
        facts: Sequence[Opinion],
    ) -> Opinion:
        counts = self._learned.counts[category_id]
        words = ", ".join(self._telling(category_id, likely, said, reading))
        learned = (
            f"learned from {counts.taught} of your corrections"
            if counts.taught >= USABLE or counts.taught == counts.examples
            else "its words are those of such mail"
        )
        confidence = likely[category_id]
        if counts.taught < USABLE:
            confidence *= UNTAUGHT
        else:
            confidence = as_measured(confidence, RIGHT_BY_LEARNED)
        if self._is_a_strangers(category_id, facts, reading):
            confidence = min(STRANGER, confidence)
        return Opinion(
            category_id,
            min(MOST if counts.examples >= USABLE else FEW, confidence),
            LEARNED,
            f"{learned}: {words or ITS_KIND}",
        )

    def _is_a_strangers(
        self, category_id: int, facts: Sequence[Opinion], reading: Reading
    ) -> bool:
        """Whether it would be Personal by its words alone."""
        if self._slugs.get(category_id) != PERSONAL or reading.signs.answered:
            return False
        seen = (one.confidence for one in facts if one.category_id == category_id)
        return max(seen, default=0) < PERSON

    def _telling(
        self,
        category_id: int,
        likely: Mapping[int, float],
        said: Said,
        reading: Reading,
    ) -> list[str]:
        """Return the words of the message that speak most for this, and not others."""
        has = self._learned.counts[category_id].by_token
        rivals = [(likely[other], weights) for other, weights in said.items()]
        found: list[tuple[float, Token]] = []
        for i, token in enumerate(reading.tokens):
            mine = said[category_id][i]
            if token.meaning and mine > 0 and token.number in has:
                others = sum(share * weights[i] for share, weights in rivals)
                found.append((mine - others, token))
        quoted: list[str] = []
        for more, token in sorted(found, key=lambda item: -item[0]):
            if more <= 0 or len(quoted) == MOST_QUOTED:
                break
            if not any(token.meaning in one for one in quoted):
                quoted.append(_quote(token))
        return quoted


def as_measured(confidence: float, table: Table) -> float:
    """Return how often one is right who says to be that sure."""
    for (low, right), (high, right_there) in pairwise(table):
        if confidence <= high:
            return right + (right_there - right) * (confidence - low) / (high - low)
    return table[-1][1]


def _quote(token: Token) -> str:
    meaning = token.meaning[:MOST_QUOTE]
    return meaning if token.kind == SENDER else f'"{meaning}"'
