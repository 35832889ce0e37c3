"""Runs: the row that exists from the lease on, its steps, and the history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update
from sqlalchemy.orm import Session, selectinload

from mailbeat.db.daily_messages import count_run
from mailbeat.db.daily_runs import add_run
from mailbeat.db.models import MOST_WORKER, Account, Run, RunPhase, table_of
from mailbeat.db.totals import RUNS, add_totals
from mailbeat.labeling.progress import Outcome, Progress, RunState

# A worker writes these for every run, many at once: they are built once, for tables
# instead of mapped classes, which takes a quarter of the time.
_RUNS, _PHASES = table_of(Run), table_of(RunPhase)
_IS_OPEN = (_RUNS.c.run_id == bindparam("this"), _RUNS.c.end_time.is_(None))
_START = insert(_RUNS).returning(_RUNS.c.id)
_CHANGE = update(_RUNS).where(*_IS_OPEN).returning(_RUNS.c.id)
_END = _CHANGE.returning(
    _RUNS.c.account_id, _RUNS.c.start_time, _RUNS.c.emails_processed
)
_END_IN_ITS_STEAD = _END.values(seq=_RUNS.c.seq + 1)
_ENTER = insert(_PHASES)
_LEAVE = (
    update(_PHASES)
    .where(_PHASES.c.run_row_id == bindparam("row"), _PHASES.c.end_time.is_(None))
    .values(end_time=bindparam("at"))
)
_LEAVE_ANOTHER = _LEAVE.where(_PHASES.c.state != bindparam("next"))


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a run stood at a moment, and since when it was in that phase."""

    progress: Progress
    seq: int
    since: datetime
    at: datetime

    @property
    def state(self) -> RunState:
        return self.progress.state


def start_run(
    session: Session,
    account: Account,
    run_id: str,
    *,
    worker: str | None = None,
    due_at: datetime | None = None,
    now: datetime,
) -> int:
    """Write the row of a run whose lease was just taken, in state connecting.

    It is the account's first attempt, or a further one after those whose workers died.
    `worker` is the name of who does it, and `due_at` when it should have begun, if
    anybody had it wait. Returns the `seq` of its first step.
    """
    seq = 1
    row = session.execute(
        _START,
        {
            "run_id": run_id,
            "account_id": account.id,
            "email_address": account.email_address,
            "created_at": now,
            "start_time": now,
            "updated_at": now,
            "state": RunState.CONNECTING,
            "attempt": account.interruptions_in_a_row + 1,
            "worker": worker and worker[:MOST_WORKER],
            "seq": seq,
            "due_at": due_at,
        },
    ).scalar_one()
    begun = Mark(Progress(RunState.CONNECTING), seq, since=now, at=now)
    _enter_phases(session, row, [begun], [None])
    return seq


def record_step(
    session: Session, run_id: str, progress: Progress, seq: int, *, now: datetime
) -> bool:
    """Bring the row of a running run up to `progress`; False when it has ended."""
    return record_marks(session, run_id, [Mark(progress, seq, since=now, at=now)])


def record_marks(session: Session, run_id: str, marks: Sequence[Mark]) -> bool:
    """Write down the phases that a run went through; False when it has ended.

    Then another run has the account: this one's worker stood still for too long.
    """
    newest = marks[-1]
    row = session.execute(
        _CHANGE,
        {
            "this": run_id,
            "state": newest.state,
            "seq": newest.seq,
            "updated_at": newest.at,
            **_counts(newest.progress),
        },
    ).scalar()
    if row is None:
        return False
    _pass_phases(session, row, marks)
    return True


def finish_run(
    session: Session,
    run_id: str,
    progress: Progress,
    seq: int,
    *,
    outcome: Outcome,
    error_code: str | None = None,
    error_message: str | None = None,
    marks: Sequence[Mark] = (),
    now: datetime,
) -> bool:
    """End a run; False when it was ended by someone else before.

    `marks` are of phases that were not written down yet.
    """
    values = {
        "this": run_id,
        "state": progress.state,
        "outcome": outcome,
        "seq": seq,
        "error_code": error_code,
        "error_message": error_message,
        "end_time": now,
        "updated_at": now,
        **_counts(progress),
    }
    row = session.execute(_END, values).first()
    if row is None:
        return False
    _pass_phases(session, row.id, marks, end=now)
    _count_end(session, row, values, has_mail=bool(progress.found))
    return True


