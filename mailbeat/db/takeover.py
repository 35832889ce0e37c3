"""What becomes of an account whose worker died in the middle of a run."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mailbeat.db import accounts, runs
from mailbeat.db.ledger import PLANNED
from mailbeat.db.models import Account, MessageRow
from mailbeat.labeling.progress import Outcome

# Two runs in a row may lose their workers; then the account waits 1, 2, 4 ... 60
# minutes: one poisonous mailbox must not kill worker after worker.
INTERRUPTIONS_TOLERATED = 3
LONGEST_BACK_OFF = timedelta(minutes=60)

MESSAGE = (
    "The worker stopped in the middle of this run. Nothing was lost or labelled "
    "twice: the next run takes over where it stopped."
)

_FINISHED = select(MessageRow.id).where(MessageRow.state != PLANNED).limit(1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BackOff:
    """How often in a row an account's worker died, and how long it waits for that."""

    interruptions: int
    wait: timedelta

    @property
    def message(self) -> str:
        return (
            f"The worker stopped in the middle of this run, as in the "
            f"{self.interruptions - 1} before it. Something in this mailbox may be "
            f"the cause, so the account waits {self.wait.total_seconds() / 60:.0f} min "
            "before it is tried again. Run it now to try at once; the workers' logs "
            "tell how they ended."
        )


def take_over(session: Session, account: Account, *, now: datetime) -> BackOff | None:
    """End the run that a dead worker left behind, if there is one; free its account.

    The caller has locked the account. Returns how long it has to wait, when too many
    of its runs ended so.
    """
    dead = account.lease_run_id
    if dead is None or accounts.is_leased(account, now):
        return None
    is_cancelled = account.cancel_run_id == dead
    accounts.free(account)
    if is_cancelled:  # its worker did not live to see the wish
        runs.end_run(session, dead, Outcome.CANCELLED, now=now)
        return None
    got_on = session.scalar(_FINISHED.where(MessageRow.run_id == dead)) is not None
    back_off = note_interruption(account, got_on=got_on, now=now)
    message = back_off.message if back_off else MESSAGE
    runs.end_run(session, dead, Outcome.INTERRUPTED, message, now=now)
    if back_off is not None:
        log.warning(
            "account backs off",
            account_id=account.id,
            dead_runs=back_off.interruptions,
            minutes=back_off.wait.total_seconds() / 60,
        )
    return back_off


def take_over_idle(
    session: Session, *, now: datetime, default_interval: int, limit: int = 500
) -> int:
    """End the dead runs of accounts that nobody runs: paused ones, cancelled runs.

    Returns how many those were.
    """
    is_idle = or_(
        Account.paused_at.is_not(None), Account.cancel_run_id == Account.lease_run_id
    )
    dead = (
        accounts.LOCKED.where(Account.lease_run_id.is_not(None))
        .where(Account.lease_until < now)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if accounts.everything_paused_since(session) is None:
        dead = dead.where(is_idle)
    found = list(session.scalars(dead))
    for account in found:
        take_over(session, account, now=now)
        interval = account.interval_seconds or default_interval
        accounts.skip_passed_slot(account, interval, now=now)
    return len(found)


def note_interruption(
    account: Account, *, got_on: bool = False, now: datetime
) -> BackOff | None:
    """Count a run whose worker died; after several in a row the account has to wait.

    One that `got_on`, so that messages were finished, is the first of a row again: what
    kills one worker after another would let none get on.
    """
    if got_on:
        account.interruptions_in_a_row = 0
    account.interruptions_in_a_row += 1
    over = account.interruptions_in_a_row - INTERRUPTIONS_TOLERATED
    if over < 0:
        return None
    wait = min(timedelta(minutes=1 << min(over, 6)), LONGEST_BACK_OFF)
    account.next_run_at = max(account.next_run_at, now + wait)
    return BackOff(account.interruptions_in_a_row, wait)


def may_run_unasked(account: Account) -> bool:
    """Whether a run that the account does not wait for may begin."""
    return account.interruptions_in_a_row < INTERRUPTIONS_TOLERATED
