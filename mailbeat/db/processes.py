"""What each process says of itself: its row, written every few seconds.

Nobody asks the processes anything; who is silent is gone. So what is shown survives a
restart of the web, and no page view sends a question to every worker.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from mailbeat.db.models import Process

BEAT_EVERY = 3.0  # seconds
# Three signs of life missed, and some time for a database that is slow.
GONE_AFTER = timedelta(seconds=12)
# Who said goodbye is of no interest soon; who fell silent is, till somebody saw it.
GOODBYE_SHOWN = timedelta(hours=1)
SILENCE_SHOWN = timedelta(days=1)
KEPT = timedelta(days=7)
MOST_LISTED = 500
MOST_RUNNING = 200  # tasks of one worker that are named
MAX_ID = 2**31 - 1
MAX_SIZE = 1000  # threads of one worker


class Kind(StrEnum):
    WORKER = "worker"
    BEAT = "beat"
    WEB = "web"


class ProcessState(StrEnum):
    ONLINE = "online"
    STOPPING = "stopping"  # runs in hand end, and no new ones begin
    STOPPED = "stopped"  # it said goodbye
    GONE = "gone"  # it fell silent


class ProcessGone(Exception):
    """Whom something is wanted of is not there any more."""


@dataclass(frozen=True, slots=True)
class Who:
    """One life of a process. The name may come again, the instance does not."""

    kind: Kind
    name: str
    instance: str
    host: str
    pid: int
    version: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What people want of a process."""

    size: int | None = None  # threads
    stop: bool = False


@dataclass(frozen=True, slots=True)
class RunningTask:
    """What a worker has in hand; `account_id` is None for a task about no account."""

    task_id: str
    name: str
    account_id: int | None
    since: datetime


@dataclass(frozen=True, slots=True)
class ProcessSeen:
    """A process as its row tells, at the moment of the look."""

    id: int
    kind: Kind
    name: str
    instance: str
    host: str
    pid: int
    version: str
    state: ProcessState
    since: datetime  # in that state
    started_at: datetime
    beat_at: datetime
    wanted_size: int | None
    stop_wanted_at: datetime | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_alive(self) -> bool:
        return self.state in {ProcessState.ONLINE, ProcessState.STOPPING}

    def number(self, name: str) -> float | None:
        """One of its facts, if it is a number."""
        value = self.facts.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return value if is_number else None

    def running(self) -> list[RunningTask]:
        """What it has in hand, the oldest first; nothing once it is gone."""
        if not self.is_alive:
            return []
        found = [
            RunningTask(
                task_id=str(one["id"]),
                name=str(one["task"]),
                account_id=one.get("account_id"),
                # Whole seconds by the worker's clock, counted on the database's.
                since=self.beat_at - timedelta(seconds=one["age"]),
            )
            for one in self.facts.get("running", ())
        ]
        return sorted(found, key=lambda one: one.since)


def say(
    session: Session,
    who: Who,
    facts: Mapping[str, Any],
    *,
    now: datetime,
    stopping: bool = False,
    stopped: bool = False,
) -> Wishes:
    """Write a process's sign of life, and return what is wanted of it.

    Its first one forgets former lives of the same name that have ended.
    """
    row = session.scalar(
        select(Process).where(Process.instance == who.instance).with_for_update()
    )
    if row is None:
        _forget_former_lives(session, who, now)
        row = Process(
            kind=who.kind,
            name=who.name[:255],
            instance=who.instance,
            host=who.host[:255],
            pid=who.pid,
            version=who.version[:32],
            started_at=now,
        )
        session.add(row)
    row.beat_at = now
    row.facts = json.dumps(facts)
    if stopping and row.stopping_at is None:
        row.stopping_at = now
    row.stopped_at = now if stopped else None
    session.flush()
    return Wishes(size=row.wanted_size, stop=row.stop_wanted_at is not None)


