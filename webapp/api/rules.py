"""`/api/rules`: the user's rules, in their order, and as a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound, UnsupportedMediaType

from mailbeat.db import audit, rules
from mailbeat.db.clock import database_now
from mailbeat.db.rule_file import export_rules, import_rules
from mailbeat.db.rule_preview import preview
from mailbeat.db.session import transaction
from mailbeat.labeling.condition_form import (
    RuleRefused,
    read_condition,
    read_line,
)
from mailbeat.labeling.rule_file import MOST_NAME, FileRefused
from mailbeat.labeling.rules import Rule
from webapp.api.rule_shapes import (
    RuleChange,
    RuleImport,
    RuleNew,
    RuleOrder,
    RulePreview,
    preview_json,
    rule_json,
)
from webapp.api.schemas import MAX_ID, body, query
from webapp.auth import requires
from webapp.errors import answer, refused
from webapp.parts import parts
from webapp.security import YAML_TYPES

YAML = "application/yaml"  # RFC 9512
OF_OUR_NAMES = {"catch_all": "is_catch_all"}

blueprint = Blueprint("rules", __name__, url_prefix="/api/rules")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    with parts().sessions() as session:
        found = rules.list_rules(session)
    return jsonify(items=[rule_json(one) for one in found], next_cursor=None)


@blueprint.get("/<int:rule_id>")
def one(rule_id: int) -> ResponseReturnValue:
    with _refusals(), parts().sessions() as session:
        return jsonify(rule_json(rules.get_rule(session, _small(rule_id))))


@blueprint.post("")
@requires("control")
def add() -> ResponseReturnValue:
    sent = body(RuleNew)
    new = rules.NewRule(
        name=read_line(sent.name, ("name",), most=MOST_NAME),
        condition=read_condition(sent.condition, ("condition",)),
        category_id=sent.category_id,
        is_catch_all=sent.catch_all,
        account_id=sent.account_id,
        enabled=sent.enabled,
    )
    with _change() as (session, now):
        rule = rules.add_rule(session, new, now=now, position=sent.position)
        _note(session, "rule.add", f"rule {rule.id}", now, rule.name)
    where = url_for("rules.one", rule_id=rule.id)
    return jsonify(rule_json(rule)), 201, {"Location": where}


@blueprint.patch("/<int:rule_id>")
@requires("control")
def change(rule_id: int) -> ResponseReturnValue:
    fields: dict[str, Any] = body(RuleChange).model_dump(exclude_unset=True)
    changed = ", ".join(sorted(fields))
    if "name" in fields:
        fields["name"] = read_line(fields["name"], ("name",), most=MOST_NAME)
    if "condition" in fields:
        fields["condition"] = read_condition(fields["condition"], ("condition",))
    values = {OF_OUR_NAMES.get(name, name): value for name, value in fields.items()}
    with _change() as (session, now):
        rule = rules.change_rule(session, _small(rule_id), values, now=now)
        _note(session, "rule.change", f"rule {rule_id}", now, changed)
    return jsonify(rule_json(rule))


@blueprint.delete("/<int:rule_id>")
@requires("control")
def remove(rule_id: int) -> ResponseReturnValue:
    """Remove a rule; the answer is what it was, so that it can be added again."""
    with _change() as (session, now):
        rule = rules.remove_rule(session, _small(rule_id))
        _note(session, "rule.remove", f"rule {rule_id}", now, rule.name)
    return jsonify(rule_json(rule))


@blueprint.post("/order")
@requires("control")
def order() -> ResponseReturnValue:
    sent = body(RuleOrder)
    with _change() as (session, now):
        rules.order_rules(session, sent.rule_ids)
        found = rules.list_rules(session)
        _note(session, "rule.order", "rules", now)
    return jsonify(items=[rule_json(one) for one in found], next_cursor=None)


@blueprint.post("/preview")
def try_out() -> ResponseReturnValue:
    sent = body(RulePreview)
    rule = Rule(
        id=0,
        name=read_line(sent.name, ("name",), most=MOST_NAME),
        condition=read_condition(sent.condition, ("condition",)),
        category_id=sent.category_id,
        is_catch_all=sent.catch_all,
        account_id=sent.account_id,
    )
    with parts().sessions() as session:
        return jsonify(preview_json(preview(session, rule, limit=sent.limit)))


@blueprint.get("/export")
def export() -> ResponseReturnValue:
    with parts().sessions() as session:
        text = export_rules(session)
    file = {"Content-Disposition": 'attachment; filename="rules.yaml"'}
    return Response(text, content_type=f"{YAML}; charset=utf-8", headers=file)


@blueprint.post("/import")
@requires("control")
def import_() -> ResponseReturnValue:
    mode = query(RuleImport).mode
    if request.mimetype not in YAML_TYPES:
        raise UnsupportedMediaType(f"Send YAML, with Content-Type: {YAML}.")
    with _change() as (session, now):
        count = import_rules(session, request.get_data(), mode=mode, now=now)
        total = len(rules.list_rules(session))
        _note(session, "rule.import", "rules", now, f"{count} rules, {mode}")
    return jsonify(imported=count, total=total)


@blueprint.errorhandler(RuleRefused)
def not_a_rule(error: RuleRefused) -> ResponseReturnValue:
    errors = [
        {"field": ".".join(map(str, one.path)), "message": one.message}
        for one in error.faults
    ]
    names = ", ".join(one["field"] for one in errors)
    detail = f"Not accepted: {names}: {errors[0]['message']}."
    return answer(422, detail, code="invalid", errors=errors)


@blueprint.errorhandler(FileRefused)
def not_a_file(error: FileRefused) -> ResponseReturnValue:
    errors = [
        {"field": f"line {line}", "message": message} for line, message in error.faults
    ]
    detail = f"Nothing was imported. Line {error.faults[0][0]}: {error.faults[0][1]}."
    status, code = (409, "conflict") if error.is_conflict else (422, "invalid")
    return answer(status, detail, code=code, errors=errors)


def _small(rule_id: int) -> int:
    # A larger number is no id, and an error of its own to PostgreSQL.
    return min(rule_id, MAX_ID)


@contextmanager
def _change() -> Iterator[tuple[Session, datetime]]:
    with _refusals(), transaction(parts().sessions) as session:
        yield session, database_now(session)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except rules.RuleNotFound as error:
        raise NotFound(str(error)) from None
    except rules.RuleConflict as error:
        raise refused(error.code, error) from None


def _note(
    session: Session, action: str, target: str, now: datetime, detail: str = ""
) -> None:
    audit.record(session, g.caller.key_id, action, target, detail, now=now)
