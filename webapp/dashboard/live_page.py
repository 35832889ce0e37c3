"""`/`: what happens at this moment, as served; `live.js` keeps it so."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request, stream_template
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbeat.db.clock import database_now
from mailbeat.db.last_hour import MINUTES, last_hour
from mailbeat.db.models import Run
from mailbeat.db.runs import recent_runs
from webapp.api.schemas import run_json
from webapp.dashboard import charts, words
from webapp.dashboard.blueprint import pages, reading
from webapp.dashboard.reader import reader_zone
from webapp.dashboard.shown import BATCH, STATES, Asked, Shown, shown
from webapp.language import _
from webapp.parts import parts

RECENT = 10  # runs


@pages.get("/")
def live() -> Response:
    feed = parts().live
    snapshot = feed.snapshot()
    statuses = snapshot["accounts"]
    # Of who does not run now, the status itself tells whether a person is needed.
    last = feed.board.last_runs(ids_of(filter(words.is_running, statuses)))
    all_paused = bool(snapshot["paused"])
    found = shown(statuses, last, Asked.of(request.args), all_paused=all_paused)
    known = statuses if len(statuses) <= BATCH else found.statuses
    last |= feed.board.last_runs(ids_of(known))
    with reading() as session:
        now = database_now(session)
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        runs = [run_json(run) for run in recent_runs(session, limit=RECENT)]
        yesterday = (now.astimezone(reader_zone()) - timedelta(days=1)).date()
        labeled = labeled_by_runs(session, since=today)
        hour = last_hour(session, now=now)
    page = stream_template(
        "live.html",
        snapshot=snapshot,
        found=found,
        states=STATES,
        last_runs=last,
        runs=runs,
        sentence=words.sentence_of(statuses, last, labeled, all_paused=all_paused),
        needs=needs_of(statuses, last),
        hour=hour,
        yesterday=yesterday.isoformat(),
        bars=charts.bars(hour.minutes),
        tens=[sum(hour.minutes[i : i + 10]) for i in range(0, MINUTES, 10)],
        blank=_BLANK_STATUS,
        blank_run=_BLANK_RUN,
        first=_first(snapshot, found, last, runs, labeled),
    )
    return Response(head_first(page), mimetype="text/html")


def head_first(page: Iterable[str]) -> Iterator[str]:
    """A page in two parts: sheets and scripts are fetched while the rest is made."""
    pieces = iter(page)
    head = []
    for piece in pieces:
        head.append(piece)
        if "<body>" in piece:
            break
    yield "".join(head)
    yield "".join(pieces)


def _first(
    snapshot: dict[str, Any],
    found: Shown,
    last: Mapping[int, dict[str, Any]],
    runs: list[dict[str, Any]],
    labeled: int,
) -> dict[str, Any]:
    """What the script starts from.

    Of many accounts it is given those that are shown: the feed tells the others in
    its first second, and the page is drawn before.
    """
    whole = len(snapshot["accounts"]) <= BATCH
    kept = snapshot["accounts"] if whole else found.statuses
    return {
        # Its runs are among those of the table.
        "snapshot": {**snapshot, "accounts": kept, "recent_runs": []},
        "runs": runs,
        # Of the phases a card tells the last, where the run failed.
        "last_runs": {
            one: {**last[one], "phases": last[one]["phases"][-1:]}
            for one in ids_of(kept)
            if one in last
        },
        "labeled_today": labeled,
        "whole": whole,
        "all": found.counts["all"],
    }


def ids_of(statuses: Iterable[words.Status]) -> list[int]:
    return [status["account_id"] for status in statuses]


def labeled_by_runs(session: Session, *, since: datetime) -> int:
    """Labels of the runs that began since a moment and have ended.

    The script adds the runs that end from now on, so those in hand must not count yet.
    """
    total = select(func.sum(Run.emails_labeled)).where(
        Run.start_time >= since, Run.end_time.is_not(None)
    )
    return session.scalar(total) or 0


def needs_of(
    statuses: list[dict[str, Any]], last: Mapping[int, dict[str, Any]]
) -> list[dict[str, Any]]:
    """What waits for a person, newest first, with the one thing to do about it."""
    found = []
    for status in statuses:
        need = words.need_of(status, last.get(status["account_id"]))
        if need is not None:
            found.append({**explain(need), "email_address": status["email_address"]})
    return sorted(found, key=lambda need: need["since"] or "", reverse=True)


def explain(need: words.RunDict) -> dict[str, Any]:
    """An error that needs a person, in words and with where to go."""
    password = need["error_code"] == "auth_failed"
    return {
        "account_id": need["account_id"],
        "cause": words.cause_of(need["error_code"]),
        "since": need.get("end_time") or need.get("last_updated"),
        "message": need["error_message"] or "",
        "anchor": "#password" if password else "",
        "action": _("Enter a new password") if password else _("Look at its settings"),
    }


# What the script's templates are drawn from.
_BLANK_STATUS: dict[str, Any] = {
    "account_id": 0,
    "email_address": "",
    "state": "idle",
    "current_step": "",
    "progress": None,
    "start_time": None,
    "last_updated": None,
    "error_message": None,
    "run_id": None,
    "error_code": None,
    "eta_seconds": None,
    "paused": False,
    "setting_up": False,
    "next_run_at": None,
}
_BLANK_RUN: dict[str, Any] = {
    "run_id": "none",
    "account_id": None,
    "email_address": "",
    "state": "completed",
    "outcome": "succeeded",
    "start_time": "2026-01-01T00:00:00Z",
    "end_time": "2026-01-01T00:00:00Z",
    "duration_seconds": None,
    "emails_found": 0,
    "emails_processed": 0,
    "emails_labeled": 0,
    "emails_skipped": 0,
    "emails_failed": 0,
    "error_code": None,
    "error_message": None,
    "phases": [],
}
