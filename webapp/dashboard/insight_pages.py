"""`/insights`: what arrived, what it was, how the runs went."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import render_template
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbeat.db import stats
from mailbeat.db.clock import database_now
from mailbeat.db.models import Run
from mailbeat.db.stats import CategoryCount, Point, Step
from mailbeat.db.status import accounts_without_secrets
from webapp.dashboard import charts
from webapp.dashboard.blueprint import number_in, pages, reading
from webapp.dashboard.charts import Series, Share

SPANS = ((1, "24 hours"), (7, "7 days"), (30, "30 days"), (90, "90 days"))
USUAL = 30  # days
SENDERS = 8  # domains shown
UNCATEGORIZED = "uncategorized"  # the slug of what fits nothing


@pages.get("/insights")
def insights() -> str:
    account_id = number_in("account_id")
    with reading() as session:
        now = database_now(session)
        days = number_in("days")
        days = days if days in dict(SPANS) else usual_span(session, now)
        step: Step = "hour" if days == 1 else "day"
        since = begin(days, now)
        points = stats.trend(
            session, since=since, until=now, step=step, account_id=account_id
        )
        counts = stats.by_category(session, since=since, account_id=account_id)
        totals = stats.totals(session, now=now, since=since, account_id=account_id)
        speed = stats.performance(session, since=since, account_id=account_id)
        senders = stats.most_frequent(
            session, "domain", since=since, account_id=account_id, limit=SENDERS
        )
        accounts = accounts_without_secrets(session)
    labels = [
        f"{p.start:%H:%M}" if step == "hour" else f"{p.start:%-d %b}" for p in points
    ]
    by_category = category_series(points, counts)
    return render_template(
        "insights.html",
        accounts=accounts,
        account_id=account_id,
        days=days,
        spans=SPANS,
        step=step,
        totals=totals,
        speed=speed,
        messages=charts.stacked(labels, by_category),
        shares=charts.shares(by_category),
        runs=charts.stacked(labels, run_series(points)),
        senders=sender_shares(senders),
    )


def usual_span(session: Session, now: datetime) -> int:
    """Days worth a look: a young installation has nothing to show of a month."""
    first = session.scalar(select(func.min(Run.start_time)))
    age = now - first if first is not None else timedelta()
    for days in (1, 7):
        if age < timedelta(days=days):
            return days
    return USUAL


def begin(days: int, now: datetime) -> datetime:
    """The start of the first whole hour or day that is shown."""
    if days == 1:
        hour = now.replace(minute=0, second=0, microsecond=0)
        return hour - timedelta(hours=23)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days - 1)


def category_series(
    points: Sequence[Point], counts: Sequence[CategoryCount]
) -> list[Series]:
    """A series for each category, the most frequent at the bottom."""
    return [
        Series(
            one.name,
            "none" if one.slug == UNCATEGORIZED else one.color,
            [point.categories.get(one.slug, 0) for point in points],
        )
        for one in counts
    ]


def run_series(points: Sequence[Point]) -> list[Series]:
    return [
        Series("Done", "good", [point.runs_ok for point in points]),
        Series("Failed", "bad", [point.runs_failed for point in points]),
    ]


def sender_shares(senders: Sequence[tuple[str, int]]) -> list[Share]:
    """The most frequent senders, measured against the first of them."""
    most = max((number for _, number in senders), default=1)
    return [
        Share(name, "blue", number, round(100 * number / most, 1))
        for name, number in senders
    ]
