"""What a rule would have done to the last messages. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from mailbeat.db.ledger import FAILED
from mailbeat.db.models import Account, MessageRow
from mailbeat.labeling.categorizer import NONE, RULE
from mailbeat.labeling.conditions import compiled
from mailbeat.labeling.details import details_from_text
from mailbeat.labeling.rule_facts import KeptFacts
from mailbeat.labeling.rules import Rule, evidence_of

MOST_LOOKED_AT = 500  # messages
MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Example:
    """A message that the rule holds for, and why."""

    message: MessageRow
    evidence: str
    would_change: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """`unknown` are messages of which too much was forgotten to tell."""

    looked_at: int
    matched: int
    would_change: int
    unknown: int
    examples: tuple[Example, ...]


def preview(
    session: Session,
    rule: Rule,
    *,
    account_id: int | None = None,
    limit: int = MOST_LOOKED_AT,
) -> Preview:
    """Try a rule on the last messages, of one account or of those that it is for.

    The examples are messages whose category it would change, then others, each with
    the newest first.
    """
    ask = compiled(rule.condition)
    accounts = session.execute(select(Account.id, Account.email_address))
    addresses = {row.id: row.email_address for row in accounts}
    rows = _last_messages(session, account_id or rule.account_id, limit)
    found: list[Example] = []
    unknown = 0
    for row in rows:
        known = _known(row, addresses.get(row.account_id, ""))
        answer = ask(known)
        unknown += answer is None
        if answer:
            evidence = evidence_of(rule, known)
            found.append(Example(row, evidence, _would_change(rule, row)))
    ordered = sorted(found, key=lambda one: not one.would_change)
    return Preview(
        looked_at=len(rows),
        matched=len(found),
        would_change=sum(one.would_change for one in found),
        unknown=unknown,
        examples=tuple(ordered[:MOST_EXAMPLES]),
    )


def _last_messages(
    session: Session, account_id: int | None, limit: int
) -> Sequence[MessageRow]:
    # What could not be read was no message to decide about.
    was_read = or_(MessageRow.state != FAILED, MessageRow.label.is_not(None))
    query = select(MessageRow).where(was_read).options(undefer(MessageRow.details))
    if account_id is not None:
        query = query.where(MessageRow.account_id == account_id)
    newest = query.order_by(MessageRow.id.desc()).limit(min(limit, MOST_LOOKED_AT))
    return session.scalars(newest).all()


def _known(row: MessageRow, account: str) -> KeptFacts:
    is_kept = row.details is not None
    return KeptFacts(
        sender=row.sender,
        list_id=row.list_id,
        subject=row.subject,
        details=details_from_text(row.details) if is_kept else None,
        account=account,
    )


def _would_change(rule: Rule, row: MessageRow) -> bool:
    """A catch-all rule is asked only where nothing else decided."""
    if rule.is_catch_all and row.layer not in {NONE, RULE}:
        return False
    return row.category_id != rule.category_id
