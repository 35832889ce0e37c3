"""What a person did to labels in the mailbox itself, written down as corrections.

Up to which change that is done stands in `mailboxes.modseq`, and moves in the same
transaction. What waits for the server is left alone: a correction made here is newer
than what the mailbox still shows.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

from mailbeat.db.categories import CategoryNotFound
from mailbeat.db.corrections import (
    Choice,
    correct_all,
    decide_again,
    lock_messages,
)
from mailbeat.db.ledger import APPLIED, SQLLedger, check_lease, parts
from mailbeat.db.models import MailboxState, MessageRow
from mailbeat.db.session import Sessions, reading, transaction
from mailbeat.labeling.categorizer import YOU
from mailbeat.labeling.wishes import Wish, wishes_of
from mailbeat.mail.mailbox import LabelsNow

# Where changes are not counted, so many of the newest messages are looked at.
NEWEST = 500
SOURCE = "mailbox"
LABELLED = "You labelled it so in the mailbox"
REMOVED = "You removed the label in the mailbox"
DELETED = "The label went from many messages at once in the mailbox; nothing is learned"


class _Wanted(NamedTuple):
    """What a person wants of a message that had this label, and has those now."""

    label: str | None
    wish: Wish
    there: frozenset[str]


class LabelNotes:
    """Of one mailbox, for one run that holds the account's lease.

    `modseq` is the last change that was looked at, or None.
    """

    def __init__(
        self,
        sessions: Sessions,
        ledger: SQLLedger,
        *,
        run_id: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._run_id = run_id
        self._clock = clock
        self._place = ledger.place
        self._since = ledger.labels_since
        self.modseq = ledger.modseq

    def known(self) -> range:
        """Return where the UIDs are of messages whose labels we know."""
        with reading(self._sessions) as session:
            first, last = session.execute(
                select(func.min(MessageRow.uid), func.max(MessageRow.uid)).where(
                    *self._here()
                )
            ).one()
        return range(first, last + 1) if first is not None else range(0)

    def newest(self) -> list[int]:
        """Return the UIDs of the messages that are looked at by and by."""
        query = select(MessageRow.uid).where(*self._here(), *self._settled())
        with reading(self._sessions) as session:
            found = session.scalars(query.order_by(MessageRow.uid.desc()).limit(NEWEST))
            return sorted(found)

    def record(
        self, now: LabelsNow | None, categories: Mapping[str, int], modseq: int | None
    ) -> int:
        """Write down what a person wants, and up to where it was looked at.

        `categories` are by label. Returns how many messages were corrected.

        Raises:
            LeaseLost: the account is another run's now.
        """
        wanted = self._wanted(now) if now is not None else {}
        if not wanted and modseq == self.modseq:
            return 0
        with transaction(self._sessions) as session:
            check_lease(session, self._place.account_id, self._run_id)
            count = sum(
                self._correct(session, {one: wanted[one] for one in ids}, categories)
                for ids in parts(list(wanted))
            )
            self._note(session, modseq)
        self.modseq = modseq
        return count

    def _here(self) -> tuple[Any, ...]:
        return (
            MessageRow.account_id == self._place.account_id,
            MessageRow.mailbox == self._place.mailbox,
            MessageRow.uid_validity == self._place.uid_validity,
        )

    def _settled(self) -> tuple[Any, ...]:
        """Only of these the server has exactly the label that the row has."""
        settled = (MessageRow.state == APPLIED, MessageRow.labels_there.is_(None))
        if self._since is None:
            return settled
        return (*settled, MessageRow.applied_at >= self._since)

    def _wanted(self, now: LabelsNow) -> dict[int, _Wanted]:
        """Return what a person wants by the message's id."""
        columns = select(MessageRow.id, MessageRow.uid, MessageRow.label)
        query = columns.where(*self._here(), *self._settled())
        rows: dict[int, Row[Any]] = {}
        with reading(self._sessions) as session:
            for uids in parts(list(now.on)):
                found = session.execute(query.where(MessageRow.uid.in_(uids)))
                rows |= {row.uid: row for row in found}
        wishes = wishes_of({uid: row.label for uid, row in rows.items()}, now)
        return {
            rows[uid].id: _Wanted(
                rows[uid].label,
                wish,
                # What could not be seen may be on still.
                now.on[uid] | ({rows[uid].label} - now.looked_for - {None}),
            )
            for uid, wish in wishes.items()
        }

    def _correct(
        self,
        session: Session,
        wanted: Mapping[int, _Wanted],
        categories: Mapping[str, int],
    ) -> int:
        groups: dict[tuple[Wish, frozenset[str]], list[MessageRow]] = {}
        for row in lock_messages(session, wanted):
            label, wish, there = wanted[row.id]
            is_settled = row.state == APPLIED and row.labels_there is None
            if is_settled and row.label == label:  # nobody was faster
                groups.setdefault((wish, there), []).append(row)
        for (wish, there), rows in groups.items():
            self._decide(session, rows, wish, there, categories)
        return sum(map(len, groups.values()))

    def _decide(
        self,
        session: Session,
        rows: Sequence[MessageRow],
        wish: Wish,
        there: frozenset[str],
        categories: Mapping[str, int],
    ) -> None:
        said: dict[str, Any] = {
            "source": SOURCE,
            "actor": SOURCE,
            "now": self._clock(),
            "labels_there": there,
        }
        if not wish.teaches:
            choice = Choice(None, 1.0, YOU, DELETED)
            decide_again(session, [(row, choice) for row in rows], **said)
            return
        category_id = None if wish.label is None else categories[wish.label]
        ids = [row.id for row in rows]
        with suppress(CategoryNotFound):  # it was turned off at this very moment
            correct_all(session, ids, category_id, **said)
            for row in rows:
                row.evidence = LABELLED if wish.label else REMOVED

    def _note(self, session: Session, modseq: int | None) -> None:
        session.execute(
            update(MailboxState)
            .where(
                MailboxState.account_id == self._place.account_id,
                MailboxState.name == self._place.mailbox,
                MailboxState.uid_validity == self._place.uid_validity,
            )
            .values(modseq=modseq)
        )
