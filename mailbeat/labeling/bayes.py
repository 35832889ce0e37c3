"""Naive Bayes in plain Python: how much each token speaks for each category.

A category's examples make a token likelier than it is in general, or less likely. How
many examples a category has makes no category likelier. Nothing is stored: the counts
are made of the example rows, and of the examples that are shipped.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from math import log, sqrt
from zlib import crc32

from mailbeat.labeling.category import Category
from mailbeat.labeling.example import Example, newest_of_each
from mailbeat.labeling.memory import is_shared
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.shipped import JUNK, ShippedExample, shipped_examples
from mailbeat.labeling.tokens import (
    GENRES,
    SENDER,
    SIGN,
    SUBJECT,
    TEXT,
    VERDICT,
    Token,
    tokens_of,
    unpacked,
)
from mailbeat.mail.message import Message

MOST_EXAMPLES = 100  # of a category; the newest count
ALIKE = 0.5  # so many of one sender count as that power of their number
SHIPPED = 0.3  # of an example of the user's, that one counts which is shipped
BEFOREHAND = 1.0  # examples in general that each category is given beforehand
UNSEEN = 0.05  # of an example, for a token that no category has
# Of the log-odds; words of one text say the same again and again, so that theirs are
# divided by the root of their number. Fitted as told in docs/decisions/0019.
WEIGHTS = {VERDICT: 0.05, SIGN: 0.14, SENDER: 0.08, SUBJECT: 0.23, TEXT: 0.17}
NO_CATEGORY = 0  # the id of shipped mail that is of none
_FIRST = {crc32(f"first {slug}".encode()): slug for slug in GENRES}

Said = dict[int, list[float]]  # by category: weighted log-odds for each token


@dataclass(frozen=True, slots=True)
class Counts:
    """How many examples of a category there are, and of them with each token.

    `taught` are the user's among them; shipped ones count less than one each.
    """

    taught: int
    examples: float
    by_token: Mapping[int, float]


class Learned:
    """What was learned from examples, which come oldest first."""

    def __init__(
        self,
        categories: Sequence[Category],
        examples: Iterable[Example],
        *,
        shipped: Mapping[str, Counts] | None = None,
    ) -> None:
        shipped = counts_of_shipped() if shipped is None else shipped
        newest: dict[int, list[Example]] = defaultdict(list)
        for example in reversed(newest_of_each(examples)):
            if not example.is_negative and example.tokens:
                newest[example.category_id].append(example)
        slugs = {category.id: category.slug for category in categories}
        if shipped.keys() & set(slugs.values()):
            slugs[NO_CATEGORY] = JUNK
        # Common is what is so in all categories; those without examples count, too.
        self._among = len(slugs)
        self._told: dict[str, dict[int, float]] = defaultdict(dict)
        self.counts: dict[int, Counts] = {}
        for one, slug in slugs.items():
            taught = counted(newest[one][:MOST_EXAMPLES])
            for said in map(_first_fact_in, newest[one][:MOST_EXAMPLES]):
                if said:
                    self._told[said][one] = self._told[said].get(one, 0) + 1
            counts = together(taught, shipped.get(slug))
            if counts.examples:
                self.counts[one] = counts

    def told_about(self, slug: str) -> dict[int, float]:
        """Return where mail was put of which the facts said this first: how many."""
        return {**self._told.get(slug, {})}

    def said_for(self, tokens: Sequence[Token]) -> Said:
        """Return how much each token speaks for each category that has examples."""
        lengths = Counter(token.kind for token in tokens)
        scales = {
            kind: WEIGHTS[kind] / (sqrt(count) if kind in (SUBJECT, TEXT) else 1)
            for kind, count in lengths.items()
        }
        counts = [(one.examples, one.by_token.get) for one in self.counts.values()]
        said: list[list[float]] = [[] for _ in counts]
        absent = [log(BEFOREHAND / (examples + BEFOREHAND)) for examples, _ in counts]
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
                    log((count / common + BEFOREHAND) / (examples + BEFOREHAND))
                    if count
                    else none
                )
                one.append(scale * odds)
        return dict(zip(self.counts, said, strict=True))


def counted(examples: Sequence[Example]) -> Counts:
    """Count the tokens of the user's examples.

    Twenty messages of one sender are no twenty witnesses of how such mail is worded, so
    that those of a sender, a domain or a list count as the root of their number.
    """
    witness = [_witness(example) for example in examples]
    of_one = Counter(witness)
    by_token: defaultdict[int, float] = defaultdict(float)
    total = 0.0
    for example, one in zip(examples, witness, strict=True):
        counts = 1 / of_one[one] ** (1 - ALIKE)
        total += counts
        for token in unpacked(example.tokens):
            by_token[token] += counts
    return Counts(len(examples), total, by_token)


def together(taught: Counts, shipped: Counts | None) -> Counts:
    """Count shipped examples, too, and each less than one of the user's."""
    if shipped is None:
        return taught
    by_token = dict(taught.by_token)
    for token, count in shipped.by_token.items():
        by_token[token] = by_token.get(token, 0) + SHIPPED * count
    return Counts(taught.taught, taught.examples + SHIPPED * shipped.examples, by_token)


@cache
def counts_of_shipped() -> Mapping[str, Counts]:
    """Count what is shipped by slug, once in a process."""
    tokens: dict[str, list[bytes]] = defaultdict(list)
    for example in shipped_examples():
        tokens[example.slug].append(tokens_of(Reading(_message(example))))
    return {slug: _counted_shipped(some) for slug, some in tokens.items()}


def _first_fact_in(example: Example) -> str:
    """Return what the facts said first of a message that was learned, or nothing."""
    found = _FIRST.keys() & unpacked(example.tokens)
    return _FIRST[found.pop()] if found else ""


def _witness(example: Example) -> str:
    """Return who speaks: the list, or the firm, or the sender."""
    domain = example.sender_domain
    return example.list_id or (example.sender if is_shared(domain) else domain)


def _counted_shipped(examples: Sequence[bytes]) -> Counts:
    by_token = Counter(token for one in examples for token in unpacked(one))
    return Counts(0, len(examples), dict(by_token))


def _message(example: ShippedExample) -> Message:
    headers = {"from": example.sender, "to": "you@home.example", **example.headers}
    return Message(
        uid=0,
        key="",
        message_id="",
        sender=example.sender,
        subject=example.subject,
        received_at=datetime.min.replace(tzinfo=UTC),
        headers={name: (value,) for name, value in headers.items()},
        text=example.text,
        sender_name=example.sender_name,
    )
