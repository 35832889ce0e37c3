"""What programs are told of rules is what the rules are read by."""

import jsonschema
import pytest

from mailbeat.labeling.condition_form import RuleRefused, read_condition
from mailbeat.labeling.conditions import OPERATORS
from mailbeat.mail.parse import FIELDS
from webapp.api.rule_shapes import RuleNew, RulePreview

SCHEMA = RuleNew.model_json_schema()["properties"]["condition"]


def is_told(condition):
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(condition)


def is_read(condition):
    try:
        read_condition(condition)
    except RuleRefused:
        return False
    return True


@pytest.mark.parametrize("field", OPERATORS)
def test_every_field_is_told_with_its_operators(field):
    told = set(SCHEMA["properties"][field]["properties"]) - {"name"}

    assert told == set(OPERATORS[field])


def test_every_header_that_is_fetched_is_told():
    told = SCHEMA["properties"]["header"]["properties"]["name"]["enum"]

    assert told == [*FIELDS]


@pytest.mark.parametrize(
    "condition",
    [
        {"domain": {"is": "lufthansa.com"}},
        {"all": [{"list": {"exists": True}}, {"not": {"sender": {"is": "a@x.org"}}}]},
        {"any": [{"size": {"over": "5 MB"}}]},
        {"header": {"name": "X-Mailer"}},
        {"subject": {"contains": "[CI] 7"}},
    ],
)
def test_what_is_told_is_read(condition):
    assert is_read(condition)
    if "not" not in str(condition):
        assert is_told(condition)


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"sendr": {"is": "x"}},
        {"sender": {"is": "lufthansa.com"}},
        {"domain": {"is": "a@x.org"}},
        {"subject": {"matches": "x"}},
        {"subject": {"contains": "a\nb"}},
        {"size": {"over": "much"}},
        {"all": []},
        {"header": {"name": "X-Foo"}},
    ],
)
def test_what_is_refused_is_not_told(condition):
    assert not is_told(condition)
    assert not is_read(condition)


def test_a_preview_needs_a_condition_only():
    sent = RulePreview.model_validate({"condition": {"domain": {"is": "x.org"}}})

    assert (sent.category_id, sent.limit) == (None, 500)