def _forget_former_lives(session: Session, who: Who, now: datetime) -> None:
    same = (
        Process.name == who.name
        if who.kind is Kind.WORKER
        else Process.host == who.host  # their names hold a process's number
    )
    session.execute(
        delete(Process).where(Process.kind == who.kind, same, _has_ended(now))
    )


def _has_ended(now: datetime) -> Any:
    return or_(Process.stopped_at.is_not(None), Process.beat_at < now - GONE_AFTER)


def list_processes(
    session: Session, kind: Kind | None = None, *, now: datetime
) -> list[ProcessSeen]:
    """Those that live and those that ended lately, by name."""
    shown = or_(
        Process.stopped_at > now - GOODBYE_SHOWN,
        Process.stopped_at.is_(None) & (Process.beat_at > now - SILENCE_SHOWN),
    )
    query = select(Process).where(shown)
    if kind is not None:
        query = query.where(Process.kind == kind)
    rows = session.scalars(
        # Of very many those that were heard last.
        query.order_by(Process.beat_at.desc()).limit(MOST_LISTED)
    )
    seen = [_seen(row, now) for row in rows]
    # Who came back under its name is not missed.
    back = {(one.kind, one.name) for one in seen if one.is_alive}
    seen = [one for one in seen if one.is_alive or (one.kind, one.name) not in back]
    return sorted(seen, key=lambda one: (not one.is_alive, one.name, one.id))


def find_process(session: Session, process_id: int, *, now: datetime) -> ProcessSeen:
    """Look one up, also one that ended long ago.

    Raises:
        ProcessGone: there is none with this id.
    """
    row = session.get(Process, process_id) if process_id <= MAX_ID else None
    if row is None:
        raise ProcessGone("There is no such process any more.")
    return _seen(row, now)


def want_stop(session: Session, process_id: int, *, now: datetime) -> ProcessSeen:
    """Ask a worker to end: its runs stop at their next message and are handed over.

    Raises:
        ProcessGone: it is not there any more.
    """
    seen = _alive_worker(session, process_id, now)
    _change(session, process_id, stop_wanted_at=now)
    return seen


def want_size(
    session: Session, process_id: int, size: int, *, now: datetime
) -> ProcessSeen:
    """Ask a worker to have so many threads; it does within seconds.

    Raises:
        ProcessGone: it is not there any more.
        ValueError: that is not a number of threads that one may have.
    """
    if not 1 <= size <= MAX_SIZE:
        raise ValueError(f"A worker has 1 to {MAX_SIZE} threads.")
    seen = _alive_worker(session, process_id, now)
    _change(session, process_id, wanted_size=size)
    return seen


def _alive_worker(session: Session, process_id: int, now: datetime) -> ProcessSeen:
    seen = find_process(session, process_id, now=now)
    if seen.kind is not Kind.WORKER or not seen.is_alive:
        raise ProcessGone(f"{seen.name} is not running any more.")
    return seen


def _change(session: Session, process_id: int, **values: Any) -> None:
    session.execute(
        update(Process).where(Process.id == process_id).values(**values),
        execution_options={"synchronize_session": False},
    )


def _seen(row: Process, now: datetime) -> ProcessSeen:
    state, since = _state(row, now)
    return ProcessSeen(
        id=row.id,
        kind=Kind(row.kind),
        name=row.name,
        instance=row.instance,
        host=row.host,
        pid=row.pid,
        version=row.version,
        state=state,
        since=since,
        started_at=row.started_at,
        beat_at=row.beat_at,
        wanted_size=row.wanted_size,
        stop_wanted_at=row.stop_wanted_at,
        facts=json.loads(row.facts),
    )


def _state(row: Process, now: datetime) -> tuple[ProcessState, datetime]:
    if row.stopped_at is not None:
        return ProcessState.STOPPED, row.stopped_at
    if now - row.beat_at > GONE_AFTER:
        return ProcessState.GONE, row.beat_at
    if row.stopping_at is not None:
        return ProcessState.STOPPING, row.stopping_at
    return ProcessState.ONLINE, row.started_at
