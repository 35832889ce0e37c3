"""`/api/tasks`: every Celery task that went by, as far back as it is kept."""

from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, NotFound

from mailbeat.db import task_gaps
from mailbeat.db.paging import BadCursor
from mailbeat.db.task_lists import failures as grouped_failures
from mailbeat.db.task_lists import list_tasks
from mailbeat.db.tasks import get_task
from webapp.api.schemas import (
    TaskFailuresQuery,
    TasksQuery,
    failure_json,
    iso_or_none,
    query,
    task_json,
)
from webapp.parts import parts

blueprint = Blueprint("tasks", __name__, url_prefix="/api/tasks")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    asked = query(TasksQuery)
    values = asked.model_dump(exclude={"state"})
    states = asked.state.states if asked.state is not None else ()
    with parts().sessions() as session:
        try:
            found, next_cursor = list_tasks(session, states=states, **values)
        except BadCursor as error:
            raise BadRequest(str(error)) from None
        history = history_json(session)
    return jsonify(
        items=[task_json(one) for one in found],
        next_cursor=next_cursor,
        history=history,
    )


@blueprint.get("/failures")
def failures() -> ResponseReturnValue:
    asked = query(TaskFailuresQuery)
    since: datetime | None = asked.since
    with parts().sessions() as session:
        found = grouped_failures(session, since=since)
    return jsonify(items=[failure_json(one) for one in found], next_cursor=None)


@blueprint.get("/<task_id>")
def one(task_id: str) -> ResponseReturnValue:
    with parts().sessions() as session:
        task = get_task(session, task_id)
        if task is None:
            raise NotFound("There is no task with this id. Old tasks are deleted.")
        return jsonify(task_json(task))


def history_json(session: Session) -> dict[str, Any]:
    """How well the history is kept."""
    status = parts().live.tasks.status()
    dropped = max(task_gaps.dropped(session), status["dropped"])
    behind = iso_or_none(status["behind_since"])
    return {**status, "dropped": dropped, "behind_since": behind}
