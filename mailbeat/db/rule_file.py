"""Rules to a file and back: what a file names is looked up, and all of it is kept."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mailbeat.db.models import Account, CategoryRow, RuleRow
from mailbeat.db.rules import NewRule, add_all, list_rules, locked_rules
from mailbeat.labeling.rule_facts import folded
from mailbeat.labeling.rule_file import (
    MOST_RULES,
    FileRefused,
    RuleFile,
    WrittenRule,
    read_rules,
    write_rules,
)


class Mode(StrEnum):
    """What becomes of the rules that there are: they stay, first; or they go."""

    ADD = "add"
    REPLACE = "replace"


def export_rules(session: Session) -> str:
    """Write all rules as a file, but those of which nothing can be read any more."""
    return write_rules(
        [
            WrittenRule(
                name=one.name,
                condition=one.condition,
                category=one.category or one.lost_category,
                account=one.account,
                is_catch_all=one.is_catch_all,
                enabled=one.enabled,
            )
            for one in list_rules(session)
            if one.condition is not None
        ]
    )


def import_rules(session: Session, raw: bytes, *, mode: Mode, now: datetime) -> int:
    """Keep the rules of a file, all of them or none; return how many they are.

    Raises:
        FileRefused: something is wrong with it, and nothing was changed.
    """
    file = read_rules(raw)
    new = _resolved(session, file)
    there = locked_rules(session)
    if mode is Mode.REPLACE:
        session.execute(delete(RuleRow))
        session.expire_all()
        there = []
    names = {folded(one.name) for one in there}
    faults = [
        (file.line((*one.path, "name")), f'There is a rule "{one.name}" already')
        for one in file.rules
        if folded(one.name) in names
    ]
    if len(there) + len(new) > MOST_RULES:
        text = f"There would be more than {MOST_RULES} rules"
        faults.append((1, f"{text}: {len(there)} are there already"))
    if faults:
        raise FileRefused(faults, is_conflict=True)
    add_all(session, new, after=len(there), now=now)
    return len(new)


def _resolved(session: Session, file: RuleFile) -> list[NewRule]:
    categories = _category_ids(session)
    columns = (Account.email_address, Account.id)
    accounts = {
        folded(row.email_address): row.id for row in session.execute(select(*columns))
    }
    faults: list[tuple[int, str]] = []
    found = []
    for one in file.rules:
        category_id = categories.get(folded(one.category or ""))
        if one.category is not None and category_id is None:
            known = ", ".join(_names(session))
            text = f'There is no category "{one.category}". There are: {known}, none'
            faults.append((file.line((*one.path, "category")), text))
        account_id = accounts.get(folded(one.account or ""))
        if one.account is not None and account_id is None:
            text = f'There is no account "{one.account}"'
            faults.append((file.line((*one.path, "account")), text))
        found.append(
            NewRule(
                name=one.name,
                condition=one.condition,
                category_id=category_id,
                is_catch_all=one.is_catch_all,
                account_id=account_id,
                enabled=one.enabled,
            )
        )
    if faults:
        raise FileRefused(faults, is_conflict=True)
    return found


def _names(session: Session) -> list[str]:
    living = select(CategoryRow.name).where(CategoryRow.deleted_at.is_(None))
    order = (CategoryRow.position, CategoryRow.id)
    return [*session.scalars(living.order_by(*order))]


def _category_ids(session: Session) -> Mapping[str, int]:
    """Categories by name; where two share one, the first living one is meant.

    Removed ones, too, so that what was exported can be imported: their rules are
    passed over, and say so.
    """
    columns = (CategoryRow.name, CategoryRow.id)
    is_living = CategoryRow.deleted_at.is_(None)
    order = (is_living, CategoryRow.position.desc(), CategoryRow.id.desc())
    rows = session.execute(select(*columns).order_by(*order))
    return {folded(row.name): row.id for row in rows}
