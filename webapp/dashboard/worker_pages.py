"""`/workers`: who does the runs, what waits for them, how the schedule is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from mailbeat.db import audit
from mailbeat.db.clock import database_now
from mailbeat.db.processes import (
    MAX_SIZE,
    ProcessGone,
    ProcessSeen,
    ProcessState,
    want_size,
    want_stop,
)
from mailbeat.db.punctuality import read_punctuality
from mailbeat.db.queues import QueueSeen, read_queues
from mailbeat.db.session import transaction
from webapp.api.workers import target_of
from webapp.auth import requires
from webapp.crew import WorkerSeen, read_crew
from webapp.dashboard import words
from webapp.dashboard.actions import back
from webapp.dashboard.blueprint import pages, reading
from webapp.dashboard.words import Mark
from webapp.language import N_, _
from webapp.parts import parts

# What is to be typed, which is no language's.
WORKER_COMMAND = Markup(
    "<code>celery -A tasks worker --without-mingle --without-gossip -E</code>"
)
NAME_OPTION = Markup("<code>-n second@%h</code>")
MARKS = {
    ProcessState.ONLINE: Mark(N_("Online"), "check", "good"),
    ProcessState.STOPPING: Mark(N_("Stopping"), "pause", "warn"),
    ProcessState.STOPPED: Mark(N_("Stopped"), "pause", "quiet"),
    ProcessState.GONE: Mark(N_("Gone"), "alert", "bad"),
}
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WorkerShown:
    seen: WorkerSeen
    mark: Mark
    size: int | None
    wanted: int | None  # threads, while it does not have them yet
    active: int | None
    processed: int | None
    failed: int | None
    memory: str | None
    load: str | None
    software: str
    late: float | None
    is_cut_off: bool  # it lives, and its heartbeats do not come
    can_be_told: bool
    can_resize: bool


@pages.get("/workers")
def workers() -> str:
    live = parts().live
    live.start()
    snapshot = live.snapshot()
    with reading() as session:
        now = database_now(session)
        crew = read_crew(session, live.receiver.heartbeats(), now=now)
        queues = read_queues(session, now=now)
        schedule = read_punctuality(session, now=now)
    shown = [_shown(one, hears=crew.hears) for one in crew.workers]
    alive = [one for one in shown if one.seen.is_alive]
    named = {each.task.task_id for one in alive for each in one.seen.running}
    running = [one for one in snapshot["accounts"] if words.is_running(one)]
    return render_template(
        "workers.html",
        crew=crew,
        shown=shown,
        alive=alive,
        busy=sum(one.active or 0 for one in alive),
        threads=sum(one.size or 0 for one in alive),
        statuses={one["run_id"]: one for one in running},
        elsewhere=[one for one in running if one["run_id"] not in named],
        queues=queues,
        waiting=sum(one.depth for one in queues),
        oldest=_oldest(queues),
        schedule=schedule,
        now=now,
        bars=bars,
        max_size=MAX_SIZE,
        worker_command=WORKER_COMMAND,
        name_option=NAME_OPTION,
    )


def _oldest(queues: list[QueueSeen]) -> datetime | None:
    return min((one.oldest_at for one in queues if one.oldest_at), default=None)


def _shown(one: WorkerSeen, *, hears: bool) -> WorkerShown:
    row, heard = one.row, one.heard
    facts: Mapping[str, Any] = row.facts if row else {}
    size = facts.get("size")
    wanted = row.wanted_size if row else None
    load = facts.get("load") or (heard.load if heard else None)
    celery = facts.get("celery") or (heard.celery if heard else None)
    version = f"Mailbeat {row.version}" if row else None
    memory = facts.get("rss_bytes")
    return WorkerShown(
        seen=one,
        mark=MARKS[one.state]._replace(word=_(MARKS[one.state].word)),
        size=size,
        wanted=wanted if wanted != size and one.is_alive else None,
        active=facts.get("active", heard.active if heard else None),
        processed=facts.get("processed", heard.processed if heard else None),
        failed=facts.get("failed"),
        memory=None if memory is None else f"{memory / MIB:,.0f} MiB",
        load=None if not load else " ".join(f"{each:.2f}" for each in load),
        software=" · ".join(filter(None, (version, celery and f"Celery {celery}"))),
        late=facts.get("late"),
        is_cut_off=hears and one.is_alive and one.heard_ago is None,
        can_be_told=row is not None and one.state is ProcessState.ONLINE,
        can_resize=bool(facts.get("can_resize")),
    )


def bars(queue: QueueSeen) -> list[tuple[int, float]]:
    """The minutes of the last hour with their heights in per cent."""
    depths = [one or 0 for one in queue.history]
    most = max(depths, default=0)
    return [(place, 100 * one / most) for place, one in enumerate(depths) if one]


@pages.post("/workers/<int(max=2147483647):worker_id>/stop")
@requires("control")
def worker_stop(worker_id: int) -> Response:
    def stop(session: Session, now: datetime) -> tuple[ProcessSeen, str]:
        return want_stop(session, worker_id, now=now), ""

    return _tell("worker.stop", stop, "worker-stopping")


@pages.post("/workers/<int(max=2147483647):worker_id>/threads")
@requires("control")
def worker_threads(worker_id: int) -> Response:
    typed = request.form.get("threads", "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(MAX_SIZE))):
        return back("pages.workers", "bad-threads")
    size = int(typed)

    def resize(session: Session, now: datetime) -> tuple[ProcessSeen, str]:
        return want_size(session, worker_id, size, now=now), f"{size} threads"

    return _tell("worker.resize", resize, "worker-resized")


def _tell(
    action: str, do: Callable[[Session, datetime], tuple[ProcessSeen, str]], done: str
) -> Response:
    try:
        with transaction(parts().sessions) as session:
            now = database_now(session)
            seen, detail = do(session, now)
            audit.record(
                session, g.caller.key_id, action, target_of(seen), detail, now=now
            )
    except ProcessGone:
        return back("pages.workers", "worker-gone")
    except ValueError:
        return back("pages.workers", "bad-threads")
    return back("pages.workers", done)
