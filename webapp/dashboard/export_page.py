"""`/settings/export`: everything that is known, as a file to keep."""

from collections.abc import Iterator
from threading import BoundedSemaphore

import structlog
from flask import Response, g, request

from mailbeat import __version__
from mailbeat.db import audit
from mailbeat.db.clock import database_now
from mailbeat.db.export import export
from mailbeat.db.session import transaction
from webapp.auth import requires
from webapp.dashboard.actions import Answer
from webapp.dashboard.blueprint import pages, refuse
from webapp.dashboard.new_account import is_checked
from webapp.dashboard.settings_pages import NOTHING, settings_page
from webapp.language import N_
from webapp.parts import parts

# Each holds a thread for as long as the browser takes it.
AT_ONCE = 2
BUSY = N_("Two exports are on their way already. Try again when one is there.")

_turns = BoundedSemaphore(AT_ONCE)
log = structlog.get_logger(__name__)


@pages.post("/settings/export")  # webapp/server.py gives it more time
@requires("admin")
def settings_export() -> Answer:
    subjects = is_checked(request.form, "subjects")
    if not _turns.acquire(blocking=False):
        refuse(BUSY)
        return settings_page(NOTHING, NOTHING), 503
    try:
        with transaction(parts().sessions) as session:
            now = database_now(session)
            detail = "with subjects" if subjects else "without subjects"
            actor = g.caller.key_id
            audit.record(session, actor, "export", "everything", detail, now=now)
        pieces = export(
            parts().sessions, subjects=subjects, version=__version__, now=now
        )
        response = Response(_told(pieces), mimetype="application/json")
        # Also when the browser went before the first piece, or after any.
        response.call_on_close(_turns.release)
    except BaseException:
        _turns.release()
        raise
    name = f"mailbeat-{now.date().isoformat()}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _told(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces; what cuts them off is logged, for the status was sent long ago."""
    try:
        yield from pieces
    except Exception:
        log.exception("export_cut_off")
        raise
