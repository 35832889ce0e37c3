"""Points for each category, given by senders, genre words and numbers.

Signs of bulk mail only admit some categories: by themselves they are a guess.
"""

import re
from itertools import islice

from mailbeat.labeling.cases import TONES, Case, Facts
from mailbeat.labeling.genre import ASK, BAIT, BULK, DEMAND, PITCH, THREAT
from mailbeat.labeling.people import weigh_person
from mailbeat.labeling.senders import MONEY_HOUSES, SENDERS
from mailbeat.labeling.signs import Signs
from mailbeat.labeling.trust import TRUSTED_ONLY, errand_in, is_brand
from mailbeat.labeling.words import Found, Words, find_words, words_of
from mailbeat.mail.message import Message

MAX_SUBJECT = 300  # characters that are looked at
NEAR = 60  # words at the beginning of the text, which count more
NEAR_COUNTS, FAR_COUNTS = 0.7, 0.35  # of a word in the subject
MOST_OF_TEXT = 3.0  # points that the text gives to one category at most
SENDER_POINTS = 2.0
NAME_POINTS = 1.0
MACHINE_POINTS = 1.2  # alerts@ and notifications@ write of everything
NAMED = 0.9  # points of words from which a number may support a category
LONG_TEXT = 250  # words
LONG_READING = 1.2  # points for reading
BY_NO_MAILER = 2.6  # points that press, where no header says that a mailer sent it
BOTH_HALVES = 2.6  # points for a demand beside a threat, or an offer beside a wish
PER_ERRAND, MOST_ERRANDS = 1.3, 2.6  # points for words like "update" in a domain
PRICES = 3  # in a text to many that make it an offer
TO_MANY = 0.5  # points for reading, where nothing tells what is sent to many
OF_READING = 0.6  # of the points of other categories: articles are of everything
MOST_QUOTE = 40  # characters

NEEDS_BULK = frozenset({"newsletters", "promotions"})

