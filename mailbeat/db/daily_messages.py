"""Days of the ledger that are counted, so that a year is read at once.

The ledger is the truth, and what is kept here is what counting it gives:

- While a run goes on, nothing is written here. Every row that it wrote, or took over
  from a run that died, carries its id, so at its end the days of those rows are counted
  again, in the transaction of that end. Runs end in their own worker or in its stead,
  and always with their account's row held: of one account, one at a time.
- A correction moves its message from one name to another, in its own transaction,
  which holds the account's row as well.
- Whoever reads counts the days of runs that have not ended in the ledger instead.
- Before messages are forgotten their days are closed: they are never counted again,
  and stay as they are for STATISTICS_DAYS.

Days are those of UTC and are numbers: `date.toordinal()`. Senders are kept by weeks
from Monday on, and as long as the ledger: see docs/decisions/0032.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Table, bindparam, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailbeat.db import lanes
from mailbeat.db.cuts import Step, cut, moment
from mailbeat.db.models import (
    DailyStatistic,
    MessageRow,
    ReceivedDay,
    Run,
    SenderWeek,
    StatisticsState,
    table_of,
)

Kind = Literal["category", "layer"]
Key = tuple[Any, ...]
Counts = dict[Key, tuple[Any, ...]]
Pair = tuple[int, int]  # an account and a day

APPLIED, FAILED = "applied", "failed"
WEEK = 7  # days
# Of one transaction, where everything is counted anew: with a million messages a year,
# all of one account's, a second.
SPAN = 8 * WEEK
AT_ONCE = 500  # rows of one statement

_DAYS = table_of(DailyStatistic)
_MESSAGES_FROM = select(StatisticsState.messages_from)


def ordinal(at: datetime) -> int:
    """The number of the day, of UTC, that a time lies in."""
    return at.astimezone(UTC).toordinal()


def start_of_day(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time(), UTC)


def monday_of(day: int) -> int:
    return day - (day - 1) % WEEK  # the first day that has a number was a Monday


# Writing


def count_run(session: Session, account_id: int, run_id: str) -> None:
    """Count the days of what a run did, at its end; its account's row is held."""
    day = cut(session, MessageRow.decided_at, "day").label("start")
    found = session.execute(
        select(day).where(MessageRow.run_id == run_id).distinct()
    ).all()
    if found:
        days = {moment(start, "day").toordinal() for (start,) in found}
        count_days(session, account_id, days)


def count_days(session: Session, account_id: int, days: Collection[int]) -> None:
    """Have what is kept of some days be what the ledger says."""
    first = session.scalar(_MESSAGES_FROM) or 0
    for day in sorted(days):
        if day >= first:
            _settle(session, _OF_DAYS, account_id, day, day)
    for week in sorted({monday_of(day) for day in days if day >= first}):
        _settle(session, (_SENDERS,), account_id, week, week + WEEK - 1)


def spans_of(session: Session, account_id: int) -> list[Pair]:
    """The first and last days of spans that are counted anew in a transaction each.

    They hold all of an account's days that can be counted, and weeks are in one span.
    """
    first = session.scalar(_MESSAGES_FROM) or 1
    decided = MessageRow.decided_at
    ends = session.execute(
        select(func.min(decided), func.max(decided)).where(
            MessageRow.account_id == account_id
        )
    ).one()
    days = [ordinal(at) for at in ends if at is not None]
    for column in (_DAYS.c.day, _HOURS.table.c.day, _SENDERS.table.c.week):
        of_account = column.table.c.account_id == account_id
        kept = select(func.min(column), func.max(column)).where(of_account)
        days += [day for day in session.execute(kept).one() if day is not None]
    if not days:
        return []
    begins = range(monday_of(max(min(days), first)), max(days) + 1, SPAN)
    return [(begin, begin + SPAN - 1) for begin in begins]


def count_span(session: Session, account_id: int, span: Pair) -> None:
    """Count a span of an account's days anew; the caller holds its row."""
    begin, end = span
    first = max(begin, session.scalar(_MESSAGES_FROM) or 1)
    _settle(session, _OF_DAYS, account_id, first, end)
    _settle(session, (_SENDERS,), account_id, begin, end)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a message counts."""

    account_id: int
    day: int
    category: str
    layer: str
    is_labeled: bool


def _place_of(row: MessageRow) -> _Place:
    return _Place(
        row.account_id,
        ordinal(row.decided_at),
        category_name(row.category_id),
        row.layer,
        row.state == APPLIED and row.label is not None,
    )


def category_name(category_id: int | None) -> str:
    return "" if category_id is None else str(category_id)


@contextmanager
def moving(session: Session, rows: Sequence[MessageRow]) -> Iterator[None]:
    """Move the messages that are changed inside; their accounts' rows are held."""
    before = [(row, _place_of(row)) for row in rows]
    yield
    moved: Counter[tuple[Key, str]] = Counter()
    for row, place in before:
        now = _place_of(row)
        if now != place:
            # One that failed counts for its layer, and nowhere else.
            counts = "failed" if row.state == FAILED else "messages"
            for sign, where in ((-1, place), (1, now)):
                for key in _keys(where, counts):
                    moved[key, counts] += sign
                    moved[key, "labeled"] += sign * where.is_labeled
    _add(session, moved)


