"""What became of tasks while nobody listened, as far as that can be known.

Of runs the rows tell it. Of other tasks Celery says nothing twice: what was open when
the last listener went away is unknown from then on, until something is heard again.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from mailbeat.db.models import RUN_TASK, Account, Run, TaskListener, TaskRow
from mailbeat.db.task_record import RUNNING, TaskRecord, TaskState, step_of
from mailbeat.labeling.progress import Outcome, RunState

ALIVE = timedelta(seconds=20)  # that a listener may be silent
MARGIN = timedelta(seconds=2)  # what two clocks may differ by
# A worker beats every 2 s. One that is gone for so long will not say what became of
# the tasks that it had.
GONE = timedelta(seconds=30)
FORGOTTEN = timedelta(days=7)  # listeners that are long gone


def note_listener(
    session: Session, listener: str, *, since: datetime, dropped: int, now: datetime
) -> None:
    """Write down that a process listens, without a gap since then."""
    row = session.get(TaskListener, listener)
    if row is None:
        session.add(
            TaskListener(id=listener, since=since, seen_at=now, dropped=dropped)
        )
        session.execute(
            delete(TaskListener).where(TaskListener.seen_at < now - FORGOTTEN)
        )
    else:
        row.since, row.seen_at, row.dropped = since, now, dropped
    session.flush()


def heard_until(session: Session) -> datetime | None:
    """Until when somebody listened; None: nobody ever did."""
    return session.scalar(select(func.max(TaskListener.seen_at)))


def heard_since(session: Session, *, now: datetime) -> datetime | None:
    """Since when somebody who listens has heard everything; None: nobody listens."""
    alive = TaskListener.seen_at > now - ALIVE
    return session.scalar(select(func.min(TaskListener.since)).where(alive))


def dropped(session: Session) -> int:
    """How many tasks were dropped by the processes that listened lately."""
    return session.scalar(select(func.coalesce(func.sum(TaskListener.dropped), 0))) or 0


def records_of_runs(
    session: Session, run_ids: Collection[str], *, now: datetime
) -> list[TaskRecord]:
    """What the rows of runs say of the tasks of the same ids."""
    runs = session.scalars(select(Run).where(Run.run_id.in_(run_ids)))
    return [_record_of(run, now) for run in runs]


def runs_since(
    session: Session, since: datetime, *, after: int, limit: int, now: datetime
) -> tuple[list[TaskRecord], int]:
    """Runs that began since then, as tasks, and where the next ones come after."""
    runs = session.scalars(
        select(Run)
        .where(Run.start_time >= since - MARGIN, Run.id > after)
        .order_by(Run.id)
        .limit(limit)
    ).all()
    return [_record_of(run, now) for run in runs], runs[-1].id if runs else after


def ended_runs(session: Session, *, limit: int, now: datetime) -> list[TaskRecord]:
    """Runs that have ended though their tasks did not, as far as was heard."""
    runs = session.scalars(
        select(Run)
        .join(TaskRow, TaskRow.task_id == Run.run_id)
        .where(TaskRow.ended_at.is_(None), Run.end_time.is_not(None))
        .limit(limit)
    )
    return [_record_of(run, now) for run in runs]


def lose_tasks(
    session: Session, *, workers: Sequence[str] | None, now: datetime, limit: int = 1000
) -> int:
    """Call open tasks unknown of whose end nobody can have heard; return how many.

    `workers` are those online, or None when that cannot be known.
    """
    lost: list[ColumnElement[bool]] = []
    since = heard_since(session, now=now)
    if since is not None:
        lost.append(TaskRow.heard_at < since - MARGIN)
    if workers is not None:
        began = TaskRow.state.in_([*map(str, RUNNING), str(TaskState.RECEIVED)])
        is_gone = TaskRow.worker.is_not(None) & TaskRow.worker.not_in(workers)
        lost.append(began & is_gone & (TaskRow.heard_at < now - GONE))
    if not lost:
        return 0
    is_running = exists().where(
        Account.lease_run_id == TaskRow.task_id, Account.lease_until > now
    )
    some = (
        select(TaskRow.id)
        .where(
            TaskRow.ended_at.is_(None),
            TaskRow.state != str(TaskState.UNKNOWN),
            or_(*lost),
            ~is_running,
        )
        .order_by(TaskRow.id)
        .limit(limit)
    )
    gone = session.execute(
        update(TaskRow)
        .where(TaskRow.id.in_(some), TaskRow.ended_at.is_(None))
        .values(state=str(TaskState.UNKNOWN))
        .returning(TaskRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _record_of(run: Run, now: datetime) -> TaskRecord:
    state = _state_of(run)
    failed = state is TaskState.FAILED
    return TaskRecord(
        run.run_id,
        state,
        step_of(state, seq=run.seq, by_run=True),
        received_at=run.start_time,
        heard_at=now,
        name=RUN_TASK,
        arguments=None if run.account_id is None else f"({run.account_id},)",
        account_id=run.account_id,
        exception=(run.error_code or run.outcome) if failed else None,
        error=(run.error_message or "")[:300] or None if failed else None,
        started_at=run.start_time,
        ended_at=run.end_time,
        runtime=(
            None
            if run.end_time is None
            else (run.end_time - run.start_time).total_seconds()
        ),
    )


def _state_of(run: Run) -> TaskState:
    if run.end_time is None:
        state = RunState(run.state)
        return TaskState(run.state) if state.is_running else TaskState.STARTED
    good = {str(Outcome.SUCCEEDED), str(Outcome.CANCELLED)}
    return TaskState.SUCCEEDED if run.outcome in good else TaskState.FAILED
