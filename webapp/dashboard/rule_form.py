"""The form of a rule: conditions as rows of field, operator and value, or as text.

A form shapes what was typed; what a rule may be, `labeling/condition_form.py` says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from werkzeug.datastructures import MultiDict

from mailbeat.labeling.condition_form import (
    ALL,
    ANY,
    NOT,
    Fault,
    Path,
    RuleRefused,
    read_condition,
    write_condition,
)
from mailbeat.labeling.conditions import (
    EXISTS,
    NO,
    OPERATORS,
    All,
    AnyOf,
    Check,
    Condition,
    Not,
)
from mailbeat.labeling.rule_file import FileRefused, read_rules
from mailbeat.mail.parse import FIELDS
from webapp.language import N_, _
from webapp.sentences import said

MOST_ROWS = 12  # of a form; more is written as text
FIELD_WORDS: Mapping[str, str] = {
    "sender": N_("Sender's address"),
    "domain": N_("Sender's domain"),
    "recipient": N_("Recipient"),
    "list": N_("Mailing list"),
    "subject": N_("Subject"),
    "attachment": N_("Kind of attachment"),
    "size": N_("Size"),
    "account": N_("Account"),
}
OPERATOR_WORDS: Mapping[str, tuple[str, str]] = {
    "is": (N_("is"), N_("is not")),
    "contains": (N_("contains"), N_("does not contain")),
    "starts": (N_("starts with"), N_("does not start with")),
    "ends": (N_("ends with"), N_("does not end with")),
    "exists": (N_("is there"), N_("is not there")),
    "over": (N_("is larger than"), N_("is not larger than")),
    "under": (N_("is smaller than"), N_("is not smaller than")),
}
NEGATED = "not-"  # before an operator
HEADER = "header:"  # before a header's name, in a row's field
HEADERS = tuple(sorted(name for name in FIELDS if name not in {"From", "Subject"}))
# Several values of these stand in one row, with commas, which none of them has.
_LISTED = frozenset({"sender", "domain", "recipient", "list", "account"})
# What stands around a condition that is written as text, so that it is a file.
_BEFORE = "rules:\n- name: condition\n  category: none\n  if:\n"
_INDENT = "    "


@dataclass(slots=True)
class Row:
    """One condition of the form, as it was chosen and typed."""

    field: str = ""
    operator: str = "is"
    value: str = ""
    fault: str = ""


@dataclass(slots=True)
class RuleForm:
    """What stands in the form; `faults` are by the name of a field of it."""

    name: str = ""
    category: str = ""  # an id, or 0 for none
    account: str = ""
    how: str = ALL
    rows: list[Row] = field(default_factory=list)
    text: str | None = None  # the condition as text, where rows cannot say it
    is_catch_all: bool = False
    enabled: bool = True
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def used(self) -> list[Row]:
        return [row for row in self.rows if row.field]


def read_form(sent: MultiDict[str, str]) -> RuleForm:
    """Read what a browser sent, as it is."""
    columns = [
        sent.getlist(name)[:MOST_ROWS] for name in ("field", "operator", "value")
    ]
    rows = [Row(*each) for each in zip(*columns, strict=False)]
    return RuleForm(
        name=sent.get("name", ""),
        category=sent.get("category_id", ""),
        account=sent.get("account_id", ""),
        how=ANY if sent.get("how") == ANY else ALL,
        rows=rows,
        text=sent.get("condition"),
        is_catch_all=bool(sent.get("catch_all")),
        enabled=bool(sent.get("enabled")),
    )


def form_of(condition: Condition) -> RuleForm:
    """Put a condition into rows, or into text where rows cannot say it."""
    parts, how = [condition], ALL
    if isinstance(condition, All | AnyOf):
        parts = [*condition.parts]
        how = ANY if isinstance(condition, AnyOf) else ALL
    rows = [_row_of(one) for one in parts]
    if len(rows) > MOST_ROWS or any(row is None for row in rows):
        return RuleForm(text=text_of(condition))
    return RuleForm(how=how, rows=[row for row in rows if row is not None])


def _row_of(condition: Condition) -> Row | None:
    check = condition.part if isinstance(condition, Not) else condition
    if not isinstance(check, Check):
        return None
    is_negated = isinstance(condition, Not)
    if len(check.values) > 1 and not _fits(check):
        return None
    if check.operator == EXISTS:
        is_negated = is_negated is not (NO in check.values)
        value = ""
    else:
        value = ", ".join(check.values)
    name = f"{HEADER}{check.name}" if check.name else check.field
    return Row(name, f"{NEGATED if is_negated else ''}{check.operator}", value)


def _fits(check: Check) -> bool:
    return check.field in _LISTED and not any("," in one for one in check.values)


def text_of(condition: Condition) -> str:
    text: str = yaml.safe_dump(
        write_condition(condition), sort_keys=False, allow_unicode=True, width=1_000
    )
    return text


def condition_of(form: RuleForm) -> Condition | None:
    """Make a condition of the form; None, and the form says what is wrong."""
    if form.text is not None:
        return _read_text(form)
    used = form.used
    if not used:
        form.faults["rows"] = _("Say what to look at in at least one line.")
        return None
    parts = [_written(row) for row in used]
    try:
        return read_condition({form.how: parts})
    except RuleRefused as error:
        for fault in error.faults:
            _show(form, used, fault)
        return None


def _written(row: Row) -> dict[str, Any]:
    """A row as a condition is written down."""
    is_negated = row.operator.startswith(NEGATED)
    operator = row.operator.removeprefix(NEGATED)
    value: Any = row.value.strip()
    if operator == EXISTS:
        value = True
    elif row.field in _LISTED and "," in value:
        value = [one.strip() for one in value.split(",") if one.strip()]
    name = {}
    written = row.field
    if row.field.startswith(HEADER):
        written, name = "header", {"name": row.field.removeprefix(HEADER)}
    part = {written: {**name, operator: value}}
    return {NOT: part} if is_negated else part


def _show(form: RuleForm, used: Sequence[Row], fault: Fault) -> None:
    at = _row_number(fault.path)
    if at is None or at >= len(used):
        form.faults["rows"] = sentence(fault.message)
    else:
        used[at].fault = sentence(fault.message)


def _row_number(path: Path) -> int | None:
    return next((one for one in path if isinstance(one, int)), None)


def sentence(message: str) -> str:
    """A fault's message, which continues a path, as a sentence of its own."""
    if message.startswith(("must ", "has ", "is ")):
        message = f"It {message}"
        return said(message if message.endswith(".") else f"{message}.")
    told = said(message)
    return told if told.endswith(".") else f"{told}."


