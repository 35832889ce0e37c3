"""`/api/statistics`: what was done, in numbers."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mailbeat.db import busy_hours, deciders, run_stats, stats
from mailbeat.db.clock import database_now
from mailbeat.db.cuts import Step, start_of
from mailbeat.db.last_hour import LastHour
from mailbeat.db.last_hour import last_hour as read_last_hour
from mailbeat.db.llm import llm_days, read_use
from webapp.api.schemas import (
    DaysQuery,
    HeatmapQuery,
    StatisticsQuery,
    TopQuery,
    iso,
    query,
)
from webapp.parts import parts

HOURLY_UP_TO = 2  # days
COST_DIGITS = 6  # a question may cost less than a hundredth of a cent

blueprint = Blueprint("stats", __name__, url_prefix="/api/statistics")


@blueprint.get("")
def totals() -> ResponseReturnValue:
    asked = query(StatisticsQuery)
    with parts().sessions() as session:
        since, now = _span(session, asked)
        found = stats.totals(session, now=now, since=since, account_id=asked.account_id)
    return jsonify(
        days=asked.days,
        since=iso(since),
        accounts={
            "total": found.accounts,
            "running": found.running,
            "paused": found.paused,
            "failing": found.failing,
        },
        messages={
            "total": found.messages,
            "labeled": found.labeled,
            "today": found.messages_today,
            "labeled_today": found.labeled_today,
        },
        runs={"total": sum(found.runs.values()), **found.runs},
    )


@blueprint.get("/categories")
def categories() -> ResponseReturnValue:
    asked = query(StatisticsQuery)
    with parts().sessions() as session:
        since, _ = _span(session, asked)
        found = stats.by_category(session, since=since, account_id=asked.account_id)
    return jsonify(items=[asdict(one) for one in found], next_cursor=None)


@blueprint.get("/trends")
def trends() -> ResponseReturnValue:
    asked = query(StatisticsQuery)
    step: Step = "hour" if asked.days <= HOURLY_UP_TO else "day"
    with parts().sessions() as session:
        since, now = _span(session, asked)
        points = stats.trend(
            session, since=since, until=now, step=step, account_id=asked.account_id
        )
    items = [
        {
            "start": iso(point.start),
            "messages": point.messages,
            "categories": point.categories,
            "runs": {"ok": point.runs_ok, "failed": point.runs_failed},
        }
        for point in points
    ]
    return jsonify(items=items, next_cursor=None, step=step)


@blueprint.get("/last-hour")
def last_hour() -> ResponseReturnValue:
    """Messages labelled in each of the last 60 minutes, and as what."""
    with parts().sessions() as session:
        found = read_last_hour(session, now=database_now(session))
    return jsonify(last_hour_json(found))


def last_hour_json(found: LastHour) -> dict[str, Any]:
    return {
        "since": iso(found.since),
        "labeled": found.labeled,
        "minutes": found.minutes,
        "categories": [asdict(one) for one in found.categories],
    }


@blueprint.get("/senders")
def senders() -> ResponseReturnValue:
    return _top("sender")


@blueprint.get("/domains")
def domains() -> ResponseReturnValue:
    return _top("domain")


@blueprint.get("/performance")
def performance() -> ResponseReturnValue:
    asked = query(StatisticsQuery)
    with parts().sessions() as session:
        since, _ = _span(session, asked)
        found = stats.performance(session, since=since, account_id=asked.account_id)
    return jsonify(days=asked.days, **asdict(found))


@blueprint.get("/heatmap")
def heatmap() -> ResponseReturnValue:
    asked = query(HeatmapQuery)
    with parts().sessions() as session:
        since, _ = _span(session, asked)
        week = busy_hours.by_hour_of_week(
            session,
            since=since,
            zone=busy_hours.zone_named(asked.zone),
            account_id=asked.account_id,
        )
    items = [
        {"weekday": day, "hour": hour, "messages": number}
        for day, hours in enumerate(week, start=1)
        for hour, number in enumerate(hours)
    ]
    return jsonify(zone=asked.zone, items=items, next_cursor=None)


@blueprint.get("/layers")
def layers() -> ResponseReturnValue:
    asked = query(StatisticsQuery)
    with parts().sessions() as session:
        since, _ = _span(session, asked)
        found = deciders.by_layer(session, since=since, account_id=asked.account_id)
    return jsonify(items=[asdict(one) for one in found], next_cursor=None)


@blueprint.get("/errors")
def errors() -> ResponseReturnValue:
    asked = query(StatisticsQuery)
    with parts().sessions() as session:
        since, _ = _span(session, asked)
        found = run_stats.errors(session, since=since, account_id=asked.account_id)
    items = [
        {"error_code": one.code, "runs": one.runs, "last_at": iso(one.last_at)}
        for one in found
    ]
    return jsonify(items=items, next_cursor=None)


@blueprint.get("/llm")
def llm() -> ResponseReturnValue:
    """How much the model was asked; of all accounts, as its budget is."""
    asked = query(DaysQuery)
    settings = parts().settings
    with parts().sessions() as session:
        since = database_now(session) - timedelta(days=asked.days)
        found = llm_days(session, since=since)
        today, month = read_use(session, now=database_now(session))
    prices = settings.llm_prices
    return jsonify(
        model=settings.llm[1] if settings.llm else None,
        daily_messages=settings.llm_daily_messages,
        currency=prices.currency if prices.are_known else None,
        cost_today=round(today.cost, COST_DIGITS),
        cost_this_month=round(month.cost, COST_DIGITS),
        items=[
            {
                "day": one.day,
                "questions": one.calls,
                "messages": one.messages,
                "failures": one.failures,
                "tokens": one.tokens,
                "cost": round(one.cost, COST_DIGITS),
            }
            for one in found
        ],
        next_cursor=None,
    )


def _top(what: Any) -> ResponseReturnValue:
    asked = query(TopQuery)
    with parts().sessions() as session:
        since, _ = _span(session, asked)
        found = stats.most_frequent(
            session,
            what,
            since=since,
            account_id=asked.account_id,
            limit=asked.limit,
        )
    items = [{what: name, "count": number} for name, number in found]
    return jsonify(items=items, next_cursor=None)


def _span(session: Session, asked: StatisticsQuery) -> tuple[datetime, datetime]:
    """Since when is asked for, and now; what is counted has the database's times.

    More than two days begin at midnight, so that whole days are asked for.
    """
    now = database_now(session)
    since = now - timedelta(days=asked.days)
    return (since if asked.days <= HOURLY_UP_TO else start_of(since, "day")), now
