"""Which mail a model need not be asked about twice."""

from dataclasses import replace

import pytest

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.llm.likeness import Likeness
from mailbeat.labeling.llm.model import Model
from mailbeat.labeling.reading import Reading
from tests.factories import make_message

MODEL = Model("http://127.0.0.1:1/v1", "m")


def key(*, salt=b"salt", model=MODEL, account=1, categories=None, **message):
    known = STARTING_CATEGORIES if categories is None else categories
    reading = Reading(make_message(**message))
    return Likeness(salt, model, account, known).of(reading)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Issue 17 is out", "Issue 18 is out"),
        ("A plan", "Re: A plan"),
        ("A plan", "AW: RE:  a  PLAN"),
        ("A plan", "Re[2]: A plan"),
    ],
)
def test_numbers_answers_and_capitals_make_no_difference(one, other):
    assert key(subject=one) == key(subject=other)


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "Another subject"},
        {"sender": "bob@example.org"},
        {"account": 2},
        {"salt": b"pepper"},
        {"model": replace(MODEL, name="n")},
        {"model": replace(MODEL, base_url="http://127.0.0.1:2/v1")},
        {"categories": STARTING_CATEGORIES[:9]},
        {"categories": (replace(STARTING_CATEGORIES[0], definition="New"),)},
        {"categories": (replace(STARTING_CATEGORIES[0], name="New"),)},
    ],
)
def test_all_else_makes_a_difference(changed):
    assert key() != key(**changed)


def test_a_key_tells_nothing():
    assert len(key()) == 64
    assert int(key(), 16)


@pytest.mark.parametrize(
    "message",
    [
        {"subject": ""},
        {"subject": "Re:"},
        {"sender": ""},
        {
            "sender": "x@other.example",
            "sender_name": "paypal.com",
            "subject": "Your account",
        },
    ],
)
def test_what_is_like_too_many_or_forged_has_none(message):
    assert key(**message) == ""
