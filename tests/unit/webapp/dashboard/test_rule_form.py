import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.conditions import OPERATORS
from webapp.dashboard.rule_form import (
    FIELD_WORDS,
    MOST_ROWS,
    OPERATOR_WORDS,
    Row,
    RuleForm,
    condition_of,
    fields_with_words,
    form_of,
    operators_by_field,
    operators_with_words,
    read_form,
)

FLAT = [
    {"domain": {"is": "lufthansa.com"}},
    {"all": [{"sender": {"is": ["a@x.example", "b@x.example"]}}, {"list": False}]},
    {"any": [{"subject": {"contains": "a, b"}}, {"not": {"size": {"over": "5 MB"}}}]},
    {"all": [{"header": {"name": "X-Mailer", "starts": "PHP"}}, {"attachment": True}]},
    {"not": {"recipient": {"ends": "x.example"}}},
]
NESTED = [
    {"any": [{"all": [{"list": True}, {"domain": "x.example"}]}, {"list": False}]},
    {"subject": {"contains": ["a", "b"]}},
    {"not": {"any": [{"domain": "x.example"}, {"domain": "y.example"}]}},
    {"any": [{"domain": f"{number}.example"} for number in range(MOST_ROWS + 1)]},
]


def test_every_field_and_operator_has_words():
    assert set(FIELD_WORDS) | {"header"} == set(OPERATORS)
    known = {one for operators in OPERATORS.values() for one in operators}
    assert set(OPERATOR_WORDS) == known
    assert [name for name, _ in fields_with_words()] == [*FIELD_WORDS]
    offered = {name for name, _ in operators_with_words()}
    assert {one for each in operators_by_field().values() for one in each} == offered


@pytest.mark.parametrize("written", FLAT)
def test_what_is_put_into_rows_comes_back_as_the_same(written):
    condition = read_condition(written)

    form = form_of(condition)

    assert form.text is None
    assert read_condition(condition_of(form) and written) == condition
    assert same(condition_of(form)) == same(condition)


def same(condition):
    """A condition in which "has no list" and "not: has a list" are one."""
    from mailbeat.labeling.condition_words import in_words

    return in_words(condition)


@pytest.mark.parametrize("written", NESTED)
def test_what_rows_cannot_say_is_text_and_comes_back_as_the_same(written):
    condition = read_condition(written)

    form = form_of(condition)

    assert form.text is not None
    assert condition_of(form) == condition


def test_a_fault_stands_at_its_row():
    rows = [Row("domain", "is", "x.example"), Row(), Row("size", "over", "many")]
    form = RuleForm(rows=rows)

    assert condition_of(form) is None
    assert [row.fault for row in rows] == [
        *("", "", "It must be a size such as 5 MB; units are B, KB, MB, GB."),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("nonsense", "is", "x"), "is nothing to look at"),
        (Row("size", "contains", "x"), "cannot be asked of size"),
        (Row("domain", "is", ""), "must not be empty"),
        (Row("domain", "is", " , "), "must have 1 to"),
        (Row("sender", "is", "lufthansa.com"), "is not an e-mail address"),
        (Row("header:X-Nothing", "is", "x"), "not a header field that is fetched"),
        (Row("domain", "not-not-is", "x"), "cannot be asked of domain"),
    ],
)
def test_a_row_that_can_never_hold_says_why(row, said):
    form = RuleForm(rows=[row])

    assert condition_of(form) is None
    assert said in row.fault or said in form.faults["rows"]


def test_a_form_without_a_row_asks_for_one():
    form = RuleForm(rows=[Row(), Row()])

    assert condition_of(form) is None
    assert "at least one line" in form.faults["rows"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("domain: x.example\nnonsense: y", 2),
        ("", 1),
        ("any:\n- domain: x.example\n- subject:\n    size: 3", 4),
        ("domain: [", 1),
        ("domain: x\n---\ndomain: y", 3),
        ("  domain: x\nenabled: no", 2),
        ("x\0y", 1),
    ],
)
def test_a_fault_in_a_text_tells_its_line(text, line):
    form = RuleForm(text=text)

    assert condition_of(form) is None
    assert form.faults["condition"].startswith(f"Line {line}: ")


@given(st.text(max_size=60))
def test_a_text_never_becomes_anything_but_a_condition(text):
    form = RuleForm(text=text)

    assert (condition_of(form) is None) == ("condition" in form.faults)


def test_a_form_is_read_as_it_was_sent():
    sent = MultiDict(
        [
            *(("name", "Airlines"), ("category_id", "2"), ("account_id", "")),
            *(("how", "any"), ("enabled", "yes")),
            *(("field", "domain"), ("operator", "is"), ("value", "x.example")),
            *(("field", ""), ("operator", "is"), ("value", "")),
        ]
    )

    form = read_form(sent)

    assert (form.name, form.category, form.account, form.how) == (
        *("Airlines", "2", "", "any"),
    )
    assert form.used == [Row("domain", "is", "x.example")]
    assert (form.enabled, form.is_catch_all, form.text) == (True, False, None)


def test_a_flood_of_rows_is_cut():
    names = ("field", "operator", "value")
    sent = MultiDict([(name, "size") for name in names for _ in range(500)])

    assert len(read_form(sent).rows) == MOST_ROWS
