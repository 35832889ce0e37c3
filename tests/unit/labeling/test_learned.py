"""What is learned from examples, and how it says so."""

import re

import pytest

from mailbeat.labeling.categorizer import FACTS, LEARNED
from mailbeat.labeling.category import STARTING_CATEGORIES, Category
from mailbeat.labeling.example import example_of
from mailbeat.labeling.layers import build_categorizer
from mailbeat.labeling.learned import (
    FEW,
    RIGHT_BY_FACTS,
    RIGHT_BY_LEARNED,
    USABLE,
    as_measured,
)
from tests.factories import make_message

PERSONAL, RECEIPTS, NOTIFICATIONS, NEWSLETTERS = 1, 2, 6, 7
GARDEN = Category(77, "own-77", "Garden", "Garden", "", "slate")
CHESS = Category(78, "own-78", "Chess", "Chess", "", "slate")
OWN = (GARDEN, CHESS)
ALL = (*STARTING_CATEGORIES, *OWN)
BULK = {"List-Unsubscribe": "<https://example.org/u>"}

ABOUT = {
    GARDEN.id: (
        "Tomatoes need water",
        "The seedlings in the greenhouse want compost and a trellis",
    ),
    CHESS.id: (
        "Round three pairings",
        "White opens with the gambit, and the bishop takes the rook",
    ),
}


def lesson(category_id, number, **message):
    subject, text = ABOUT[category_id]
    written = {"subject": f"{subject} {number}", "text": text} | message
    sender = f"writer{category_id}.{number}@d{category_id}-{number}.example"
    message = make_message(1000 * category_id + number, sender=sender, **written)
    return example_of(message, category_id)


def lessons(count, *categories, **message):
    return [
        lesson(category.id, number, **message)
        for number in range(count)
        for category in categories or OWN
    ]


def decide(examples, categories=OWN, **message):
    message = {"sender": "new@somewhere.example"} | message
    return build_categorizer(categories, examples=examples).decide(
        [make_message(9_999, **message)]
    )[0]


NEW = {"subject": "Water for your tomatoes", "text": "Greenhouse, compost, trellis."}


def test_words_of_a_new_sender_are_known_from_examples():
    decision = decide(lessons(USABLE), **NEW)

    assert (decision.category_id, decision.layer) == (GARDEN.id, LEARNED)


def test_the_reason_counts_the_corrections_and_quotes_the_mail():
    decision = decide(lessons(6), **NEW)

    quoted = re.findall('"([^"]+)"', decision.evidence)
    said = f"{NEW['subject']} {NEW['text']}".lower()

    assert decision.evidence.startswith("Learned from 6 of your corrections: ")
    assert quoted
    assert all(one in said for one in quoted)


def test_without_the_quoted_words_it_is_less_sure():
    before = decide(lessons(6), **NEW)
    bare = {name: text.lower() for name, text in NEW.items()}
    for quote in re.findall('"([^"]+)"', before.evidence):
        bare = {name: text.replace(quote, "") for name, text in bare.items()}

    after = decide(lessons(6), **bare)

    assert after.confidence < before.confidence


def test_a_few_examples_make_a_suggestion_only():
    decision = decide(lessons(USABLE - 1), **NEW)

    assert decision.category_id is None
    assert decision.suggestion == GARDEN.id
    assert decision.confidence <= FEW


def test_unlearning_restores_the_former_answers_exactly():
    former, more = lessons(7), lessons(9)[14:]

    before = decide(former, **NEW)
    between = decide([*former, *more], **NEW)
    after = decide([*former, *more][: len(former)], **NEW)

    assert between != before
    assert after == before


def test_a_big_category_does_not_swamp_a_small_one():
    """Categories are equal beforehand, however many examples they have."""
    many = [*lessons(USABLE, GARDEN), *lessons(200, CHESS)]

    assert decide(many, **NEW).category_id == GARDEN.id


