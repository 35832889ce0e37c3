"""`/api/corrections`: what people said that messages are, and back again."""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from mailbeat.db import audit, corrections
from mailbeat.db.categories import category_names
from mailbeat.db.clock import database_now
from mailbeat.db.paging import BadCursor
from mailbeat.db.session import transaction
from webapp.api.schemas import MAX_ID, CorrectionsQuery, correction_json, query
from webapp.auth import requires
from webapp.errors import refused
from webapp.parts import parts

blueprint = Blueprint("corrections", __name__, url_prefix="/api/corrections")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    asked = query(CorrectionsQuery)
    with parts().sessions() as session:
        try:
            found, next_cursor = corrections.list_corrections(
                session, **asked.model_dump()
            )
        except BadCursor as error:
            raise BadRequest(str(error)) from None
        names = category_names(session)
    items = [correction_json(one, names) for one in found]
    return jsonify(items=items, next_cursor=next_cursor)


@blueprint.post("/<int:correction_id>/undo")
@requires("control")
def undo(correction_id: int) -> ResponseReturnValue:
    if correction_id > MAX_ID:
        raise NotFound("There is no such correction.")
    with transaction(parts().sessions) as session:
        now = database_now(session)
        try:
            one = corrections.undo(session, correction_id, now=now)
        except corrections.CorrectionNotFound as error:
            raise NotFound(str(error)) from None
        except corrections.CannotUndo as error:
            raise refused("cannot_undo", error) from None
        target = f"message {one.message_id}"
        detail = f"correction {one.id}"
        audit.record(session, g.caller.key_id, "message.undo", target, detail, now=now)
        answer = correction_json(one, category_names(session))
    return jsonify(answer)