def _read_text(form: RuleForm) -> Condition | None:
    lines = (form.text or "").replace("\r\n", "\n").split("\n")
    file = _BEFORE + "".join(f"{_INDENT}{line}\n" for line in lines)
    try:
        (rule,) = read_rules(file.encode("utf-8", "replace")).rules
    except FileRefused as error:
        before = _BEFORE.count("\n")
        told = (
            _(
                "Line %(line)s: %(text)s.",
                line=min(max(line - before, 1), len(lines)),
                text=said(text),
            )
            for line, text in error.faults
        )
        form.faults["condition"] = " ".join(told)
        return None
    return rule.condition


def fields_with_words() -> list[tuple[str, str]]:
    return [(name, FIELD_WORDS[name]) for name in OPERATORS if name in FIELD_WORDS]


def operators_with_words() -> list[tuple[str, str]]:
    """All operators, each followed by its opposite."""
    return [
        (f"{prefix}{name}", word)
        for name, words in OPERATOR_WORDS.items()
        for prefix, word in zip(("", NEGATED), words, strict=True)
    ]


def operators_by_field() -> dict[str, list[str]]:
    """Which operators a field takes, for the script that offers only those."""
    return {
        name: [f"{prefix}{one}" for one in known for prefix in ("", NEGATED)]
        for name, known in OPERATORS.items()
    }
