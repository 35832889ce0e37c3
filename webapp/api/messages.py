"""`/api/messages`: what was decided about which message, and why."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from mailbeat.db.messages import list_messages
from mailbeat.db.paging import BadCursor
from webapp.api.schemas import MessagesQuery, message_json, query
from webapp.parts import parts

blueprint = Blueprint("messages", __name__, url_prefix="/api/messages")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    asked = query(MessagesQuery)
    with parts().sessions() as session:
        try:
            found, next_cursor = list_messages(session, **asked.model_dump())
        except BadCursor as error:
            raise BadRequest(str(error)) from None
    return jsonify(items=[message_json(row) for row in found], next_cursor=next_cursor)
