"""What is forgotten after its time, in small bites: no statement holds a table long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, inspect, select, update
from sqlalchemy.orm import Session

from mailbeat.db import processes, queues
from mailbeat.db.counting import close_days, forget_days
from mailbeat.db.cuts import start_of
from mailbeat.db.models import (
    Alert,
    AuditEntry,
    Base,
    Delivery,
    LLMAnswer,
    LLMDay,
    MessageRow,
    PendingSignIn,
    Process,
    QueueSample,
    Run,
    SignInSession,
    Silence,
    TaskRow,
    Ticket,
)

BITE = 500  # rows of one statement
DELIVERY_DAYS = 30  # that one can see what was sent, and whether it arrived
ANSWER_DAYS = 30  # that what a model said is used again for mail of the same likeness


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept, in days; the audit log is kept as long as the runs.

    Runs and decisions, and what is counted of them, go by whole days of UTC.
    """

    run_days: int
    message_days: int
    subject_days: int
    task_days: int = 7
    task_failure_days: int = 30
    statistics_days: int = 1830


def forget_a_bite(
    session: Session, keep: Retention, *, now: datetime, bite: int = BITE
) -> int:
    """Forget at most `bite` rows of each kind; return how many there were.

    A decision that is forgotten is not made again: the watermark has passed its
    message.
    """
    task_end = now - timedelta(days=keep.task_days)
    failure_days = max(keep.task_days, keep.task_failure_days)
    failure_end = now - timedelta(days=failure_days)
    run_end = start_of(now - timedelta(days=keep.run_days), "day")
    message_end = start_of(now - timedelta(days=keep.message_days), "day")
    close_days(session, messages_from=message_end, runs_from=run_end)
    answer_end = now - timedelta(days=ANSWER_DAYS)
    old: tuple[tuple[type[Base], ColumnElement[bool]], ...] = (
        (Run, Run.start_time < run_end),
        (AuditEntry, AuditEntry.at < run_end),
        (MessageRow, MessageRow.decided_at < message_end),
        (Alert, Alert.resolved_at < run_end),
        (Delivery, Delivery.created_at < now - timedelta(days=DELIVERY_DAYS)),
        (Silence, Silence.until < now),
        (LLMAnswer, LLMAnswer.created_at < answer_end),
        (LLMDay, LLMDay.day < run_end.date().isoformat()),
        (SignInSession, SignInSession.expires_at < now),
        (Ticket, Ticket.expires_at < now),
        (TaskRow, (TaskRow.received_at < task_end) & (TaskRow.state != "failed")),
        (TaskRow, (TaskRow.received_at < failure_end) & (TaskRow.state == "failed")),
        (PendingSignIn, PendingSignIn.expires_at < now),
        (Process, Process.beat_at < now - processes.KEPT),
        (QueueSample, QueueSample.at < now - queues.KEPT),
    )
    forgotten = 0
    for table, is_old in old:
        key = inspect(table).primary_key[0]
        some = select(key).where(is_old).limit(bite)
        gone = session.execute(delete(table).where(key.in_(some)).returning(key))
        forgotten += len(gone.all())
    subject_end = now - timedelta(days=keep.subject_days)
    forgotten += _forget_subjects(session, subject_end, bite)
    statistics_end = now - timedelta(days=keep.statistics_days)
    return forgotten + forget_days(session, statistics_end, senders_end=message_end)


def _forget_subjects(session: Session, end: datetime, bite: int) -> int:
    has_old = (MessageRow.decided_at < end, MessageRow.subject.is_not(None))
    some = select(MessageRow.id).where(*has_old).limit(bite)
    gone = session.execute(
        update(MessageRow)
        .where(MessageRow.id.in_(some))
        .values(subject=None, details=None)
        .returning(MessageRow.id)
    )
    return len(gone.all())
