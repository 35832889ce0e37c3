"""`POST /settings/zone`: whose clock it is that tells the times."""

from flask import redirect, request, url_for

from mailbeat.db.busy_hours import zone_named
from webapp.dashboard.actions import Answer
from webapp.dashboard.blueprint import pages
from webapp.dashboard.reader import ZONE_COOKIE
from webapp.dashboard.settings_pages import settings_page
from webapp.language import _

A_YEAR = 31_536_000  # seconds


@pages.post("/settings/zone")
def settings_zone() -> Answer:
    """Keep the zone in this browser; settings.js keeps what was chosen there too."""
    name = request.form.get("zone", "").strip()
    response = redirect(url_for("pages.settings", done="zone") + "#zone", 303)
    if not name:
        response.delete_cookie(ZONE_COOKIE, samesite="Lax")
        return response
    try:
        zone_named(name)
    except ValueError:
        wrong = _("There is no such time zone. Type a name such as Europe/Berlin.")
        return settings_page({"zone": name[:64]}, {"zone": wrong}), 422
    response.set_cookie(ZONE_COOKIE, name, max_age=A_YEAR, samesite="Lax")
    return response
