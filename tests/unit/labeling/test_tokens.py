"""What there is to learn from a message."""

import subprocess
import sys
import time
from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.signs import Signs
from mailbeat.labeling.tokens import (
    GENRES,
    MOST_TOKENS,
    packed,
    said_in,
    tokens_of,
    unpacked,
)
from tests.factories import make_message

BULK = {"List-Unsubscribe": "<https://example.org/u>", "List-Id": "<a.example.org>"}


def tokens(**message):
    return tokens_of(Reading(make_message(**message)))


def meanings(**message):
    return {one.meaning for one in said_in(Reading(make_message(**message)))}


def test_tokens_are_sorted_numbers_each_once():
    written = tokens(subject="Order order", text="order paid paid")

    read = unpacked(written)

    assert [*read] == sorted(set(read))
    assert len(written) == 4 * len(read)


def test_they_are_the_same_in_every_process():
    """They are kept for years; `hash()` differs from one process to the next."""
    program = (
        "from mailbeat.labeling.reading import Reading\n"
        "from mailbeat.labeling.tokens import tokens_of\n"
        "from tests.factories import make_message\n"
        "print(tokens_of(Reading(make_message(subject='Größe 42'))).hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == tokens(subject="Größe 42").hex()
    assert packed([0x01020304]) == b"\x04\x03\x02\x01"


def test_words_senders_lists_and_verdicts_are_learned_from():
    told = meanings(
        sender="billing@mail.shop.example",
        sender_name="Shop",
        subject="Total paid",
        text="in the middle",
        headers=BULK,
    )

    assert {
        "total",
        "total paid",
        "middle",
        "sender billing@",
        "sent by shop.example",
        "billing@mail.shop.example",
        "list a.example.org",
        "Shop",
    } <= told


def test_how_it_was_sent_is_learned_from():
    assert tokens(headers=BULK) != tokens()
    assert tokens(attachments=("text/calendar",)) != tokens()


def test_a_long_message_has_no_more_tokens_than_are_kept():
    words = " ".join(f"w{'abcdefghij'[i % 10]}{'x' * (i % 20)}" for i in range(9_000))

    assert len(tokens(subject=words, text=words)) <= 4 * MOST_TOKENS


def test_the_end_of_a_long_text_is_learned_from():
    start = " ".join(chr(97 + i % 26) * (2 + i // 26 % 20) for i in range(2_000))

    assert "unsubscribe" in meanings(text=f"{start} unsubscribe")


def test_broken_tokens_are_read_as_far_as_they_go():
    assert [*unpacked(packed([7, 9]) + b"\x01")] == [7, 9]


def test_every_starting_category_can_be_a_verdict():
    assert {category.slug for category in STARTING_CATEGORIES} == GENRES
    assert {field.name for field in fields(Signs)} >= {"bulk", "reply"}


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_has_tokens(subject, text):
    assert len(tokens(subject=subject, text=text)) <= 4 * MOST_TOKENS


def test_a_message_of_one_cue_takes_no_time():
    message = make_message(subject="order " * 60, text="your order total " * 25_000)
    start = time.process_time()

    tokens_of(Reading(message))

    assert time.process_time() - start < 0.2
