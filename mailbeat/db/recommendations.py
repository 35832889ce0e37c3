"""Senders, domains and lists of the ledger that are worth a rule."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from mailbeat.db.categories import effective_categories, enabled_categories
from mailbeat.db.models import Account, DismissedRecommendation, MessageRow, RuleRow
from mailbeat.labeling.categorizer import NONE, RULE, YOU
from mailbeat.labeling.condition_form import RuleRefused, read_condition
from mailbeat.labeling.conditions import keys_of
from mailbeat.labeling.worth_a_rule import (
    CORRECTED,
    DOMAIN,
    FIELDS,
    LIST,
    SENDER,
    WEAK_LAYERS,
    Recommendation,
    Tally,
    recommend,
)

# Newest ones that are counted, with a list or without: the page shows these and must
# be fast. 10,000 of 60,000 rows take 0.1 s on SQLite, all of a month 1.1 to 1.6 s.
MOST_MESSAGES = 10_000
MOST_TALLIES = 2_000  # of a kind, those of the most frequent values
KEY = re.compile(r"([0-9]{1,9})-(sender|domain|list)-[0-9]{1,9}-[0-9a-f]{16}")

_COLUMNS = {
    SENDER: MessageRow.sender,
    DOMAIN: MessageRow.sender_domain,
    LIST: MessageRow.list_id,
}


class RecommendationNotFound(Exception):
    pass


def recommendations(
    session: Session,
    *,
    since: datetime,
    account_id: int | None = None,
    limit: int = 50,
    newest: int = MOST_MESSAGES,
) -> list[Recommendation]:
    """Return what is worth a rule by the messages since then, the best first.

    Neither what a rule decides already nor what was dismissed. Of the messages the
    `newest` count.
    """
    read_as = effective_categories(session)
    enabled = {one.id for one in enabled_categories(session)}
    keys = _ruled(session)
    dismissed = set(session.scalars(select(DismissedRecommendation.key)))
    found = []
    for field in FIELDS:
        rows = session.execute(_tallies(_newest(field, since, account_id, newest)))
        for tallies in _by_value(field, rows, read_as):
            one = recommend(tallies)
            if one is None or one.category_id not in enabled or one.key in dismissed:
                continue
            if not _is_ruled(one, keys):
                found.append(one)
    found = _without_covered(found)
    return sorted(found, key=lambda one: (-one.corrected, -one.weak, one.value))[:limit]


def _tallies(m: sa.Subquery) -> sa.Select[tuple[Any, ...]]:
    """Count by value and category, where there are enough and no rule decided."""
    value = (m.c.account_id, m.c.value)
    number = func.count()
    ruled = _sum(m.c.layer == RULE)
    groups = (
        select(
            m.c.account_id,
            m.c.value,
            m.c.category_id,
            number.label("messages"),
            _sum(m.c.layer == YOU).label("corrected"),
            _sum(m.c.layer.in_(WEAK_LAYERS)).label("weak"),
            func.count(m.c.sender.distinct()).label("senders"),
            func.sum(number).over(partition_by=value).label("of"),
            func.sum(ruled).over(partition_by=value).label("ruled"),
        )
        .where(m.c.value != "")
        .group_by(m.c.account_id, m.c.value, m.c.category_id)
        .subquery()
    )
    return (
        select(groups)
        .where(groups.c.of >= CORRECTED, groups.c.ruled == 0)
        .order_by(groups.c.of.desc(), groups.c.account_id, groups.c.value)
        .limit(MOST_TALLIES)
    )


def _newest(
    field: str, since: datetime, account_id: int | None, number: int
) -> sa.Subquery:
    """The newest messages, with what they are or are suggested to be."""
    column = _COLUMNS[field]
    is_suggestion = MessageRow.layer == NONE
    taken_for = case(
        (is_suggestion, MessageRow.suggested_id), else_=MessageRow.category_id
    )
    query = select(
        MessageRow.account_id,
        column.label("value"),
        MessageRow.sender,
        MessageRow.layer,
        taken_for.label("category_id"),
    ).where(MessageRow.decided_at >= since)
    if account_id is not None:
        query = query.where(MessageRow.account_id == account_id)
    # Which have a value is asked afterwards: lists are few, and all rows were searched.
    newest = query.order_by(MessageRow.decided_at.desc()).limit(number)
    return newest.subquery()


def _sum(condition: Any) -> sa.ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _by_value(
    field: str, rows: Any, read_as: Mapping[int, int | None]
) -> Iterator[list[Tally]]:
    for (account_id, value), some in groupby(rows, key=lambda row: row[:2]):
        tallies: dict[int | None, Tally] = {}
        for row in some:
            category_id = read_as.get(row.category_id or 0)
            one = Tally(
                account_id,
                field,
                value,
                category_id,
                row.messages,
                corrected=row.corrected,
                weak=row.weak,
                senders=row.senders,
            )
            known = tallies.get(category_id)
            tallies[category_id] = _together(known, one) if known else one
        yield [*tallies.values()]


def _together(one: Tally, other: Tally) -> Tally:
    """Of categories that were merged. Some senders may be in both."""
    return replace(
        one,
        messages=one.messages + other.messages,
        corrected=one.corrected + other.corrected,
        weak=one.weak + other.weak,
        senders=max(one.senders, other.senders),
    )


def _without_covered(found: Sequence[Recommendation]) -> list[Recommendation]:
    """Leave out senders of a domain that is recommended for the same category."""
    domains = {
        (one.account_id, one.value, one.category_id)
        for one in found
        if one.field == DOMAIN
    }

    def is_covered(one: Recommendation) -> bool:
        domain = one.value.rpartition("@")[2]
        return (one.account_id, domain, one.category_id) in domains

    return [one for one in found if one.field != SENDER or not is_covered(one)]


# Rules that are there


def _ruled(session: Session) -> Mapping[int | None, set[str]]:
    """What enabled rules ask about, by account; None: of every account."""
    rows = select(RuleRow.account_id, RuleRow.condition).where(RuleRow.enabled)
    found: dict[int | None, set[str]] = {}
    for account_id, written in session.execute(rows):
        try:
            keys = keys_of(read_condition(json.loads(written)))
        except (RuleRefused, ValueError):
            continue
        found.setdefault(account_id, set()).update(keys or ())
    return found


def _is_ruled(one: Recommendation, keys: Mapping[int | None, Collection[str]]) -> bool:
    wanted = _keys_of_value(one)
    return any(
        key in keys.get(account_id, ())
        for key in wanted
        for account_id in (None, one.account_id)
    )


def _keys_of_value(one: Recommendation) -> Iterator[str]:
    """What a rule may be known by that decides for all mail of this value."""
    yield f"{one.field} {one.value.lower()}"
    if one.field == LIST:
        return
    domain = one.value.lower().rpartition("@")[2]
    while domain:
        yield f"domain {domain}"
        domain = domain.partition(".")[2]


# Dismissed


def dismiss(session: Session, key: str, *, now: datetime) -> int:
    """Do not show a recommendation again; return the account that it is of.

    Raises:
        RecommendationNotFound: there cannot be one with this key.
    """
    found = KEY.fullmatch(key)
    account_id = int(found[1]) if found else 0
    if found is None or session.get(Account, account_id) is None:
        raise RecommendationNotFound(
            f"There is no recommendation {key[:80]!r}. `mailbeat recommendations` "
            "shows them."
        )
    if session.get(DismissedRecommendation, key) is None:
        row = DismissedRecommendation(key=key, account_id=account_id, dismissed_at=now)
        session.add(row)
        session.flush()
    return account_id
