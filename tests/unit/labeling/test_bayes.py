"""What is counted of examples, and what the counts say."""

import time
import tracemalloc
from dataclasses import replace

import pytest

from mailbeat.labeling.bayes import (
    MOST_EXAMPLES,
    NO_CATEGORY,
    SHIPPED,
    Counts,
    Learned,
    counted,
    counts_of_shipped,
    together,
)
from mailbeat.labeling.category import STARTING_CATEGORIES, Category
from mailbeat.labeling.example import example_of
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.shipped import JUNK
from mailbeat.labeling.tokens import GENRES, TEXT, packed
from tests.factories import make_message

GARDEN = Category(77, "own-77", "Garden", "Garden", "", "slate")
CHESS = Category(78, "own-78", "Chess", "Chess", "", "slate")
OWN = (GARDEN, CHESS)


def about(category, number, text):
    message = make_message(
        1_000 * category.id + number,
        sender=f"x{number}@d{number}.example",
        subject="Hm",
        text=text,
    )
    return example_of(message, category.id)


def learned(*examples, categories=OWN):
    return Learned(categories, examples, shipped={})


def test_words_of_a_category_speak_for_it():
    known = learned(
        *(about(GARDEN, n, "compost and trellis") for n in range(5)),
        *(about(CHESS, n, "gambit and rook") for n in range(5)),
    )
    tokens = Reading(make_message(text="compost and rook")).tokens

    said = known.said_for(tokens)
    of = {one.meaning: i for i, one in enumerate(tokens) if one.kind == TEXT}

    assert said[GARDEN.id][of["compost"]] > 0 > said[CHESS.id][of["compost"]]
    assert said[CHESS.id][of["rook"]] > 0 > said[GARDEN.id][of["rook"]]
    assert said[GARDEN.id][of["and"]] == pytest.approx(said[CHESS.id][of["and"]])


def test_a_word_that_nobody_learned_says_nothing():
    known = learned(about(GARDEN, 1, "compost"))
    tokens = Reading(make_message(text="zeppelin")).tokens

    said = known.said_for(tokens)[GARDEN.id]

    assert [said[i] for i, one in enumerate(tokens) if one.meaning == "zeppelin"] == [0]


def test_the_newest_examples_of_a_category_count():
    told = [about(GARDEN, n, f"a{n % 7}") for n in range(MOST_EXAMPLES + 5)]

    assert learned(*told).counts[GARDEN.id].taught == MOST_EXAMPLES


def test_what_it_is_not_and_what_has_no_words_is_no_example():
    one = about(GARDEN, 1, "compost")

    assert learned(replace(one, is_negative=True)).counts == {}
    assert learned(replace(one, tokens=b"")).counts == {}
    assert learned().counts == {}


def test_what_facts_said_of_taught_mail_is_known_by_where_it_was_put():
    order = make_message(
        sender="shop@acme.example", subject="Your order #48213", text="Order total 9.00"
    )

    known = learned(example_of(order, GARDEN.id), about(CHESS, 1, "gambit"))

    assert known.told_about("receipts") == {GARDEN.id: 1}
    assert known.told_about("forums") == {}


def test_a_shipped_example_counts_less_than_one_of_the_users():
    one = replace(about(GARDEN, 1, ""), tokens=packed([1, 2]))
    shipped = Counts(0, 1, {2: 1, 3: 1})

    both = together(counted([one]), shipped)

    assert (both.taught, both.examples) == (1, 1 + SHIPPED)
    assert both.by_token == {1: 1, 2: 1 + SHIPPED, 3: SHIPPED}


@pytest.mark.parametrize(
    ("alike", "counts"),
    [
        ({"sender_domain": "news.example"}, 2),
        ({"list_id": "talk.example"}, 2),
        ({"sender_domain": "gmail.com"}, 4),
        ({}, 4),
    ],
)
def test_many_of_one_sender_count_as_the_root_of_their_number(alike, counts):
    told = [replace(about(GARDEN, n, "compost"), **alike) for n in range(4)]

    counted_ones = counted(told)

    assert (counted_ones.taught, counted_ones.examples) == (4, counts)
    assert max(counted_ones.by_token.values()) == counts


def test_facts_were_told_right_as_often_as_mail_was_filed():
    """However many of one sender: each is one that the facts saw rightly."""
    orders = [
        example_of(
            make_message(
                n,
                sender="shop@acme.example",
                subject=f"Your order #4821{n}",
                text="Order total 9.00",
            ),
            GARDEN.id,
        )
        for n in range(4)
    ]

    assert learned(*orders).told_about("receipts") == {GARDEN.id: 4}


def test_shipped_examples_are_counted_once_for_every_starting_category():
    assert counts_of_shipped() is counts_of_shipped()
    assert counts_of_shipped().keys() == GENRES | {JUNK}
    assert Learned(STARTING_CATEGORIES, []).counts.keys() == {
        NO_CATEGORY,
        *(category.id for category in STARTING_CATEGORIES),
    }


def test_learning_takes_little_time_and_memory():
    count = 500
    told = [
        about(
            STARTING_CATEGORIES[n % 10],
            n,
            " ".join(f"{chr(97 + n % 26)}{chr(97 + i % 26)}{i:x}" for i in range(150)),
        )
        for n in range(count)
    ]
    counts_of_shipped()

    start = time.process_time()
    Learned(STARTING_CATEGORIES, told)
    seconds = time.process_time() - start
    tracemalloc.start()
    known = Learned(STARTING_CATEGORIES, told)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert known.counts
    assert seconds < 0.2  # 0.03 on a quiet machine
    assert size < 10 * 1024 * 1024
