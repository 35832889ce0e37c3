"""`/runs` and `/runs/<run_id>`: what was done, and why."""

from datetime import timedelta
from typing import Any

from flask import abort, render_template, request

from mailbeat.db.clock import database_now
from mailbeat.db.messages import list_messages
from mailbeat.db.paging import BadCursor
from mailbeat.db.run_history import list_runs
from mailbeat.db.runs import get_run
from mailbeat.db.status import accounts_without_secrets
from mailbeat.labeling.progress import Outcome, RunState
from webapp.api.schemas import run_json
from webapp.dashboard import charts, words
from webapp.dashboard.blueprint import number_in, pages, paging, reading
from webapp.dashboard.verdicts import Verdicts

ROWS = 50  # of a list
OF_A_RUN = 200  # messages shown with their run
GONE = "There is no run with this id. Old runs are deleted in time."
LONGEST_ID = 36  # characters of a UUID
TIMES = (("1h", "Last hour"), ("24h", "Last 24 hours"), ("7d", "Last 7 days"))
_LENGTHS = {"1h": 3600, "24h": 86_400, "7d": 604_800}  # seconds
OUTCOMES = tuple((str(one), words.OUTCOMES[one].word) for one in Outcome)
STATES = tuple(str(state) for state in RunState if state is not RunState.IDLE)


@pages.get("/runs")
def runs() -> str:
    asked = request.args.get
    length = _LENGTHS.get(asked("time", ""))
    filters: dict[str, Any] = {
        "account_id": number_in("account_id"),
        "outcome": _one_of(asked("outcome"), [value for value, _ in OUTCOMES]),
        "state": _one_of(asked("state"), STATES),
    }
    cursor = asked("cursor")
    with reading() as session:
        ago = timedelta(seconds=length) if length else None
        since = database_now(session) - ago if ago else None
        try:
            found, older = list_runs(
                session, limit=ROWS, cursor=cursor, since=since, **filters
            )
        except BadCursor as error:
            abort(400, str(error))
        accounts = accounts_without_secrets(session)
    shown = {**filters, "time": asked("time") if length else None}
    return render_template(
        "runs.html",
        runs=[run_json(run) for run in found],
        accounts=accounts,
        filters=shown,
        filtered=any(shown.values()),
        outcomes=OUTCOMES,
        states=STATES,
        times=TIMES,
        **paging("pages.runs", shown, cursor, older),
    )


@pages.get("/runs/<run_id>")
def run(run_id: str) -> str:
    with reading() as session:
        row = get_run(session, known_run(run_id))
        if row is None:
            abort(404, GONE)
        messages, _ = list_messages(session, limit=OF_A_RUN, run_id=run_id)
        verdicts = Verdicts(session)
        told = verdicts.tell(messages)
    found = run_json(row)
    seconds = found["duration_seconds"]
    return render_template(
        "run.html",
        run={**found, "attempt": row.attempt},
        lanes=charts.lanes(found),
        rate=found["emails_processed"] / seconds if seconds else None,
        messages=told,
        categories=verdicts.categories,
    )


def known_run(run_id: str) -> str:
    """Return an id that may be one of ours, or answer 404."""
    if len(run_id) > LONGEST_ID or not run_id.isascii() or not run_id.isprintable():
        abort(404, GONE)
    return run_id


def _one_of(value: str | None, known: Any) -> str | None:
    return value if value in known else None