def _keys(place: _Place, counts: str) -> Iterator[Key]:
    yield "layer", place.day, place.account_id, place.layer
    if counts == "messages":
        yield "category", place.day, place.account_id, place.category


def _add(session: Session, moved: Mapping[tuple[Key, str], int]) -> None:
    keys = sorted({key for (key, _), number in moved.items() if number})
    if not keys:
        return
    names = ("kind", "day", "account_id", "name")
    values = ("messages", "labeled", "failed")
    rows = [
        dict(zip(names, key, strict=True))
        | {value: moved.get((key, value), 0) for value in values}
        for key in keys
    ]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    dialect: Any = sqlite if is_sqlite else postgresql
    statement = dialect.insert(_DAYS)
    statement = statement.on_conflict_do_update(
        index_elements=names,
        set_={value: _DAYS.c[value] + statement.excluded[value] for value in values},
    )
    for begin in range(0, len(rows), AT_ONCE):
        session.execute(statement, rows[begin : begin + AT_ONCE])


# Counting


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table, and how its rows come from the ledger.

    `key` begins with the day or week and the account, but for `kind` before them.
    """

    table: Table
    period: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    count: Callable[[Session, Sequence[sa.ColumnElement[bool]]], Counts]

    def where(
        self, account_ids: Collection[int], first: int, last: int
    ) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            self.table.c.account_id.in_(account_ids),
            self.table.c[self.period].between(first, last),
        )

    def stored(
        self, session: Session, account_ids: Collection[int], first: int, last: int
    ) -> Counts:
        columns = [self.table.c[name] for name in (*self.key, *self.values)]
        rows = session.execute(
            select(*columns).where(*self.where(account_ids, first, last))
        )
        size = len(self.key)
        return {tuple(row[:size]): tuple(row[size:]) for row in rows}

    def counted(
        self, session: Session, account_ids: Collection[int], first: int, last: int
    ) -> Counts:
        decided = MessageRow.decided_at
        where = (
            MessageRow.account_id.in_(account_ids),
            decided >= start_of_day(first),
            decided < start_of_day(last + 1),
        )
        return self.count(session, where)


def _settle(
    session: Session, kept: Iterable[_Kept], account_id: int, first: int, last: int
) -> None:
    """Write what differs between what is kept and the ledger, in the order of keys."""
    for one in kept:
        stored = one.stored(session, [account_id], first, last)
        counted = one.counted(session, [account_id], first, last)
        keys = [one.table.c[name] == bindparam(f"the_{name}") for name in one.key]
        gone = sorted(stored.keys() - counted.keys())
        new = sorted(counted.keys() - stored.keys())
        changed = sorted(
            key for key in stored.keys() & counted.keys() if stored[key] != counted[key]
        )
        many: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
            (delete(one.table).where(*keys), [_named(one, key) for key in gone]),
            (
                update(one.table).where(*keys),
                [
                    _named(one, key) | dict(zip(one.values, counted[key], strict=True))
                    for key in changed
                ],
            ),
            (
                insert(one.table),
                [
                    dict(zip((*one.key, *one.values), key + counted[key], strict=True))
                    for key in new
                ],
            ),
        )
        for statement, rows in many:
            for begin in range(0, len(rows), AT_ONCE):
                session.execute(statement, rows[begin : begin + AT_ONCE])


def _named(kept: _Kept, key: Key) -> dict[str, Any]:
    return {f"the_{name}": part for name, part in zip(kept.key, key, strict=True)}


def _count_names(session: Session, where: Sequence[sa.ColumnElement[bool]]) -> Counts:
    start = cut(session, MessageRow.decided_at, "day").label("start")
    has_label = MessageRow.label.is_not(None).label("has_label")
    columns = (
        MessageRow.account_id,
        MessageRow.category_id,
        MessageRow.layer,
        MessageRow.state,
    )
    rows = session.execute(
        select(start, *columns, has_label, func.count())
        .where(*where)
        .group_by(sa.text("start"), *columns, sa.text("has_label"))
    )
    counts: dict[Key, list[int]] = {}
    for text, account_id, category_id, layer, state, labeled, number in rows:
        day = moment(text, "day").toordinal()
        is_failed = state == FAILED
        kinds = [("layer", layer)]
        if not is_failed:
            kinds.append(("category", category_name(category_id)))
        for kind, name in kinds:
            sums = counts.setdefault((kind, day, account_id, name), [0, 0, 0])
            sums[0] += 0 if is_failed else number
            sums[1] += number if state == APPLIED and labeled else 0
            sums[2] += number if is_failed else 0
    return {key: tuple(sums) for key, sums in counts.items()}


def _count_hours(session: Session, where: Sequence[sa.ColumnElement[bool]]) -> Counts:
    start = cut(session, MessageRow.decided_at, "day").label("start")
    hour = cut(session, MessageRow.received_at, "hour").label("hour")
    rows = session.execute(
        select(start, MessageRow.account_id, hour, func.count())
        .where(*where, MessageRow.state != FAILED)
        .group_by(sa.text("start"), MessageRow.account_id, sa.text("hour"))
    )
    counts: Counter[Key] = Counter()
    for text, account_id, received, number in rows:
        at = moment(received, "hour")
        key = (moment(text, "day").toordinal(), account_id, at.toordinal())
        counts[key] += lanes.one_in(at.hour, number)
    return {key: (lanes.pack(number),) for key, number in counts.items()}


def _count_senders(session: Session, where: Sequence[sa.ColumnElement[bool]]) -> Counts:
    start = cut(session, MessageRow.decided_at, "day").label("start")
    columns = (MessageRow.account_id, MessageRow.sender, MessageRow.sender_domain)
    rows = session.execute(
        select(start, *columns, func.count())
        .where(*where)
        .group_by(sa.text("start"), *columns)
    )
    counts: Counter[Key] = Counter()
    for text, *who, number in rows:
        counts[monday_of(moment(text, "day").toordinal()), *who] += number
    return {key: (number,) for key, number in counts.items()}


_NAMES = _Kept(
    _DAYS,
    "day",
    ("kind", "day", "account_id", "name"),
    ("messages", "labeled", "failed"),
    _count_names,
)
_HOURS = _Kept(
    table_of(ReceivedDay),
    "day",
    ("day", "account_id", "received_day"),
    ("hours",),
    _count_hours,
)
_SENDERS = _Kept(
    table_of(SenderWeek),
    "week",
    ("week", "account_id", "sender", "sender_domain"),
    ("messages",),
    _count_senders,
)
_OF_DAYS = (_NAMES, _HOURS)


# Reading


def is_counted(session: Session, since: datetime, step: Step = "day") -> bool:
    """Whether whole days from `since` on are kept here; else the ledger is read."""
    at = since.astimezone(UTC)
    if step == "hour" or at.timetz() != time(tzinfo=UTC):
        return False
    return session.scalar(select(StatisticsState.counted_at)) is not None


@dataclass(frozen=True, slots=True)
class Sums:
    """`start` is the first day of a step, a number; or 0 where there are no steps."""

    start: int
    name: str
    messages: int
    labeled: int
    failed: int


def sums(
    session: Session,
    kind: Kind,
    *,
    since: datetime,
    account_id: int | None,
    step: Step | None = None,
) -> list[Sums]:
    """What is kept from a day on, by name, and by day or week if there are steps."""
    first = ordinal(since)
    numbers = [func.sum(_DAYS.c[name]) for name in ("messages", "labeled", "failed")]
    # By day also where it is by week or in all: that is the order of the table's key,
    # so that SQLite adds 80,000 rows up in 30 ms, and does not sort them in 100.
    query = (
        select(_DAYS.c.day, _DAYS.c.name, *numbers)
        .where(_DAYS.c.kind == kind, _DAYS.c.day >= first)
        .group_by(_DAYS.c.day, _DAYS.c.name)
    )
    if account_id is not None:
        query = query.where(_DAYS.c.account_id == account_id)
    found: dict[tuple[int, str], list[int]] = {}

    def add(day: int, name: str, counts: Sequence[int], sign: int = 1) -> None:
        begin = 0 if step is None else monday_of(day) if step == "week" else day
        known = found.setdefault((begin, name), [0, 0, 0])
        for i, count in enumerate(counts):
            known[i] += sign * count

    for day, name, *counts in session.execute(query):
        add(day, name, counts)
    for (this_kind, day, _, name), new, old in _unsettled(
        session, _NAMES, first, account_id
    ):
        if this_kind == kind:
            add(day, name, new or ())
            add(day, name, old or (), -1)
    return [Sums(*key, *counts) for key, counts in found.items() if any(counts)]


def received(
    session: Session, *, since: datetime, account_id: int | None
) -> dict[int, list[int]]:
    """How many messages came in each of the 24 hours of each day, all of UTC.

    They were decided about since then and came since then, too.
    """
    first = ordinal(since)
    table = _HOURS.table
    query = select(table.c.received_day, table.c.hours).where(
        table.c.day >= first, table.c.received_day >= first
    )
    if account_id is not None:
        query = query.where(table.c.account_id == account_id)
    numbers: dict[int, int] = {}
    for day, hours in session.execute(query):
        numbers[day] = numbers.get(day, 0) + lanes.unpack(hours)
    for (_, _, day), new, old in _unsettled(session, _HOURS, first, account_id):
        if day >= first:
            known = numbers.get(day, 0) - lanes.unpack(old[0] if old else b"")
            numbers[day] = known + lanes.unpack(new[0] if new else b"")
    counts = {day: lanes.counts_of(number) for day, number in numbers.items()}
    return {day: [*some, *[0] * (24 - len(some))] for day, some in counts.items()}


def frequent(
    session: Session,
    what: Literal["sender", "domain"],
    *,
    since: datetime,
    account_id: int | None,
    limit: int,
) -> list[tuple[str, int]]:
    """The most frequent senders or domains; the days before a Monday are counted."""
    first = ordinal(since)
    monday = monday_of(first + WEEK - 1)
    pairs = {(one, monday_of(day)) for one, day in _pending(session, account_id)}
    table = _SENDERS.table
    decided = MessageRow.decided_at
    counted = table.c.week >= monday
    if pairs:
        counted &= tuple_(table.c.account_id, table.c.week).not_in(sorted(pairs))
    from_ledger: list[sa.ColumnElement[bool]] = []
    if monday > first:
        from_ledger.append((decided >= since) & (decided < start_of_day(monday)))
    for week in {week for _, week in pairs if week >= monday}:
        accounts = sorted(one for one, this in pairs if this == week)
        from_ledger.append(
            MessageRow.account_id.in_(accounts)
            & (decided >= start_of_day(week))
            & (decided < start_of_day(week + WEEK))
        )
    name = table.c.sender if what == "sender" else table.c.sender_domain
    # In the order of the table's key: SQLite adds up what it would have to sort else.
    order = (table.c.sender_domain, table.c.sender)
    kept = (
        select(name.label("name"), func.sum(table.c.messages).label("number"))
        .where(counted, name != "")
        .group_by(*(order if what == "sender" else order[:1]))
    )
    if account_id is not None:
        kept = kept.where(table.c.account_id == account_id)
    column = MessageRow.sender if what == "sender" else MessageRow.sender_domain
    parts: list[Any] = [kept]
    for condition in from_ledger:
        part = select(column, func.count()).where(condition, column != "")
        if account_id is not None:
            part = part.where(MessageRow.account_id == account_id)
        parts.append(part.group_by(column))
    both = sa.union_all(*parts).subquery() if len(parts) > 1 else kept.subquery()
    number = func.sum(both.c.number).label("number")
    found = session.execute(
        select(both.c.name, number)
        .group_by(both.c.name)
        .order_by(number.desc(), both.c.name)
        .limit(limit)
    )
    return [(one, int(count)) for one, count in found]


def _pending(session: Session, account_id: int | None) -> set[Pair]:
    """The accounts and days of runs that have not ended, so were not counted yet."""
    open_runs = select(Run.run_id).where(Run.outcome.is_(None))
    day = cut(session, MessageRow.decided_at, "day").label("start")
    # Not of one account only: SQLite would look through all of its messages then.
    query = (
        select(MessageRow.account_id, day)
        .where(MessageRow.run_id.in_(open_runs))
        .distinct()
    )
    return {
        (one, moment(start, "day").toordinal())
        for one, start in session.execute(query)
        if account_id in {None, one}
    }


def _unsettled(
    session: Session, kept: _Kept, first: int, account_id: int | None
) -> Iterator[tuple[Key, tuple[Any, ...] | None, tuple[Any, ...] | None]]:
    """Where the ledger says something else by now: the key, and the new and old."""
    pairs = {pair for pair in _pending(session, account_id) if pair[1] >= first}
    if not pairs:
        return
    account_ids = sorted({one for one, _ in pairs})
    days = [day for _, day in pairs]
    span = session, account_ids, min(days), max(days)
    stored, counted = kept.stored(*span), kept.counted(*span)
    at = kept.key.index(kept.period)
    for key in stored.keys() | counted.keys():
        if (key[at + 1], key[at]) in pairs and stored.get(key) != counted.get(key):
            yield key, counted.get(key), stored.get(key)


def is_older(days: int, now: datetime) -> int:
    """The first day that is not older than a number of days."""
    return ordinal(now - timedelta(days=days))
