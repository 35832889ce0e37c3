"""A categorizer that knows nothing of the user: headers, senders and genre words.

A header that says what the message is decides at once. Else each fact gives points to
a category, and the one in front wins if it is clearly in front; if not, the answer is
"not sure". Signs of bulk mail give no points: they only admit some categories.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailbeat.labeling.categorizer import Decision
from mailbeat.labeling.category import Category
from mailbeat.labeling.signs import Signs, read_signs
from mailbeat.labeling.words import (
    HYPE,
    MONEY_HOUSES,
    PERSONAL,
    PRONOUNS,
    SENDERS,
    UNSUBSCRIBE,
    genre_words,
    words_of,
)
from mailbeat.mail.message import Message

BAR = 0.6  # of confidence: below it there is no label
MAX_TEXT = 3_000  # characters of the text that are looked at
TEXT_COUNTS = 0.4  # of a word in the subject
MOST_OF_TEXT = 2.5  # points that the text gives to one category at most
SENDER_POINTS = 2.0
HALF_SURE = 1.2  # points at which an uncontested category has a confidence of 1/2
RIVALRY = 0.4  # how much of the confidence a category of equal points takes away

# What a forged sender wants to be taken for.
TRUSTED_ONLY = frozenset({"receipts", "finance", "security", "calendar", "personal"})
NEEDS_BULK = frozenset({"newsletters", "promotions"})

_MONEY = re.compile(
    r"[$€£]\s?\d|\d[.,]\d\d\s?(?:€|eur\b|usd\b|gbp\b|chf\b)", re.IGNORECASE
)
_PERCENT = re.compile(r"\d\s?%")
_ORDER_NUMBER = re.compile(
    r"(?:#|no\.?|nr\.?|number|nummer)\s?:?\s?[a-z]*-?\d{3,}", re.IGNORECASE
)
_CODE = re.compile(r"\b\d{4,8}\b|\b\d{3}[ -]\d{3}\b")


@dataclass(slots=True)
class Case:
    """The points of one category, and the facts that gave them."""

    points: float = 0.0
    facts: list[tuple[float, str]] = field(default_factory=list)

    def add(self, points: float, fact: str) -> None:
        self.points += points
        self.facts.append((points, fact))

    @property
    def evidence(self) -> str:
        best = sorted(self.facts, key=lambda fact: -fact[0])[:3]
        return ", ".join(fact for _, fact in best)


class RuleCategorizer:
    """Decides for the categories it is given; one that a user removed is no answer."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self._categories = {category.slug: category for category in categories}

    def decide(self, messages: Sequence[Message]) -> list[Decision]:
        return [self._decide(message) for message in messages]

    def _decide(self, message: Message) -> Decision:
        signs = read_signs(message)
        sure = sure_fact(signs)
        if sure and self._admits(sure[0], signs):
            slug, confidence, evidence = sure
            return self._answer(slug, confidence, evidence)
        cases = weigh(message, signs)
        ranked = sorted(
            ((slug, case) for slug, case in cases.items() if self._admits(slug, signs)),
            key=lambda item: -item[1].points,
        )
        if not ranked:
            return _not_sure("nothing in it tells what it is")
        slug, case = ranked[0]
        second = ranked[1][1].points if len(ranked) > 1 else 0.0
        confidence = confidence_of(case.points, second)
        if confidence >= BAR:
            return self._answer(slug, confidence, case.evidence)
        guesses = [
            f"{self._categories[one].name} {confidence_of(case.points, 0):.2f}"
            for one, case in ranked[:2]
        ]
        return _not_sure(", ".join(guesses), confidence)

    def _admits(self, slug: str, signs: Signs) -> bool:
        if slug not in self._categories:
            return False
        return not (signs.distrusted and slug in TRUSTED_ONLY)

    def _answer(self, slug: str, confidence: float, evidence: str) -> Decision:
        sentence = evidence[:1].upper() + evidence[1:]
        category = self._categories[slug]
        return Decision(category.id, round(confidence, 2), "rules", sentence)


def _not_sure(guesses: str, confidence: float = 0.0) -> Decision:
    return Decision(None, round(confidence, 2), "none", f"Not sure: {guesses}")


def confidence_of(points: float, second: float) -> float:
    """Confidence grows with the points, and falls with those of the next category."""
    if points <= 0:
        return 0.0
    alone = points / (points + HALF_SURE)
    return min(0.95, alone * (1 - RIVALRY * max(second, 0) / points))


