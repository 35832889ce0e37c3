"""Whether the web is alive, whether it can serve, and how every part is."""

from typing import Any

import structlog
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from mailbeat import __version__
from mailbeat.db.clock import database_now
from mailbeat.db.models import Installation
from mailbeat.db.punctuality import BEAT_SILENT
from mailbeat.health import (
    Condition,
    PartHealth,
    look_at_disk,
    read_health,
    read_model,
    read_ways_out,
)
from webapp.api.schemas import iso_or_none
from webapp.parts import parts

# What is read from the database.
READ = ("beat", "workers", "queue", "llm", "mail out", "webhook", "apprise")

blueprint = Blueprint("health", __name__)
log = structlog.get_logger(__name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say whether this process should be left alone: it answers, and is whole."""
    whole = parts().live.is_whole
    return jsonify(status="ok" if whole else "broken"), 200 if whole else 503


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether requests can be served now: the database answers."""
    usable = _database()["state"] == "up" and parts().live.is_whole
    return jsonify(status="ok" if usable else "unavailable"), 200 if usable else 503


@blueprint.get("/api/health")
def health() -> ResponseReturnValue:
    """Tell the state of every part, since when, and what to do."""
    built = parts()
    built.live.start()
    database = _database()
    is_up = database["state"] == "up"
    told = {"database": database, **built.live.health()}
    found = [_database_part(database), _feed_part(told["feed"])]
    found += _read() if is_up else [_unknown(name) for name in READ]
    found += [look_at_disk(built.settings.database_url)]
    bad = any(one.is_bad for one in found)
    return jsonify(
        status="degraded" if bad else "ok",
        version=__version__,
        **told,
        beat=_beat() if is_up else {"state": "unknown"},
        parts=[part_json(one) for one in found],
    )


def part_json(one: PartHealth) -> dict[str, Any]:
    return {
        "name": one.name,
        "state": str(one.condition),
        "since": iso_or_none(one.since),
        "text": one.text,
        "advice": one.advice or None,
    }


def _read() -> list[PartHealth]:
    built = parts()
    with built.sessions() as session:
        now = database_now(session)
        is_configured = built.settings.llm is not None
        watching = built.watch.watching
        return [
            *read_health(session, now=now),
            read_model(session, is_configured=is_configured, now=now),
            *read_ways_out(
                session, watching.channels, has_post=watching.post is not None
            ),
        ]


def _unknown(name: str) -> PartHealth:
    return PartHealth(name, Condition.UNKNOWN, "the database would tell")


def _database_part(database: dict[str, Any]) -> PartHealth:
    if database["state"] == "up":
        return PartHealth("database", Condition.UP, "answers")
    return PartHealth(
        "database",
        Condition.DOWN,
        "does not answer",
        parts().live.database_down_since,
        "Start it, or correct DATABASE_URL.",
    )


def _feed_part(feed: dict[str, Any]) -> PartHealth:
    """The broker, as the event stream shows it: it is asked when it is silent."""
    if feed["state"] == "up":
        return PartHealth("broker", Condition.UP, "the event stream is heard")
    if feed["state"] == "dead":
        text = "a thread of the web process ended"
        return PartHealth("broker", Condition.DOWN, text, advice="Start the web anew.")
    return PartHealth(
        "broker",
        Condition.DOWN,
        "the event stream is not heard",
        parts().live.receiver.deaf_since,
        "Start it, or correct REDIS_URL or BROKER_URL.",
    )


def _database() -> dict[str, Any]:
    built = parts()
    try:
        with built.sessions() as session:
            session.execute(text("SELECT 1 FROM installation"))
    except SQLAlchemyError as error:
        log.warning("database_check_failed", error=type(error).__name__)
        since = built.live.database_down_since
        return {"state": "down", "since": iso_or_none(since)}
    return {"state": "up", "since": None}


def _beat() -> dict[str, Any]:
    with parts().sessions() as session:
        ticked_at = session.scalar(select(Installation.beat_ticked_at))
        now = database_now(session)
    silent = ticked_at is None or now - ticked_at > BEAT_SILENT
    return {"state": "silent" if silent else "up", "ticked_at": iso_or_none(ticked_at)}
