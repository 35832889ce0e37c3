"""Conditions, read strictly and written so that they are read the same again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbeat.labeling.condition_form import (
    MOST_PARTS,
    MOST_VALUES,
    RuleRefused,
    quoted,
    read_condition,
    read_line,
    write_condition,
)
from mailbeat.labeling.conditions import OPERATORS, All, Check


@pytest.mark.parametrize(
    ("written", "again"),
    [
        ({"domain": "x.org"}, {"domain": {"is": "x.org"}}),
        ({"domain": ["x.org"]}, {"domain": {"is": "x.org"}}),
        (
            {"domain": ["x.org", "x.org", "y.org"]},
            {"domain": {"is": ["x.org", "y.org"]}},
        ),
        ({"subject": 7}, {"subject": {"is": "7"}}),
        ({"subject": {"is": "no"}}, {"subject": {"is": "no"}}),
        ({"attachment": "yes"}, {"attachment": {"exists": True}}),
        ({"attachment": "image/png"}, {"attachment": {"is": "image/png"}}),
        ({"list": {"exists": "No"}}, {"list": {"exists": False}}),
        ({"size": {"over": "05mb"}}, {"size": {"over": "5 MB"}}),
        ({"size": {"over": 70}}, {"size": {"over": "70 B"}}),
        (
            {"header": {"name": "x-mailer"}},
            {"header": {"name": "X-Mailer", "exists": True}},
        ),
        ({"all": [{"domain": "x.org"}]}, {"domain": {"is": "x.org"}}),
        (
            {"domain": "x.org", "list": True},
            {"all": [{"domain": {"is": "x.org"}}, {"list": {"exists": True}}]},
        ),
        (
            {"size": {"over": "1 KB", "under": "2 KB"}},
            {"all": [{"size": {"over": "1 KB"}}, {"size": {"under": "2 KB"}}]},
        ),
    ],
)
def test_short_forms_are_written_out(written, again):
    condition = read_condition(written)

    assert write_condition(condition) == again
    assert read_condition(again) == condition


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (None, ()),
        ([], ()),
        ("domain", ()),
        ({7: "x"}, ("7",)),
        ({"all": {"domain": "x"}}, ("all",)),
        ({"all": [7]}, ("all", 0)),
        ({"not": [{"domain": "x"}]}, ("not",)),
        ({"domain": {}}, ("domain",)),
        ({"domain": None}, ("domain",)),
        ({"domain": True}, ("domain", "exists")),
        ({"domain": []}, ("domain",)),
        ({"domain": ["x.org", ""]}, ("domain", 1)),
        ({"domain": {"is": {"is": "x"}}}, ("domain", "is")),
        ({"domain": "x y"}, ("domain",)),
        ({"size": "5 MB"}, ("size", "is")),
        ({"size": {"over": True}}, ("size", "over")),
        ({"size": {"over": "5 XB"}}, ("size", "over")),
        ({"size": {"over": "\u0665 MB"}}, ("size", "over")),
        ({"size": {"over": "9" * 10}}, ("size", "over")),
        ({"size": {"over": ["1 KB"]}}, ("size", "over")),
        ({"recipient": "example.org"}, ("recipient",)),
        ({"sender": "@example.org"}, ("sender",)),
        ({"header": {"contains": "x"}}, ("header",)),
        ({"header": {"name": 7}}, ("header", "name")),
        ({"header": {"name": "Received", "contains": "x"}}, ("header", "name")),
    ],
)
def test_what_is_no_condition_is_refused_at_its_place(written, path):
    with pytest.raises(RuleRefused) as refused:
        read_condition(written)

    (fault,) = refused.value.faults
    assert fault.path == path


def test_a_header_that_is_not_fetched_is_refused_with_those_that_are():
    with pytest.raises(RuleRefused, match="X-Spam-Flag") as refused:
        read_condition({"header": {"name": "X-Foo\x07" * 50, "contains": "x"}})

    assert "\x07" not in str(refused.value)


@pytest.mark.parametrize(
    "written",
    [
        {"subject": {"contains": ["x" + str(n) for n in range(MOST_VALUES + 1)]}},
        {"any": [{"domain": "x.org"}] * (MOST_PARTS + 1)},
        {"any": [{"subject": [str(n) for n in range(100)]}] * 6},
        {f"{n}": "x" for n in range(MOST_PARTS + 1)},
    ],
)
def test_too_much_is_refused(written):
    with pytest.raises(RuleRefused, match=r"more than|1 to"):
        read_condition(written)


def test_endless_nesting_is_refused_at_once():
    written = {"domain": "x.org"}
    for _ in range(100_000):
        written = {"not": written}

    with pytest.raises(RuleRefused, match="4 levels"):
        read_condition(written)


@pytest.mark.parametrize(
    "text",
    ["", " ", "\u200b", "a\nb", "a\x00", "\ud800", "\u2028", "\u202ea", "x" * 9, None],
)
def test_a_line_is_short_and_can_be_seen(text):
    with pytest.raises(RuleRefused):
        read_line(text, (), most=8)


def test_what_is_quoted_is_short_and_printable():
    assert quoted("a\x1b[2J" + "x" * 100) == f'"a?[2J{"x" * 35}…"'
    assert quoted(None) == '"None"'


TEXTS = st.text("aZ0 é✓.", min_size=1, max_size=8).map(lambda text: f"a{text}a")
CHECKS = st.one_of(
    st.builds(
        lambda operator, values: {"subject": {operator: values}},
        st.sampled_from(["is", "contains", "starts", "ends"]),
        st.lists(TEXTS, min_size=1, max_size=3),
    ),
    st.just({"header": {"name": "X-Mailer", "exists": False}}),
    st.builds(lambda n: {"size": {"over": f"{n} KB"}}, st.integers(0, 999)),
)
CONDITIONS = st.recursive(
    CHECKS,
    lambda inner: st.one_of(
        st.builds(
            lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)
        ),
        st.builds(
            lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)
        ),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_what_is_written_is_read_the_same_again(written):
    try:
        condition = read_condition(written)
    except RuleRefused as refused:
        assert "levels" in str(refused)  # noqa: PT017 # the only thing it may be
        return

    assert read_condition(write_condition(condition)) == condition


def test_every_operator_is_accepted_where_it_is_told():
    values = {"exists": "yes", "over": "1 KB", "under": "1 KB"}
    for field, operators in OPERATORS.items():
        for operator in operators:
            name = {"name": "X-Mailer"} if field == "header" else {}
            value = values.get(operator, "a@x.org")
            if field == "domain":
                value = "x.org"
            found = read_condition({field: {**name, operator: value}})
            assert isinstance(found, Check)
            assert not isinstance(found, All)
