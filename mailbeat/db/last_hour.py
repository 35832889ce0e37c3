"""The labels of the last hour, minute by minute: the pulse that the live page shows."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbeat.db.categories import effective_categories, living_categories
from mailbeat.db.models import MessageRow
from mailbeat.db.stats import CategoryCount

MINUTES = 60
# SQLite and PostgreSQL have no common function to cut a time off.
_PATTERNS = {"sqlite": "%Y-%m-%dT%H:%M", "postgresql": 'YYYY-MM-DD"T"HH24:MI'}


@dataclass(frozen=True, slots=True)
class LastHour:
    """`minutes` has a number of messages for each, oldest first, the current one last.

    `categories` has those that were put on at all, the most frequent first.
    """

    since: datetime
    minutes: list[int]
    categories: list[CategoryCount]

    @property
    def labeled(self) -> int:
        return sum(self.minutes)


def last_hour(session: Session, *, now: datetime) -> LastHour:
    """Read which labels of this minute and the 59 before are on their messages."""
    this = now.astimezone(UTC).replace(second=0, microsecond=0)
    since = this - timedelta(minutes=MINUTES - 1)
    dialect = session.get_bind().dialect.name
    at = MessageRow.decided_at
    minute = (
        func.strftime(_PATTERNS[dialect], at)
        if dialect == "sqlite"
        else func.to_char(func.timezone("UTC", at), _PATTERNS[dialect])
    )
    found = session.execute(
        select(minute.label("minute"), MessageRow.category_id, func.count())
        .where(
            at >= since, MessageRow.state == "applied", MessageRow.label.is_not(None)
        )
        .group_by(sa.text("minute"), MessageRow.category_id)
    )
    minutes: Counter[str] = Counter()
    read_as, categories = effective_categories(session), Counter[int]()
    for text, category_id, number in found:
        minutes[text] += number
        categories[read_as.get(category_id or 0) or 0] += number
    starts = (since + timedelta(minutes=n) for n in range(MINUTES))
    return LastHour(
        since,
        [minutes[f"{start:%Y-%m-%dT%H:%M}"] for start in starts],
        _named(session, categories),
    )


def _named(session: Session, counts: Counter[int]) -> list[CategoryCount]:
    found = [
        CategoryCount(row.id, row.slug, row.name, row.color, counts[row.id])
        for row in living_categories(session)
    ]
    none = CategoryCount(0, "uncategorized", "Uncategorized", "slate", counts[0])
    return sorted(
        (one for one in [*found, none] if one.count), key=lambda one: -one.count
    )
