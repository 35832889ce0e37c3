"""`/api/messages`: what was decided about which message, why, and what it really is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, NotFound

from mailbeat.db import audit, corrections
from mailbeat.db.categories import (
    CategoryNotFound,
    category_names,
    effective_categories,
    enabled_category_named,
    those_read_as,
)
from mailbeat.db.clock import database_now
from mailbeat.db.messages import list_messages
from mailbeat.db.models import Correction, MessageRow
from mailbeat.db.paging import BadCursor
from mailbeat.db.session import transaction
from webapp.api.schemas import (
    MAX_ID,
    Chosen,
    ManyChosen,
    MessagesQuery,
    body,
    message_json,
    query,
    whole_message_json,
)
from webapp.auth import requires
from webapp.errors import Problem
from webapp.parts import parts

blueprint = Blueprint("messages", __name__, url_prefix="/api/messages")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    asked = query(MessagesQuery).model_dump()
    category_id = asked.pop("category_id")
    with parts().sessions() as session:
        read_as = effective_categories(session)
        if category_id is not None:
            asked["read_as"] = those_read_as(category_id, read_as)
        try:
            found, next_cursor = list_messages(session, **asked)
        except BadCursor as error:
            raise BadRequest(str(error)) from None
        names = category_names(session)
    items = [message_json(row, names, read_as) for row in found]
    return jsonify(items=items, next_cursor=next_cursor)


@blueprint.get("/<int:message_id>")
def one(message_id: int) -> ResponseReturnValue:
    with parts().sessions() as session:
        return jsonify(_whole(session, _known(session, message_id)))


@blueprint.post("/<int:message_id>/category")
@requires("control")
def correct(message_id: int) -> ResponseReturnValue:
    chosen = body(Chosen)
    with transaction(parts().sessions) as session, _refusals():
        _known(session, message_id)
        (done,) = _correct(session, [message_id], chosen, f"message {message_id}")
        answer = _answer(session, done)
    return jsonify(answer)


@blueprint.post("/corrections")
@requires("control")
def correct_many() -> ResponseReturnValue:
    """Correct those that there are; the others are told."""
    chosen = body(ManyChosen)
    with transaction(parts().sessions) as session, _refusals():
        target = f"{len(set(chosen.ids))} messages"
        done = _correct(session, chosen.ids, chosen, target)
        names, read_as = category_names(session), effective_categories(session)
        items = [_answer_json(session, one, names, read_as) for one in done]
    corrected = {one.message_id for one in done}
    missing = sorted(set(chosen.ids) - corrected)
    return jsonify(items=items, missing=missing)


def _correct(
    session: Session, ids: list[int], chosen: Chosen, target: str
) -> list[Correction]:
    category_id = chosen.category_id
    if chosen.category is not None:
        category_id = enabled_category_named(session, chosen.category).id
    now = database_now(session)
    done = corrections.correct_all(
        session,
        ids,
        category_id,
        source="api" if g.caller.session_id is None else "dashboard",
        actor=g.caller.key_id,
        now=now,
    )
    detail = category_names(session)[category_id] if category_id else "no category"
    audit.record(session, g.caller.key_id, "message.correct", target, detail, now=now)
    return done


def _answer(session: Session, done: Correction) -> dict[str, Any]:
    """The message as it is now, and what was done."""
    row = _known(session, done.message_id)
    return {
        **_whole(session, row),
        "correction_id": done.id,
        "label_waits": done.pending_since is not None,
    }


def _answer_json(
    session: Session,
    done: Correction,
    names: dict[int, str],
    read_as: dict[int, int | None],
) -> dict[str, Any]:
    row = session.get_one(MessageRow, done.message_id)
    return {
        **message_json(row, names, read_as),
        "correction_id": done.id,
        "label_waits": done.pending_since is not None,
    }


def _whole(session: Session, row: MessageRow) -> dict[str, Any]:
    its = corrections.corrections_of(session, row.id)
    names, read_as = category_names(session), effective_categories(session)
    return whole_message_json(row, its, names, read_as)


def _known(session: Session, message_id: int) -> MessageRow:
    # A larger number is no id, and an error of its own to PostgreSQL.
    row = session.get(MessageRow, message_id) if message_id <= MAX_ID else None
    if row is None:
        raise NotFound(
            f"There is no message {message_id}. Decisions are forgotten in time."
        )
    return row


@contextmanager
def _refusals() -> Iterator[None]:
    """Answer 404 where a category is meant that there is not."""
    try:
        yield
    except CategoryNotFound as error:
        raise Problem(404, "category_unknown", str(error)) from None