ORDER = {
    "sender": "shop@somewhere.example",
    "subject": "Your order #48213",
    "text": "Thanks for your order. Order total: 12.00 EUR. Compost, trellis.",
}


def test_the_facts_are_kept_where_nobody_contradicted_them():
    decision = decide(lessons(8), ALL, **ORDER)

    assert (decision.category_id, decision.layer) == (RECEIPTS, FACTS)


def test_who_contradicts_the_facts_again_and_again_is_believed():
    told = [
        lesson(GARDEN.id, n, subject=f"Your order {n}", text=ORDER["text"])
        for n in range(8)
    ]

    before = decide([], ALL, **ORDER)
    after = decide([*told, *lessons(8, CHESS)], ALL, **ORDER)

    assert before.category_id == RECEIPTS
    assert (after.category_id, after.layer) == (GARDEN.id, LEARNED)


def test_a_delivery_report_stays_one():
    """It quotes what it could not deliver, which may be anything."""
    decision = decide(
        lessons(20),
        ALL,
        sender="mailer-daemon@somewhere.example",
        subject="Undelivered: Tomatoes need water",
        text=ABOUT[GARDEN.id][1],
    )

    assert decision.category_id == NOTIFICATIONS


def test_shipped_examples_suggest_before_anything_was_taught():
    message = {
        "sender": "hello@somewhere.example",
        "subject": "Wallbox",
        "text": "The wallbox and the cable left in the afternoon. Coach C, seat 41.",
    }

    decision = decide([], STARTING_CATEGORIES, **message)

    learned = [one for one in decision.considered if one.layer == LEARNED]
    assert learned
    assert "your corrections" not in learned[0].evidence


def test_what_shipped_examples_hardly_speak_for_is_not_suggested():
    message = {"sender": "x@thing.example", "subject": "1", "text": "a qwv"}

    assert decide([], STARTING_CATEGORIES, **message).considered == ()


@pytest.mark.parametrize("table", [RIGHT_BY_FACTS, RIGHT_BY_LEARNED])
def test_who_is_surer_is_right_more_often(table):
    measured = [as_measured(n / 100, table) for n in range(101)]

    assert measured == sorted(set(measured))
    assert measured[0] == 0
    assert measured[-1] <= 1


def test_the_bar_is_the_same_for_facts_as_they_are_measured():
    assert as_measured(0.75, RIGHT_BY_FACTS) == 0.75


def test_one_exception_does_not_outweigh_what_facts_say():
    garden = "seedlings greenhouse compost trellis"
    orders = [
        example_of(
            make_message(
                number,
                sender=f"shop@d{number}.example",
                subject=f"Your order #4821{number}",
                text=f"Order total 9.00 {garden if number == 0 else ''}",
            ),
            GARDEN.id if number == 0 else RECEIPTS,
        )
        for number in range(20)
    ]

    decision = decide(
        [*orders, *lessons(20, GARDEN)],
        ALL,
        sender="writer@other.example",
        subject="Tomatoes need water, order #99",
        text="Order total 12.00 seedlings in the greenhouse want compost and a trellis",
    )

    assert (decision.category_id, decision.layer) == (RECEIPTS, FACTS)
    assert decision.considered[0].category_id == GARDEN.id


@pytest.mark.parametrize(("local", "category_id"), [("info", None), ("ada", PERSONAL)])
def test_words_alone_make_no_personal_of_a_strangers_mail(local, category_id):
    written = {
        "subject": "The garden again",
        "text": "seedlings greenhouse compost trellis tomatoes water",
        "headers": {"X-Mailer": "Mutt"},
    }
    letters = [
        example_of(
            make_message(number, sender=f"ada.{number}@d{number}.example", **written),
            PERSONAL,
        )
        for number in range(20)
    ]

    decision = decide(
        [*letters, *lessons(20, CHESS)],
        ALL,
        sender=f"{local}@somewhere.example",
        **written,
    )

    assert decision.category_id == category_id
    assert decision.suggestion in (None, PERSONAL)
