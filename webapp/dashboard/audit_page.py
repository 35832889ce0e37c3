"""`/settings/audit`: who did what, as far back as it is kept."""

from datetime import timedelta

from flask import abort, render_template, request

from mailbeat.db.api_keys import list_keys
from mailbeat.db.audit import known_actions, known_actors, list_entries
from mailbeat.db.clock import database_now
from mailbeat.db.paging import BadCursor
from webapp.dashboard.audit_words import target_of
from webapp.dashboard.blueprint import may, pages, paging, reading
from webapp.dashboard.settings_pages import names_of
from webapp.language import N_, _
from webapp.parts import parts

ROWS = 50
LONGEST = 100  # characters of what is asked for: as long as a column
TIMES = (
    ("24h", N_("Last 24 hours"), timedelta(hours=24)),
    ("7d", N_("Last 7 days"), timedelta(days=7)),
    ("30d", N_("Last 30 days"), timedelta(days=30)),
)
FILTERS = ("actor", "action", "target")


@pages.get("/settings/audit")
def audit() -> str:
    if not may("admin"):
        return render_template("audit.html", deeds=None)
    asked = {name: _asked(name) for name in FILTERS}
    asked["target"] = target_of(asked["target"] or "") or None
    time = next((one for one in TIMES if one[0] == request.args.get("time")), None)
    cursor = request.args.get("cursor")
    with reading() as session:
        since = database_now(session) - time[2] if time else None
        try:
            found, older = list_entries(
                session, limit=ROWS, cursor=cursor, since=since, **asked
            )
        except BadCursor as error:
            abort(400, str(error))
        names = names_of(list_keys(session))
        actors, actions = known_actors(session), known_actions(session)
    shown = {**asked, "time": time[0] if time else None}
    return render_template(
        "audit.html",
        deeds=found,
        names=names,
        actors=_with(actors, asked["actor"]),
        actions=_with(actions, asked["action"]),
        times=[(value, _(label)) for value, label, _long in TIMES],
        filters=shown,
        filtered=any(shown.values()),
        run_days=parts().settings.run_days,
        **paging("pages.audit", shown, cursor, older),
    )


def _asked(name: str) -> str | None:
    return request.args.get(name, "").strip()[:LONGEST] or None


def _with(known: list[str], asked: str | None) -> list[str]:
    """What can be chosen, and what was asked for, also when there is no such entry."""
    return known if asked is None or asked in known else [asked, *known]
