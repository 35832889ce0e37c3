"""Where every account stands, in one reading: what the live board is loaded from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer
from sqlalchemy.orm.interfaces import ORMOption

from mailbeat.db.accounts import SECRETS, everything_paused_since
from mailbeat.db.models import Account, Run
from mailbeat.db.runs import get_run, last_runs, recent_runs, running_runs

RECENT = 100  # finished runs


@dataclass(frozen=True, slots=True)
class Standing:
    """Accounts with their runs.

    `running` have a worker; `abandoned` lost theirs and wait for another run to take
    over; `last` and `recent` are finished, `recent` newest first.
    """

    accounts: list[Account]
    running: dict[int, Run]
    abandoned: dict[int, Run]
    last: dict[int, Run]
    recent: list[Run]
    paused_since: datetime | None


def read_standing(session: Session, *, now: datetime) -> Standing:
    # The runs are read before the accounts: a lease that is renewed in between makes
    # a run look alive for one reading too many, never dead too early.
    open_runs = {run.account_id: run for run in running_runs(session)}
    last = last_runs(session)
    recent = recent_runs(session, limit=RECENT)
    accounts = accounts_without_secrets(session)
    running: dict[int, Run] = {}
    abandoned: dict[int, Run] = {}
    for account in accounts:
        run = open_runs.get(account.id)
        if run is not None and account.lease_run_id == run.run_id:
            alive = account.lease_until is not None and account.lease_until > now
            (running if alive else abandoned)[account.id] = run
    return Standing(
        accounts=accounts,
        running=running,
        abandoned=abandoned,
        last=last,
        recent=recent,
        paused_since=everything_paused_since(session),
    )


def accounts_without_secrets(session: Session) -> list[Account]:
    """All accounts; their secrets are neither read nor decrypted."""
    query = select(Account).options(*_without_secrets())
    return list(session.scalars(query.order_by(Account.id)))


def account_without_secret(session: Session, account_id: int) -> Account | None:
    query = select(Account).options(*_without_secrets())
    return session.scalar(query.where(Account.id == account_id))


def accounts_by_address(
    session: Session, part: str = "", *, limit: int
) -> list[tuple[int, str]]:
    """The ids and addresses of the accounts whose address has a part, by address."""
    address = Account.email_address
    query = select(Account.id, address).where(address.icontains(part, autoescape=True))
    rows = session.execute(query.order_by(address).limit(limit))
    return [(account_id, found) for account_id, found in rows]


def some_accounts_without_secrets(
    session: Session, account_ids: Collection[int]
) -> dict[int, Account]:
    query = select(Account).options(*_without_secrets())
    found = session.scalars(query.where(Account.id.in_(account_ids)))
    return {account.id: account for account in found}


def account_that_waits_for(session: Session, run_id: str) -> Account | None:
    """The account whose next run has this id, and that no worker took yet."""
    query = select(Account).options(*_without_secrets())
    is_wanted = Account.wanted_run_id.is_not(None)  # which its index needs to hear
    return session.scalar(query.where(is_wanted, Account.wanted_run_id == run_id))


def _without_secrets() -> list[ORMOption]:
    return [defer(column, raiseload=True) for column in SECRETS]


def read_run(session: Session, run_id: str) -> tuple[Run, Account | None] | None:
    """A run and its account, unless it was removed."""
    run = get_run(session, run_id)
    if run is None:
        return None
    if run.account_id is None:
        return run, None
    return run, account_without_secret(session, run.account_id)
