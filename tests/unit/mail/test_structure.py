"""Finding the text in what servers tell of the parts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbeat.mail.structure import MAX_DEPTH, TextPart, text_part_of

ENVELOPE = (None,) * 10


def text(subtype=b"PLAIN", size=500, disposition=None, charset=b"utf-8"):
    parameters = (b"CHARSET", charset, b"FORMAT", b"flowed") if charset else None
    fields = (b"TEXT", subtype, parameters, None, None, b"BASE64", size, 9)
    return (*fields, None, disposition, None, None)


PDF = (b"APPLICATION", b"PDF", (b"NAME", b"a.pdf"), None, None, b"BASE64", 9_000_000)
ATTACHED = (b"ATTACHMENT", (b"FILENAME", b"a.txt"))


def multipart(*parts, subtype=b"MIXED"):
    return (*parts, subtype, (b"BOUNDARY", b"x"), None, None)


def message(inside):
    head = (b"MESSAGE", b"RFC822", None, None, None, b"7BIT", 999)
    return (*head, ENVELOPE, inside, 30)


@pytest.mark.parametrize(
    ("structure", "section", "subtype"),
    [
        (text(), "1", "plain"),
        (text(b"HTML"), "1", "html"),
        (multipart(text(), text(b"HTML")), "1", "plain"),
        (multipart(text(b"HTML"), text()), "2", "plain"),
        (multipart(PDF, text(b"HTML")), "2", "html"),
        (multipart(PDF, multipart(text(b"CALENDAR"), text())), "2.2", "plain"),
        (multipart(text(disposition=ATTACHED), text(b"HTML")), "2", "html"),
        (multipart(text(size=3), text(b"HTML")), "2", "html"),
        (multipart(PDF, text(size=3)), "2", "plain"),
        (multipart(text(size=None), text(b"HTML")), "1", "plain"),
        (message(text()), "1.1", "plain"),
        (message(multipart(PDF, text())), "1.2", "plain"),
        (multipart(PDF, message(text())), "2.1", "plain"),
        (multipart(PDF, message(multipart(PDF, text()))), "2.2", "plain"),
        (multipart(PDF, message(message(text()))), "2.1.1", "plain"),
        ([*multipart([*PDF], [*text()])], "2", "plain"),
    ],
)
def test_the_part_with_the_text_is_found(structure, section, subtype):
    found = text_part_of(structure)

    assert found == TextPart(section, "utf-8", "base64", subtype)


def test_a_charset_may_be_missing():
    assert text_part_of(text(charset=None)) == TextPart("1", "", "base64", "plain")


@pytest.mark.parametrize(
    "structure",
    [
        None, (), b"", 7, ((),), (None,), PDF, multipart(PDF), multipart(), (b"TEXT",),
        message(None), text(b"CALENDAR"), multipart(text(disposition=ATTACHED)),
        ((((b"x",),),), b"y"),
    ],
)  # fmt: skip
def test_without_a_text_there_is_none(structure):
    assert text_part_of(structure) is None


@pytest.mark.parametrize("wrap", [multipart, message])
def test_what_is_too_deep_is_not_looked_at(wrap):
    structure = text()
    for _ in range(MAX_DEPTH - 2):
        structure = wrap(structure)
    assert text_part_of(structure) is not None

    for _ in range(5_000):
        structure = wrap(structure)

    assert text_part_of(structure) is None


def test_what_is_too_wide_is_not_looked_at():
    assert text_part_of(multipart(*[PDF] * 100_000, text())) is None
    assert text_part_of((b"TEXT", b"PLAIN", (b"a", b"b") * 100_000)) is not None


VALUES = st.recursive(
    st.none()
    | st.integers()
    | st.sampled_from([b"TEXT", b"PLAIN", b"MESSAGE", b"RFC822"]),
    lambda inner: st.lists(inner, max_size=12).map(tuple) | st.lists(inner, max_size=9),
    max_leaves=60,
)


@given(VALUES)
def test_nothing_raises(structure):
    text_part_of(structure)


def test_damaged_structures_never_raise():
    chance = random.Random(7)
    whole = multipart(PDF, message(multipart(text(), text(b"HTML"))), text())

    def damaged(value):
        if chance.random() < 0.05:
            return chance.choice([None, 7, b"TEXT", (), ((),), -1])
        if isinstance(value, tuple):
            return tuple(damaged(one) for one in value)[: chance.randint(1, 20)]
        return value

    for _ in range(5_000):
        found = text_part_of(damaged(whole))
        assert found is None or found.section.replace(".", "").isdigit()
