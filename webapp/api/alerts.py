"""`/api/alerts`: what is wrong, what was, who was told, and who does not want to be."""

from datetime import timedelta

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from mailbeat.alerts.trial import NoWayOut, begin_test
from mailbeat.db import alerts as db
from mailbeat.db import audit, outbox
from mailbeat.db.clock import database_now
from mailbeat.db.paging import BadCursor
from mailbeat.db.session import transaction
from webapp.api.alert_shapes import (
    AlertsQuery,
    SilenceNew,
    alert_json,
    delivery_json,
    silence_json,
)
from webapp.api.schemas import body, query
from webapp.auth import requires
from webapp.errors import Problem
from webapp.parts import parts

blueprint = Blueprint("alerts", __name__, url_prefix="/api/alerts")
MOST_DELIVERIES = 100


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    asked = query(AlertsQuery)
    with parts().sessions() as session:
        try:
            found, next_cursor = db.list_alerts(session, **asked.model_dump())
        except BadCursor as error:
            raise BadRequest(str(error)) from None
        held = db.silences(session, now=database_now(session))
    items = [alert_json(one, held) for one in found]
    return jsonify(items=items, next_cursor=next_cursor)


@blueprint.post("/<int:alert_id>/acknowledge")
@requires("control")
def acknowledge(alert_id: int) -> ResponseReturnValue:
    with transaction(parts().sessions) as session:
        now = database_now(session)
        by = g.caller.key_id
        try:
            alert = db.acknowledge(session, alert_id, by=by, now=now)
        except db.AlertNotFound as error:
            raise NotFound(str(error)) from None
        except db.AlertIsOver as error:
            raise Problem(409, "over", str(error)) from None
        target = f"alert {alert_id}"
        audit.record(session, by, "alert.acknowledge", target, alert.rule, now=now)
        held = db.silences(session, now=now)
        return jsonify(alert_json(alert, held))


@blueprint.get("/silences")
def list_silences() -> ResponseReturnValue:
    with parts().sessions() as session:
        held = db.silences(session, now=database_now(session))
    return jsonify(items=[silence_json(one) for one in held], next_cursor=None)


@blueprint.post("/silences")
@requires("control")
def silence() -> ResponseReturnValue:
    asked = body(SilenceNew)
    with transaction(parts().sessions) as session:
        now = database_now(session)
        by = g.caller.key_id
        made = db.silence(
            session,
            asked.rule,
            asked.subject,
            until=now + timedelta(minutes=asked.minutes),
            by=by,
            now=now,
        )
        target = f"rule {asked.rule}"
        detail = f"{asked.subject or 'all'}, {asked.minutes} min"
        audit.record(session, by, "alert.silence", target, detail, now=now)
        return jsonify(silence_json(made)), 201


@blueprint.delete("/silences/<int:silence_id>")
@requires("control")
def end_silence(silence_id: int) -> ResponseReturnValue:
    with transaction(parts().sessions) as session:
        try:
            ended = db.end_silence(session, silence_id)
        except db.AlertNotFound as error:
            raise NotFound(str(error)) from None
        now = database_now(session)
        by, target = g.caller.key_id, f"rule {ended.rule}"
        detail = ended.subject or "all"
        audit.record(session, by, "alert.end-silence", target, detail, now=now)
    return "", 204


@blueprint.get("/deliveries")
def deliveries() -> ResponseReturnValue:
    with parts().sessions() as session:
        found = outbox.newest_deliveries(session, limit=MOST_DELIVERIES)
    return jsonify(items=[delivery_json(one) for one in found], next_cursor=None)


@blueprint.post("/test")
@requires("control")
def try_out() -> ResponseReturnValue:
    built = parts()
    with transaction(built.sessions) as session:
        now = database_now(session)
        try:
            message_id, channels = begin_test(session, built.watch.watching, now=now)
        except NoWayOut as error:
            raise Problem(409, "no_way_out", str(error)) from None
        by = g.caller.key_id
        audit.record(session, by, "alert.test", "all", ", ".join(channels), now=now)
    return jsonify(message_id=message_id, channels=channels), 202
