"""How accounts are: one kind for each, told by its row and by its runs.

`kind_of` decides it for one account whose facts were read, `kind` for any number of
them in a query. A test holds both to the same answers, on both databases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from mailbeat.db.accounts import (
    BY_PERSON,
    SETTING_UP,
    everything_paused_since,
    is_leased,
)
from mailbeat.db.models import Account, Run
from mailbeat.labeling.progress import Outcome

# A run that did not begin for so long after it was due is late. Beat looks every
# second, and workers take what it sends at once, unless they have too much to do.
GRACE = timedelta(seconds=60)
# Errors that the next run cannot mend by itself.
NEEDS_A_PERSON = frozenset(
    {"auth_failed", "mailbox_missing", "tls_failed", "label_refused", "host_refused"}
)
_KILLS = 2  # workers that died in a row: one of them is a restart


class Kind(StrEnum):
    """Every account is exactly one of these; the first that holds."""

    SETTING_UP = "set-up"
    NEEDS_YOU = "needs"
    PAUSED = "paused"
    FAILING = "failing"
    LATE = "late"
    NEW = "new"  # no run has ended yet
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class Last:
    """The newest run that has ended."""

    outcome: str | None
    error_code: str | None
    at: datetime
    found: int = 0
    labeled: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an account at a moment.

    `failed_runs` are those since the last good one, the first of them `failing_since`.
    """

    now: datetime
    interval: timedelta
    next_run_at: datetime
    paused_at: datetime | None = None
    pause_reason: str | None = None
    all_paused_at: datetime | None = None
    by_token: bool = False  # it signs in at an OAuth provider
    is_running: bool = False
    is_wanted: bool = False  # a person asked for a run, which was not sent yet
    is_sent: bool = False  # to the workers, and none took it
    failures: int = 0  # in a row
    interruptions: int = 0  # in a row
    last: Last | None = None
    last_good_at: datetime | None = None
    failing_since: datetime | None = None
    failed_runs: int = 0

    @property
    def due_at(self) -> datetime:
        """When the run was due that has not begun, or the next one is."""
        # What is sent has moved on to its next slot already.
        return self.next_run_at - self.interval if self.is_sent else self.next_run_at


def kind_of(facts: Facts) -> Kind:
    error = facts.last.error_code if facts.last else None
    if facts.pause_reason == SETTING_UP:
        return Kind.SETTING_UP
    by_error = facts.paused_at is not None and facts.pause_reason != BY_PERSON
    if by_error or (facts.failures and error in NEEDS_A_PERSON):
        return Kind.NEEDS_YOU
    if facts.paused_at is not None or facts.all_paused_at is not None:
        return Kind.PAUSED
    if facts.failures or facts.interruptions >= _KILLS:
        return Kind.FAILING
    if not facts.is_running and facts.due_at < facts.now - GRACE:
        return Kind.LATE
    return Kind.WORKING if facts.last else Kind.NEW


def kind(
    session: Session, *, now: datetime, default_interval: int
) -> sa.ColumnElement[str]:
    """The same as an expression over a row of `accounts`."""
    is_paused = Account.paused_at.is_not(None)
    by_error = and_(is_paused, sa.func.coalesce(Account.pause_reason, "") != BY_PERSON)
    fails = Account.failures_in_a_row > 0
    kinds: list[tuple[sa.ColumnElement[bool], Kind]] = [
        (Account.pause_reason == SETTING_UP, Kind.SETTING_UP),
        (
            or_(by_error, and_(fails, _last("error_code").in_(sorted(NEEDS_A_PERSON)))),
            Kind.NEEDS_YOU,
        ),
        (
            sa.true() if everything_paused_since(session) is not None else is_paused,
            Kind.PAUSED,
        ),
        (or_(fails, Account.interruptions_in_a_row >= _KILLS), Kind.FAILING),
        (_is_late(session, now, default_interval), Kind.LATE),
        (_last("id").is_(None), Kind.NEW),
    ]
    return case(*((one, str(name)) for one, name in kinds), else_=str(Kind.WORKING))


def _last(column: str) -> Any:
    """A column of an account's newest finished run."""
    return (
        select(getattr(Run, column))
        .where(Run.account_id == Account.id, Run.end_time.is_not(None))
        .order_by(Run.start_time.desc(), Run.id.desc())
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )


def last_run_id() -> Any:
    """The row of an account's newest finished run, or 0: what the list is sorted by."""
    return func.coalesce(_last("id"), 0)


def _is_late(
    session: Session, now: datetime, default_interval: int
) -> sa.ColumnElement[bool]:
    late = now - GRACE
    is_sent = and_(
        Account.wanted_run_id.is_not(None), Account.queued_until.is_not(None)
    )
    is_free = or_(
        Account.lease_run_id.is_(None),
        Account.lease_until.is_(None),
        Account.lease_until <= now,
    )
    interval = func.coalesce(Account.interval_seconds, default_interval)
    slot = _epoch(session) - interval
    return and_(
        is_free,
        case(
            (is_sent, slot < late.timestamp()),
            else_=Account.next_run_at < late,
        ),
    )


def _epoch(session: Session) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return sa.cast(func.strftime("%s", Account.next_run_at), sa.Integer)
    return sa.extract("epoch", Account.next_run_at)


def counts(
    session: Session,
    *,
    now: datetime,
    default_interval: int,
    where: sa.ColumnElement[bool] | None = None,
) -> Mapping[Kind, int]:
    """How many accounts there are of each kind."""
    which = kind(session, now=now, default_interval=default_interval).label("kind")
    inner = select(which)
    if where is not None:
        inner = inner.where(where)
    rows = inner.subquery()
    found = session.execute(select(rows.c.kind, func.count()).group_by(rows.c.kind))
    known = {Kind(name): number for name, number in found}
    return {one: known.get(one, 0) for one in Kind}


def read_facts(
    session: Session, account: Account, *, now: datetime, default_interval: int
) -> Facts:
    """Read what is known of one account. Its secrets are not looked at."""
    finished = (Run.account_id == account.id, Run.end_time.is_not(None))
    by = (Run.start_time.desc(), Run.id.desc())
    newest = select(Run).where(*finished).order_by(*by).limit(1)
    last = session.scalar(newest)
    good = session.scalar(newest.where(Run.outcome == Outcome.SUCCEEDED))
    since, failed = session.execute(
        select(func.min(Run.start_time), func.count()).where(
            *finished,
            Run.outcome == Outcome.FAILED,
            sa.true() if good is None else Run.start_time > good.start_time,
        )
    ).one()
    waits = account.wanted_run_id is not None
    return Facts(
        now=now,
        interval=timedelta(seconds=account.interval_seconds or default_interval),
        next_run_at=account.next_run_at,
        paused_at=account.paused_at,
        pause_reason=account.pause_reason,
        all_paused_at=everything_paused_since(session),
        by_token=account.oauth_provider is not None,
        is_running=is_leased(account, now),
        is_wanted=waits and account.queued_until is None,
        is_sent=waits and account.queued_until is not None,
        failures=account.failures_in_a_row,
        interruptions=account.interruptions_in_a_row,
        last=None if last is None else _as_last(last),
        last_good_at=good.end_time if good else None,
        failing_since=since,
        failed_runs=failed,
    )


def _as_last(run: Run) -> Last:
    return Last(
        outcome=run.outcome,
        error_code=run.error_code,
        at=run.end_time or run.updated_at,
        found=run.emails_found,
        labeled=run.emails_labeled,
    )
