"""Corrections: a person says what a message is. It counts at once, and teaches.

The ledger's row changes here; the label on the server follows in the account's next
run (labeling/following.py). Until then `labels_there` holds every label of ours that
the server may have on the message, so that however often the person changes their
mind, and wherever a run is killed, exactly the last one is left.

A run holds its account's row while it writes to the ledger, and so does whoever
corrects: first the accounts by id, then the messages.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from mailbeat.db.accounts import LOCKED, want_runs_soon
from mailbeat.db.categories import enabled_category
from mailbeat.db.daily_messages import moving
from mailbeat.db.examples import forget, teach
from mailbeat.db.labels_there import note_labels_there, want_label
from mailbeat.db.models import Account, Correction, MessageRow
from mailbeat.db.paging import newest_page
from mailbeat.labeling.categorizer import NONE, YOU
from mailbeat.labeling.category import Category

AT_ONCE = 500  # messages

CHOSEN = "You chose this"
CONFIRMED = "You confirmed this"
CHOSEN_NONE = "You chose no category"


class MessageNotFound(Exception):
    pass


class CorrectionNotFound(Exception):
    pass


class CannotUndo(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Choice:
    """What a message is to be from now on; without a category it has no label."""

    category: Category | None
    confidence: float
    layer: str
    evidence: str


def correct(
    session: Session,
    message_id: int,
    category_id: int | None,
    *,
    source: str,
    actor: str,
    now: datetime,
    labels_there: Collection[str] | None = None,
) -> Correction:
    """Give a message the category that a person chose, or none; teach it.

    `labels_there` are our labels on it, where the person changed them on the server
    itself (`source` is then `mailbox`).

    Raises:
        CategoryNotFound: there is none, or it was deleted or turned off.
        MessageNotFound: there is none.
    """
    found = correct_all(
        session,
        [message_id],
        category_id,
        source=source,
        actor=actor,
        now=now,
        labels_there=labels_there,
    )
    if not found:
        raise MessageNotFound(
            f"There is no message {message_id}. Decisions are forgotten in time."
        )
    return found[0]


def correct_all(
    session: Session,
    message_ids: Collection[int],
    category_id: int | None,
    *,
    source: str,
    actor: str,
    now: datetime,
    labels_there: Collection[str] | None = None,
) -> list[Correction]:
    """The same for at most AT_ONCE messages; those that there are not are left out.

    Raises:
        CategoryNotFound: as above.
    """
    category = None if category_id is None else enabled_category(session, category_id)
    rows = lock_messages(session, message_ids)
    lessons = [(row, _taken_for(row)) for row in rows]
    corrections = decide_again(
        session,
        [(row, _chosen(row, category)) for row in rows],
        source=source,
        actor=actor,
        now=now,
        labels_there=labels_there,
    )
    for (row, before), correction in zip(lessons, corrections, strict=True):
        _teach(session, row, correction, before, now)
    return corrections


def _chosen(row: MessageRow, category: Category | None) -> Choice:
    if category is None:
        return Choice(None, 1.0, YOU, CHOSEN_NONE)
    is_same = _taken_for(row) == category.id
    return Choice(category, 1.0, YOU, CONFIRMED if is_same else CHOSEN)


def _taken_for(row: MessageRow) -> int | None:
    """What the message was decided to be, or at least suggested."""
    return row.suggested_id if row.layer == NONE else row.category_id


def _teach(
    session: Session,
    row: MessageRow,
    correction: Correction,
    before: int | None,
    now: datetime,
) -> None:
    """What it is not comes first: the newest example of a message counts."""
    chosen = correction.to_category_id
    for category_id, is_negative in ((before, True), (chosen, False)):
        if category_id is None or (is_negative and category_id == chosen):
            continue
        teach(
            session,
            row,
            category_id,
            correction_id=correction.id,
            is_negative=is_negative,
            now=now,
        )


def lock_messages(session: Session, message_ids: Collection[int]) -> list[MessageRow]:
    """Return messages as they are now, by id; runs write nothing of them meanwhile."""
    ids = sorted(set(message_ids))
    of_them = select(MessageRow.account_id).where(MessageRow.id.in_(ids))
    account_ids = sorted(set(session.scalars(of_them)))
    accounts = LOCKED.where(Account.id.in_(account_ids)).order_by(Account.id)
    session.scalars(accounts.with_for_update()).all()
    rows = (
        select(MessageRow)
        .where(MessageRow.id.in_(ids))
        .order_by(MessageRow.id)
        .options(undefer(MessageRow.details))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(rows))


def decide_again(
    session: Session,
    choices: Sequence[tuple[MessageRow, Choice]],
    *,
    source: str,
    actor: str,
    now: datetime,
    labels_there: Collection[str] | None = None,
) -> list[Correction]:
    """Change the decisions about messages that were locked; teaches nothing."""
    _wait_no_more(session, [row.id for row, _ in choices])
    corrections = []
    with moving(session, [row for row, _ in choices]):
        for row, choice in choices:
            one = _correction(row, choice.category, source=source, actor=actor, now=now)
            if labels_there is not None:
                note_labels_there(row, labels_there)
            row.category_id, row.layer = one.to_category_id, choice.layer
            row.confidence, row.evidence = choice.confidence, choice.evidence[:300]
            row.corrected_at = now
            one.pending_since = now if want_label(row, one.new_label) else None
            corrections.append(one)
    session.add_all(corrections)
    session.flush()
    _ask_for_runs(session, corrections, now)
    return corrections


def _correction(
    row: MessageRow,
    category: Category | None,
    *,
    source: str,
    actor: str,
    now: datetime,
) -> Correction:
    before = row.corrected_at
    former = {
        "layer": row.layer,
        "confidence": row.confidence,
        "evidence": row.evidence,
        "corrected_at": before.isoformat() if before else None,
    }
    return Correction(
        account_id=row.account_id,
        message_id=row.id,
        from_category_id=row.category_id,
        to_category_id=category.id if category else None,
        old_label=row.label,
        new_label=category.label if category else None,
        former=json.dumps(former),
        source=source,
        actor=actor[:100],
        created_at=now,
    )


def undo(session: Session, correction_id: int, *, now: datetime) -> Correction:
    """Take a correction back: the decision, the label and what was learned are as ever.

    Raises:
        CorrectionNotFound: there is none.
        CannotUndo: it was undone, or a newer one of the same message stands on it.
    """
    one = session.get(Correction, correction_id)
    rows = lock_messages(session, [one.message_id]) if one is not None else []
    if one is None or not rows:
        raise CorrectionNotFound(f"There is no correction {correction_id}.")
    session.refresh(one)
    below = _check_newest(session, one)
    (row,) = rows
    one.undone_at = now
    _wait_no_more(session, [row.id])
    last = below or one  # whose label it is that the server gets
    session.refresh(last, ["pending_since"])
    with moving(session, rows):
        _decide_as_before(row, one)
        last.pending_since = now if want_label(row, one.old_label) else None
    forget(session, one.id)
    session.flush()
    _ask_for_runs(session, [last], now)
    return one


def _decide_as_before(row: MessageRow, one: Correction) -> None:
    former = json.loads(one.former)
    before = former["corrected_at"]
    row.category_id, row.layer = one.from_category_id, former["layer"]
    row.confidence, row.evidence = former["confidence"], former["evidence"]
    row.corrected_at = datetime.fromisoformat(before) if before else None


def _check_newest(session: Session, one: Correction) -> Correction | None:
    """Return the correction below one that can be undone."""
    if one.undone_at is not None:
        raise CannotUndo("This correction was undone already.")
    standing = select(Correction).where(
        Correction.message_id == one.message_id,
        Correction.undone_at.is_(None),
        Correction.id != one.id,
    )
    newest = session.scalar(standing.order_by(Correction.id.desc()).limit(1))
    if newest is not None and newest.id > one.id:
        raise CannotUndo(
            f"The message was corrected again since. Undo correction {newest.id} first."
        )
    return newest


def _wait_no_more(session: Session, message_ids: Collection[int]) -> None:
    """What waited is followed by what comes now."""
    session.execute(
        update(Correction)
        .where(
            Correction.message_id.in_(message_ids),
            Correction.pending_since.is_not(None),
        )
        .values(pending_since=None),
        execution_options={"synchronize_session": False},
    )


def _ask_for_runs(
    session: Session, corrections: Iterable[Correction], now: datetime
) -> None:
    """Have the accounts whose labels wait run soon."""
    waiting = {one.account_id for one in corrections if one.pending_since is not None}
    if waiting:
        want_runs_soon(session, waiting, now=now)


# Reading


def list_corrections(
    session: Session,
    *,
    limit: int = 50,
    cursor: str | None = None,
    account_id: int | None = None,
    message_id: int | None = None,
    pending: bool | None = None,
) -> tuple[list[Correction], str | None]:
    """One page of corrections, newest first, and the cursor of the next.

    Raises:
        BadCursor: `cursor` is not one that this function returned.
    """
    query = select(Correction)
    if account_id is not None:
        query = query.where(Correction.account_id == account_id)
    if message_id is not None:
        query = query.where(Correction.message_id == message_id)
    if pending is not None:
        since = Correction.pending_since
        query = query.where(since.is_not(None) if pending else since.is_(None))
    return newest_page(session, query, Correction, limit=limit, cursor=cursor)


def corrections_of(session: Session, message_id: int) -> list[Correction]:
    """Return all corrections of a message, the newest first."""
    of_it = select(Correction).where(Correction.message_id == message_id)
    return list(session.scalars(of_it.order_by(Correction.id.desc())))
