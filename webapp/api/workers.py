"""`/api/workers`: who does the runs, what each has in hand, and its two buttons."""

from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from mailbeat.db import audit
from mailbeat.db.clock import database_now
from mailbeat.db.processes import (
    ProcessGone,
    ProcessSeen,
    find_process,
    want_size,
    want_stop,
)
from mailbeat.db.session import transaction
from webapp.api.schemas import Threads, body, iso, iso_or_none
from webapp.auth import requires
from webapp.crew import WorkerSeen, read_crew
from webapp.errors import refused
from webapp.parts import parts

blueprint = Blueprint("workers", __name__, url_prefix="/api/workers")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    """List the workers that live and those that ended lately."""
    built = parts()
    built.live.start()
    with built.sessions() as session:
        now = database_now(session)
        crew = read_crew(session, built.live.receiver.heartbeats(), now=now)
    return jsonify(
        items=[worker_json(one, now) for one in crew.workers],
        next_cursor=None,
        online=crew.online,
    )


@blueprint.post("/<int:worker_id>/stop")
@requires("control")
def stop(worker_id: int) -> ResponseReturnValue:
    with transaction(parts().sessions) as session:
        now = database_now(session)
        try:
            seen = want_stop(session, worker_id, now=now)
        except ProcessGone as error:
            raise _gone(session, worker_id, error) from None
        audit.record(session, g.caller.key_id, "worker.stop", target_of(seen), now=now)
    return jsonify(name=seen.name), 202


@blueprint.post("/<int:worker_id>/threads")
@requires("control")
def resize(worker_id: int) -> ResponseReturnValue:
    asked = body(Threads)
    with transaction(parts().sessions) as session:
        now = database_now(session)
        try:
            seen = want_size(session, worker_id, asked.threads, now=now)
        except ProcessGone as error:
            raise _gone(session, worker_id, error) from None
        detail = f"{asked.threads} threads"
        audit.record(
            session, g.caller.key_id, "worker.resize", target_of(seen), detail, now=now
        )
    return jsonify(name=seen.name), 202


def target_of(seen: ProcessSeen) -> str:
    return f"worker {seen.name}"


def _gone(session: Any, worker_id: int, error: ProcessGone) -> Exception:
    """What is known of it says whether there ever was one."""
    try:
        find_process(session, worker_id, now=database_now(session))
    except ProcessGone:
        return NotFound("There is no worker with this id. Those long gone are deleted.")
    return refused("not_running", error)


def worker_json(one: WorkerSeen, now: Any) -> dict[str, Any]:
    row, heard = one.row, one.heard
    facts = row.facts if row else {}
    load = facts.get("load") or (list(heard.load) if heard else [])
    return {
        "id": row and row.id,
        "name": one.name,
        "state": str(one.state),
        "since": iso_or_none(row.since if row else None),
        "started_at": iso_or_none(row.started_at if row else None),
        "host": row and row.host,
        "pid": row and row.pid,
        "version": row and row.version,
        "celery_version": facts.get("celery") or (heard and heard.celery),
        "pool": facts.get("pool"),
        "threads": facts.get("size"),
        "wanted_threads": row and row.wanted_size,
        "can_resize": bool(facts.get("can_resize")) and one.is_alive,
        "active": facts.get("active", heard and heard.active),
        "processed": facts.get("processed", heard and heard.processed),
        "failed": facts.get("failed"),
        "load": load,
        "memory_bytes": facts.get("rss_bytes"),
        "heartbeat": {
            "at": iso_or_none(row.beat_at if row else None),
            "age_seconds": row and max((now - row.beat_at).total_seconds(), 0.0),
            "late_seconds": facts.get("late"),
            "heard_seconds_ago": one.heard_ago,
        },
        "running": [
            {
                "task_id": each.task.task_id,
                "task": each.task.name,
                "account_id": each.task.account_id,
                "email_address": each.email_address,
                "since": iso(each.task.since),
                "age_seconds": each.age,
            }
            for each in one.running
        ],
    }
