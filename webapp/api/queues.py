"""`/api/queues`: what waits, for how long, and whether the schedule is kept."""

from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from mailbeat.db.clock import database_now
from mailbeat.db.punctuality import Punctuality, read_punctuality
from mailbeat.db.queues import QueueSeen, read_queues
from webapp.api.schemas import iso, iso_or_none
from webapp.parts import parts

blueprint = Blueprint("queues", __name__, url_prefix="/api/queues")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    """List the queues as beat saw them last, and how beat does."""
    with parts().sessions() as session:
        now = database_now(session)
        found = read_queues(session, now=now)
        schedule = read_punctuality(session, now=now)
    return jsonify(
        items=[queue_json(one, now) for one in found],
        next_cursor=None,
        schedule=schedule_json(schedule, now),
    )


def queue_json(one: QueueSeen, now: datetime) -> dict[str, Any]:
    return {
        "name": one.name,
        "depth": one.depth,
        "seen_at": iso(one.seen_at),
        "stale": one.is_stale,
        "oldest_at": iso_or_none(one.oldest_at),
        "oldest_seconds": _age(one.oldest_at, now),
        "in_per_second": one.rate_in,
        "out_per_second": one.rate_out,
        "history": list(one.history),
    }


def schedule_json(one: Punctuality, now: datetime) -> dict[str, Any]:
    return {
        "state": "silent" if one.is_silent else "up",
        "ticked_at": iso_or_none(one.ticked_at),
        "paused_since": iso_or_none(one.paused_since),
        "next_due_at": iso_or_none(one.next_due_at),
        "overdue": one.overdue,
        "oldest_due_at": iso_or_none(one.oldest_due_at),
        "oldest_due_seconds": _age(one.oldest_due_at, now),
        "lag_seconds": {"p50": one.lag_p50, "p95": one.lag_p95, "runs": one.runs},
    }


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max((now - at).total_seconds(), 0.0)
