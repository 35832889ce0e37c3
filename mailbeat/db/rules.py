"""The user's rules, as they are kept: in their order, added, changed, moved, removed.

What a rule refers to may change without it: a category that was merged is read as the
other one, and a rule of a category that is off or removed is passed over, which its
`problem` says. What is changed here acts in the next run.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from mailbeat.db.categories import effective_categories
from mailbeat.db.models import Account, CategoryRow, RuleRow
from mailbeat.labeling.condition_form import (
    RuleRefused,
    read_condition,
    write_condition,
)
from mailbeat.labeling.conditions import All, Condition
from mailbeat.labeling.rule_facts import folded
from mailbeat.labeling.rule_file import MOST_RULES
from mailbeat.labeling.rules import Rule

# Two that change rules at once would both be the one at a place.
_ONE_AT_A_TIME = sa.text("LOCK TABLE rules IN SHARE ROW EXCLUSIVE MODE")
_IN_ORDER = (RuleRow.position, RuleRow.id)
_OF_ACCOUNT = (
    select(RuleRow)
    .where(
        RuleRow.enabled,
        or_(RuleRow.account_id.is_(None), RuleRow.account_id == bindparam("account")),
    )
    .order_by(*_IN_ORDER)
)


class RuleError(Exception):
    """What was asked of the rules is not done; `code` is for programs.

    RuleError
    +-- RuleNotFound   there is none with this id
    +-- RuleConflict   it does not go together with what else there is
    """

    def __init__(self, message: str, code: str = "conflict") -> None:
        super().__init__(message)
        self.code = code


class RuleNotFound(RuleError):
    pass


class RuleConflict(RuleError):
    pass


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to be kept. `category_id` None: no category, and no label."""

    name: str
    condition: Condition
    category_id: int | None
    is_catch_all: bool = False
    account_id: int | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule with what it refers to as that is now.

    `position` counts from 1. `category_id` is what it decides for now, `category` its
    name. `problem` says why the rule is passed over, though it is enabled. `condition`
    is None where it cannot be read.
    """

    id: int
    position: int
    name: str
    condition: Condition | None
    category_id: int | None
    category: str | None
    is_catch_all: bool
    account_id: int | None
    account: str | None
    enabled: bool
    problem: str | None
    lost_category: str | None  # the name of what was removed
    created_at: datetime
    updated_at: datetime

    @property
    def is_used(self) -> bool:
        return self.enabled and self.problem is None

    def as_rule(self) -> Rule:
        return Rule(
            self.id,
            self.name,
            self.condition or All(()),
            self.category_id,
            self.is_catch_all,
            self.account_id,
        )


# Reading


def list_rules(session: Session) -> list[KeptRule]:
    """Return all rules in their order, those that are passed over, too."""
    names = _Names(session)
    rows = session.scalars(select(RuleRow).order_by(*_IN_ORDER))
    return [names.kept(row, place) for place, row in enumerate(rows, start=1)]


def get_rule(session: Session, rule_id: int) -> KeptRule:
    """Return one rule.

    Raises:
        RuleNotFound: there is none with this id.
    """
    for one in list_rules(session):
        if one.id == rule_id:
            return one
    raise RuleNotFound(f"There is no rule {rule_id}.", "not_found")


def rules_of(session: Session, account_id: int) -> list[Rule]:
    """Return the rules that a run over an account asks, in their order.

    Where there are none, that is known after one question.
    """
    rows = session.scalars(_OF_ACCOUNT, {"account": account_id}).all()
    if not rows:
        return []
    names = _Names(session)
    kept = [names.kept(row, place) for place, row in enumerate(rows, start=1)]
    return [one.as_rule() for one in kept if one.is_used]


def address_of(session: Session, account_id: int) -> str:
    """Return an account's address, which conditions may ask about; or nothing."""
    wanted = select(Account.email_address).where(Account.id == account_id)
    return session.scalar(wanted) or ""