def end_run(
    session: Session,
    run_id: str,
    outcome: Outcome,
    message: str | None = None,
    *,
    now: datetime,
) -> bool:
    """End a run where it stands, in its own worker's stead; False when it has ended."""
    is_cancelled = outcome is Outcome.CANCELLED
    values = {
        "this": run_id,
        "state": RunState.COMPLETED if is_cancelled else RunState.ERROR,
        "outcome": outcome,
        "error_message": message,
        "end_time": now,
        "updated_at": now,
    }
    row = session.execute(_END_IN_ITS_STEAD, values).first()
    if row is None:
        return False
    _pass_phases(session, row.id, (), end=now)
    _count_end(session, row, values)
    # No worker counts it: its own is gone, or learns that it was ended.
    add_totals(session, {(RUNS, (str(outcome),)): 1})
    return True


def _count_end(
    session: Session,
    row: Row[Any],
    values: Mapping[str, Any],
    *,
    has_mail: bool = True,
) -> None:
    """Have the days that are counted know of a run, whose account's row is held.

    Of a run that found no mail the ledger knows nothing.
    """
    add_run(
        session,
        row.account_id,
        outcome=str(values["outcome"]),
        error_code=values.get("error_code"),
        messages=row.emails_processed,
        start=row.start_time,
        end=values["end_time"],
    )
    if has_mail and row.account_id is not None:
        count_run(session, row.account_id, values["this"])


def lock_runs(session: Session, run_ids: Collection[str]) -> set[str]:
    """Lock those of the running runs that nobody else has locked; return their ids."""
    rows = (
        select(_RUNS.c.run_id)
        .where(_RUNS.c.run_id.in_(run_ids), _RUNS.c.end_time.is_(None))
        .order_by(_RUNS.c.run_id)
        .with_for_update(skip_locked=True)
    )
    return set(session.scalars(rows))


def is_known(session: Session, run_id: str) -> bool:
    return session.scalar(select(Run.id).where(Run.run_id == run_id)) is not None


def get_run(session: Session, run_id: str) -> Run | None:
    return session.scalar(with_phases().where(Run.run_id == run_id))


def recent_runs(session: Session, *, limit: int = 10) -> list[Run]:
    """The newest finished runs first."""
    finished = with_phases().where(Run.end_time.is_not(None))
    return list(session.scalars(finished.order_by(Run.id.desc()).limit(limit)))


def running_runs(session: Session) -> list[Run]:
    """Runs without an end, of accounts whose lease names them."""
    return list(
        session.scalars(
            with_phases()
            .join(Account, Account.lease_run_id == Run.run_id)
            .where(Run.end_time.is_(None), Account.lease_run_id.is_not(None))
            .order_by(Run.updated_at)
        )
    )


def last_runs(
    session: Session, account_ids: Collection[int] | None = None
) -> dict[int, Run]:
    """The newest finished run of each account, or of each of those."""
    ids = ids_of_last_runs(account_ids)
    runs = session.scalars(with_phases().where(Run.id.in_(ids)))
    return {run.account_id: run for run in runs if run.account_id is not None}


def ids_of_last_runs(account_ids: Collection[int] | None = None) -> Select[int]:
    """Select the newest finished run of each account, or of each of those."""
    newest = (
        select(Run.id)
        .where(Run.account_id == Account.id, Run.end_time.is_not(None))
        .order_by(Run.start_time.desc(), Run.id.desc())
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )
    of_each = select(newest).select_from(Account)
    if account_ids is not None:
        of_each = of_each.where(Account.id.in_(account_ids))
    return of_each


def with_phases() -> Select[Run]:
    """All runs, each with its phases."""
    return select(Run).options(selectinload(Run.phases))


def _counts(progress: Progress) -> Mapping[str, Any]:
    return {
        "emails_found": progress.found or 0,
        "emails_processed": progress.processed,
        "emails_labeled": progress.labeled,
        "emails_skipped": progress.skipped,
        "emails_failed": progress.failed,
    }


def _pass_phases(
    session: Session, row: int, marks: Sequence[Mark], *, end: datetime | None = None
) -> None:
    """Leave the phase that a run was in for those of the marks; the last is open.

    Or none is, where the run has an `end`. The first mark may still be of the phase
    that is written already.
    """
    new: Sequence[Mark] = marks
    if marks:
        first = {"row": row, "at": marks[0].since, "next": marks[0].state}
        left = session.execute(_LEAVE_ANOTHER, first)
        if not left.rowcount:  # type: ignore[attr-defined] # an UPDATE has one
            new = marks[1:]
            if new:
                session.execute(_LEAVE, {"row": row, "at": new[0].since})
    if new:
        ends = [*(mark.since for mark in new[1:]), end]
        _enter_phases(session, row, new, ends)
    elif end is not None:
        session.execute(_LEAVE, {"row": row, "at": end})


def _enter_phases(
    session: Session, row: int, marks: Sequence[Mark], ends: Sequence[datetime | None]
) -> None:
    phases = [
        {
            "run_row_id": row,
            "state": mark.state,
            "start_time": mark.since,
            "end_time": end,
        }
        for mark, end in zip(marks, ends, strict=True)
    ]
    session.execute(_ENTER, phases)
