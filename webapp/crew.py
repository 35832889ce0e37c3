"""The workers as the web knows them: by their rows, and by what is heard of them.

A row is what a worker of ours says of itself. One that only its heartbeats tell of is
another's at the same broker, or is older than such rows; its database cannot be ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbeat.db.models import Account
from mailbeat.db.processes import (
    Kind,
    ProcessSeen,
    ProcessState,
    RunningTask,
    list_processes,
)
from webapp.live.receiver import Heard

JUST_NOW = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class InHand:
    task: RunningTask
    email_address: str | None
    age: float  # seconds


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker; `row` is None for one that is only heard.

    `heard_ago` (seconds) is None for one that is not heard, or while nothing is.
    """

    name: str
    state: ProcessState
    row: ProcessSeen | None
    heard_ago: float | None
    heard: Heard | None
    running: list[InHand]
    has_double: bool = False  # another that lives has its name

    @property
    def is_alive(self) -> bool:
        return self.state in {ProcessState.ONLINE, ProcessState.STOPPING}


@dataclass(frozen=True, slots=True)
class Crew:
    workers: list[WorkerSeen]
    online: int | None  # None: nobody knows
    hears: bool  # whether heartbeats are heard at all, so that a missing one says much


def read_crew(
    session: Session,
    heartbeats: Mapping[str, tuple[float, Heard]] | None,
    *,
    now: datetime,
) -> Crew:
    rows = list_processes(session, Kind.WORKER, now=now)
    heard = heartbeats or {}
    # One that was killed a moment ago still looks alive while it is started again.
    names = [row.name for row in rows if row.is_alive and now - row.beat_at < JUST_NOW]
    addresses = _addresses(session, rows)
    workers = [
        _of_row(row, heard.get(row.name), addresses, now, names.count(row.name) > 1)
        for row in rows
    ]
    workers += _only_heard(heard, {row.name for row in rows})
    alive = sum(one.is_alive for one in workers)
    return Crew(
        workers=sorted(workers, key=lambda one: (not one.is_alive, one.name)),
        online=alive if alive or heartbeats is not None else None,
        hears=heartbeats is not None,
    )


def _of_row(
    row: ProcessSeen,
    heartbeat: tuple[float, Heard] | None,
    addresses: Mapping[int, str],
    now: datetime,
    has_double: bool,  # noqa: FBT001
) -> WorkerSeen:
    ago, heard = heartbeat or (None, None)
    return WorkerSeen(
        name=row.name,
        state=row.state,
        row=row,
        heard_ago=ago if row.is_alive else None,
        heard=heard if row.is_alive else None,
        running=[
            InHand(
                task=one,
                email_address=addresses.get(one.account_id or 0),
                age=max((now - one.since).total_seconds(), 0.0),
            )
            for one in row.running()
        ],
        has_double=has_double,
    )


def _only_heard(
    heard: Mapping[str, tuple[float, Heard]], known: set[str]
) -> Iterator[WorkerSeen]:
    for name, (ago, told) in heard.items():
        if name not in known:
            yield WorkerSeen(name, ProcessState.ONLINE, None, ago, told, [])


def _addresses(session: Session, rows: list[ProcessSeen]) -> dict[int, str]:
    ids = {
        one.account_id
        for row in rows
        for one in row.running()
        if one.account_id is not None
    }
    if not ids:
        return {}
    found = select(Account.id, Account.email_address).where(Account.id.in_(ids))
    return {row.id: row.email_address for row in session.execute(found)}
