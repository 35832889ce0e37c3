"""`/insights` and `/categories`: what arrived, what it was, how the runs went."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from flask import render_template

from mailbeat.db import daily
from mailbeat.db.accounts import list_accounts
from mailbeat.db.categories import enabled_categories
from mailbeat.labeling.category import Category
from mailbeat.labeling.progress import Outcome
from webapp.dashboard import charts, words
from webapp.dashboard.blueprint import number_in, pages, reading
from webapp.dashboard.charts import Series

SPANS = ((7, "7 days"), (30, "30 days"), (90, "90 days"))
USUAL = 30  # days


@pages.get("/insights")
def insights() -> str:
    length = number_in("days")
    length = length if length in dict(SPANS) else USUAL
    account_id = number_in("account_id")
    days = last_days(length)
    since = datetime.combine(days[0], time(), UTC)
    with reading() as session:
        accounts = list_accounts(session)
        categories = enabled_categories(session)
        messages = daily.messages_by_day(session, since=since, account_id=account_id)
        runs = daily.runs_by_day(session, since=since, account_id=account_id)
    labels = [f"{day:%-d %b}" for day in days]
    by_category = category_series(messages, categories, days)
    by_outcome = outcome_series(runs, days)
    return render_template(
        "insights.html",
        accounts=accounts,
        account_id=account_id,
        days=length,
        spans=SPANS,
        totals={
            "messages": sum(messages.values()),
            "sorted": sum(n for (_, category), n in messages.items() if category),
            "runs": sum(runs.values()),
            "failed": sum(n for (_, how), n in runs.items() if how == Outcome.FAILED),
        },
        messages=charts.stacked(labels, by_category),
        shares=charts.shares(by_category),
        runs=charts.stacked(labels, by_outcome),
    )


def last_days(length: int) -> list[date]:
    today = datetime.now(UTC).date()
    return [today - timedelta(days=back) for back in range(length - 1, -1, -1)]


def category_series(
    found: Mapping[tuple[date, int | None], int],
    categories: Sequence[Category],
    days: Sequence[date],
) -> list[Series]:
    """One series for each category, and one for what fits none that is in use."""
    known = {category.id for category in categories}
    series = [
        Series(one.name, one.color, [found.get((day, one.id), 0) for day in days])
        for one in categories
    ]
    rest = dict.fromkeys(days, 0)
    for (day, category_id), number in found.items():
        if category_id not in known and day in rest:
            rest[day] += number
    return [*series, Series("Uncategorized", "none", list(rest.values()))]


def outcome_series(
    found: Mapping[tuple[date, str], int], days: Sequence[date]
) -> list[Series]:
    return [
        Series(
            words.OUTCOMES[outcome].word,
            words.OUTCOMES[outcome].tone,
            [found.get((day, str(outcome)), 0) for day in days],
        )
        for outcome in Outcome
    ]


@pages.get("/categories")
def categories() -> str:
    since = datetime.now(UTC) - timedelta(days=USUAL)
    with reading() as session:
        found = enabled_categories(session)
        counts = daily.messages_by_category(session, since=since)
    return render_template(
        "categories.html", categories=found, counts=counts, days=USUAL
    )
