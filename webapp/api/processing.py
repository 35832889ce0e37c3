"""`/api/processing`: what runs, what ran, and the buttons."""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from mailbeat.db import accounts, audit, run_history, runs
from mailbeat.db.clock import database_now
from mailbeat.db.paging import BadCursor
from mailbeat.db.session import transaction
from webapp.api.schemas import RunNow, RunsQuery, body, query, run_json
from webapp.auth import requires
from webapp.errors import Problem, refused
from webapp.parts import parts

blueprint = Blueprint("processing", __name__, url_prefix="/api/processing")


@blueprint.get("/current-status")
def current_status() -> ResponseReturnValue:
    return jsonify(parts().live.snapshot())


@blueprint.get("/runs")
def list_runs() -> ResponseReturnValue:
    asked = query(RunsQuery)
    with parts().sessions() as session:
        try:
            found, next_cursor = run_history.list_runs(session, **asked.model_dump())
        except BadCursor as error:
            raise BadRequest(str(error)) from None
        return jsonify(items=[run_json(run) for run in found], next_cursor=next_cursor)


@blueprint.get("/last-runs")
def last_runs() -> ResponseReturnValue:
    """The newest finished run of each account."""
    live = parts().live
    live.snapshot()  # which looks into the database when no events are heard
    return jsonify(items=list(live.board.last_runs().values()), next_cursor=None)


@blueprint.get("/runs/<run_id>")
def one_run(run_id: str) -> ResponseReturnValue:
    with parts().sessions() as session:
        run = runs.get_run(session, run_id)
        if run is None:
            raise NotFound("There is no run with this id. Old runs are deleted.")
        return jsonify(run_json(run))


@blueprint.post("/runs")
@requires("control")
def run_now() -> ResponseReturnValue:
    asked = body(RunNow)
    with transaction(parts().sessions) as session:
        now = database_now(session)
        try:
            run_id = accounts.want_run(session, asked.account_id, now=now)
        except accounts.AccountNotFound as error:
            raise NotFound(str(error)) from None
        except accounts.AccountBusy as error:
            raise refused("busy", error) from None
        except accounts.AccountPaused as error:
            raise refused("paused", error) from None
        target = f"account {asked.account_id}"
        audit.record(session, g.caller.key_id, "run.want", target, run_id, now=now)
    return jsonify(run_id=run_id), 202


@blueprint.post("/runs/<run_id>/cancel")
@requires("control")
def cancel(run_id: str) -> ResponseReturnValue:
    with transaction(parts().sessions) as session:
        now = database_now(session)
        if not accounts.cancel_run(session, run_id, now=now):
            if runs.get_run(session, run_id) is None:
                raise NotFound("There is no run with this id.")
            raise Problem(409, "not_running", "That run is not running any more.")
        audit.record(session, g.caller.key_id, "run.cancel", f"run {run_id}", now=now)
    return jsonify(run_id=run_id), 202


@blueprint.post("/pause")
@requires("control")
def pause() -> ResponseReturnValue:
    built = parts()
    with transaction(built.sessions) as session:
        now = database_now(session)
        accounts.pause_everything(session, now=now)
        audit.record(session, g.caller.key_id, "all.pause", "all", now=now)
    built.live.refresh()
    return jsonify(paused=True)


@blueprint.post("/resume")
@requires("control")
def resume() -> ResponseReturnValue:
    built = parts()
    with transaction(built.sessions) as session:
        now = database_now(session)
        accounts.resume_everything(session, now=now)
        audit.record(session, g.caller.key_id, "all.resume", "all", now=now)
    built.live.refresh()
    return jsonify(paused=False)
