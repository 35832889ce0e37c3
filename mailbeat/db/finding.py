"""Finding by a few words that are typed: accounts, runs that failed, rules."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, defer

from mailbeat.db.accounts import SECRETS
from mailbeat.db.models import Account, RuleRow, Run

LOOKED_AT = 200  # runs of an account, newest first
FAILED = "failed"


def accounts_like(
    session: Session, words: Sequence[str], *, limit: int
) -> list[Account]:
    """Accounts with all of these words in their address, in any case.

    Those that begin with the first word come first; without a word, the first ones.
    """
    address = func.lower(Account.email_address)
    query = select(Account).options(*(defer(one, raiseload=True) for one in SECRETS))
    query = query.where(*_all_in(Account.email_address, words))
    if words:
        begins = address.startswith(words[0].lower(), autoescape=True)
        query = query.order_by(case((begins, 0), else_=1))
    return list(session.scalars(query.order_by(address, Account.id).limit(limit)))


def rules_like(session: Session, words: Sequence[str], *, limit: int) -> list[RuleRow]:
    query = select(RuleRow).where(*_all_in(RuleRow.name, words))
    return list(session.scalars(query.order_by(RuleRow.position).limit(limit)))


def _all_in(
    column: InstrumentedAttribute[str], words: Sequence[str]
) -> list[ColumnElement[bool]]:
    return [func.lower(column).contains(one.lower(), autoescape=True) for one in words]


def failed_runs(
    session: Session, account_ids: Sequence[int] | None = None, *, limit: int
) -> list[Run]:
    """Runs that failed, newest first: of these accounts, or of all.

    Of an account only its newest runs are looked at, or one that never fails would
    have all of its runs read.
    """
    if account_ids is None:
        query = select(Run).where(Run.outcome == FAILED)
        return list(session.scalars(query.order_by(Run.id.desc()).limit(limit)))
    found: list[Run] = []
    for account_id in account_ids:
        newest = (
            select(Run.id)
            .where(Run.account_id == account_id)
            .order_by(Run.id.desc())
            .limit(LOOKED_AT)
            .subquery()
        )
        query = select(Run).join(newest, newest.c.id == Run.id)
        query = query.where(Run.outcome == FAILED)
        found += session.scalars(query.order_by(Run.id.desc()).limit(limit))
    return sorted(found, key=lambda run: -run.id)[:limit]
