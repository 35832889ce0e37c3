"""The history of runs: pages of it, found by what is asked, newest first.

A page begins beside a run that is known (keyset), so the last one takes as long as the
first. The order is that of the start, which each of the indexes ends in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeGuard

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from mailbeat.db.models import Run
from mailbeat.db.paging import row_id
from mailbeat.db.runs import ids_of_last_runs, with_phases
from mailbeat.labeling.progress import Outcome, RunState

# Of so few accounts each one's newest runs are read, from its index, and merged: of 59
# that ran long ago in 80 ms, where a look through 190,000 runs took 770 ms. Runs of
# more are among the newest of all, or so it is hoped.
FEW_ACCOUNTS = 200
MOST_GROUPS = 100
NOT_WELL = (Outcome.FAILED, Outcome.INTERRUPTED)
LONGEST_CHAIN = 5  # runs to each side of one that was taken over


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which runs: those that all of it is true of; None wants nothing.

    They began from `since` until before `until`. `email_address` finds those of an
    account that was removed, `address_part` those of the many whose address has it.
    """

    account_ids: Sequence[int] | None = None
    email_address: str | None = None
    address_part: str | None = None
    state: str | None = None
    outcome: str | None = None
    error_code: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Page(NamedTuple):
    """Some runs, and the cursors of those before and after them."""

    runs: list[Run]
    older: str | None
    newer: str | None


def list_runs(
    session: Session,
    *,
    limit: int = 50,
    cursor: str | None = None,
    account_id: int | None = None,
    **wanted: Any,
) -> tuple[list[Run], str | None]:
    """One page of runs, newest first, and the cursor of the next.

    Raises:
        BadCursor: `cursor` is not one that this function returned.
    """
    of = None if account_id is None else [account_id]
    asked = Wanted(account_ids=of, **wanted)
    page = page_of(session, asked, limit=limit, before=cursor)
    return page.runs, page.older


def page_of(
    session: Session,
    wanted: Wanted,
    *,
    limit: int,
    before: str | None = None,
    after: str | None = None,
) -> Page:
    """The newest runs; or those that began before, or next after, that of a cursor.

    Raises:
        BadCursor: a cursor is none that this function returned.
    """
    if after is not None:
        found = _some(session, wanted, limit + 1, beside=after, ascending=True)
        if len(found) > limit:
            page = found[:limit][::-1]
            return Page(page, str(page[-1].id), str(page[0].id))
        # Fewer would make a short page: they are on the first, with others.
    found = _some(session, wanted, limit + 1, beside=before)
    page = found[:limit]
    older = str(page[-1].id) if len(found) > limit else None
    newer = str(page[0].id) if before is not None and page else None
    return Page(page, older, newer)


def _some(
    session: Session,
    wanted: Wanted,
    limit: int,
    *,
    beside: str | None,
    ascending: bool = False,
) -> list[Run]:
    conditions = _conditions(wanted)
    if beside is not None:
        start = session.scalar(select(Run.start_time).where(Run.id == row_id(beside)))
        if start is None:
            return []  # it is forgotten, and so are those that are older
        there = tuple_(literal(start, Run.start_time.type), literal(row_id(beside)))
        place = tuple_(Run.start_time, Run.id)
        conditions.append(place > there if ascending else place < there)
    accounts = wanted.account_ids
    if accounts is not None and len(accounts) > 1:
        if len(accounts) <= FEW_ACCOUNTS:
            return _merged(session, conditions, accounts, limit, ascending=ascending)
        conditions.append(Run.account_id.in_(accounts))
    elif accounts is not None:
        conditions.append(_is_of(accounts))
    query = with_phases().where(*conditions)
    return list(session.scalars(_ordered(query, ascending=ascending).limit(limit)))


def _is_of(accounts: Sequence[int]) -> ColumnElement[bool]:
    """Of one account, or of none at all."""
    return Run.account_id == accounts[0] if accounts else Run.account_id.in_([])


def _merged(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    accounts: Sequence[int],
    limit: int,
    *,
    ascending: bool,
) -> list[Run]:
    each = [
        select(
            _ordered(
                select(Run.id).where(*conditions, Run.account_id == one),
                ascending=ascending,
            )
            .limit(limit)
            .subquery()
        )
        for one in accounts
    ]
    query = with_phases().where(Run.id.in_(union_all(*each)))
    return list(session.scalars(_ordered(query, ascending=ascending).limit(limit)))


