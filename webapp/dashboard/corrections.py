"""What the forms of messages do: correct, confirm, undo."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import abort, g, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from mailbeat.db import audit, corrections
from mailbeat.db.categories import CategoryNotFound, category_names
from mailbeat.db.clock import database_now
from mailbeat.db.models import Correction
from mailbeat.db.session import transaction
from webapp.auth import is_own_path, requires
from webapp.dashboard.blueprint import MOST_UNDONE, NUMBERS, pages
from webapp.dashboard.message_pages import ONE, ROWS
from webapp.language import N_, _
from webapp.parts import parts

NO_CATEGORY = "0"  # is sent by a form for: no category, no label
GONE = N_("There is no message like this. Decisions are forgotten in time.")


@pages.post(f"{ONE}/category")
@requires("control")
def message_correct(message_id: int) -> Response:
    done = _correct([message_id], f"message {message_id}")
    if not done:
        abort(404, _(GONE))
    return _back("corrected", done, anchor=f"m{message_id}")


@pages.post("/messages/corrections")
@requires("control")
def messages_correct() -> Response:
    sent = request.form.getlist("id")
    ids = [int(one) for one in sent if re.fullmatch(NUMBERS, one)][:ROWS]
    if not ids:
        return _back("none-chosen", [])
    done = _correct(ids, f"{len(ids)} messages")
    return _back("corrected-many", done)


def _correct(ids: Sequence[int], target: str) -> list[Correction]:
    chosen = request.form.get("category_id", "")
    if not re.fullmatch(NUMBERS, chosen):
        abort(400, _("No category was chosen. Go back, and choose one."))
    category_id = None if chosen == NO_CATEGORY else int(chosen)
    try:
        with transaction(parts().sessions) as session:
            now = database_now(session)
            done = corrections.correct_all(
                session,
                ids,
                category_id,
                source="dashboard",
                actor=g.caller.key_id,
                now=now,
            )
            name = (
                category_names(session)[category_id] if category_id else "no category"
            )
            _note(session, "message.correct", target, name)
    except CategoryNotFound:
        abort(
            404,
            _("There is no such category any more. Go back and choose another one."),
        )
    return done


@pages.post("/corrections/undo")
@requires("control")
def corrections_undo() -> Response:
    """Undo all that one form did; what was changed again since stays as it is."""
    ids = request.args.get("ids", "")
    if not re.fullmatch(rf"{NUMBERS}(,{NUMBERS}){{0,{MOST_UNDONE}}}", ids):
        abort(404)
    undone: list[Correction] = []
    newer = False
    with transaction(parts().sessions) as session:
        for one in ids.split(","):
            try:
                now = database_now(session)
                undone.append(corrections.undo(session, int(one), now=now))
                target = f"message {undone[-1].message_id}"
                _note(session, "message.undo", target, f"correction {one}")
            except corrections.CorrectionNotFound:
                continue
            except corrections.CannotUndo:
                newer = True
    if newer:
        return _back("not-undone", [])
    anchor = f"m{undone[0].message_id}" if len(undone) == 1 else ""
    return _back("undone", [], anchor=anchor)


def _note(session: Session, action: str, target: str, detail: str) -> None:
    now = database_now(session)
    audit.record(session, g.caller.key_id, action, target, detail, now=now)


def _back(code: str, done: Sequence[Correction], *, anchor: str = "") -> Response:
    """Answer with the page that the form stood on, and what was done."""
    came_from = request.values.get("back", "")
    there = urlsplit(came_from if is_own_path(came_from) else "/messages")
    kept = [pair for pair in parse_qsl(there.query) if pair[0] not in {"done", "undo"}]
    said = [("done", code)]
    if done:
        said.append(("undo", ",".join(str(one.id) for one in done)))
    query = urlencode([*kept, *said], safe=",")
    target = f"{there.path}?{query}{'#' if anchor else ''}{anchor}"
    return redirect(target, code=303)
