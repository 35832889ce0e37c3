"""What the forms of `/settings` do about who may come in: keys and browsers."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import abort, g, redirect, request, url_for
from pydantic import TypeAdapter, ValidationError

from mailbeat.db import api_keys, audit, sign_in
from mailbeat.db.api_keys import Scope
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from webapp.api.schemas import KeyName
from webapp.auth import Caller, requires
from webapp.dashboard.actions import Answer, back
from webapp.dashboard.blueprint import pages
from webapp.dashboard.settings_pages import (
    NOTHING,
    VALID_FOR,
    Issued,
    own_keys,
    settings_page,
)
from webapp.language import _
from webapp.parts import parts

_NAME: TypeAdapter[str] = TypeAdapter(KeyName)


@pages.post("/settings/keys")
@requires("admin")
def key_issue() -> Answer:
    """Issue a key; the page that answers is the only one that shows it.

    It is no redirect, for then its text would have to be kept somewhere.
    """
    form = request.form.to_dict()
    errors = _faults(form)
    if errors:
        return settings_page(form, errors), 422
    with transaction(parts().sessions) as session:
        now = database_now(session)
        key, text = api_keys.issue_key(
            session,
            name=form["name"].strip(),
            scope=Scope(form["scope"]),
            now=now,
            expires_at=_end(form["valid"], now),
        )
        target = f"key {key.key_id}"
        audit.record(session, g.caller.key_id, "key.issue", target, key.scope, now=now)
    return settings_page(NOTHING, NOTHING, Issued(key, text)), 201


def _faults(form: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the form for a new key, by field."""
    errors = {}
    try:
        _NAME.validate_python(form.get("name", "").strip())
    except ValidationError:
        errors["name"] = _("A name of 1 to 100 letters, so that you know it later.")
    if form.get("scope") not in set(Scope):
        errors["scope"] = _("Choose what it may do.")
    if form.get("valid") not in {days for days, _ in VALID_FOR}:
        errors["valid"] = _("Choose how long it is valid.")
    return errors


def _end(days: str, now: datetime) -> datetime | None:
    return now + timedelta(days=int(days)) if days else None


@pages.post("/settings/keys/<key_id>/revoke")
@requires("admin")
def key_revoke(key_id: str) -> Answer:
    with transaction(parts().sessions) as session:
        now = database_now(session)
        try:
            api_keys.revoke_key(session, key_id, now=now)
        except api_keys.KeyNotFound as error:
            abort(404, str(error))
        audit.record(session, g.caller.key_id, "key.revoke", f"key {key_id}", now=now)
    parts().live.put_out()
    return back("pages.settings", "key-revoked", _anchor="keys")


@pages.post("/settings/sessions/<int(max=2147483647):session_id>/end")
def session_end(session_id: int) -> Answer:
    """End a browser's session: one of the own key, or an admin any."""
    caller: Caller = g.caller
    with transaction(parts().sessions) as session:
        now = database_now(session)
        theirs = own_keys(session, now)
        ended = sign_in.end_one_of(session, session_id, theirs, now=now)
        if ended:
            target = f"session {session_id}"
            audit.record(session, caller.key_id, "session.end", target, now=now)
    parts().live.put_out()
    if session_id == caller.session_id:
        return redirect(url_for("sign_in.page"), 303)
    done = "session-ended" if ended else "session-gone"
    return back("pages.settings", done, _anchor="browsers")


@pages.post("/settings/sessions/end-others")
def sessions_end_others() -> Answer:
    """End all sessions that the page lists but the one that asks."""
    caller: Caller = g.caller
    with transaction(parts().sessions) as session:
        now = database_now(session)
        theirs = own_keys(session, now)
        count = sign_in.end_others(session, caller.session_id, theirs, now=now)
        detail = f"{count} sessions"
        audit.record(
            session, caller.key_id, "session.end", "other sessions", detail, now=now
        )
    parts().live.put_out()
    return back("pages.settings", "sessions-ended", _anchor="browsers")
