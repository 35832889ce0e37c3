"""The ledger: what was decided about each message, and what of it is done.

One row a message, by mailbox, UIDVALIDITY and UID. Counts are queries over these rows,
never sums kept beside them, so that a run killed at any point counts nothing twice.
A row belongs to the run that decided, and then to the one that finished it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy import and_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailbeat.db.models import Account, Correction, MailboxState, MessageRow, table_of
from mailbeat.db.session import Sessions, reading, transaction
from mailbeat.labeling.details import (
    considered_as_text,
    details_of,
    list_id_of,
    thread_of,
)
from mailbeat.labeling.pipeline import Entry, Plan
from mailbeat.mail.mailbox import LastSeen
from mailbeat.mail.message import Message

PLANNED, APPLIED, FAILED = "planned", "applied", "failed"

AT_ONCE = 500  # values in one statement; SQLite of old takes 999
# After a change of UIDVALIDITY: messages may have come while the last run went on.
MARGIN = timedelta(days=1)
# How long a refused label is tried again, after the message was decided about. Longer
# would read more rows in every run.
TRIED_AGAIN_FOR = timedelta(days=7)
# Runs that read message by message and died of the same one. Two are no proof: of seven
# runs that were killed at random, two by chance had the same message in hand.
KILLED_ENOUGH = 3


# What every run asks and says, many at once, is built once.
_ACCOUNTS = table_of(Account)
_STATES, _MESSAGES = table_of(MailboxState), table_of(MessageRow)
_CORRECTIONS = table_of(Correction)
_LEASE = (
    select(_ACCOUNTS.c.lease_run_id)
    .where(_ACCOUNTS.c.id == bindparam("account"))
    .with_for_update()
)
_OF_MAILBOX = (
    _STATES.c.account_id == bindparam("account"),
    _STATES.c.name == bindparam("mailbox"),
)
# Its columns come with the values.
_CHANGE_STATE = update(_STATES).where(*_OF_MAILBOX)
_OF_LATE = select(_MESSAGES.c.uid, _MESSAGES.c.label).where(
    _MESSAGES.c.account_id == bindparam("account"),
    _MESSAGES.c.mailbox == bindparam("mailbox"),
    _MESSAGES.c.decided_at >= bindparam("since"),
)
_HERE = _OF_LATE.where(_MESSAGES.c.uid_validity == bindparam("validity"))
_IS_REFUSED = (_MESSAGES.c.state == FAILED, _MESSAGES.c.label.is_not(None))
_REFUSED = _HERE.where(*_IS_REFUSED).order_by(_MESSAGES.c.uid)
_PLANNED = _HERE.where(_MESSAGES.c.state == PLANNED).order_by(_MESSAGES.c.uid)
_HAS_REFUSED = _OF_LATE.where(
    *_IS_REFUSED, _MESSAGES.c.uid_validity == _STATES.c.uid_validity
)
_WAITING = select(_CORRECTIONS.c.id).where(
    _CORRECTIONS.c.account_id == bindparam("account"),
    _CORRECTIONS.c.pending_since.is_not(None),
)
_STATE = select(
    _STATES.c.uid_validity,
    _STATES.c.watermark,
    _STATES.c.last_good_run_at,
    _STATES.c.suspect_uid,
    _STATES.c.suspect_runs,
    _STATES.c.modseq,
    _STATES.c.labels_since,
    _HAS_REFUSED.exists().label("has_refused"),
    _WAITING.exists().label("has_corrections"),
).where(*_OF_MAILBOX)


class LeaseLost(Exception):
    """Another run has the account now, or it was removed: nothing was written."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where UIDs mean messages."""

    account_id: int
    mailbox: str
    uid_validity: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages that a run finished."""

    processed: int
    labeled: int
    skipped: int
    failed: int


def counts(session: Session, run_id: str) -> Counts:
    """Count what a run finished, by its rows, as it was then.

    What people corrected since has another label now.
    """
    applied = MessageRow.state == APPLIED
    since = (
        select(Correction.old_label)
        .where(Correction.message_id == MessageRow.id)
        .where(Correction.created_at >= MessageRow.applied_at)
        .order_by(Correction.id)
        .limit(1)
        .correlate(MessageRow)
    )
    label = case((since.exists(), since.scalar_subquery()), else_=MessageRow.label)
    row = session.execute(
        select(
            _count(MessageRow.state != PLANNED),
            _count(and_(applied, label.is_not(None))),
            _count(and_(applied, label.is_(None))),
            _count(MessageRow.state == FAILED),
        ).where(MessageRow.run_id == run_id)
    ).one()
    return Counts(*row)


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def note_good_run(
    session: Session, account_id: int, mailbox: str, *, now: datetime
) -> None:
    """Remember that a run read the mailbox to its end."""
    here = {"account": account_id, "mailbox": mailbox}
    session.execute(_CHANGE_STATE, {**here, "last_good_run_at": now})


def forget_numbers(session: Session, account_id: int) -> None:
    """Know an account's messages by their keys only: their UIDs are of other mail.

    The server of another host may number its mailbox just as the old one did; a row
    found there by its number would be of another message. Rows move out of the way,
    to numbers that no server gives: below 0, and below those of earlier moves.
    """
    mine = MessageRow.account_id == account_id
    lowest = session.scalar(select(func.min(MessageRow.uid_validity)).where(mine))
    session.execute(
        update(MessageRow)
        .where(mine, MessageRow.uid_validity >= 0)
        .values(uid_validity=min(lowest or 0, 0) - 1 - MessageRow.uid_validity),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        update(MailboxState)
        .where(MailboxState.account_id == account_id)
        .values(uid_validity=-1, watermark=0)
    )


def forget_label_names(session: Session, account_id: int, *, since: datetime) -> None:
    """Miss none of the labels that were put on before a time: their names changed."""
    session.execute(
        update(MailboxState)
        .where(MailboxState.account_id == account_id)
        .values(labels_since=since)
    )


def check_lease(session: Session, account_id: int, run_id: str) -> None:
    """Hold the account's row till the end of the transaction, if it is this run's.

    Raises:
        LeaseLost: it is not.
    """
    if session.scalar(_LEASE, {"account": account_id}) != run_id:
        raise LeaseLost


class SQLLedger:
    """The ledger of one mailbox, for one run that holds the account's lease.

    `opened` comes before anything is asked about messages. A changed `uid_validity`
    means that the server numbered the mailbox anew: the watermark is 0 then, and
    messages are recognized by their keys.

    `modseq` is the last change of labels that was looked at (RFC 7162), and before
    `labels_since` labels had other names on the server.

    Raises:
        LeaseLost: from `plan`, `applied` and `renumbered`.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        account_id: int,
        mailbox: str,
        run_id: str,
        subject_days: int,
        clock: Callable[[], datetime],
        is_careful: bool = False,
    ) -> None:
        self._sessions = sessions
        self._account_id = account_id
        self._mailbox = mailbox
        self._run_id = run_id
        self._keeps_subjects = subject_days > 0
        self._clock = clock
        self.is_careful = is_careful
        self.killer = 0
        self._watermark = 0
        self._uid_validity = 0
        self._forgets_modseq = False
        self._load()

    def _load(self) -> None:
        self.last_seen: LastSeen | None = None
        self._last_good_run_at: datetime | None = None
        self._has_refused = False
        self.modseq: int | None = None
        self.labels_since: datetime | None = None
        # Whether labels wait for what was corrected; perhaps, if the first run died.
        self.has_corrections = True
        with reading(self._sessions) as session:
            state = session.execute(_STATE, self._lately()).first()
        if state is not None:
            self._last_good_run_at = state.last_good_run_at
            self._has_refused = state.has_refused
            self.has_corrections = state.has_corrections
            self.last_seen = LastSeen(state.uid_validity, state.watermark)
            self.modseq, self.labels_since = state.modseq, state.labels_since
            if self.is_careful and state.suspect_runs >= KILLED_ENOUGH:
                self.killer = state.suspect_uid or 0

    def opened(self, uid_validity: int) -> None:
        """The mailbox is open, and numbered like this."""
        self._uid_validity = uid_validity
        if self.last_seen and not self.is_numbered_anew:
            self._watermark = self.last_seen.watermark
        else:
            self.killer = 0
            self._forgets_modseq = self.modseq is not None
            self.modseq = None  # was of another numbering, too
            self._has_refused = True  # perhaps: messages of before may be found again

    @cached_property
    def _has_older(self) -> bool:
        """Whether there are messages from before the mailbox was numbered anew."""
        mine = select(MessageRow.id).where(
            MessageRow.account_id == self._account_id,
            MessageRow.mailbox == self._mailbox,
        )
        # Not `!=`, which would read the index of all that are of now.
        below = mine.where(MessageRow.uid_validity < self._uid_validity)
        above = mine.where(MessageRow.uid_validity > self._uid_validity)
        with reading(self._sessions) as session:
            found = session.scalar(select(or_(below.exists(), above.exists())))
        return bool(found)

    @property
    def place(self) -> Place:
        return Place(self._account_id, self._mailbox, self._uid_validity)

    @property
    def is_numbered_anew(self) -> bool:
        """Whether the UIDs are others than those of the last run, or there was none."""
        seen = self.last_seen
        return seen is None or seen.uid_validity != self._uid_validity

    @property
    def watermark(self) -> int:
        return self._watermark

    def since(self, now: datetime, process_hours: int) -> datetime:
        """From when on messages are new, where there is no watermark.

        After a change of UIDVALIDITY that is the last good run, and a day more.
        """
        since = now - timedelta(hours=process_hours)
        if self._last_good_run_at is None:
            return since
        return min(since, self._last_good_run_at - MARGIN)

    def pending(self, uids: Sequence[int]) -> Mapping[int, Entry | None]:
        if not uids:
            return {}
        with reading(self._sessions) as session:
            rows = session.execute(
                select(MessageRow.uid, MessageRow.label, MessageRow.state).where(
                    *self._here(), MessageRow.uid.between(min(uids), max(uids))
                )
            ).all()
        known = {uid: Entry(label, state != PLANNED) for uid, label, state in rows}
        pending: dict[int, Entry | None] = {}
        for uid in uids:
            entry = known.get(uid)
            if entry is None or not entry.finished:
                pending[uid] = entry
        return pending

    def _here(self) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            MessageRow.account_id == self._account_id,
            MessageRow.mailbox == self._mailbox,
            MessageRow.uid_validity == self._uid_validity,
        )

    def refused(self) -> Mapping[int, Entry]:
        """Return the failed messages with a label; those without could not be read."""
        return self._of_late(_REFUSED) if self._has_refused else {}

    def planned(self) -> Mapping[int, Entry]:
        return self._of_late(_PLANNED)

    def _of_late(self, query: sa.Select[Any]) -> dict[int, Entry]:
        asked = {**self._lately(), "validity": self._uid_validity}
        with reading(self._sessions) as session:
            rows = session.execute(query, asked).all()
        return {uid: Entry(label, finished=False) for uid, label in rows}

    def _lately(self) -> dict[str, Any]:
        return {
            "account": self._account_id,
            "mailbox": self._mailbox,
            "since": self._clock() - TRIED_AGAIN_FOR,
        }

    def renumbered(self, messages: Sequence[Message]) -> Mapping[int, Entry]:
        """Give the rows of messages with a new UID that UID; return what they say.

        A row moves, it is not copied, so that no message counts twice. Gmail gives a
        new UID without a new UIDVALIDITY when a message comes back to the inbox.
        """
        by_gmail = any(message.key.startswith("gm-") for message in messages)
        if not messages or not (by_gmail or self._has_older):
            return {}
        with transaction(self._sessions) as session:
            self._check_lease(session)
            rows = self._rows_by_key(session, messages)
            entries = {}
            for message in messages:
                waiting = rows.get(message.key)
                if not waiting:
                    continue
                row = waiting.pop(0)
                row.uid_validity, row.uid = self._uid_validity, message.uid
                entries[message.uid] = Entry(row.label, row.state != PLANNED)
        return entries

    def _rows_by_key(
        self, session: Session, messages: Sequence[Message]
    ) -> dict[str, list[MessageRow]]:
        uids = {message.uid for message in messages}
        rows: dict[str, list[MessageRow]] = {}
        for keys in parts([message.key for message in messages]):
            found = session.scalars(
                select(MessageRow)
                .where(
                    MessageRow.account_id == self._account_id,
                    MessageRow.mailbox == self._mailbox,
                    MessageRow.key.in_(keys),
                )
                .order_by(MessageRow.uid_validity.desc(), MessageRow.uid)
            )
            for row in found:
                here = row.uid_validity == self._uid_validity
                if here and (row.uid in uids or not row.key.startswith("gm-")):
                    continue
                rows.setdefault(row.key, []).append(row)
        return rows

    def plan(self, plans: Sequence[Plan]) -> None:
        now = self._clock()
        values = [self._values(one, now) for one in plans]
        with transaction(self._sessions) as session:
            self._check_lease(session)
            dialect: Any = (
                sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
            )
            # A row that is there was planned by an earlier run; it stays.
            statement = dialect.insert(MessageRow.__table__).on_conflict_do_nothing()
            session.execute(statement, values)
            if self.is_careful:
                self._clear(session, [one.message.uid for one in plans])

    def _clear(self, session: Session, uids: Sequence[int]) -> None:
        """Suspect none of these: they were read and decided about."""
        session.execute(
            _CHANGE_STATE.where(_STATES.c.suspect_uid.in_(uids)),
            {
                "account": self._account_id,
                "mailbox": self._mailbox,
                "suspect_runs": 0,
            },
        )

    def _values(self, one: Plan, now: datetime) -> dict[str, Any]:
        message, decision = one.message, one.decision
        return {
            "account_id": self._account_id,
            "mailbox": self._mailbox,
            "uid_validity": self._uid_validity,
            "uid": message.uid,
            "key": message.key,
            "run_id": self._run_id,
            "state": FAILED if one.failed else PLANNED,
            "category_id": decision.category_id,
            "label": one.label,
            "confidence": decision.confidence,
            "layer": decision.layer[:32],
            "evidence": decision.evidence[:300],
            "sender": message.sender[:320],
            "sender_domain": message.sender_domain[:255],
            "received_at": message.received_at,
            "decided_at": now,
            "applied_at": None,
            "suggested_id": decision.suggestion,
            "considered": considered_as_text(decision.considered),
            "list_id": list_id_of(message),
            "thread": thread_of(message),
            "subject": message.subject if self._keeps_subjects else None,
            "details": details_of(message, decision.tokens).as_text()
            if self._keeps_subjects
            else None,
        }

    def applied(
        self, uids: Sequence[int], *, failed: Sequence[int] = (), watermark: int
    ) -> None:
        now = self._clock()
        with transaction(self._sessions) as session:
            self._check_lease(session)
            self._finish(session, uids, state=APPLIED, applied_at=now)
            self._finish(session, failed, state=FAILED, applied_at=None)
            self._move_watermark(session, watermark)
        self._watermark = watermark
        self._has_refused |= bool(failed)

    def _finish(
        self,
        session: Session,
        uids: Sequence[int],
        *,
        state: str,
        applied_at: datetime | None,
    ) -> None:
        for part in parts(uids):
            session.execute(
                update(MessageRow)
                .where(*self._here(), MessageRow.uid.in_(part))
                .values(state=state, applied_at=applied_at, run_id=self._run_id),
                execution_options={"synchronize_session": False},
            )

    def _move_watermark(self, session: Session, watermark: int) -> None:
        if not self._note(session, _CHANGE_STATE, watermark=watermark):
            self._first_note(session, watermark=watermark)

    def reading(self, uid: int) -> None:
        is_same = _STATES.c.suspect_uid == uid
        runs = case((is_same, _STATES.c.suspect_runs + 1), else_=1)
        with transaction(self._sessions) as session:
            self._check_lease(session)
            # The watermark, too: not one of before the mailbox was numbered anew.
            if not self._note(
                session,
                _CHANGE_STATE.values(suspect_runs=runs),
                suspect_uid=uid,
                watermark=self._watermark,
            ):
                self._first_note(session, suspect_uid=uid, suspect_runs=1)

    def _note(self, session: Session, change: sa.Update, **values: Any) -> bool:
        """Write down something about the mailbox, if it is known already."""
        here = {"account": self._account_id, "mailbox": self._mailbox}
        values |= {"uid_validity": self._uid_validity}
        if self._forgets_modseq:
            values["modseq"] = None
        noted = session.execute(change, here | values)
        return bool(noted.rowcount)  # type: ignore[attr-defined] # an UPDATE has one

    def _first_note(self, session: Session, **values: Any) -> None:
        session.add(
            MailboxState(
                account_id=self._account_id,
                name=self._mailbox,
                uid_validity=self._uid_validity,
                **values,
            )
        )

    def _check_lease(self, session: Session) -> None:
        check_lease(session, self._account_id, self._run_id)


def parts(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE)]
