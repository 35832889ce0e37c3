"""Messages that are decided about once more, after rules or categories changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbeat.db.categories import effective_categories
from mailbeat.db.corrections import Choice, decide_again, lock_messages
from mailbeat.db.ledger import APPLIED, Place
from mailbeat.db.models import MessageRow
from mailbeat.labeling.categorizer import YOU, Decision
from mailbeat.labeling.category import Category
from mailbeat.labeling.details import considered_as_text

AT_ONCE = 250  # messages
SOURCE = "relabel"


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger says of a message. A category that was merged is read so."""

    message_id: int
    uid: int
    category_id: int | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a message was taken for, and what it is taken for now.

    Perhaps only the label on the server differs: the category has another by now.
    """

    known: Known
    category: Category | None
    decision: Decision
    sender: str

    @property
    def new_label(self) -> str | None:
        return self.category.label if self.category else None


def messages_since(session: Session, place: Place, since: datetime) -> list[Known]:
    """Return what may be decided about again, the oldest first.

    Neither what a person corrected, or took the label from, nor what still waits for
    the server.
    """
    read_as = effective_categories(session)
    rows = session.execute(
        select(MessageRow.id, MessageRow.uid, MessageRow.category_id, MessageRow.label)
        .where(
            MessageRow.account_id == place.account_id,
            MessageRow.decided_at >= since,
            MessageRow.mailbox == place.mailbox,
            MessageRow.uid_validity == place.uid_validity,
            *_FREE,
        )
        .order_by(MessageRow.uid)
    )
    return [
        Known(id_, uid, read_as.get(one or 0), label) for id_, uid, one, label in rows
    ]


_FREE: tuple[Any, ...] = (
    MessageRow.state == APPLIED,
    MessageRow.layer != YOU,
    MessageRow.labels_there.is_(None),
)


def change_all(
    session: Session, changes: Sequence[Change], *, actor: str, now: datetime
) -> list[int]:
    """Write decisions down; the labels follow in a run. Return the messages' ids.

    A message that a person corrected meanwhile, or another run labelled anew, stays.
    """
    wanted: Mapping[int, Change] = {one.known.message_id: one for one in changes}
    rows = [
        row
        for row in lock_messages(session, wanted)
        if _is_as_seen(row, wanted[row.id])
    ]
    former = [row.corrected_at for row in rows]
    choices = [(row, _choice(wanted[row.id])) for row in rows]
    decide_again(session, choices, source=SOURCE, actor=actor, now=now)
    for row, corrected_at in zip(rows, former, strict=True):
        decision = wanted[row.id].decision
        row.corrected_at = corrected_at  # by no person
        row.suggested_id = decision.suggestion
        row.considered = considered_as_text(decision.considered)
    return [row.id for row in rows]


def count_followed(session: Session, message_ids: Sequence[int]) -> int:
    """Count those of which the server has exactly the label that the ledger has."""
    followed = select(func.count()).where(
        MessageRow.id.in_(message_ids), MessageRow.labels_there.is_(None)
    )
    return session.scalar(followed) or 0


def _is_as_seen(row: MessageRow, change: Change) -> bool:
    is_free = row.state == APPLIED and row.layer != YOU and row.labels_there is None
    return is_free and row.label == change.known.label


def _choice(change: Change) -> Choice:
    decision = change.decision
    return Choice(
        change.category, decision.confidence, decision.layer[:32], decision.evidence
    )
