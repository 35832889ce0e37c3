"""`/runs/<run_id>`: one run, while it goes on and afterwards."""

from typing import Any, NoReturn

from flask import (
    abort,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from mailbeat.db import accounts as db
from mailbeat.db import audit
from mailbeat.db.clock import database_now
from mailbeat.db.messages import list_messages
from mailbeat.db.models import Account, Run
from mailbeat.db.paging import BadCursor
from mailbeat.db.run_history import Around, around
from mailbeat.db.runs import get_run, last_runs
from mailbeat.db.session import transaction
from mailbeat.db.status import account_that_waits_for, account_without_secret
from mailbeat.db.tasks import get_task
from mailbeat.labeling.progress import Outcome, RunState, describe
from webapp.api.schemas import run_json
from webapp.auth import requires
from webapp.dashboard import charts, words
from webapp.dashboard.blueprint import pages, reading, refuse
from webapp.dashboard.next_steps import can_run, step_for
from webapp.dashboard.verdicts import Verdicts
from webapp.parts import parts

ROWS = 50  # messages of a page
LATE = 30  # seconds
LONGEST_ID = 36  # characters of a UUID

Answer = Response | str | tuple[str, int]


@pages.get("/runs/<run_id>")
def run(run_id: str) -> Answer:
    with reading() as session:
        return _page(session, run_id)


def _page(session: Session, run_id: str) -> str:
    row = get_run(session, known_run(run_id))
    if row is None:
        return _waiting(session, run_id)
    account = _account(session, row)
    verdicts = Verdicts(session)
    cursor = request.args.get("cursor")
    try:
        messages, older = list_messages(
            session, limit=ROWS, cursor=cursor, run_id=run_id
        )
    except BadCursor as error:
        abort(400, str(error))
    found = run_json(row)
    is_paused = bool(parts().live.snapshot()["paused"])
    is_over = _is_over(session, row)
    return render_template(
        "run.html",
        run={
            **found,
            "attempt": row.attempt,
            "worker": row.worker,
            "late": _late(row),
        },
        step=describe(
            RunState(row.state), current=row.emails_processed, total=row.emails_found
        ),
        account=account,
        can_run=row.end_time is not None and can_run(account, all_paused=is_paused),
        is_over=is_over,
        to_do=None
        if is_over or not row.error_message
        else step_for(row.error_code, account),
        lanes=charts.lanes(found, database_now(session)),
        marks=charts.clock(found),
        phases=charts.phase_rows(found),
        speeds=charts.speeds(found),
        rate=_rate(found),
        has_task=get_task(session, run_id) is not None,
        messages=verdicts.tell(messages),
        categories=verdicts.categories,
        older=older and url_for("pages.run", run_id=run_id, cursor=older),
        newest=url_for("pages.run", run_id=run_id) if cursor else None,
        **_beside(around(session, row)),
    )


def _beside(found: Around) -> dict[str, Any]:
    return {
        "before": found.older,
        "after": found.newer,
        "chain": [
            {**run_json_without_phases(run), "attempt": run.attempt}
            for run in found.chain
        ],
    }


def run_json_without_phases(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "outcome": run.outcome,
        "state": run.state,
        "start_time": run.start_time,
    }


def _account(session: Session, row: Run) -> Account | None:
    if row.account_id is None:
        return None
    return account_without_secret(session, row.account_id)


def _is_over(session: Session, row: Run) -> bool:
    """Whether what a run stumbled over is no more: the account's last run went well."""
    if row.account_id is None or not row.error_message:
        return False
    last = last_runs(session, [row.account_id]).get(row.account_id)
    return last is not None and last.outcome == str(Outcome.SUCCEEDED)


def _late(row: Run) -> float | None:
    """Seconds that it began after it was due, when that is worth a word."""
    if row.due_at is None:
        return None
    seconds = (row.start_time - row.due_at).total_seconds()
    return seconds if seconds >= LATE else None


def _rate(found: words.RunDict) -> float | None:
    """Messages a second, of all of the run."""
    seconds = found["duration_seconds"]
    return found["emails_processed"] / seconds if seconds else None


def _waiting(session: Session, run_id: str) -> str:
    """The page of a run that an account waits for and that no worker took yet."""
    account = account_that_waits_for(session, run_id)
    if account is None:
        gone()
    return render_template("run_waits.html", run_id=run_id, account=account)


def gone() -> NoReturn:
    """Answer 404 by a page that leads on."""
    abort(make_response(render_template("run_gone.html"), 404))


def known_run(run_id: str) -> str:
    """Return an id that may be one of ours, or answer 404."""
    if len(run_id) > LONGEST_ID or not run_id.isascii() or not run_id.isprintable():
        gone()
    return run_id


@pages.post("/runs/<run_id>/again")
@requires("control")
def run_again(run_id: str) -> Answer:
    """Run the account of a run once more, and lead to that run."""
    try:
        with transaction(parts().sessions) as session:
            row = get_run(session, known_run(run_id))
            if row is None or row.account_id is None:
                gone()
            now = database_now(session)
            new = db.want_run(session, row.account_id, now=now)
            target = f"account {row.account_id}"
            audit.record(session, g.caller.key_id, "run.want", target, new, now=now)
    except (db.AccountBusy, db.AccountPaused) as error:
        refuse(str(error))
        with reading() as session:
            return _page(session, run_id), 409
    parts().live.refresh()
    return redirect(url_for("pages.run", run_id=new), 303)
