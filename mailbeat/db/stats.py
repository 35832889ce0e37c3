"""What was done, in numbers, for the pages and the API."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from mailbeat.db import daily_messages, daily_runs, lanes
from mailbeat.db.accounts import BY_PERSON, SETTING_UP
from mailbeat.db.categories import effective_categories, living_categories
from mailbeat.db.cuts import Step, cut, moment, starts
from mailbeat.db.models import Account, MessageRow, Run
from mailbeat.labeling.progress import Outcome

MOST_DURATIONS = 10_000  # newest runs that the spread of durations is taken from

_is_labeled = sa.and_(MessageRow.state == "applied", MessageRow.label.is_not(None))


def labeled_since(session: Session, since: datetime) -> int:
    """How many messages got their label."""
    query = select(func.count()).where(MessageRow.decided_at >= since, _is_labeled)
    return session.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class Totals:
    """`failing` accounts had an error in their last run, or wait for a person."""

    accounts: int
    running: int
    paused: int
    failing: int
    messages: int
    labeled: int
    messages_today: int
    labeled_today: int
    runs: dict[str, int]  # by outcome; `running` have none yet


def totals(
    session: Session, *, now: datetime, since: datetime, account_id: int | None = None
) -> Totals:
    """Numbers of everything since `since`, and of the day (in UTC)."""
    accounts = session.execute(_accounts(now, account_id)).one()
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = session.execute(_messages(today, account_id)).one()
    messages, labeled = _all_messages(session, since, account_id)
    return Totals(
        accounts=accounts.known,
        running=accounts.running or 0,
        paused=accounts.paused or 0,
        failing=accounts.failing or 0,
        messages=messages,
        labeled=labeled,
        messages_today=day.decided,
        labeled_today=day.labeled or 0,
        runs=_runs_by_outcome(session, since, account_id),
    )


def _all_messages(
    session: Session, since: datetime, account_id: int | None
) -> tuple[int, int]:
    """How many were decided about, also those that failed, and how many labelled."""
    if daily_messages.is_counted(session, since):
        found = daily_messages.sums(
            session, "layer", since=since, account_id=account_id
        )
        return (
            sum(one.messages + one.failed for one in found),
            sum(one.labeled for one in found),
        )
    row = session.execute(_messages(since, account_id)).one()
    return row.decided, row.labeled or 0


def _count_if(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _accounts(now: datetime, account_id: int | None) -> Select[Any]:
    waits_for_a_person = sa.and_(
        Account.pause_reason.is_not(None),
        Account.pause_reason.not_in((BY_PERSON, SETTING_UP)),
    )
    query = select(
        func.count().label("known"),
        _count_if(Account.lease_until > now).label("running"),
        _count_if(Account.paused_at.is_not(None)).label("paused"),
        _count_if(sa.or_(Account.failures_in_a_row > 0, waits_for_a_person)).label(
            "failing"
        ),
    )
    return query if account_id is None else query.where(Account.id == account_id)


def _messages(since: datetime, account_id: int | None) -> Select[Any]:
    query = select(
        func.count().label("decided"), _count_if(_is_labeled).label("labeled")
    ).where(MessageRow.decided_at >= since)
    if account_id is None:
        return query
    return query.where(MessageRow.account_id == account_id)


def _runs_by_outcome(
    session: Session, since: datetime, account_id: int | None
) -> dict[str, int]:
    query = (
        select(Run.outcome, func.count())
        .where(Run.start_time >= since)
        .group_by(Run.outcome)
    )
    if account_id is not None:
        query = query.where(Run.account_id == account_id)
    found: dict[str, int] = {}
    if daily_messages.is_counted(session, since):
        found = daily_runs.by_outcome(session, since=since, account_id=account_id)
        query = query.where(Run.outcome.is_(None))
    found |= {
        outcome or "running": number for outcome, number in session.execute(query)
    }
    return {name: found.get(name, 0) for name in [*map(str, Outcome), "running"]}


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """`category_id` 0 stands for messages that no category was found for."""

    category_id: int
    slug: str
    name: str
    color: str
    count: int


def by_category(
    session: Session, *, since: datetime, account_id: int | None = None
) -> list[CategoryCount]:
    """How many messages of each category, the most frequent first.

    One that became part of another counts there; one that was removed, as none.
    """
    read_as = effective_categories(session)
    counts: Counter[int] = Counter()
    for category, number in _by_category_id(session, since, account_id):
        counts[read_as.get(category or 0) or 0] += number
    found = [
        CategoryCount(row.id, row.slug, row.name, row.color, counts[row.id])
        for row in living_categories(session)
    ]
    found.append(CategoryCount(0, "uncategorized", "Uncategorized", "slate", counts[0]))
    return sorted(found, key=lambda one: -one.count)


def _by_category_id(
    session: Session, since: datetime, account_id: int | None
) -> list[tuple[int | None, int]]:
    if daily_messages.is_counted(session, since):
        found = daily_messages.sums(
            session, "category", since=since, account_id=account_id
        )
        return [(_category_id(one.name), one.messages) for one in found]
    query = (
        select(MessageRow.category_id, func.count())
        .where(MessageRow.decided_at >= since, MessageRow.state != "failed")
        .group_by(MessageRow.category_id)
    )
    if account_id is not None:
        query = query.where(MessageRow.account_id == account_id)
    return [(one, number) for one, number in session.execute(query)]


def _category_id(name: str) -> int | None:
    return int(name) if name else None


@dataclass(slots=True)
class Point:
    """One hour or day; `categories` maps slugs to numbers of messages."""

    start: datetime
    messages: int = 0
    categories: dict[str, int] = field(default_factory=dict)
    runs_ok: int = 0
    runs_failed: int = 0


def trend(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    step: Step,
    account_id: int | None = None,
) -> list[Point]:
    """One point for each hour, day or week (of UTC), empty ones included."""
    points = messages_over_time(
        session, since=since, until=until, step=step, account_id=account_id
    )
    runs = runs_over_time(
        session, since=since, until=until, step=step, account_id=account_id
    )
    for point, ran in zip(points, runs, strict=True):
        point.runs_ok, point.runs_failed = ran.runs_ok, ran.runs_failed
    return points


def messages_over_time(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    step: Step,
    account_id: int | None = None,
) -> list[Point]:
    """The same without the runs: `runs_ok` and `runs_failed` stay 0."""
    points = {start: Point(start) for start in starts(since, until, step)}
    slugs = _slugs(session)
    for start, category_id, number in _messages_over_time(
        session, since, step, account_id
    ):
        if number and (point := points.get(start)) is not None:
            slug = slugs.get(category_id or 0, "uncategorized")
            point.messages += number
            point.categories[slug] = point.categories.get(slug, 0) + number
    return list(points.values())


def runs_over_time(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    step: Step,
    account_id: int | None = None,
) -> list[Point]:
    """The same with the runs only. What a person cancelled is neither."""
    points = {start: Point(start) for start in starts(since, until, step)}
    for start, outcome, number in _runs_over_time(session, since, step, account_id):
        if (point := points.get(start)) is not None:
            if outcome == Outcome.SUCCEEDED:
                point.runs_ok += number
            else:
                point.runs_failed += number
    return list(points.values())


def _slugs(session: Session) -> dict[int, str]:
    """The slug that each category counts under."""
    slugs = {row.id: row.slug for row in living_categories(session)}
    read_as = effective_categories(session)
    return {one: slugs[other] for one, other in read_as.items() if other is not None}


def _messages_over_time(
    session: Session, since: datetime, step: Step, account_id: int | None
) -> list[tuple[datetime, int | None, int]]:
    if daily_messages.is_counted(session, since, step):
        found = daily_messages.sums(
            session, "category", since=since, account_id=account_id, step=step
        )
        starts_of = {day: daily_messages.start_of_day(day) for day in _days_of(found)}
        return [
            (starts_of[one.start], _category_id(one.name), one.messages)
            for one in found
        ]
    start = cut(session, MessageRow.decided_at, step).label("start")
    query = (
        select(start, MessageRow.category_id, func.count())
        .where(MessageRow.decided_at >= since, MessageRow.state != "failed")
        .group_by(sa.text("start"), MessageRow.category_id)
    )
    if account_id is not None:
        query = query.where(MessageRow.account_id == account_id)
    return [
        (moment(at, step), category_id, number)
        for at, category_id, number in session.execute(query)
    ]


def _days_of(found: Sequence[daily_messages.Sums]) -> set[int]:
    return {one.start for one in found}


ENDED = (Outcome.SUCCEEDED, Outcome.FAILED, Outcome.INTERRUPTED)


def _runs_over_time(
    session: Session, since: datetime, step: Step, account_id: int | None
) -> list[tuple[datetime, str, int]]:
    if daily_messages.is_counted(session, since, step):
        found = daily_runs.over_time(
            session, since=since, account_id=account_id, step=step
        )
        return [one for one in found if one[1] in ENDED]
    start = cut(session, Run.start_time, step).label("start")
    query = (
        select(start, Run.outcome, func.count())
        .where(Run.start_time >= since, Run.outcome.in_(map(str, ENDED)))
        .group_by(sa.text("start"), Run.outcome)
    )
    if account_id is not None:
        query = query.where(Run.account_id == account_id)
    return [
        (moment(at, step), outcome, number)
        for at, outcome, number in session.execute(query)
    ]


def most_frequent(
    session: Session,
    what: Literal["sender", "domain"],
    *,
    since: datetime,
    account_id: int | None = None,
    limit: int = 20,
) -> list[tuple[str, int]]:
    """Senders, or their domains, with the number of their messages."""
    if daily_messages.is_counted(session, since):
        return daily_messages.frequent(
            session, what, since=since, account_id=account_id, limit=limit
        )
    column = MessageRow.sender if what == "sender" else MessageRow.sender_domain
    number = func.count().label("number")
    query = (
        select(column, number)
        .where(MessageRow.decided_at >= since, column != "")
        .group_by(column)
        .order_by(number.desc(), column)
        .limit(limit)
    )
    if account_id is not None:
        query = query.where(MessageRow.account_id == account_id)
    return [(name, count) for name, count in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Performance:
    """Of the runs that succeeded; None where there was none."""

    runs: int
    messages: int
    median_seconds: float | None
    p95_seconds: float | None
    messages_per_second: float | None


def performance(
    session: Session, *, since: datetime, account_id: int | None = None
) -> Performance:
    if daily_messages.is_counted(session, since):
        return _performance_of_days(session, since, account_id)
    query = (
        select(Run.start_time, Run.end_time, Run.emails_processed)
        .where(Run.start_time >= since, Run.outcome == Outcome.SUCCEEDED)
        .order_by(Run.id.desc())
        .limit(MOST_DURATIONS)
    )
    if account_id is not None:
        query = query.where(Run.account_id == account_id)
    rows = session.execute(query).all()
    durations = sorted(
        (row.end_time - row.start_time).total_seconds() for row in rows if row.end_time
    )
    messages = sum(row.emails_processed for row in rows)
    spent = sum(durations)
    return Performance(
        runs=len(durations),
        messages=messages,
        median_seconds=quantile(durations, 0.5),
        p95_seconds=quantile(durations, 0.95),
        messages_per_second=round(messages / spent, 3) if spent > 0 else None,
    )


def _performance_of_days(
    session: Session, since: datetime, account_id: int | None
) -> Performance:
    found = daily_runs.succeeded(session, since=since, account_id=account_id)
    return Performance(
        runs=found.runs,
        messages=found.messages,
        median_seconds=lanes.quantile(found.durations, 0.5),
        p95_seconds=lanes.quantile(found.durations, 0.95),
        messages_per_second=round(found.messages / found.seconds, 3)
        if found.seconds > 0
        else None,
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which a share of rising values lies; None of nothing."""
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)
