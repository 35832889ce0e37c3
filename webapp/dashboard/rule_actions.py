"""What the forms of rules do: add, try, change, move, switch, remove, import."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, g, jsonify, request
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from mailbeat.db import audit, recommendations
from mailbeat.db import rules as db
from mailbeat.db.clock import database_now
from mailbeat.db.models import MessageRow
from mailbeat.db.rule_file import Mode, import_rules
from mailbeat.db.rule_preview import preview
from mailbeat.db.session import transaction
from mailbeat.labeling.condition_form import (
    RuleRefused,
    read_condition,
    read_line,
    write_condition,
)
from mailbeat.labeling.conditions import Condition
from mailbeat.labeling.rule_file import MOST_NAME, FileRefused
from mailbeat.labeling.rules import Rule
from webapp.api.rule_shapes import RuleNew
from webapp.auth import requires
from webapp.dashboard import message_pages, rule_pages
from webapp.dashboard.actions import Answer, back
from webapp.dashboard.blueprint import pages, reading, refuse
from webapp.dashboard.rule_form import Row, RuleForm, condition_of, read_form, sentence
from webapp.dashboard.rule_pages import ONE, rule_page, rules_page
from webapp.language import _
from webapp.parts import parts
from webapp.sentences import said

MOST_UNDONE = 48 * 1024  # bytes of a rule that a form brings back
ALWAYS = ("sender", "domain", "list")


def _note(
    session: Session, now: datetime, action: str, target: str, detail: str = ""
) -> None:
    audit.record(session, g.caller.key_id, action, target, detail, now=now)


def _id_of(text: str) -> int | None:
    """A number of a form: None where nothing is chosen, 0 where it is no number."""
    if text in {"", "0"}:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 # ids are 32 bits


def _rule_of(form: RuleForm) -> db.NewRule | None:
    """The rule that a form means, or None, and the form says what is wrong."""
    condition = condition_of(form)
    try:
        name = read_line(form.name, (), most=MOST_NAME)
    except RuleRefused as error:
        form.faults["name"] = sentence(error.faults[0].message)
    if not form.category:
        form.faults["category"] = _("Choose what such mail becomes.")
    if form.faults or condition is None:
        return None
    return db.NewRule(
        name=name,
        condition=condition,
        category_id=_id_of(form.category),
        is_catch_all=form.is_catch_all,
        account_id=_id_of(form.account),
        enabled=form.enabled,
    )


@pages.post("/rules")
@requires("control")
def rules_add() -> Answer:
    form = read_form(request.form)
    if (shown := _shown(None, form)) is not None:
        return shown
    new = _rule_of(form)

    def add(session: Session, now: datetime) -> int:
        assert new is not None  # noqa: S101 # narrows: _store looked
        rule = db.add_rule(session, new, now=now)
        _note(session, now, "rule.add", f"rule {rule.id}", rule.name)
        return rule.id

    stored = _store(None, form, new, add)
    if not isinstance(stored, int):
        return stored
    return back("pages.rules", "rule-added", undo=stored, _anchor=f"r{stored}")


@pages.post(ONE)
@requires("control")
def rule_change(rule_id: int) -> Answer:
    with reading() as session:
        kept = rule_pages.known_rule(session, rule_id)
    form = read_form(request.form)
    if (shown := _shown(kept, form)) is not None:
        return shown
    new = _rule_of(form)

    def change(session: Session, now: datetime) -> int:
        assert new is not None  # noqa: S101 # narrows: _store looked
        fields = ("name", "condition", "category_id", "is_catch_all", "account_id")
        values = {name: getattr(new, name) for name in (*fields, "enabled")}
        db.change_rule(session, rule_id, values, now=now)
        _note(session, now, "rule.change", f"rule {rule_id}", new.name)
        return rule_id

    stored = _store(kept, form, new, change)
    if not isinstance(stored, int):
        return stored
    return back("pages.rules", "rule-changed", _anchor=f"r{rule_id}")


def _store(
    kept: db.KeptRule | None,
    form: RuleForm,
    new: db.NewRule | None,
    do: Callable[[Session, datetime], int],
) -> int | tuple[str, int]:
    """Keep a rule, or show the form with what is wrong."""
    if new is None:
        return rule_page(kept, form), 422
    try:
        with transaction(parts().sessions) as session:
            return do(session, database_now(session))
    except db.RuleNotFound as error:
        abort(404, str(error))
    except db.RuleConflict as error:
        field = {"exists": "name", "category_unknown": "category"}.get(
            error.code, "form"
        )
        form.faults[field] = said(str(error))
        return rule_page(kept, form), 409


def _shown(kept: db.KeptRule | None, form: RuleForm) -> Answer | None:
    """Answer a button that keeps nothing: one more line, or a look at what it does."""
    wish = request.form.get("do", "store")
    if wish == "more":
        return rule_page(kept, form, more=True)
    if wish != "preview":
        return None
    condition = condition_of(form)
    found = None
    if condition is not None:
        with reading() as session:
            found = preview(session, _tried(form, condition))
    if request.accept_mimetypes.best == "application/json":
        return _preview_json(form, found)
    return rule_page(kept, form, preview=found), 200 if found else 422


def _tried(form: RuleForm, condition: Condition) -> Rule:
    return Rule(
        id=0,
        name=form.name.strip()[:MOST_NAME] or _("New rule"),
        condition=condition,
        category_id=_id_of(form.category),
        is_catch_all=form.is_catch_all,
        account_id=_id_of(form.account),
    )


def _preview_json(form: RuleForm, found: Any) -> Response:
    """The same for the script that shows it while one types."""
    if found is None:
        told = [one.fault for one in form.used if one.fault]
        return jsonify(
            said=" ".join([*form.faults.values(), *told]), ok=False, items=[]
        )
    items = [
        {
            "sender": one.message.sender,
            "subject": one.message.subject or "",
            "evidence": said(one.evidence),
            "would_change": one.would_change or not form.category,
            "message_id": one.message.id,
        }
        for one in found.examples
    ]
    return jsonify(said=rule_pages.sentence_of(found, form), ok=True, items=items)


def _change(do: Callable[[Session, datetime], None], done: str, rule_id: int) -> Answer:
    try:
        with transaction(parts().sessions) as session:
            do(session, database_now(session))
    except db.RuleNotFound as error:
        abort(404, str(error))
    except db.RuleConflict as error:
        refuse(str(error))
        return rules_page(), 409
    return back("pages.rules", done, _anchor=f"r{rule_id}")


@pages.post(ONE + "/move")
@requires("control")
def rule_move(rule_id: int) -> Answer:
    up = request.form.get("to") == "up"

    def move(session: Session, now: datetime) -> None:
        ids = [one.id for one in db.list_rules(session)]
        if rule_id not in ids:
            raise db.RuleNotFound(f"There is no rule {rule_id}.")
        at = ids.index(rule_id)
        other = max(at - 1, 0) if up else min(at + 1, len(ids) - 1)
        ids[at], ids[other] = ids[other], ids[at]
        db.order_rules(session, ids)
        _note(session, now, "rule.order", "rules", f"rule {rule_id}")

    return _change(move, "rule-moved", rule_id)


@pages.post(ONE + "/enable")
@requires("control")
def rule_enable(rule_id: int) -> Answer:
    enabled = bool(request.form.get("enabled"))

    def switch(session: Session, now: datetime) -> None:
        db.change_rule(session, rule_id, {"enabled": enabled}, now=now)
        _note(session, now, "rule.change", f"rule {rule_id}", "enabled")

    return _change(switch, "rule-on" if enabled else "rule-off", rule_id)


@pages.post(ONE + "/remove")
@requires("control")
def rule_remove(rule_id: int) -> Answer:
    """Remove a rule; the page that follows can bring it back as it was."""
    try:
        with transaction(parts().sessions) as session:
            was = db.remove_rule(session, rule_id)
            now = database_now(session)
            _note(session, now, "rule.remove", f"rule {rule_id}", was.name)
    except db.RuleNotFound as error:
        abort(404, str(error))
    return rules_page(removed={"name": was.name, "again": _again(was)})


def _again(rule: db.KeptRule) -> str | None:
    """A rule as `/rules/restore` takes it, unless it cannot be brought back so."""
    if rule.condition is None:
        return None
    text = json.dumps(
        {
            "name": rule.name,
            "condition": write_condition(rule.condition),
            "category_id": rule.category_id,
            "catch_all": rule.is_catch_all,
            "account_id": rule.account_id,
            "enabled": rule.enabled,
            "position": rule.position,
        }
    )
    return text if len(text) < MOST_UNDONE else None


@pages.post("/rules/restore")
@requires("control")
def rule_restore() -> Answer:
    try:
        sent = RuleNew.model_validate_json(request.form.get("rule", ""))
        new = db.NewRule(
            name=read_line(sent.name, (), most=MOST_NAME),
            condition=read_condition(sent.condition),
            category_id=sent.category_id,
            is_catch_all=sent.catch_all,
            account_id=sent.account_id,
            enabled=sent.enabled,
        )
    except (ValidationError, RuleRefused):
        abort(400, _("This is no rule that was removed here."))

    added: list[int] = []

    def restore(session: Session, now: datetime) -> None:
        rule = db.add_rule(session, new, now=now, position=sent.position)
        _note(session, now, "rule.add", f"rule {rule.id}", rule.name)
        added.append(rule.id)

    answer = _change(restore, "rule-restored", 0)
    return (
        back("pages.rules", "rule-restored", _anchor=f"r{added[0]}")
        if added
        else answer
    )


@pages.post("/rules/import")
@requires("control")
def rules_import() -> Answer:
    mode = Mode.REPLACE if request.form.get("mode") == Mode.REPLACE else Mode.ADD
    upload = request.files.get("file")
    text = request.form.get("text", "")
    raw = upload.read() if upload else text.encode("utf-8", "replace")
    try:
        with transaction(parts().sessions) as session:
            now = database_now(session)
            number = import_rules(session, raw, mode=mode, now=now)
            _note(session, now, "rule.import", "rules", f"{number} rules, {mode}")
    except FileRefused as error:
        shown = raw.decode("utf-8", "replace")
        return rules_page(faults=error.faults, file=shown), 422
    return back("pages.rules", "rules-imported")


@pages.post("/rules/recommendations/<key>/dismiss")
@requires("control")
def recommendation_dismiss(key: str) -> Answer:
    try:
        with transaction(parts().sessions) as session:
            now = database_now(session)
            account_id = recommendations.dismiss(session, key, now=now)
            target = f"account {account_id}"
            _note(session, now, "recommendation.dismiss", target, key)
    except recommendations.RecommendationNotFound as error:
        abort(404, str(error))
    is_there = request.form.get("place") == "insights"
    return back("pages.insights" if is_there else "pages.rules", "dismissed")


@pages.post(f"{message_pages.ONE}/always")
@requires("control")
def message_always(message_id: int) -> Answer:
    """Make a rule of what a message has: its sender, the sender's domain, its list."""
    by = request.form.get("by", "")
    with reading() as session:
        row = session.get(MessageRow, message_id)
    if row is None or by not in ALWAYS:
        abort(404, _("There is no message like this. Decisions are forgotten in time."))
    value = {"sender": row.sender, "domain": row.sender_domain, "list": row.list_id}[by]
    form = RuleForm(
        name=(
            _("List %(what)s", what=value)
            if by == "list"
            else _("From %(what)s", what=value)
        )[:MOST_NAME],
        category=request.form.get("category_id", ""),
        rows=[Row(by, "is", value)],
    )
    new = _rule_of(form)

    def add(session: Session, now: datetime) -> int:
        assert new is not None  # noqa: S101 # narrows: _store looked
        rule = db.add_rule(session, new, now=now)
        _note(session, now, "rule.add", f"rule {rule.id}", rule.name)
        return rule.id

    stored = _store(None, form, new, add)
    if not isinstance(stored, int):
        return stored
    return back("pages.message", "rule-made", message_id=message_id, undo=stored)
