"""`/workers` and `/settings`: the machinery, and what holds for everything."""

from datetime import timedelta

from flask import render_template
from sqlalchemy import func, select

from mailbeat.db.accounts import everything_paused_since
from mailbeat.db.api_keys import list_keys
from mailbeat.db.audit import newest_entries
from mailbeat.db.clock import database_now
from mailbeat.db.models import Account, Installation
from webapp.dashboard import words
from webapp.dashboard.blueprint import may, pages, reading
from webapp.parts import parts

BEAT_SILENT = timedelta(seconds=30)  # beat ticks every second


@pages.get("/workers")
def workers() -> str:
    snapshot = parts().live.snapshot()
    with reading() as session:
        now = database_now(session)
        ticked = session.scalar(select(Installation.beat_ticked_at))
        queued = session.scalar(
            select(func.count())
            .select_from(Account)
            .where(Account.wanted_run_id.is_not(None))
        )
    return render_template(
        "workers.html",
        snapshot=snapshot,
        running=[one for one in snapshot["accounts"] if words.is_running(one)],
        queued=queued or 0,
        ticked=ticked,
        beat_silent=ticked is None or now - ticked > BEAT_SILENT,
    )


@pages.get("/settings")
def settings() -> str:
    with reading() as session:
        paused_since = everything_paused_since(session)
        keys = list_keys(session) if may("admin") else None
        deeds = newest_entries(session) if may("admin") else None
    return render_template(
        "settings.html",
        all_paused=paused_since is not None,
        paused_since=paused_since,
        keys=keys,
        deeds=deeds,
        default_interval=parts().settings.background_scan_interval,
    )