_MONEY = re.compile(
    r"(?:[$€£]|r\$)\s?\d|\d[.,]\d\d\s?(?:€|zł|(?:eur|usd|gbp|chf|pln|brl)\b)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b\d{1,2}(?::\d\d|h\d\d|\s?(?:am|pm|a\.m|p\.m|uhr|uur|h)\b)", re.IGNORECASE
)
_PERCENT = re.compile(r"\d\s?%")
_ORDER_NUMBER = re.compile(
    r"(?:#|n[or]\.?|n\.?º|n°|number|nummer|numéro|número|numero)"
    r"\s?:?\s?[a-z]{0,6}-?\d{3,}",
    re.IGNORECASE,
)
_ISSUE = re.compile(
    r"(?:issue|vol|volume|edition|no|nr|n°|n\.?º|ausgabe|folge|numéro|número|numero|lettre"
    r"|carta|lettera|edição|edizione|numer|nummer|brief)\.?\s?#?\d{1,4}\b"
    r"|#\d{1,4}\b|\b(?:19|20)\d\d\b|\b\d\d?[/.]\d\d?[/.]\d\d",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b\d{4,8}\b|\b\d{3}[ -]\d{3}\b")


def weigh(
    message: Message,
    signs: Signs,
    in_subject: Words,
    in_text: Words,
    languages: frozenset[str] = frozenset(),
) -> Facts:
    """Give points to each category."""
    facts = Facts()
    subject, text = in_subject.text, in_text.text
    _weigh_words(
        facts, find_words(in_subject, languages), find_words(in_text, languages)
    )
    _weigh_pressure(facts, message, signs)
    cases = facts.cases
    by_a_person = cases.pop("personal", Case())
    to_many = BULK in facts.tones or (
        _sender_hint(*_parts_of(message.sender))[0] in NEEDS_BULK
    )
    _weigh_reading(cases, text, to_many=to_many or signs.bulk)
    _weigh_sender(cases, message, signs)
    if to_many or signs.bulk:
        _weigh_name(cases, message.sender_name)
    _weigh_numbers(cases, subject, text)
    if not signs.bulk:
        # Somebody who writes "sale" without the header of a bulk mailer: a person, or
        # junk. Either way hardly for these two.
        for slug in NEEDS_BULK & cases.keys():
            points = cases[slug].points
            is_house = signs.role or signs.machine
            cases[slug].points = (
                0.8 * points if to_many or is_house else min(0.2 * points, 1.0)
            )
    for slug in (TRUSTED_ONLY - {"personal"}) & cases.keys():
        cases[slug].points *= _standing_of(message, signs)
    for slug in (TRUSTED_ONLY - {"personal"}) & cases.keys():
        # Who sells loans sends no statement, who asks for a call has no date yet, and
        # who shows a demo saw nobody sign in.
        cases[slug].points -= facts.tone(PITCH)
    if is_brand(message.sender_domain) and not signs.freemail:
        facts.tones.pop(BAIT, None)
    if not (signs.bulk or signs.machine or signs.list_tag or to_many):
        weigh_person(facts, by_a_person, message, signs)
    return facts


def _weigh_pressure(facts: Facts, message: Message, signs: Signs) -> None:
    """A demand beside a threat presses; an offer beside a wish is to sell something."""
    demand, threat, ask = (facts.tones.get(one) for one in (DEMAND, THREAT, ASK))
    if demand and threat:
        fact = f"{demand.facts[0][1]}, {threat.facts[0][1]}"
        facts.case(BAIT).add(BOTH_HALVES, fact)
    if ask and PITCH in facts.tones:
        facts.case(PITCH).add(BOTH_HALVES, ask.facts[0][1])
    errands = errand_in(message.sender_domain)
    if errands and (demand or BAIT in facts.tones):
        points = min(PER_ERRAND * errands, MOST_ERRANDS)
        facts.case(BAIT).add(points, f"{message.sender_domain} names an errand")
    if not (signs.bulk or signs.machine or signs.list_tag):
        facts.pressing = BY_NO_MAILER


def _standing_of(message: Message, signs: Signs) -> float:
    """How much a sender's word of money, codes and appointments counts.

    No shop and no bank writes from a freemailer, and seldom from an address that could
    be a person's; people write of shops and banks.
    """
    if signs.freemail and not signs.machine:
        return 0.4
    if signs.machine or signs.bulk or signs.role:
        return 1.0
    return 1.0 if _sender_hint(*_parts_of(message.sender))[0] else 0.7


def _weigh_words(facts: Facts, subject: list[Found], text: list[Found]) -> None:
    said = {found.quote.casefold() for found in subject}
    for found in subject:
        for slug, weight in found.meanings.items():
            facts.case(slug).add(weight, f'the subject says "{short(found)}"')
    given: dict[str, float] = {}
    for found in text:
        is_near = found.position < NEAR
        is_new = found.quote.casefold() not in said
        counts = NEAR_COUNTS if is_near and is_new else FAR_COUNTS
        for slug, weight in found.meanings.items():
            if not (is_near or slug in TONES or " " in found.quote):
                continue  # a long text holds single words of everything
            so_far = given.get(slug, 0.0)
            most = MOST_OF_TEXT if slug not in TONES else 2 * MOST_OF_TEXT
            points = min(weight * counts, most - so_far)
            if points:
                given[slug] = so_far + points
                facts.case(slug).add(points, f'the text says "{short(found)}"')


def short(found: Found) -> str:
    return found.quote[:MOST_QUOTE]


def _weigh_sender(cases: dict[str, Case], message: Message, signs: Signs) -> None:
    local, domain = _parts_of(message.sender)
    is_bank = any(house in domain for house in MONEY_HOUSES)
    slug, points, fact = _sender_hint(local, domain)
    is_free = signs.freemail and not signs.machine  # there anybody may be shop@
    is_alert = is_bank and slug == "notifications"  # alerts@ a bank: of money
    if slug and not (is_free or is_alert):
        cases.setdefault(slug, Case()).add(points, fact)
    if is_bank:
        # Anybody may register such a name; a bank's mail says that a mailer sent it.
        points = 1.5 if signs.bulk or signs.machine else 0.7
        cases.setdefault("finance", Case()).add(points, f"sent by {domain}")
    if signs.list_tag and signs.bulk:
        cases.setdefault("forums", Case()).add(1.5, "a list's name in the subject")
    if signs.social:
        cases.setdefault("social", Case()).add(2.0, f"sent by {domain}")


def _weigh_name(cases: dict[str, Case], name: str) -> None:
    """What is sent to many is often said in its sender's name: "Harbour News"."""
    for word in words_of(name[:MAX_SUBJECT]):
        if SENDERS.get(word) in NEEDS_BULK:
            case = cases.setdefault(SENDERS[word], Case())
            case.add(NAME_POINTS, f"the sender is called {word}")
            return


def _parts_of(sender: str) -> tuple[str, str]:
    local, _, domain = sender.rpartition("@")
    return local, domain


def _sender_hint(local: str, domain: str) -> tuple[str, float, str]:
    """Return what `billing@` or `news.example.org` usually sends, if anything."""
    for part in dict.fromkeys([local, *re.split(r"[._+]", local)]):
        if part in SENDERS:
            slug = SENDERS[part]
            points = MACHINE_POINTS if slug == "notifications" else SENDER_POINTS
            return slug, points, f"sender {part}@"
    first = domain.partition(".")[0]
    if first in SENDERS:
        return SENDERS[first], SENDER_POINTS / 2, f"sent from {first}."
    return "", 0.0, ""


def _weigh_reading(cases: dict[str, Case], text: str, *, to_many: bool) -> None:
    """What goes to many and takes minutes to read is there to be read."""
    if not to_many:
        return
    prices = sum(1 for _ in islice(_MONEY.finditer(text), PRICES))
    if prices == PRICES:
        cases.setdefault("promotions", Case()).add(1.0, "several prices in the text")
    reading = cases.setdefault("newsletters", Case())
    if text.count(" ") > LONG_TEXT:
        for slug in cases.keys() - NEEDS_BULK:
            cases[slug].points *= OF_READING
        reading.add(LONG_READING, "a long text to many readers")
    elif max(case.points for case in cases.values()) < TO_MANY:
        reading.add(TO_MANY, "it is sent to many")


def _weigh_numbers(cases: dict[str, Case], subject: str, text: str) -> None:
    """Numbers support a category that words have named; they name none."""
    receipts, security, promotions, finance, calendar, newsletters = map(
        cases.get,
        (
            "receipts",
            "security",
            "promotions",
            "finance",
            "calendar",
            "newsletters",
        ),
    )
    if newsletters and _ISSUE.search(subject):
        newsletters.add(0.8, "an issue or a date in the subject")
    if promotions and promotions.points >= NAMED and _MONEY.search(subject):
        promotions.add(0.8, "an amount of money in the subject")
    if calendar and _TIME.search(subject):
        calendar.add(0.8, "a time of day in the subject")
    if finance and _MONEY.search(subject):
        finance.add(0.8, "an amount of money in the subject")
    if receipts and _ORDER_NUMBER.search(subject):
        receipts.add(1.0, "order number in the subject")
    if receipts and _MONEY.search(text):
        receipts.add(0.6, "an amount of money in the text")
    if (
        security
        and security.points >= NAMED
        and (_CODE.search(subject) or _CODE.search(text[:500]))
    ):
        security.add(0.8, "a code in it")
    if promotions and _PERCENT.search(subject):
        promotions.add(1.5, "percentages in the subject")
