"""`/api/workers`: who is online, by the heartbeats on the event stream."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from webapp.parts import parts

blueprint = Blueprint("workers", __name__, url_prefix="/api/workers")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    """List the workers; `online` is null while the feed is down: nobody knows."""
    live = parts().live
    live.start()
    names = live.receiver.workers()
    return jsonify(
        items=[{"name": name} for name in names or ()],
        next_cursor=None,
        online=None if names is None else len(names),
    )
