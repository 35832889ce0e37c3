"""The facts that the rules of alerts look at, read in a few statements."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from mailbeat.db.accounts import BY_PERSON, SETTING_UP
from mailbeat.db.models import Account, Installation, Run
from mailbeat.db.types import UTCDateTime
from mailbeat.labeling.progress import Outcome

SAMPLE = 500  # runs looked at, and as many before them
MOST_INTERVALS = 50  # that are told apart
RECENT = timedelta(minutes=30)


def account_rows(
    session: Session, *, now: datetime, late_after: Callable[[int | None], timedelta]
) -> Sequence[Any]:
    """Accounts that fail, need a person, or were not run for too long.

    Each with when its newest run began, or else when it was added. `late_after` tells
    how long that is at an interval of so many seconds; None: at the usual one. With
    very many intervals there are some accounts among them that are not late yet.
    """
    newest = (
        select(Run.start_time)
        .where(Run.account_id == Account.id)
        .order_by(Run.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    last = func.coalesce(newest, Account.created_at, type_=Account.created_at.type)
    too_long_ago = _before(session, lambda interval: now - late_after(interval))
    needs_person = and_(
        Account.pause_reason.is_not(None),
        Account.pause_reason.not_in((BY_PERSON, SETTING_UP)),
    )
    query = (
        select(
            Account.id,
            Account.email_address,
            Account.failures_in_a_row,
            Account.paused_at,
            needs_person.label("needs_person"),
            last.label("last_run_at"),
            Account.interval_seconds,
            Account.next_run_at,
            Account.wanted_run_id,
            Account.lease_until,
        )
        .where(
            or_(
                Account.failures_in_a_row > 0,
                needs_person,
                and_(Account.paused_at.is_(None), last < too_long_ago),
            )
        )
        .order_by(Account.id)
    )
    return session.execute(query).all()


def _before(
    session: Session, moment: Callable[[int | None], datetime]
) -> ColumnElement[datetime]:
    """The moment that belongs to an account's interval, in SQL without arithmetic.

    Most accounts are on time: to read them all takes five times as long.
    """
    interval = Account.interval_seconds
    known = session.scalars(select(interval).distinct().limit(MOST_INTERVALS)).all()
    moments = {one: literal(moment(one), UTCDateTime()) for one in {None, 1, *known}}
    return case(
        *((interval == one, moments[one]) for one in known if one),
        (interval.is_(None), moments[None]),
        else_=moments[1],  # the shortest: too many accounts rather than too few
    )


def last_errors(session: Session, account_ids: Sequence[int]) -> dict[int, str]:
    """What the newest finished run of each account says is wrong."""
    newest = (
        select(func.max(Run.id))
        .where(Run.account_id.in_(account_ids), Run.outcome.is_not(None))
        .group_by(Run.account_id)
    )
    query = select(Run.account_id, Run.error_message).where(Run.id.in_(newest))
    return {key: text for key, text in session.execute(query) if key and text}


def installation_row(
    session: Session,
) -> tuple[datetime | None, datetime | None, bool]:
    """When beat ticked, since when all is paused, and whether there are accounts."""
    row = session.execute(
        select(
            Installation.beat_ticked_at,
            Installation.paused_at,
            select(Account.id).exists(),
        )
    ).one()
    return row[0], row[1], row[2]


def newest_outcomes(
    session: Session, *, now: datetime
) -> tuple[list[tuple[int | None, str]], list[str]]:
    """Account and outcome of the newest runs, and the outcomes of those before them.

    A sample of both: their number must not depend on how many accounts there are.
    """
    ended = (str(Outcome.SUCCEEDED), str(Outcome.FAILED))
    recent = session.execute(
        select(Run.start_time, Run.account_id, Run.outcome)
        .where(Run.start_time >= now - RECENT, Run.outcome.in_(ended))
        .order_by(Run.start_time.desc())
        .limit(SAMPLE)
    ).all()
    if not recent:
        return [], []
    before = session.scalars(
        select(Run.outcome)
        .where(Run.start_time < recent[-1][0], Run.outcome.in_(ended))
        .where(Run.start_time >= now - timedelta(days=1))
        .order_by(Run.start_time.desc())
        .limit(SAMPLE)
    )
    return [(row[1], row[2] or "") for row in recent], [one for one in before if one]
