"""`/api/keys`: issue, list and revoke keys."""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from mailbeat.db import api_keys, audit
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from webapp.api.schemas import KeyNew, Paging, body, key_json, page_by_id, query
from webapp.auth import requires
from webapp.errors import Problem
from webapp.parts import parts

blueprint = Blueprint("keys", __name__, url_prefix="/api/keys")


@blueprint.get("")
@requires("admin")
def list_all() -> ResponseReturnValue:
    asked = query(Paging)
    with parts().sessions() as session:
        found = api_keys.list_keys(session)
    return jsonify(page_by_id(found, asked, key_json, lambda key: key.id))


@blueprint.post("")
@requires("admin")
def issue() -> ResponseReturnValue:
    """Issue a key; its text is in this answer and nowhere else, ever."""
    asked = body(KeyNew)
    with transaction(parts().sessions) as session:
        now = database_now(session)
        if asked.expires_at is not None and asked.expires_at <= now:
            raise Problem(409, "past", "expires_at is in the past.")
        key, text = api_keys.issue_key(
            session,
            name=asked.name,
            scope=asked.scope,
            now=now,
            expires_at=asked.expires_at,
        )
        target = f"key {key.key_id}"
        audit.record(
            session, g.caller.key_id, "key.issue", target, str(asked.scope), now=now
        )
    return jsonify(key=text, **key_json(key)), 201


@blueprint.delete("/<key_id>")
@requires("admin")
def revoke(key_id: str) -> ResponseReturnValue:
    """Revoke a key; its sessions and sockets end now."""
    with transaction(parts().sessions) as session:
        now = database_now(session)
        try:
            api_keys.revoke_key(session, key_id, now=now)
        except api_keys.KeyNotFound as error:
            raise NotFound(str(error)) from None
        audit.record(session, g.caller.key_id, "key.revoke", f"key {key_id}", now=now)
    parts().live.put_out()
    return "", 204
