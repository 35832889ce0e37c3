"""Corrections that the labels on the server wait for, as a run takes and does them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, not_, select
from sqlalchemy.orm import Session

from mailbeat.db.labels_there import labels_there_of, note_labels_there
from mailbeat.db.ledger import check_lease
from mailbeat.db.models import Correction, MessageRow
from mailbeat.db.session import Sessions, transaction
from mailbeat.labeling.following import Change
from mailbeat.mail.mailbox import Identity

AT_ONCE = 500  # messages
# How long a message is waited for that lost its number: a run that finds it again by
# its key gives it the new one.
WAITED_FOR = timedelta(days=7)

LOST = (
    "The mail server numbered the mailbox anew, and this message was not found again, "
    "so its label was left as it is. What you chose is remembered, and was learned "
    "from."
)


class SQLWaiting:
    """What waits in one mailbox, for one run that holds the account's lease.

    Raises:
        LeaseLost: from all of it.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        account_id: int,
        mailbox: str,
        uid_validity: int,
        run_id: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._account_id = account_id
        self._run_id = run_id
        self._clock = clock
        self._is_here = (
            MessageRow.mailbox == mailbox,
            MessageRow.uid_validity == uid_validity,
        )

    def take(self) -> Sequence[Change]:
        with transaction(self._sessions) as session:
            check_lease(session, self._account_id, self._run_id)
            self._give_up_lost(session)
            here = self._waiting().where(*self._is_here)
            some = here.order_by(Correction.id).limit(AT_ONCE).with_for_update()
            return [_taken(one, row) for one, row in session.execute(some).all()]

    def _waiting(self) -> Select[Correction, MessageRow]:
        return (
            select(Correction, MessageRow)
            .join(MessageRow, MessageRow.id == Correction.message_id)
            .where(
                Correction.account_id == self._account_id,
                Correction.pending_since.is_not(None),
            )
        )

    def _give_up_lost(self, session: Session) -> None:
        is_here = not_(self._is_here[0] & self._is_here[1])
        end = self._clock() - WAITED_FOR
        lost = self._waiting().where(is_here, Correction.pending_since < end)
        for one, _ in session.execute(lost.limit(AT_ONCE)).all():
            one.pending_since, one.error = None, LOST

    def followed(self, changes: Sequence[Change]) -> None:
        now = self._clock()

        def note(one: Correction, row: MessageRow, _: Change) -> None:
            one.pending_since, one.applied_at, one.error = None, now, None
            note_labels_there(row, None)

        self._note(changes, note)

    def refused(
        self, changes: Sequence[Change], error: str, *, has_label: bool
    ) -> None:
        def note(one: Correction, row: MessageRow, change: Change) -> None:
            one.pending_since, one.error = None, error[:300]
            on = [change.label] if has_label and change.label is not None else []
            note_labels_there(row, [*change.remove, *on])

        self._note(changes, note)

    def _note(
        self,
        changes: Sequence[Change],
        note: Callable[[Correction, MessageRow, Change], None],
    ) -> None:
        """What was corrected again meanwhile waits on; `labels_there` has all it may.

        Whoever corrects holds the account's row, so nobody does while this looks.
        """
        by_id = {change.correction_id: change for change in changes}
        with transaction(self._sessions) as session:
            check_lease(session, self._account_id, self._run_id)
            of_them = self._waiting().where(Correction.id.in_(by_id))
            for one, row in session.execute(of_them.with_for_update()).all():
                if row.label == by_id[one.id].label:
                    note(one, row, by_id[one.id])


def _taken(one: Correction, row: MessageRow) -> Change:
    """What is to be done about a message, after noting what that may put on it."""
    there = set(labels_there_of(row))
    wanted = set() if row.label is None else {row.label}
    note_labels_there(row, there | wanted)
    return Change(
        correction_id=one.id,
        uid=row.uid,
        label=row.label,
        remove=frozenset(there - wanted),
        identity=Identity(row.key, row.received_at),
        was_begun=row.label in there,
    )
