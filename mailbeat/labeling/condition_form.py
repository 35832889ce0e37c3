"""Conditions as they are written down: in YAML, in the API's JSON, in the database.

What is written is read strictly. Whatever is wrong is refused at once, with the place
and with what is accepted there, so that no rule is stored that can never hold.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailbeat.labeling.conditions import (
    EXISTS,
    IS,
    NO,
    OPERATORS,
    OVER,
    SIZES,
    UNDER,
    YES,
    All,
    AnyOf,
    Check,
    Condition,
    Not,
    wanted_values,
)
from mailbeat.labeling.rule_facts import folded
from mailbeat.mail.parse import FIELDS

ALL, ANY, NOT = "all", "any", "not"
MOST_DEPTH = 4  # of all, any and not inside each other
MOST_PARTS = 50  # of one all or any
MOST_VALUES = 500  # of one rule
MOST_VALUE = 200  # characters
MOST_SIZE_DIGITS = 9
SIZE = r"^[0-9]{1,9} ?([KkMmGg]?[Bb])?$"
CONTROL_KINDS = frozenset({"Cc", "Cs", "Zl", "Zp"})
# They turn around what is shown after them (Unicode, UAX 9).
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_HEADERS = {name.lower(): name for name in FIELDS}
_TRUE = {True, "true", "yes", "on"}
_FALSE = {False, "false", "no", "off"}

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: keys and places in what was written."""

    path: Path
    message: str


