"""`/api/audit`: who did what, and when."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from mailbeat.db.audit import list_entries
from mailbeat.db.paging import BadCursor
from webapp.api.schemas import Paging, audit_json, query
from webapp.auth import requires
from webapp.parts import parts

blueprint = Blueprint("audit", __name__, url_prefix="/api/audit")


@blueprint.get("")
@requires("admin")
def list_all() -> ResponseReturnValue:
    asked = query(Paging)
    with parts().sessions() as session:
        try:
            found, next_cursor = list_entries(session, **asked.model_dump())
        except BadCursor as error:
            raise BadRequest(str(error)) from None
    return jsonify(items=[audit_json(one) for one in found], next_cursor=next_cursor)
