"""Whether the web is alive, whether it can serve, and how every part is."""

from datetime import timedelta
from typing import Any

import structlog
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from mailbeat import __version__
from mailbeat.db.clock import database_now
from mailbeat.db.models import Installation
from webapp.api.schemas import iso_or_none
from webapp.parts import parts

BEAT_SILENT = timedelta(seconds=15)  # it ticks every second

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
    """Tell the state of every part, and since when."""
    built = parts()
    built.live.start()
    database = _database()
    found = {
        "version": __version__,
        "database": database,
        **built.live.health(),
        "beat": _beat() if database["state"] == "up" else {"state": "unknown"},
    }
    good = database["state"] == "up" and found["feed"]["state"] == "up"
    return jsonify(status="ok" if good else "degraded", **found)


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