class RuleRefused(Exception):
    """What was written is no rule; `faults` say why."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(one.message for one in faults))
        self.faults = faults


def read_condition(written: object, path: Path = ()) -> Condition:
    """Make a condition of what was written.

    Raises:
        RuleRefused: it is none. `path` is put before the places.
    """
    condition = _read(written, path, depth=0)
    if _count(condition) > MOST_VALUES:
        text = f"has more than {MOST_VALUES} values. Make two rules of it"
        raise _refused(path, text)
    return condition


def _refused(path: Path, message: str) -> RuleRefused:
    return RuleRefused(Fault(path, message))


def _count(condition: Condition) -> int:
    match condition:
        case Check():
            return len(condition.values)
        case Not(part):
            return _count(part)
        case All(parts) | AnyOf(parts):
            return sum(_count(one) for one in parts)


def _read(written: object, path: Path, *, depth: int) -> Condition:
    if not isinstance(written, Mapping) or not written:
        example = "sender, domain, subject ... e.g. {domain: lufthansa.com}"
        raise _refused(path, f"must say what to look at: {example}")
    if len(written) > MOST_PARTS:
        raise _refused(path, f"has more than {MOST_PARTS} parts")
    found = [
        part
        for key, value in written.items()
        for part in _read_one(key, value, (*path, str(key)), depth=depth)
    ]
    return found[0] if len(found) == 1 else All(tuple(found))


def _read_one(key: object, value: object, path: Path, *, depth: int) -> list[Condition]:
    if key in {ALL, ANY, NOT}:
        if depth >= MOST_DEPTH:
            raise _refused(path, f"is nested more than {MOST_DEPTH} levels deep")
        if key == NOT:
            return [Not(_read(value, path, depth=depth + 1))]
        parts = _read_parts(value, path, depth=depth + 1)
        if len(parts) == 1:
            return [*parts]
        return [All(parts) if key == ALL else AnyOf(parts)]
    if not isinstance(key, str) or key not in OPERATORS:
        known = ", ".join([*OPERATORS, ALL, ANY, NOT])
        raise _refused(path, f"{quoted(key)} is nothing to look at. There are: {known}")
    if key == "header":
        return [*_read_header(value, path)]
    return [*_read_checks(key, value, path)]


def _read_parts(value: object, path: Path, *, depth: int) -> tuple[Condition, ...]:
    if not isinstance(value, list) or not value:
        raise _refused(path, "must be a list of conditions")
    if len(value) > MOST_PARTS:
        raise _refused(path, f"has more than {MOST_PARTS} parts")
    return tuple(
        _read(one, (*path, number), depth=depth) for number, one in enumerate(value)
    )


def _read_header(value: object, path: Path) -> list[Check]:
    if not isinstance(value, Mapping) or "name" not in value:
        example = "{name: X-Mailer, contains: newsletter}"
        raise _refused(path, f"must name a header field, e.g. {example}")
    written = value["name"]
    name = _HEADERS.get(written.lower()) if isinstance(written, str) else None
    if name is None:
        known = ", ".join(FIELDS)
        text = f"{quoted(written)} is not a header field that is fetched"
        raise _refused((*path, "name"), f"{text}. These are: {known}")
    rest = {key: one for key, one in value.items() if key != "name"}
    return _read_checks("header", rest or {EXISTS: YES}, path, name)


def _read_checks(field: str, value: object, path: Path, name: str = "") -> list[Check]:
    is_short = not isinstance(value, Mapping)
    if not isinstance(value, Mapping):
        short = IS
        if isinstance(value, bool) or (EXISTS in OPERATORS[field] and _is_bool(value)):
            short = EXISTS
        value = {short: value}
    if not value:
        raise _refused(path, f"must have one of: {', '.join(OPERATORS[field])}")
    checks = []
    for operator, wanted in value.items():
        if operator not in OPERATORS[field]:
            known = ", ".join(OPERATORS[field])
            text = f"{quoted(operator)} cannot be asked of {field}"
            raise _refused((*path, str(operator)), f"{text}. Accepted are: {known}")
        where = path if is_short else (*path, operator)
        values = _read_values(field, operator, wanted, where)
        check = Check(field, operator, values, name)
        _check_it_can_hold(check, where)
        checks.append(check)
    return checks


def _read_values(
    field: str, operator: str, wanted: object, path: Path
) -> tuple[str, ...]:
    if operator == EXISTS:
        return (YES if _read_bool(wanted, path) else NO,)
    if field == "size":
        return (_read_size(wanted, path),)
    if not isinstance(wanted, list):
        return (read_line(wanted, path, most=MOST_VALUE),)
    if not 0 < len(wanted) <= MOST_VALUES:
        raise _refused(path, f"must have 1 to {MOST_VALUES} values")
    found = (
        read_line(one, (*path, number), most=MOST_VALUE)
        for number, one in enumerate(wanted)
    )
    return tuple(dict.fromkeys(found))


def read_line(written: object, path: Path, *, most: int) -> str:
    """Read one line of text, without spaces around it."""
    if isinstance(written, int | float) and not isinstance(written, bool):
        written = str(written)
    if not isinstance(written, str):
        raise _refused(path, "must be a text")
    text = " ".join(written.split(" ")).strip()
    if len(text) > most:
        raise _refused(path, f"has more than {most} characters")
    if any(
        unicodedata.category(one) in CONTROL_KINDS or one in TURNING for one in text
    ):
        raise _refused(path, "must not contain control characters")
    if not text:
        raise _refused(path, "must not be empty")
    if not folded(text):
        raise _refused(path, "has nothing that can be seen")
    return text


def read_bool(written: object, path: Path) -> bool:
    return _read_bool(written, path)


def _is_bool(value: object) -> bool:
    simple = value.lower() if isinstance(value, str) else value
    return isinstance(simple, bool | str) and simple in _TRUE | _FALSE


def _read_bool(written: object, path: Path) -> bool:
    if not _is_bool(written):
        raise _refused(path, "must be yes or no")
    return (written.lower() if isinstance(written, str) else written) in _TRUE


def _read_size(written: object, path: Path) -> str:
    text = str(written).strip() if isinstance(written, int | str) else ""
    if isinstance(written, bool) or not re.fullmatch(SIZE, text, re.ASCII):
        units = ", ".join(SIZES)
        raise _refused(path, f"must be a size such as 5 MB; units are {units}")
    number, unit = re.fullmatch(r"([0-9]+) ?([A-Za-z]*)", text).groups()  # type: ignore[union-attr] # matched above
    return f"{int(number)} {unit.upper() or 'B'}"


def _check_it_can_hold(check: Check, path: Path) -> None:
    """Refuse what no message can ever meet: it is meant to be something else."""
    if check.operator in {EXISTS, OVER, UNDER}:
        return
    for wanted, value in zip(wanted_values(check), check.values, strict=True):
        if not wanted:
            raise _refused(path, f"{quoted(value)} has nothing that can be seen")
        is_address = check.field in {"sender", "recipient", "account"}
        if is_address and check.operator == IS and "@" not in wanted.strip("@"):
            other = "domain" if check.field == "sender" else f"{check.field} ends"
            text = f"{quoted(value)} is not an e-mail address"
            raise _refused(path, f"{text}. For a domain, use {other}")
        if check.field == "domain" and "@" in wanted:
            text = f"{quoted(value)} is not a domain"
            raise _refused(path, f"{text}. For an address, use sender")
        if (
            check.field in {"sender", "domain", "recipient", "account"}
            and " " in wanted
        ):
            raise _refused(path, f"{quoted(value)} has a space, which no address has")


def quoted(value: object) -> str:
    """Something that was written, fit to be shown in a sentence."""
    text = value if isinstance(value, str) else repr(value)
    shown = "".join(one if one.isprintable() else "?" for one in text[:40])
    return f'"{shown}{"…" if len(text) > len(shown) else ""}"'


def write_condition(condition: Condition) -> dict[str, Any]:
    """Write a condition down; `read_condition` reads the same again."""
    match condition:
        case Not(part):
            return {NOT: write_condition(part)}
        case All(parts):
            return {ALL: [write_condition(one) for one in parts]}
        case AnyOf(parts):
            return {ANY: [write_condition(one) for one in parts]}
        case Check():
            values: Any = [*condition.values]
            if condition.operator == EXISTS:
                values = values == [YES]
            elif len(values) == 1:
                (values,) = values
            name = {"name": condition.name} if condition.name else {}
            return {condition.field: {**name, condition.operator: values}}
