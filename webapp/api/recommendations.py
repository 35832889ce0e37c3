"""`/api/recommendations`: senders, domains and lists that are worth a rule."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from mailbeat.db import audit, recommendations
from mailbeat.db.categories import category_names
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from mailbeat.labeling.worth_a_rule import Recommendation
from webapp.api.schemas import StatisticsQuery, query
from webapp.auth import requires
from webapp.parts import parts

blueprint = Blueprint("recommendations", __name__, url_prefix="/api/recommendations")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    asked = query(StatisticsQuery)
    with parts().sessions() as session:
        since = database_now(session) - timedelta(days=asked.days)
        found = recommendations.recommendations(
            session, since=since, account_id=asked.account_id
        )
        names = category_names(session)
    items = [as_json(one, names[one.category_id]) for one in found]
    return jsonify(items=items, next_cursor=None)


@blueprint.post("/<key>/dismiss")
@requires("control")
def dismiss(key: str) -> ResponseReturnValue:
    with transaction(parts().sessions) as session:
        now = database_now(session)
        try:
            account_id = recommendations.dismiss(session, key, now=now)
        except recommendations.RecommendationNotFound as error:
            raise NotFound(str(error)) from None
        target = f"account {account_id}"
        action = "recommendation.dismiss"
        audit.record(session, g.caller.key_id, action, target, key, now=now)
    return "", 204


def as_json(one: Recommendation, category: str) -> dict[str, Any]:
    """A recommendation; its `rule` is what `POST /api/rules` takes."""
    return {
        "key": one.key,
        "account_id": one.account_id,
        "field": one.field,
        "value": one.value,
        "category_id": one.category_id,
        "category": category,
        "messages": one.messages,
        "of": one.of,
        "purity": one.purity,
        "corrected": one.corrected,
        "weak": one.weak,
        "reason": one.reason(category),
        "rule": {
            "name": one.name,
            "condition": one.condition,
            "category_id": one.category_id,
            "account_id": one.account_id,
        },
    }
