"""`/api/categories`: what messages are sorted into."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import Blueprint, g, jsonify, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from mailbeat.db import audit, category_changes
from mailbeat.db.categories import (
    CategoryNotFound,
    any_category,
    living_categories,
    removed_categories,
)
from mailbeat.db.category_changes import CategoryInvalid, CategoryTaken, NewCategory
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from mailbeat.labeling.presets import PRESETS
from webapp.api.schemas import (
    MAX_ID,
    CategoriesQuery,
    CategoryChange,
    CategoryMerge,
    CategoryNew,
    CategoryOrder,
    body,
    category_json,
    query,
)
from webapp.auth import requires
from webapp.errors import refused
from webapp.parts import parts

blueprint = Blueprint("categories", __name__, url_prefix="/api/categories")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    read = removed_categories if query(CategoriesQuery).deleted else living_categories
    with parts().sessions() as session:
        found = [category_json(one) for one in read(session)]
    return jsonify(items=found, next_cursor=None)


@blueprint.post("")
@requires("control")
def add() -> ResponseReturnValue:
    sent = body(CategoryNew)
    with _change() as (session, now):
        new = NewCategory(**sent.model_dump())
        answer = category_json(category_changes.add_category(session, new))
        _note(session, "category.add", answer["category_id"], now, sent.name)
    where = url_for("categories.one", category_id=answer["category_id"])
    return jsonify(answer), 201, {"Location": where}


@blueprint.get("/<int:category_id>")
def one(category_id: int) -> ResponseReturnValue:
    with parts().sessions() as session:
        try:
            row = any_category(session, _possible(category_id))
        except CategoryNotFound as error:
            raise NotFound(str(error)) from None
        return jsonify(category_json(row))


@blueprint.patch("/<int:category_id>")
@requires("control")
def change(category_id: int) -> ResponseReturnValue:
    fields = body(CategoryChange).model_dump(exclude_unset=True)
    with _change() as (session, now):
        row = category_changes.change_category(session, _possible(category_id), fields)
        answer = category_json(row)
        changed = ", ".join(sorted(fields))
        _note(session, "category.change", category_id, now, changed)
    return jsonify(answer)


@blueprint.delete("/<int:category_id>")
@requires("control")
def remove(category_id: int) -> ResponseReturnValue:
    with _change() as (session, now):
        category_changes.remove_category(session, _possible(category_id), now=now)
        _note(session, "category.remove", category_id, now)
    return "", 204


@blueprint.post("/<int:category_id>/merge")
@requires("control")
def merge(category_id: int) -> ResponseReturnValue:
    into = body(CategoryMerge).into
    with _change() as (session, now):
        possible = _possible(category_id)
        row = category_changes.merge_category(session, possible, into, now=now)
        answer = category_json(row)
        _note(session, "category.merge", category_id, now, f"into category {into}")
    return jsonify(answer)


@blueprint.post("/<int:category_id>/restore")
@requires("control")
def restore(category_id: int) -> ResponseReturnValue:
    with _change() as (session, now):
        row = category_changes.restore_category(session, _possible(category_id))
        answer = category_json(row)
        _note(session, "category.restore", category_id, now)
    return jsonify(answer)


@blueprint.post("/order")
@requires("control")
def order() -> ResponseReturnValue:
    ids = body(CategoryOrder).category_ids
    with _change() as (session, now):
        category_changes.order_categories(session, ids)
        found = [category_json(one) for one in living_categories(session)]
        _note(session, "category.order", None, now)
    return jsonify(items=found, next_cursor=None)


@blueprint.get("/presets")
def presets() -> ResponseReturnValue:
    items = [
        {
            "preset": preset.name,
            "title": preset.title,
            "categories": [
                {"name": one.name, "definition": one.definition, "color": one.color}
                for one in preset.proposals
            ],
        }
        for preset in PRESETS.values()
    ]
    return jsonify(items=items, next_cursor=None)


@blueprint.post("/presets/<preset>")
@requires("control")
def add_preset(preset: str) -> ResponseReturnValue:
    with _change() as (session, now):
        added, there = category_changes.add_preset(session, preset)
        items = [category_json(one) for one in added]
        _note(session, "category.preset", None, now, preset)
    return jsonify(items=items, already_there=there, next_cursor=None)


@contextmanager
def _change() -> Iterator[tuple[Session, datetime]]:
    """Change categories, and answer what is refused."""
    try:
        with transaction(parts().sessions) as session:
            yield session, database_now(session)
    except CategoryNotFound as error:
        raise NotFound(str(error)) from None
    except CategoryTaken as error:
        raise refused("exists", error, field=error.field) from None
    except CategoryInvalid as error:
        raise refused("impossible", error, field=error.field) from None


def _possible(category_id: int) -> int:
    # A larger number is no id, and an error of its own to PostgreSQL.
    return category_id if category_id <= MAX_ID else 0


def _note(
    session: Session,
    action: str,
    category_id: int | None,
    now: datetime,
    detail: str = "",
) -> None:
    target = "categories" if category_id is None else f"category {category_id}"
    audit.record(session, g.caller.key_id, action, target, detail, now=now)
