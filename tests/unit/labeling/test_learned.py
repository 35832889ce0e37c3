"""What is learned from examples, and how it says so."""

import re
import time
import tracemalloc
from dataclasses import replace

import pytest

from mailbeat.labeling.categorizer import FACTS, LEARNED
from mailbeat.labeling.category import STARTING_CATEGORIES, Category
from mailbeat.labeling.example import example_of
from mailbeat.labeling.layers import build_categorizer
from mailbeat.labeling.learned import FEW, MOST_EXAMPLES, USABLE, Learned
from tests.factories import make_message

RECEIPTS, NOTIFICATIONS, NEWSLETTERS = 2, 6, 7
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


def test_the_newest_examples_of_a_category_count():
    learned = Learned([GARDEN.id], lessons(MOST_EXAMPLES + 5, GARDEN))

    assert learned.counts[GARDEN.id].examples == MOST_EXAMPLES


def test_what_it_is_not_is_no_example():
    told = [replace(one, is_negative=True) for one in lessons(USABLE)]

    assert Learned([one.id for one in OWN], told).counts == {}


def test_an_example_without_words_teaches_no_words():
    told = [replace(one, tokens=b"") for one in lessons(USABLE)]

    assert Learned([one.id for one in OWN], told).counts == {}


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


@pytest.mark.parametrize("count", [500])
def test_learning_takes_little_time_and_memory(count):
    told = [
        lesson(
            OWN[n % 2].id,
            n,
            text=" ".join(f"{chr(97 + n % 26)}{i:b}" for i in range(150)),
        )
        for n in range(count)
    ]
    told = [replace(one, category_id=1 + n % 10) for n, one in enumerate(told)]
    ids = [category.id for category in STARTING_CATEGORIES]

    start = time.process_time()
    Learned(ids, told)
    seconds = time.process_time() - start
    tracemalloc.start()
    learned = Learned(ids, told)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert learned.counts
    assert seconds < 0.15  # 0.02 on a quiet machine
    assert size < 10 * 1024 * 1024
