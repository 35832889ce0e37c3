"""`/tasks`, `/tasks/<task_id>`, `/tasks/failures`: every Celery task that went by."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from flask import abort, render_template, request

from mailbeat.db.clock import database_now
from mailbeat.db.models import Run, TaskRow
from mailbeat.db.paging import BadCursor
from mailbeat.db.runs import get_run
from mailbeat.db.task_lists import TaskSort, failures, known_names, list_tasks
from mailbeat.db.task_record import TaskRecord, TaskState
from mailbeat.db.tasks import get_task
from webapp.api.schemas import TaskFilter, failure_json, run_json, task_json
from webapp.api.tasks import history_json
from webapp.dashboard.blueprint import pages, paging, reading
from webapp.dashboard.words import Mark
from webapp.language import N_, _
from webapp.live.task_events import id_or_none
from webapp.parts import parts

ROWS = 50
GROUPS = 5  # of failures above the list
LONGEST = 200  # characters of what is asked for
RECENT = timedelta(hours=24)
TIMES = (
    ("1h", N_("Last hour"), timedelta(hours=1)),
    ("24h", N_("Last 24 hours"), timedelta(hours=24)),
    ("7d", N_("Last 7 days"), timedelta(days=7)),
)
STATES = (
    ("waiting", N_("Waiting")),
    ("running", N_("Running")),
    ("succeeded", N_("Done")),
    ("failed", N_("Failed")),
    ("retrying", N_("Retrying")),
    ("revoked", N_("Revoked")),
    ("rejected", N_("Rejected")),
    ("unknown", N_("Unknown")),
)
# `static/tasks.js` says the same in the browser.
MARKS: Mapping[str, Mark] = {
    "sent": Mark(N_("Sent"), "clock", "quiet"),
    "received": Mark(N_("Waiting"), "inbox", "quiet"),
    "started": Mark(N_("Running"), "play", "work"),
    "connecting": Mark(N_("Connecting"), "plug", "work"),
    "fetching": Mark(N_("Fetching"), "inbox", "work"),
    "processing": Mark(N_("Processing"), "inbox", "work"),
    "categorizing": Mark(N_("Categorizing"), "layers", "work"),
    "labeling": Mark(N_("Labeling"), "tag", "work"),
    "retrying": Mark(N_("Retrying"), "refresh", "warn"),
    "unknown": Mark(N_("Unknown"), "ask", "quiet"),
    "succeeded": Mark(N_("Done"), "check", "good"),
    "failed": Mark(N_("Failed"), "alert", "bad"),
    "revoked": Mark(N_("Revoked"), "cross", "quiet"),
    "rejected": Mark(N_("Rejected"), "cross", "warn"),
}
GONE = N_("There is no task with this id. Old tasks are deleted in time.")


# What the script copies for a task that is new.
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
BLANK = task_json(TaskRecord("x", TaskState.RECEIVED, 0, _LONG_AGO, _LONG_AGO))


class Step(NamedTuple):
    """One thing that happened to a task; `after` is seconds since the one before."""

    at: datetime
    word: str
    tone: str
    phase: str | None = None
    after: float | None = None


@pages.app_template_filter("task_mark")
def mark(task: Mapping[str, Any]) -> Mark:
    return shown(task["state"])


def shown(state: str) -> Mark:
    word, icon, tone = MARKS[state]
    return Mark(_(word), icon, tone)


@pages.get("/tasks")
def tasks() -> str:
    asked: dict[str, Any] = {name: _asked(name) for name in ("q", "name", "worker")}
    known = [value for value, label in STATES] + [str(one) for one in TaskState]
    state = request.args.get("state")
    state = state if state in known else None
    slowest = request.args.get("sort") == TaskSort.RUNTIME
    time = next((one for one in TIMES if one[0] == request.args.get("time")), None)
    cursor = request.args.get("cursor")
    shown = {
        **asked,
        "state": state,
        "time": time[0] if time else None,
        "sort": "runtime" if slowest else None,
    }
    filtered = any(shown.values())
    with reading() as session:
        now = database_now(session)
        try:
            found, older = list_tasks(
                session,
                limit=ROWS,
                cursor=cursor,
                states=TaskFilter(state).states if state else (),
                since=now - time[2] if time else None,
                sort=TaskSort.RUNTIME if slowest else TaskSort.RECEIVED,
                **asked,
            )
        except BadCursor as error:
            abort(400, str(error))
        names = known_names(session)
        history = history_json(session)
        groups = [] if filtered or cursor else failures(session, since=now - RECENT)
    workers = parts().live.receiver.workers() or []
    return render_template(
        "tasks.html",
        tasks=[task_json(one) for one in found],
        groups=[failure_json(one) for one in groups[:GROUPS]],
        more_groups=len(groups) > GROUPS,
        names=_with(names, asked["name"]),
        workers=_with(workers, asked["worker"]),
        states=[(value, _(label)) for value, label in STATES],
        times=[(value, _(label)) for value, label, length in TIMES],
        filters=shown,
        filtered=filtered,
        history=history,
        live=not cursor and not slowest,
        blank=BLANK,
        days=parts().settings.task_days,
        failure_days=parts().settings.task_failure_days,
        **paging("pages.tasks", shown, cursor, older),
    )


@pages.get("/tasks/failures")
def task_failures() -> str:
    with reading() as session:
        groups = failures(session)
    return render_template(
        "task_failures.html",
        groups=[failure_json(one) for one in groups],
        failure_days=parts().settings.task_failure_days,
    )


@pages.get("/tasks/<task_id>")
def task(task_id: str) -> str:
    if id_or_none(task_id) is None:
        abort(404, _(GONE))
    with reading() as session:
        row = get_task(session, task_id)
        if row is None:
            abort(404, _(GONE))
        run = get_run(session, task_id)
    return render_template(
        "task.html",
        task=task_json(row),
        waited=_waited(row),
        steps=steps_of(row, run),
        run=None if run is None else run_json(run),
    )


def steps_of(row: TaskRow, run: Run | None) -> list[Step]:
    """What happened to a task, in order, with the phases of its run."""
    end = shown(row.state)
    phases = run.phases if run is not None else ()
    told = [
        (row.sent_at, _("Sent"), "quiet"),
        (row.received_at, _("Received"), "quiet"),
        (row.started_at, _("Started"), "work"),
        (row.ended_at, end.word, end.tone),
    ]
    known = [Step(at, word, tone) for at, word, tone in told if at is not None]
    known[-1:-1] = [
        Step(one.start_time, shown(one.state).word, "work", one.state) for one in phases
    ]
    known.sort(key=lambda step: step.at)
    afters = [(two.at - one.at).total_seconds() for one, two in pairwise(known)]
    return known[:1] + [
        step._replace(after=after)
        for step, after in zip(known[1:], afters, strict=True)
    ]


def _waited(row: TaskRow) -> float | None:
    if row.started_at is None:
        return None
    return max((row.started_at - row.received_at).total_seconds(), 0.0)


def _asked(name: str) -> str | None:
    return request.args.get(name, "").strip()[:LONGEST] or None


def _with(known: list[str], asked: str | None) -> list[str]:
    """What can be chosen, and what was asked for, also when there is no such task."""
    return known if asked is None or asked in known else [asked, *known]