def sure_fact(signs: Signs) -> tuple[str, float, str] | None:
    """Return what a header says outright: category, confidence, evidence."""
    if signs.report:
        return "notifications", 0.95, "it is a delivery report"
    if signs.calendar_part:
        return "calendar", 0.95, "it carries a calendar entry"
    if signs.tracker:
        return "notifications", 0.92, "a tracker of issues, code or jobs sent it"
    if signs.social and (signs.machine or signs.bulk):
        return "social", 0.9, "a social network sent it"
    if signs.discussion_list:
        return "forums", 0.92, "List-Id and List-Post: a discussion list"
    return None


def weigh(message: Message, signs: Signs) -> dict[str, Case]:
    """Give points to each category."""
    cases: dict[str, Case] = {}
    subject, text = message.subject, message.text[:MAX_TEXT]
    text_words = words_of(text)
    _weigh_words(cases, words_of(subject), text_words)
    _weigh_sender(cases, message, signs)
    _weigh_numbers(cases, subject, text)
    to_many = bool(UNSUBSCRIBE & set(text_words))
    if not signs.bulk:
        # Somebody who writes "sale" without the header of a bulk mailer: a person, or
        # junk. Either way hardly for these two.
        for slug in NEEDS_BULK & cases.keys():
            cases[slug].points *= 0.6 if to_many else 0.2
    if not (signs.bulk or signs.machine or signs.list_tag or to_many):
        _weigh_person(cases, message, signs, text_words)
    return cases


def _weigh_words(cases: dict[str, Case], subject: list[str], text: list[str]) -> None:
    for word, slug, weight in genre_words(subject):
        cases.setdefault(slug, Case()).add(weight, f'the subject says "{word}"')
    in_text: dict[str, float] = {}
    for word, slug, weight in genre_words(text):
        so_far = in_text.get(slug, 0.0)
        points = min(weight * TEXT_COUNTS, MOST_OF_TEXT - so_far)
        if points > 0:
            in_text[slug] = so_far + points
            cases.setdefault(slug, Case()).add(points, f'the text says "{word}"')


def _weigh_sender(cases: dict[str, Case], message: Message, signs: Signs) -> None:
    local, _, domain = message.sender.rpartition("@")
    is_bank = any(house in domain for house in MONEY_HOUSES)
    slug, points, fact = _sender_hint(local, domain)
    if slug and not (is_bank and slug == "notifications"):  # alerts@ a bank: of money
        cases.setdefault(slug, Case()).add(points, fact)
    if is_bank:
        cases.setdefault("finance", Case()).add(1.5, f"sent by {domain}")
    if signs.list_tag and signs.bulk:
        cases.setdefault("forums", Case()).add(1.5, "a list's name in the subject")
    if signs.social:
        cases.setdefault("social", Case()).add(2.0, f"sent by {domain}")


def _sender_hint(local: str, domain: str) -> tuple[str, float, str]:
    """Return what `billing@` or `news.example.org` usually sends, if anything."""
    for part in dict.fromkeys([local, *re.split(r"[._+]", local)]):
        if part in SENDERS:
            return SENDERS[part], SENDER_POINTS, f"sender {part}@"
    first = domain.partition(".")[0]
    if first in SENDERS:
        return SENDERS[first], SENDER_POINTS / 2, f"sent from {first}."
    return "", 0.0, ""


def _weigh_numbers(cases: dict[str, Case], subject: str, text: str) -> None:
    """Numbers support a category that words have named; they name none."""
    receipts, security, promotions = map(
        cases.get, ("receipts", "security", "promotions")
    )
    if receipts and _ORDER_NUMBER.search(subject):
        receipts.add(1.0, "order number in the subject")
    if receipts and _MONEY.search(text):
        receipts.add(0.6, "an amount of money in the text")
    if security and (_CODE.search(subject) or _CODE.search(text[:500])):
        security.add(0.8, "a code in it")
    if promotions and _PERCENT.search(subject):
        promotions.add(1.5, "percentages in the subject")


def _weigh_person(
    cases: dict[str, Case], message: Message, signs: Signs, words: list[str]
) -> None:
    case = Case()
    for is_so, points, fact in (
        (signs.reply, 2.0, "an answer in a conversation"),
        (signs.mail_program, 1.0, "written in a mail program"),
        (signs.freemail, 1.0, f"sent from {message.sender_domain}"),
        (signs.named_sender, 1.0, "the sender has a person's name"),
    ):
        if is_so:
            case.add(points, fact)
    if not case.facts:
        return
    if signs.few_recipients:
        case.add(0.4, "few recipients")
    near_ends = set(words[:12]) | set(words[-30:])
    if near_ends & PERSONAL:
        case.add(1.0, "it greets or says goodbye")
    if set(words[:200]) & PRONOUNS:
        case.add(0.8, "the writer speaks of himself or herself")
    selling = cases.get("promotions")
    case.points -= selling.points if selling else 0
    case.points -= 0.8 * len(set(words) & HYPE)
    if case.points > 0:
        cases["personal"] = case
