"""The layer that learns from examples: naive Bayes beside the facts, in plain Python.

A category is as likely as the facts make it, times how much likelier its examples make
each token of the message than examples in general do. Categories are equal beforehand,
however many examples they have. Nothing is stored: the counts are made of the example
rows. Figures and what was tried: docs/decisions/0019-what-is-learned.md.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, log, sqrt
from zlib import crc32

from mailbeat.labeling.categorizer import LEARNED, Opinion
from mailbeat.labeling.category import Category
from mailbeat.labeling.example import Example, newest_of_each
from mailbeat.labeling.facts import FactsLayer
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.tokens import (
    SENDER,
    SIGN,
    SUBJECT,
    TEXT,
    VERDICT,
    Token,
    unpacked,
)

MOST_EXAMPLES = 100  # of a category; the newest count
USABLE = 5  # examples of a category from which it may be sure
FEW = 0.6  # confidence at most of a category with fewer
DOUBTS = 1.0  # examples in general that each category is given beforehand
UNSEEN = 0.05  # of an example, for a token that no category has
WEIGHTS = {VERDICT: 0.09, SIGN: 0.15, SENDER: 0.11, SUBJECT: 0.22, TEXT: 0.16}
OF_FACTS = 0.8  # of the log-odds that the facts give
BELIEVED = 4  # examples that contradict no fact, given to each fact beforehand
CONTRADICTED = 0.5  # of an example, that one counts which does
MOST_OPINIONS = 3
MOST_QUOTED = 3
MOST_QUOTE = 60  # characters
MOST = 0.95  # confidence
ITS_KIND = "how it was sent"  # evidence, where no word of it tells more


@dataclass(slots=True)
class Counts:
    """How many examples of one category there are, and of them with each token."""

    examples: float = 0
    by_token: Mapping[int, float] = field(default_factory=dict)


class TaughtFacts:
    """The facts and what was learned, which may say that the facts are wrong.

    The facts are overruled only where a person put mail of which they said the same
    into the other category.
    """

    def __init__(self, categories: Sequence[Category], learned: "Learned") -> None:
        self._facts = FactsLayer(categories)
        self._slugs = {category.id: category.slug for category in categories}
        self._bars = {category.id: category.bar for category in categories}
        self._learned = learned

    def consider(self, readings: Sequence[Reading]) -> list[list[Opinion]]:
        opinions = self._facts.consider(readings)
        if not self._learned.counts:
            return opinions
        return [
            self._together(reading, facts)
            for reading, facts in zip(readings, opinions, strict=True)
        ]

    def _together(self, reading: Reading, facts: list[Opinion]) -> list[Opinion]:
        said = self._learned.said_for(reading.tokens)
        likely = self._likely(facts, said)
        ranked = sorted(likely, key=lambda one: -likely[one])[:MOST_OPINIONS]
        learned = [
            self._opinion(one, likely, said, reading) for one in ranked if one in said
        ]
        if facts and self._is_overruled(facts[0], ranked[0]):
            facts[0] = replace(
                facts[0],
                confidence=min(facts[0].confidence, likely[facts[0].category_id or 0]),
            )
        by_confidence = sorted([*facts, *learned], key=lambda one: -one.confidence)
        if facts and facts[0].confidence >= self._bars[facts[0].category_id or 0]:
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

    def _is_overruled(self, fact: Opinion, best: int) -> bool:
        if best == fact.category_id or best not in self._learned.counts:
            return False
        slug = self._slugs[fact.category_id or 0]
        return best in self._learned.told_about(slug)

    def _likely(
        self, facts: Sequence[Opinion], said: Mapping[int, Sequence[float]]
    ) -> dict[int, float]:
        """Return how likely each category is, in sum 1."""
        left, by_facts = 1.0, dict.fromkeys(self._slugs, 0.0)
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
        said: Mapping[int, Sequence[float]],
        reading: Reading,
    ) -> Opinion:
        examples = int(self._learned.counts[category_id].examples)
        most = MOST if examples >= USABLE else FEW
        words = ", ".join(self._telling(category_id, likely, said, reading))
        return Opinion(
            category_id,
            min(most, likely[category_id]),
            LEARNED,
            f"learned from {examples} of your corrections: {words or ITS_KIND}",
        )

    def _telling(
        self,
        category_id: int,
        likely: Mapping[int, float],
        said: Mapping[int, Sequence[float]],
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


def _quote(token: Token) -> str:
    meaning = token.meaning[:MOST_QUOTE]
    return meaning if token.kind == SENDER else f'"{meaning}"'


class Learned:
    """What was learned from examples, which come oldest first."""

    def __init__(
        self, category_ids: Iterable[int], examples: Iterable[Example]
    ) -> None:
        known = [*category_ids]
        newest: dict[int, list[Example]] = defaultdict(list)
        for example in reversed(newest_of_each(examples)):
            if not example.is_negative and example.tokens:
                newest[example.category_id].append(example)
        # Common is what is so in all categories; those without examples count, too.
        self._among = len(known)
        self.counts = {
            one: counted(example.tokens for example in newest[one][:MOST_EXAMPLES])
            for one in known
            if newest[one]
        }

    def told_about(self, slug: str) -> dict[int, float]:
        """Return where mail was put of which the facts said this first: how many."""
        token = crc32(f"first {slug}".encode())
        found = {one: has.by_token.get(token, 0) for one, has in self.counts.items()}
        return {one: count for one, count in found.items() if count}

    def said_for(self, tokens: Sequence[Token]) -> dict[int, list[float]]:
        """Return how much each token speaks for each category, in weighted log-odds."""
        lengths = Counter(token.kind for token in tokens)
        scales = {
            kind: WEIGHTS[kind] / (sqrt(count) if kind in (SUBJECT, TEXT) else 1)
            for kind, count in lengths.items()
        }
        counts = [(one.examples, one.by_token.get) for one in self.counts.values()]
        said: list[list[float]] = [[] for _ in counts]
        absent = [log(DOUBTS / (examples + DOUBTS)) for examples, _ in counts]
        for number, kind, _ in tokens:
            found = [get(number, 0) for _, get in counts]
            scale = scales[kind]
            if not any(found):
                for one in said:
                    one.append(0.0)
                continue
            common = (
                sum(
                    count / (examples + 1)
                    for count, (examples, _) in zip(found, counts, strict=True)
                )
                + UNSEEN
            ) / self._among
            for one, count, (examples, _), none in zip(
                said, found, counts, absent, strict=True
            ):
                odds = (
                    log((count / common + DOUBTS) / (examples + DOUBTS))
                    if count
                    else none
                )
                one.append(scale * odds)
        return dict(zip(self.counts, said, strict=True))


def counted(examples: Iterable[bytes]) -> Counts:
    by_token: Counter[int] = Counter()
    number = 0
    for tokens in examples:
        by_token.update(unpacked(tokens))
        number += 1
    return Counts(number, dict(by_token))