def _ordered(query: Select[Any], *, ascending: bool = False) -> Select[Any]:
    if ascending:
        return query.order_by(Run.start_time, Run.id)
    return query.order_by(Run.start_time.desc(), Run.id.desc())


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    values = (
        (Run.email_address, wanted.email_address),
        (Run.state, wanted.state),
        (Run.outcome, wanted.outcome),
        (Run.error_code, wanted.error_code),
    )
    found += [column == value for column, value in values if value is not None]
    if wanted.email_address is not None:
        found.append(Run.account_id.is_(None))
    if wanted.address_part is not None:
        found.append(Run.email_address.icontains(wanted.address_part, autoescape=True))
    # A state has no index of its own: it changes with each step. An outcome has one.
    if wanted.state == RunState.ERROR:
        found.append(Run.outcome.in_(NOT_WELL))
    elif wanted.state is not None and wanted.state != RunState.COMPLETED:
        found.append(Run.outcome.is_(None))
    if wanted.since is not None:
        found.append(Run.start_time >= wanted.since)
    if wanted.until is not None:
        found.append(Run.start_time < wanted.until)
    return found


@dataclass(frozen=True, slots=True)
class Failures:
    """Runs of one account that failed of the same; the `last` comes without phases.

    `is_over` when the account's newest run went well, or stumbled over something else.
    """

    number: int
    first_at: datetime
    last_at: datetime
    last: Run
    is_over: bool


def failures(session: Session, wanted: Wanted) -> list[Failures]:
    """What went wrong of what is wanted, the newest first; at most MOST_GROUPS."""
    conditions = [Run.outcome.in_(NOT_WELL), *_conditions(wanted)]
    if wanted.account_ids is not None:
        conditions.append(Run.account_id.in_(wanted.account_ids))
    kind = (Run.account_id, Run.email_address, Run.outcome, Run.error_code)
    newest = func.max(Run.start_time)
    grouped = session.execute(
        select(func.count(), func.min(Run.start_time), newest, func.max(Run.id))
        .where(*conditions)
        .group_by(*kind)
        .order_by(newest.desc(), func.max(Run.id).desc())
        .limit(MOST_GROUPS)
    ).all()
    query = select(Run).where(Run.id.in_([one[3] for one in grouped]))
    runs = {run.id: run for run in session.scalars(query)}
    theirs = {run.account_id for run in runs.values() if run.account_id is not None}
    now = _last_outcomes(session, theirs)
    return [
        Failures(number, first, last, runs[row], _is_over(runs[row], now))
        for number, first, last, row in grouped
    ]


Ending = tuple[str | None, str | None]  # outcome and error_code


def _last_outcomes(
    session: Session, account_ids: Collection[int]
) -> dict[int | None, Ending]:
    """How the newest finished run of each of those accounts ended."""
    query = select(Run.account_id, Run.outcome, Run.error_code)
    rows = session.execute(query.where(Run.id.in_(ids_of_last_runs(account_ids))))
    return {account_id: (outcome, code) for account_id, outcome, code in rows}


def _is_over(failed: Run, now: Mapping[int | None, Ending]) -> bool:
    """Also where the account was removed, or its last failures are forgotten."""
    return now.get(failed.account_id) != (failed.outcome, failed.error_code)


class Around(NamedTuple):
    """The runs of an account beside one of them.

    `chain` has it, with those that it went on with or that went on with it, when a
    worker died; it is empty when none did.
    """

    older: Run | None
    newer: Run | None
    chain: list[Run]


def around(session: Session, run: Run) -> Around:
    older, newer = _beside(session, run, 0), _beside(session, run, 1)
    before: list[Run] = []
    after: list[Run] = []
    one = older
    while _was_left(one) and len(before) < LONGEST_CHAIN:
        before.append(one)
        one = _beside(session, one, 0)
    one = run
    while _was_left(one) and len(after) < LONGEST_CHAIN:
        one = newer if one is run else _beside(session, one, 1)
        if one is not None:
            after.append(one)
    chain = [*reversed(before), run, *after]
    return Around(older, newer, chain if len(chain) > 1 else [])


def _was_left(run: Run | None) -> TypeGuard[Run]:
    return run is not None and run.outcome == Outcome.INTERRUPTED


def _beside(session: Session, run: Run, side: int) -> Run | None:
    """The account's run before (0) or after (1) another."""
    if run.account_id is None:
        return None
    there = tuple_(literal(run.start_time, Run.start_time.type), literal(run.id))
    place = tuple_(Run.start_time, Run.id)
    query = (
        select(Run)
        .where(Run.account_id == run.account_id)
        .where(place > there if side else place < there)
    )
    found: Run | None = session.scalar(_ordered(query, ascending=bool(side)).limit(1))
    return found
