"""Rules as a file that people write: YAML, read with the lines of what is wrong.

Only a small part of YAML is read: mappings, lists and text. There are no tags, so that
nothing but text comes out of it, and no anchors, so that it is no longer than it looks.
`no` is a text, too, until a yes or no is asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from mailbeat.labeling.category import NO_CATEGORY
from mailbeat.labeling.condition_form import (
    Fault,
    Path,
    RuleRefused,
    quoted,
    read_bool,
    read_condition,
    read_line,
    write_condition,
)
from mailbeat.labeling.conditions import Condition
from mailbeat.labeling.rule_facts import folded

MAX_FILE = 256 * 1024  # bytes
MOST_RULES = 1_000
MOST_NAME = 100  # characters
MOST_DEPTH = 24  # of lists and mappings inside each other
MOST_FAULTS = 20  # that are told at once

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = ("", "~", "null")  # what YAML has for it
_KEYS = ("name", "if", "category", "account", "catch_all", "enabled")


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule as a file has it: category and account by their names.

    `category` None: no category, no label. `account` None: for every account.
    """

    name: str
    condition: Condition
    category: str | None
    account: str | None = None
    is_catch_all: bool = False
    enabled: bool = True
    path: Path = field(default=(), compare=False)


class FileRefused(Exception):
    """A file has something wrong; `faults` are lines, from 1, and what it is there.

    `is_conflict`: each part is fine, but not beside the others or what there is.
    """

    def __init__(
        self, faults: Sequence[tuple[int, str]], *, is_conflict: bool = False
    ) -> None:
        self.is_conflict = is_conflict
        self.faults = tuple(faults[:MOST_FAULTS])
        super().__init__("\n".join(f"line {n}: {text}" for n, text in self.faults))


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The rules of a file; `line` finds the line of a fault."""

    rules: tuple[WrittenRule, ...]
    lines: Mapping[Path, int] = field(default_factory=dict, repr=False)

    def line(self, path: Path) -> int:
        return _line(self.lines, path)


def _line(lines: Mapping[Path, int], path: Path) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def write_rules(rules: Sequence[WrittenRule]) -> str:
    """Write a file that `read_rules` reads as the same rules."""
    written = [_written(rule) for rule in rules]
    text: str = yaml.safe_dump(
        {"rules": written}, sort_keys=False, allow_unicode=True, width=1_000
    )
    return text


def _written(rule: WrittenRule) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": rule.name,
        "if": write_condition(rule.condition),
        "category": NO_CATEGORY if rule.category is None else rule.category,
    }
    if rule.account is not None:
        entry["account"] = rule.account
    if rule.is_catch_all:
        entry["catch_all"] = True
    if not rule.enabled:
        entry["enabled"] = False
    return entry


def read_rules(raw: bytes) -> RuleFile:
    """Read the rules of a file.

    Raises:
        FileRefused: something in it is wrong.
    """
    if len(raw) > MAX_FILE:
        raise FileRefused([(1, f"The file is larger than {MAX_FILE // 1024} KB.")])
    lines: dict[Path, int] = {}
    document = _document(raw, lines)
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        raise FileRefused(
            [(1, "The file must begin with `rules:` and a list below it")]
        )
    for key in document:
        if key != "rules":
            line = _line(lines, (key,))
            raise FileRefused([(line, f"{quoted(key)} is not known; only `rules` is")])
    written = document["rules"]
    if len(written) > MOST_RULES:
        line = _line(lines, ("rules", MOST_RULES))
        raise FileRefused([(line, f"There are more than {MOST_RULES} rules")])
    rules, faults = _read_all(written)
    if faults:
        raise FileRefused([(_line(lines, one.path), _told(one)) for one in faults])
    file = RuleFile(tuple(rules), lines)
    _check_names(file)
    return file


def _check_names(file: RuleFile) -> None:
    names: set[str] = set()
    for rule in file.rules:
        name = folded(rule.name)
        if name in names:
            text = f'Another rule above is called "{rule.name}", too'
            line = file.line((*rule.path, "name"))
            raise FileRefused([(line, text)], is_conflict=True)
        names.add(name)


def _told(fault: Fault) -> str:
    """A fault with the innermost name, for several may stand on one line."""
    names = [one for one in fault.path[2:] if isinstance(one, str)]
    return f"{names[-1]}: {fault.message}" if names else fault.message


def _read_all(written: Sequence[object]) -> tuple[list[WrittenRule], list[Fault]]:
    rules: list[WrittenRule] = []
    faults: list[Fault] = []
    for number, one in enumerate(written):
        path: Path = ("rules", number)
        try:
            rule = _read_rule(one, path)
        except RuleRefused as error:
            faults += error.faults
            continue
        rules.append(rule)
    return rules, faults


def _read_rule(written: object, path: Path) -> WrittenRule:
    if not isinstance(written, dict):
        raise RuleRefused(Fault(path, f"A rule has: {', '.join(_KEYS)}"))
    for key in written:
        if key not in _KEYS:
            text = f"is not known in a rule. Accepted are: {', '.join(_KEYS)}"
            raise RuleRefused(Fault((*path, key), text))
    for key in ("name", "if", "category"):
        if key not in written:
            raise RuleRefused(Fault(path, f"The rule has no `{key}`"))
    category = read_line(written["category"], (*path, "category"), most=MOST_NAME)
    account = written.get("account")
    if account in _NOTHING:
        account = None
    return WrittenRule(
        name=read_line(written["name"], (*path, "name"), most=MOST_NAME),
        condition=read_condition(written["if"], (*path, "if")),
        category=None if category.casefold() == NO_CATEGORY else category,
        account=None
        if account is None
        else read_line(account, (*path, "account"), most=320),
        is_catch_all=read_bool(written.get("catch_all", False), (*path, "catch_all")),
        enabled=read_bool(written.get("enabled", True), (*path, "enabled")),
        path=path,
    )


def _document(raw: bytes, lines: dict[Path, int]) -> object:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileRefused([(line, "This is not text in UTF-8")]) from None
    try:
        return _Reader(yaml.parse(text, Loader=_LOADER), lines).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise FileRefused([(line, f"This is no YAML: {error.problem}")]) from None
    except yaml.YAMLError:  # a character that YAML does not have
        raise FileRefused([(1, "There is a character that YAML cannot have")]) from None


class _Reader:
    """Makes lists, mappings and text of a parser's events, and notes their lines."""

    def __init__(self, events: Iterator[yaml.Event], lines: dict[Path, int]) -> None:
        self._events = events
        self._lines = lines

    def document(self) -> object:
        found: object = None
        is_first = True
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if not is_first:
                    raise _wrong(event, "There is a second document (`---`)")
                found, is_first = self._node(next(self._events), ()), False
        return found

    def _node(self, event: yaml.Event, path: Path) -> object:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _wrong(event, "Anchors and aliases (& and *) are not accepted")
        if getattr(event, "tag", None):
            raise _wrong(event, "Tags (!) are not accepted")
        if len(path) > MOST_DEPTH:
            raise _wrong(event, "This is nested too deeply")
        self._lines[path] = _line_of(event)
        if isinstance(event, yaml.ScalarEvent):
            value: str = event.value
            return value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        return self._mapping(path)

    def _list(self, path: Path) -> list[object]:
        found: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._node(event, (*path, len(found))))
        return found

    def _mapping(self, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, (*path, "?"))
            if not isinstance(key, str):
                raise _wrong(event, "What stands before a colon must be a text")
            if key in found:
                raise _wrong(event, f"{quoted(key)} stands here twice")
            found[key] = self._node(next(self._events), (*path, key))
            self._lines[*path, key] = _line_of(event)
        return found


def _line_of(event: yaml.Event) -> int:
    return 1 if event.start_mark is None else event.start_mark.line + 1


def _wrong(event: yaml.Event, text: str) -> FileRefused:
    return FileRefused([(_line_of(event), text)])
