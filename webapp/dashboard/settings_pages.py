"""`/settings`: what holds for everything."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import available_timezones

from flask import (
    Response,
    after_this_request,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy.orm import Session

from mailbeat.db.accounts import everything_paused_since
from mailbeat.db.api_keys import Scope, is_valid, list_keys
from mailbeat.db.audit import newest_entries
from mailbeat.db.clock import database_now
from mailbeat.db.kept import MOST_COUNTED, Kept, count_kept
from mailbeat.db.models import APIKey
from mailbeat.db.sign_in import LISTED, list_sessions
from webapp.auth import BOOTSTRAP, Caller, stored_key_id, valid_keys
from webapp.dashboard.assets import A_YEAR
from webapp.dashboard.blueprint import may, pages, reading
from webapp.dashboard.reader import reader_zone
from webapp.language import COOKIE, LANGUAGES, N_, _, chosen
from webapp.parts import parts
from webapp.security import MAY_START_OUR_WORKER, is_https

NEWEST_DEEDS = 8
NOTHING: Mapping[str, str] = {}
# What a key may do, in words.
SCOPES = (
    (Scope.READ, N_("look"), N_("Look at everything, change nothing")),
    (Scope.CONTROL, N_("control"), N_("Also run, pause, correct, and change rules")),
    (Scope.ADMIN, N_("everything"), N_("Also accounts, passwords, keys and this page")),
)
VALID_FOR = (
    ("", N_("until revoked")),
    ("30", N_("30 days")),
    ("90", N_("90 days")),
    ("365", N_("a year")),
)
BOOTSTRAP_NAME = "MAILBEAT_API_KEY"
# Those that are no keys.
ACTORS = {
    BOOTSTRAP: BOOTSTRAP_NAME,
    "cli": N_("The command line"),
    "worker": N_("A worker"),
    "reader": N_("A reader of a digest"),
}
# Those named for places; others are old names, or shifts of an hour that are misread.
ZONES = sorted(name for name in available_timezones() if re.match("[A-Z][a-z]+/", name))


class Issued(NamedTuple):
    """A key that was just issued: the only time that its text is shown."""

    key: APIKey
    text: str


@dataclass(frozen=True, slots=True)
class KeyShown:
    key: APIKey
    is_valid: bool
    is_mine: bool  # of who looks at the page


@dataclass(frozen=True, slots=True)
class SessionShown:
    id: int
    key_id: str
    key_name: str
    scope: str
    created_at: datetime
    last_seen_at: datetime
    is_this: bool


@pages.get("/settings")
def settings() -> str:
    return settings_page(NOTHING, NOTHING)


@pages.post("/settings/language")
def settings_language() -> Response:
    """Let this browser's pages speak a language, or what the browser asks for."""
    response = make_response(redirect(url_for("pages.settings", done="language"), 303))
    wanted = request.form.get("language", "")
    known = wanted in LANGUAGES
    response.set_cookie(
        COOKIE,
        wanted if known else "",
        max_age=A_YEAR if known else 0,
        httponly=True,
        samesite="Lax",
        secure=is_https(request, parts().settings),
    )
    return response


def names_of(keys: Sequence[APIKey]) -> dict[str, str]:
    """What those who did something are called: keys by their names."""
    names = {key.key_id: key.name for key in keys}
    return names | {name: _(word) for name, word in ACTORS.items()}


def settings_page(
    form: Mapping[str, str], errors: Mapping[str, str], issued: Issued | None = None
) -> str:
    """The page, with what was typed for a new key and what is wrong there."""
    settings = parts().settings
    after_this_request(_let_our_worker_start)
    with reading() as session:
        now = database_now(session)
        paused_since = everything_paused_since(session)
        rows = list_keys(session)
        shown = _sessions_shown(session, {row.key_id: row.name for row in rows}, now)
        deeds = newest_entries(session, limit=NEWEST_DEEDS) if may("admin") else None
        kept = count_kept(session)
    return render_template(
        "settings.html",
        all_paused=paused_since is not None,
        paused_since=paused_since,
        keys=_keys_shown(rows, now) if may("admin") else None,
        issued=issued,
        form=form,
        errors=errors,
        scopes=[(scope, _(word), _(what)) for scope, word, what in SCOPES],
        scope_words={str(scope): _(word) for scope, word, _what in SCOPES},
        valid_for=[(days, _(words)) for days, words in VALID_FOR],
        browsers=shown,
        most_listed=LISTED,
        deeds=deeds,
        names=names_of(rows),
        kept=_kept_rows(kept),
        most_counted=MOST_COUNTED,
        languages=LANGUAGES,
        language_chosen=chosen() or "",
        default_interval=settings.background_scan_interval,
        reader_zone=str(reader_zone()),
        zone_typed=form.get("zone", ""),
        zones=ZONES,
    )


def _let_our_worker_start(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = MAY_START_OUR_WORKER
    return response


def own_keys(session: Session, now: datetime) -> set[str]:
    """Stored ids of the keys whose sessions a caller may see and end.

    An admin's are all that open something; everybody else has their own.
    """
    settings = parts().settings
    caller: Caller = g.caller
    if may("admin"):
        return valid_keys(session, settings, now)
    return {stored_key_id(caller.key_id, settings)}


def _keys_shown(rows: list[APIKey], now: datetime) -> list[KeyShown]:
    """Those that open something first, each kind with the newest first."""
    mine = g.caller.key_id
    shown = [
        KeyShown(row, is_valid(row, now), row.key_id == mine) for row in reversed(rows)
    ]
    return sorted(shown, key=lambda one: not one.is_valid)


def _sessions_shown(
    session: Session, names: Mapping[str, str], now: datetime
) -> list[SessionShown]:
    found = list_sessions(session, own_keys(session, now), now=now)
    caller: Caller = g.caller
    shown = [
        SessionShown(
            id=one.id,
            key_id=(key_id := one.key_id.partition("-")[0]),
            key_name=BOOTSTRAP_NAME if key_id == BOOTSTRAP else names.get(key_id, ""),
            scope=one.scope,
            created_at=one.created_at,
            last_seen_at=one.last_seen_at,
            is_this=one.id == caller.session_id,
        )
        for one in found
    ]
    return sorted(shown, key=lambda one: not one.is_this)


def _kept_rows(kept: Mapping[str, Kept]) -> list[tuple[str, str, int, str, Kept]]:
    """For each kind: its name, what it holds, days, the variable that says so."""
    settings = parts().settings
    runs, messages = settings.run_days, settings.message_days
    subjects, numbers = settings.subject_days, settings.statistics_days
    return [
        (_("Runs"), _("with their phases and errors"), runs, "RUN_DAYS", kept["runs"]),
        (
            _("Decisions"),
            _("about each message: sender, category, why"),
            messages,
            "MESSAGE_DAYS",
            kept["messages"],
        ),
        (
            _("Subjects"),
            _("encrypted, with the words that rules are tried on"),
            subjects,
            "SUBJECT_DAYS",
            kept["subjects"],
        ),
        (
            _("Statistics"),
            _("numbers for each account and day, without senders"),
            numbers,
            "STATISTICS_DAYS",
            kept["statistics"],
        ),
        (
            _("Celery tasks"),
            _("arguments in short; those that failed for longer"),
            settings.task_days,
            "TASK_DAYS",
            kept["tasks"],
        ),
        (_("Audit log"), _("who did what"), runs, "RUN_DAYS", kept["audit"]),
    ]
