"""The JSON of rules: what comes in, what goes out, and how both are described."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from mailbeat.db.rule_file import Mode
from mailbeat.db.rule_preview import MOST_LOOKED_AT, Example, Preview
from mailbeat.db.rules import KeptRule
from mailbeat.labeling.condition_form import (
    MOST_VALUE,
    SIZE,
    TURNING,
    write_condition,
)
from mailbeat.labeling.condition_words import in_words
from mailbeat.labeling.conditions import EXISTS, IS, OPERATORS, OVER, UNDER
from mailbeat.labeling.rule_file import MOST_NAME, MOST_RULES
from mailbeat.mail.parse import FIELDS
from webapp.api.answers import Answer, Count, Time, WholeList
from webapp.api.schemas import Id, Strict, iso, left_out, whole

# Tells programs what condition_form.py checks: one line, with a letter or a digit.
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029" + "".join(sorted(TURNING))
TEXT = rf"^[^{_CONTROL}]*[0-9A-Za-z][^{_CONTROL}]*$"
ADDRESS = r"^[0-9A-Za-z._+-]+@[0-9A-Za-z][0-9A-Za-z.-]*$"
DOMAIN = r"^[0-9A-Za-z]([0-9A-Za-z.-]*[0-9A-Za-z])?$"
PART = r"^[0-9A-Za-z@._+-]*[0-9A-Za-z]$"


def _value(pattern: str) -> dict[str, Any]:
    return {"type": "string", "maxLength": MOST_VALUE, "pattern": pattern}


def _pattern(field: str, operator: str) -> str:
    if field == "domain":
        return DOMAIN
    if field in {"sender", "recipient", "account"}:
        return ADDRESS if operator == IS else PART
    return TEXT


def _checks(field: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for operator in OPERATORS[field]:
        if operator == EXISTS:
            values[operator] = {"type": "boolean"}
        elif operator in {OVER, UNDER}:
            values[operator] = {"type": "string", "pattern": SIZE}
        else:
            values[operator] = _value(_pattern(field, operator))
    required: dict[str, Any] = {"minProperties": 1}
    if field == "header":
        values = {"name": {"enum": [*FIELDS]}, **values}
        required = {"required": ["name"]}
    return {
        "type": "object",
        "properties": values,
        "additionalProperties": False,
        **required,
    }


def _condition(depth: int) -> dict[str, Any]:
    """The schema of a condition with so many levels of all, any and not below it."""
    properties = {field: _checks(field) for field in OPERATORS}
    if depth:
        inner = _condition(depth - 1)
        parts = {"type": "array", "items": inner, "minItems": 1, "maxItems": TOLD_PARTS}
        properties |= {"all": parts, "any": parts, "not": inner}
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
    }


# More levels, longer lists and short forms are read, too (see docs/rules.md): what is
# told here is what all of it comes down to, and short enough for programs to try out.
TOLD_DEPTH = 1
TOLD_PARTS = 2
EXAMPLE = {"domain": {"is": "lufthansa.com"}}

Condition = Annotated[
    dict[str, Any],
    WithJsonSchema(
        _condition(TOLD_DEPTH)
        | {
            "description": "What is asked of a message; several parts must all hold. "
            "docs/rules.md has all that may be written.",
            "examples": [EXAMPLE],
        }
    ),
]
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MOST_NAME,
        json_schema_extra={"pattern": TEXT},
    ),
]
Position = Annotated[
    int, Field(ge=1, le=MOST_RULES, description="From 1."), BeforeValidator(whole)
]
Limit = Annotated[int, Field(ge=1, le=MOST_LOOKED_AT), BeforeValidator(whole)]
Category = Annotated[
    Id | None, Field(description="Null: such messages get no category, and no label.")
]
Account = Annotated[Id | None, Field(description="Null: for every account.")]


class RuleNew(Strict):
    name: Name
    condition: Condition
    category_id: Category
    catch_all: bool = Field(
        default=False, description="Asked only where nothing else was sure."
    )
    account_id: Account = None
    enabled: bool = True
    position: Position | None = Field(None, description="Null: after all others.")


class RuleChange(Strict):
    """What is left out stays."""

    name: Name = Field(default_factory=left_out)
    condition: Condition = Field(default_factory=left_out)
    category_id: Category = Field(default_factory=left_out)
    catch_all: bool = Field(default_factory=left_out)
    account_id: Account = Field(default_factory=left_out)
    enabled: bool = Field(default_factory=left_out)
    position: Position = Field(default_factory=left_out)


class RulePreview(Strict):
    """A rule to be tried on the last messages; it need not be kept."""

    condition: Condition
    name: Name = "New rule"
    category_id: Category = None
    catch_all: bool = False
    account_id: Account = None
    limit: Limit = MOST_LOOKED_AT


class RuleOrder(Strict):
    rule_ids: list[Id] = Field(
        max_length=MOST_RULES, description="The ids of all rules, the first first."
    )


class RuleImport(Strict):
    mode: Mode = Field(
        Mode.ADD,
        description="`add`: after the rules that there are; `replace`: in their place.",
    )


class Rule(Answer):
    rule_id: Id
    position: Count
    name: str
    condition: dict[str, Any] | None = Field(
        description="Null: it cannot be read, see `problem`."
    )
    in_words: str
    category_id: Id | None
    category: str | None = Field(
        description="Its name. Null: no category, and no label; or see `problem`."
    )
    catch_all: bool
    account_id: Id | None
    account: str | None
    enabled: bool
    problem: str | None = Field(
        description="Why it is passed over, though it is enabled."
    )
    created_at: Time
    updated_at: Time


class Rules(WholeList):
    items: list[Rule]


class RuleExample(Answer):
    message_id: Id
    account_id: Id
    sender: str
    subject: str | None
    received_at: Time
    category_id: Id | None
    layer: str
    evidence: str = Field(description="Why the rule holds for it.")
    would_change: bool


class RulePreviewed(Answer):
    """`unknown`: messages of which too much was forgotten to tell (SUBJECT_DAYS)."""

    looked_at: Count
    matched: Count
    would_change: Count
    unknown: Count
    examples: list[RuleExample]


class RulesImported(Answer):
    imported: Count
    total: Count


class WrittenRule(Answer):
    """A rule as a file has it: category and account by their names."""

    name: Name
    if_: Condition = Field(alias="if")
    category: Name
    account: Name | None = None
    catch_all: bool = False
    enabled: bool = True


class RuleFile(Answer):
    """All rules, in YAML; docs/rules.md tells how they are written."""

    rules: list[WrittenRule]


def rule_json(rule: KeptRule) -> dict[str, Any]:
    condition = rule.condition
    return {
        "rule_id": rule.id,
        "position": rule.position,
        "name": rule.name,
        "condition": None if condition is None else write_condition(condition),
        "in_words": "" if condition is None else in_words(condition),
        "category_id": rule.category_id,
        "category": rule.category,
        "catch_all": rule.is_catch_all,
        "account_id": rule.account_id,
        "account": rule.account,
        "enabled": rule.enabled,
        "problem": rule.problem,
        "created_at": iso(rule.created_at),
        "updated_at": iso(rule.updated_at),
    }


def preview_json(found: Preview) -> Mapping[str, Any]:
    return {
        "looked_at": found.looked_at,
        "matched": found.matched,
        "would_change": found.would_change,
        "unknown": found.unknown,
        "examples": [_example_json(one) for one in found.examples],
    }


def _example_json(example: Example) -> dict[str, Any]:
    row = example.message
    return {
        "message_id": row.id,
        "account_id": row.account_id,
        "sender": row.sender,
        "subject": row.subject,
        "received_at": iso(row.received_at),
        "category_id": row.category_id,
        "layer": row.layer,
        "evidence": example.evidence,
        "would_change": example.would_change,
    }
