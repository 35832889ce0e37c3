"""`/api/categories`: what messages are sorted into."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from mailbeat.db.categories import enabled_categories
from webapp.api.schemas import category_json
from webapp.parts import parts

blueprint = Blueprint("categories", __name__, url_prefix="/api/categories")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    with parts().sessions() as session:
        found = enabled_categories(session)
    return jsonify(items=[category_json(one) for one in found], next_cursor=None)
