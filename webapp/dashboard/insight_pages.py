"""`/insights`: what arrived, what it was, who decided, and how the runs went."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from flask import Response, abort, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbeat.db import stats
from mailbeat.db.busy_hours import zone_named
from mailbeat.db.clock import database_now
from mailbeat.db.cuts import Step, start_of
from mailbeat.db.llm import Use, read_use
from mailbeat.db.models import Run
from mailbeat.db.status import accounts_without_secrets
from webapp.dashboard import charts
from webapp.dashboard.blueprint import number_in, pages, reading
from webapp.dashboard.insight_charts import CHARTS, Asked, percent
from webapp.dashboard.insight_tables import as_csv
from webapp.dashboard.reader import reader_zone
from webapp.dashboard.rule_pages import worth_a_rule
from webapp.language import N_, _
from webapp.parts import parts

SPANS = (
    (1, N_("24 hours")),
    (7, N_("7 days")),
    (30, N_("30 days")),
    (90, N_("90 days")),
    (365, N_("A year")),
)
USUAL = 30  # days
WEEKS_FROM = 180  # days: as many columns would be too thin to tell apart
# Seconds that a label saves: to read a subject, decide and move the message. Nobody
# measured it, so the page says that it is assumed, and lets the reader change it.
SECONDS = 5
RECOMMENDED = 3  # rules
MOST_SECONDS = 600


@pages.get("/insights")
def insights() -> str:
    with reading() as session:
        asked = read_asked(session)
        totals = stats.totals(
            session, now=asked.now, since=asked.since, account_id=asked.account_id
        )
        speed = stats.performance(
            session, since=asked.since, account_id=asked.account_id
        )
        found = {name: make(session, asked) for name, make in CHARTS.items()}
        accounts = accounts_without_secrets(session)
        today, month = read_use(session, now=asked.now)
        recommended = worth_a_rule(session, asked.account_id, most=RECOMMENDED)
    failed = totals.runs["failed"] + totals.runs["interrupted"]
    return render_template(
        "insights.html",
        accounts=accounts,
        recommended=recommended,
        many_accounts=len(accounts) > 1,
        asked=asked,
        kept=kept(asked),
        spans=[(days, _(words)) for days, words in SPANS],
        totals=totals,
        speed=speed,
        failed=failed,
        error_rate=percent(failed, totals.runs["succeeded"] + failed),
        charts=found,
        shares=charts.shares(found["messages"].picture.series),
        saved=sum(row[-1] for row in found["layers"].table.rows),
        most_seconds=MOST_SECONDS,
        model=model_use(today, month),
    )


def model_use(today: Use, month: Use) -> dict[str, Any] | None:
    """What is told of the model; None where none is or was asked."""
    settings = parts().settings
    if settings.llm is None and not month.messages:
        return None
    prices = settings.llm_prices
    return {
        "today": today,
        "month": month,
        "daily_messages": settings.llm_daily_messages,
        "currency": prices.currency if prices.are_known or month.cost else None,
    }


@pages.get("/insights/<chart>.csv")
def insights_csv(chart: str) -> Response:
    if chart not in CHARTS:
        abort(
            404,
            _(
                "There is no chart %(name)s. There are %(known)s.",
                name=chart[:40],
                known=", ".join(CHARTS),
            ),
        )
    with reading() as session:
        asked = read_asked(session)
        table = CHARTS[chart](session, asked).table
    answer = Response(as_csv(table), mimetype="text/csv")
    name = f"mailbeat-{chart}-{asked.days}-days.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def read_asked(session: Session) -> Asked:
    """Read the address; what is odd in it is as if it were left out."""
    now = database_now(session)
    days = number_in("days")
    days = days if days in dict(SPANS) else usual_span(session, now)
    seconds = number_in("seconds")
    in_range = seconds is not None and seconds <= MOST_SECONDS
    return Asked(
        days=days,
        account_id=number_in("account_id"),
        since=begin(days, now),
        now=now,
        step=step_of(days),
        zone=read_zone(),
        seconds=seconds if seconds is not None and in_range else SECONDS,
    )


def kept(asked: Asked) -> dict[str, Any]:
    """The address again, for links and for the forms that change a part of it."""
    values = {
        "account_id": asked.account_id,
        "days": asked.days,
        "zone": str(asked.zone),
        "seconds": asked.seconds,
    }
    return {name: value for name, value in values.items() if value is not None}


def read_zone() -> tzinfo:
    """The zone that was asked for, if there is such a zone, or else the reader's."""
    try:
        return zone_named(request.args.get("zone", ""))
    except ValueError:
        return reader_zone()


def usual_span(session: Session, now: datetime) -> int:
    """Days worth a look: a young installation has nothing to show of a month."""
    first = session.scalar(select(func.min(Run.start_time)))
    age = now - first if first is not None else timedelta()
    for days in (1, 7):
        if age < timedelta(days=days):
            return days
    return USUAL


def step_of(days: int) -> Step:
    if days == 1:
        return "hour"
    return "week" if days > WEEKS_FROM else "day"


def begin(days: int, now: datetime) -> datetime:
    """The start of the first whole hour, day or week that is shown."""
    if days == 1:
        return start_of(now, "hour") - timedelta(hours=23)
    return start_of(start_of(now, "day") - timedelta(days=days - 1), step_of(days))
