"""The shipped examples are complete, invented, and read as they are written."""

import re
from collections import Counter

import pytest

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.shipped import (
    JUNK,
    LANGUAGES,
    ShippedExample,
    read_examples,
    shipped_examples,
)

SLUGS = {category.slug for category in STARTING_CATEGORIES}


def test_a_paragraph_is_a_message():
    (example,) = read_examples(
        "# for readers\n\n[receipts]\n\n"
        "Corner Shop <Shop@corner.example> | bulk\nYour order\nTwo lamps.\nTotal 12\n"
    )

    assert example == ShippedExample(
        "receipts",
        "shop@corner.example",
        "Corner Shop",
        "Your order",
        "Two lamps.\nTotal 12",
        {"list-unsubscribe": "<https://mailer.example/u>"},
    )


@pytest.mark.parametrize(
    "written",
    ["a@x.example\nSubject\nText", "[receipts]\nno address\nSubject\nText", "[a]\nb@c"],
    ids=["no category", "no sender", "no text"],
)
def test_what_is_no_message_is_refused_with_its_first_line(written):
    with pytest.raises(ValueError, match="begins no sender, subject and text"):
        list(read_examples(written))


def test_addresses_are_reserved_ones():
    """Nobody's real address or site stands in them (RFC 2606)."""
    reserved = re.compile(r"\.example$|(^|\.)example\.(org|com|net)$")

    for example in shipped_examples():
        assert reserved.search(example.sender.rpartition("@")[2]), example.sender
        for domain in re.findall(r"[\w.-]+@([\w.-]+\w)", example.text):
            assert reserved.search(domain), domain


def test_no_message_is_there_twice():
    said = Counter((one.sender, one.subject) for one in shipped_examples())

    assert [one for one, count in said.items() if count > 1] == []


def test_slugs_are_those_of_the_starting_categories():
    assert {one.slug for one in shipped_examples()} <= {*SLUGS, JUNK}
    assert len(LANGUAGES) == 8
