"""Runs: the row that exists from the lease on, its steps, and the history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, selectinload

from mailbeat.db.models import Account, Run, RunPhase
from mailbeat.db.paging import newest_page
from mailbeat.labeling.progress import Outcome, Progress, RunState


def start_run(session: Session, account: Account, run_id: str, *, now: datetime) -> Run:
    """Write the row of a run whose lease was just taken, in state connecting.

    It is the account's first attempt, or a further one after those whose workers died.
    """
    run = Run(
        run_id=run_id,
        account_id=account.id,
        email_address=account.email_address,
        created_at=now,
        start_time=now,
        updated_at=now,
        state=RunState.CONNECTING,
        attempt=account.interruptions_in_a_row + 1,
        seq=1,
    )
    session.add(run)
    session.flush()
    _enter_phase(session, run.id, RunState.CONNECTING, now)
    return run


def record_step(
    session: Session, run_id: str, progress: Progress, seq: int, *, now: datetime
) -> bool:
    """Bring the row of a running run up to `progress`; False when it has ended.

    Then another run has the account: this one's worker stood still for too long.
    """
    before = session.execute(
        select(Run.id, Run.state)
        .where(Run.run_id == run_id, Run.end_time.is_(None))
        .with_for_update()
    ).first()
    if before is None:
        return False
    session.execute(
        update(Run)
        .where(Run.id == before.id)
        .values(state=progress.state, seq=seq, updated_at=now, **_counts(progress))
    )
    if before.state != progress.state:
        _enter_phase(session, before.id, progress.state, now)
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
    now: datetime,
) -> bool:
    """End a run; False when it was ended by someone else before."""
    row = session.execute(
        update(Run)
        .where(Run.run_id == run_id, Run.end_time.is_(None))
        .values(
            state=progress.state,
            outcome=outcome,
            seq=seq,
            error_code=error_code,
            error_message=error_message,
            end_time=now,
            updated_at=now,
            **_counts(progress),
        )
        .returning(Run.id)
    ).first()
    if row is None:
        return False
    _leave_phase(session, row.id, now)
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
    row = session.execute(
        update(Run)
        .where(Run.run_id == run_id, Run.end_time.is_(None))
        .values(
            state=RunState.COMPLETED if is_cancelled else RunState.ERROR,
            outcome=outcome,
            error_message=message,
            end_time=now,
            updated_at=now,
            seq=Run.seq + 1,
        )
        .returning(Run.id)
    ).first()
    if row is None:
        return False
    _leave_phase(session, row.id, now)
    return True


def is_known(session: Session, run_id: str) -> bool:
    return session.scalar(select(Run.id).where(Run.run_id == run_id)) is not None


def get_run(session: Session, run_id: str) -> Run | None:
    return session.scalar(_runs().where(Run.run_id == run_id))


def recent_runs(session: Session, *, limit: int = 10) -> list[Run]:
    """The newest finished runs first."""
    finished = _runs().where(Run.end_time.is_not(None))
    return list(session.scalars(finished.order_by(Run.id.desc()).limit(limit)))


def running_runs(session: Session) -> list[Run]:
    """Runs without an end, of accounts whose lease names them."""
    return list(
        session.scalars(
            _runs()
            .join(Account, Account.lease_run_id == Run.run_id)
            .where(Run.end_time.is_(None))
            .order_by(Run.updated_at)
        )
    )


def last_runs(session: Session) -> dict[int, Run]:
    """The newest finished run of each account."""
    newest = (
        select(func.max(Run.id))
        .where(Run.end_time.is_not(None), Run.account_id.is_not(None))
        .group_by(Run.account_id)
    )
    runs = session.scalars(_runs().where(Run.id.in_(newest)))
    return {run.account_id: run for run in runs if run.account_id is not None}


def list_runs(
    session: Session,
    *,
    limit: int = 50,
    cursor: str | None = None,
    account_id: int | None = None,
    state: str | None = None,
    outcome: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[list[Run], str | None]:
    """One page of runs, newest first, and the cursor of the next.

    Raises:
        BadCursor: `cursor` is not one that this function returned.
    """
    query = _runs()
    wanted = (
        (Run.account_id, account_id),
        (Run.state, state),
        (Run.outcome, outcome),
    )
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(Run.start_time >= since)
    if until is not None:
        query = query.where(Run.start_time < until)
    return newest_page(session, query, Run, limit=limit, cursor=cursor)


def _runs() -> Select[Run]:
    return select(Run).options(selectinload(Run.phases))


def _counts(progress: Progress) -> Mapping[str, Any]:
    return {
        "emails_found": progress.found or 0,
        "emails_processed": progress.processed,
        "emails_labeled": progress.labeled,
        "emails_skipped": progress.skipped,
        "emails_failed": progress.failed,
    }


def _enter_phase(
    session: Session, run_row_id: int, state: RunState, now: datetime
) -> None:
    _leave_phase(session, run_row_id, now)
    session.add(RunPhase(run_row_id=run_row_id, state=state, start_time=now))
    session.flush()


def _leave_phase(session: Session, run_row_id: int, now: datetime) -> None:
    session.execute(
        update(RunPhase)
        .where(RunPhase.run_row_id == run_row_id, RunPhase.end_time.is_(None))
        .values(end_time=now)
    )