class _Names:
    """What rules refer to, read once for all of them."""

    def __init__(self, session: Session) -> None:
        self.effective = effective_categories(session)
        columns = (CategoryRow.id, CategoryRow.name, CategoryRow.enabled)
        rows = session.execute(select(*columns)).all()
        self.categories = {row.id: row.name for row in rows}
        self.off = {row.id for row in rows if not row.enabled}
        accounts = session.execute(select(Account.id, Account.email_address)).all()
        self.accounts = {row.id: row.email_address for row in accounts}

    def kept(self, row: RuleRow, place: int) -> KeptRule:
        condition, problem = _condition_of(row)
        category_id = row.category_id
        if category_id is not None:
            category_id = self.effective.get(category_id)
            problem = problem or self._problem(row.category_id, category_id)
        return KeptRule(
            id=row.id,
            position=place,
            name=row.name,
            condition=condition,
            category_id=category_id,
            category=self.categories.get(category_id or 0),
            is_catch_all=row.is_catch_all,
            account_id=row.account_id,
            account=self.accounts.get(row.account_id or 0),
            enabled=row.enabled,
            problem=problem,
            lost_category=self.categories.get(row.category_id or 0),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    def _problem(self, written: int | None, now: int | None) -> str | None:
        if now is None:
            name = self.categories.get(written or 0, "?")
            return f"Its category {name} was removed. Choose another one."
        if now in self.off:
            return f"Its category {self.categories[now]} is switched off."
        return None


def _condition_of(row: RuleRow) -> tuple[Condition | None, str | None]:
    try:
        return read_condition(json.loads(row.condition)), None
    except (RuleRefused, ValueError, RecursionError):
        return None, "Its condition cannot be read. Write it anew."


# Changing


def add_rule(
    session: Session, new: NewRule, *, now: datetime, position: int | None = None
) -> KeptRule:
    """Add a rule at a place, from 1, or after all others.

    Raises:
        RuleConflict: another one has its name, there are too many, or what it refers
            to is not there.
    """
    rows = locked_rules(session)
    if len(rows) >= MOST_RULES:
        raise RuleConflict(f"There are {MOST_RULES} rules already.", "too_many")
    row = RuleRow(created_at=now, updated_at=now, position=len(rows) + 1)
    _write(row, new)
    _check(session, row, rows)
    session.add(row)
    session.flush()
    if position is not None:
        _place(rows, row, position)
        session.flush()
    return get_rule(session, row.id)


def add_all(
    session: Session, new: Sequence[NewRule], *, after: int, now: datetime
) -> None:
    """Add rules after so many others; the caller has looked whether they may be."""
    for place, one in enumerate(new, start=after + 1):
        row = RuleRow(created_at=now, updated_at=now, position=place)
        _write(row, one)
        session.add(row)
    session.flush()


def change_rule(
    session: Session, rule_id: int, changes: Mapping[str, Any], *, now: datetime
) -> KeptRule:
    """Change fields of a rule, by the names of NewRule, and `position`.

    Raises:
        RuleNotFound: there is none with this id.
        RuleConflict: as `add_rule`.
    """
    rows = locked_rules(session)
    row = _known(rows, rule_id)
    values = dict(changes)
    position = values.pop("position", None)
    condition = values.pop("condition", None)
    if condition is not None:
        row.condition = _as_json(condition)
    for name, value in values.items():
        setattr(row, name, value)
    if values.keys() & {"name", "category_id", "account_id"}:
        _check(session, row, [one for one in rows if one is not row])
    if position is not None:
        _place([one for one in rows if one is not row], row, position)
    row.updated_at = now
    session.flush()
    return get_rule(session, rule_id)


def remove_rule(session: Session, rule_id: int) -> KeptRule:
    """Remove a rule and return what it was: added again, it is undone.

    Raises:
        RuleNotFound: there is none with this id.
    """
    rows = locked_rules(session)
    row = _known(rows, rule_id)
    was = get_rule(session, rule_id)
    session.delete(row)
    session.flush()
    return was


def order_rules(session: Session, rule_ids: Sequence[int]) -> None:
    """Bring all rules into an order.

    Raises:
        RuleConflict: these are not exactly the rules that there are.
    """
    rows = {row.id: row for row in locked_rules(session)}
    if len(rule_ids) != len(rows) or set(rule_ids) != rows.keys():
        raise RuleConflict(
            "These are not the rules that there are now: some were added or removed "
            "meanwhile. Read them again, and send the id of each once.",
            "stale",
        )
    for place, rule_id in enumerate(rule_ids, start=1):
        rows[rule_id].position = place
    session.flush()


def locked_rules(session: Session) -> list[RuleRow]:
    """All rules in their order; nobody else changes them in the meantime."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_ONE_AT_A_TIME)
    return [*session.scalars(select(RuleRow).order_by(*_IN_ORDER))]


def _known(rows: Sequence[RuleRow], rule_id: int) -> RuleRow:
    for row in rows:
        if row.id == rule_id:
            return row
    raise RuleNotFound(f"There is no rule {rule_id}.", "not_found")


def _write(row: RuleRow, new: NewRule) -> None:
    row.name = new.name
    row.condition = _as_json(new.condition)
    row.category_id = new.category_id
    row.is_catch_all = new.is_catch_all
    row.account_id = new.account_id
    row.enabled = new.enabled


def _as_json(condition: Condition) -> str:
    return json.dumps(write_condition(condition), separators=(",", ":"))


def _check(session: Session, row: RuleRow, others: Sequence[RuleRow]) -> None:
    with session.no_autoflush:
        if any(folded(one.name) == folded(row.name) for one in others):
            raise RuleConflict(f'Another rule is called "{row.name}".', "exists")
        if row.category_id is not None:
            category = effective_categories(session).get(row.category_id)
            if category is None:
                text = f"There is no category {row.category_id}."
                raise RuleConflict(text, "category_unknown")
        if row.account_id is not None:
            wanted = select(Account.id).where(Account.id == row.account_id)
            if session.scalar(wanted) is None:
                text = f"There is no account {row.account_id}."
                raise RuleConflict(text, "account_unknown")


def _place(others: Sequence[RuleRow], row: RuleRow, position: int) -> None:
    """Put a rule at a place among the others, from 1; beyond the end is the end."""
    ordered = [*others]
    ordered.insert(position - 1, row)
    for place, one in enumerate(ordered, start=1):
        one.position = place
