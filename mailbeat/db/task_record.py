"""What is known of one Celery task, and which of two stories of it is the newer.

Events arrive in any order, some never, and two web processes hear the same ones. So a
record says how far it leads (`step`), and records of one task can be merged in any
order, here and in the SQL of `tasks.py`, to the same end.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any


class TaskState(StrEnum):
    """In the order in which a task goes through them; the last four are its end."""

    SENT = "sent"
    RECEIVED = "received"
    STARTED = "started"
    CONNECTING = "connecting"
    FETCHING = "fetching"
    PROCESSING = "processing"
    CATEGORIZING = "categorizing"
    LABELING = "labeling"
    RETRYING = "retrying"
    UNKNOWN = "unknown"  # nothing was heard when something should have been
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REVOKED = "revoked"
    REJECTED = "rejected"

    @property
    def is_end(self) -> bool:
        return self in _ENDS


_ENDS = frozenset(
    {TaskState.SUCCEEDED, TaskState.FAILED, TaskState.REVOKED, TaskState.REJECTED}
)
WAITING = (TaskState.SENT, TaskState.RECEIVED, TaskState.RETRYING)
PHASES = (
    TaskState.CONNECTING,
    TaskState.FETCHING,
    TaskState.PROCESSING,
    TaskState.CATEGORIZING,
    TaskState.LABELING,
)
RUNNING = (TaskState.STARTED, *PHASES)

# A step is attempt, rank and `seq` in one number, so that one comparison decides. The
# phases of a run go to and fro, so they have one rank, and `seq` their order.
_SEQ_BITS, _RANK_BITS = 32, 8
ATTEMPT = 1 << (_SEQ_BITS + _RANK_BITS)
END = 1 << 60
_RANKS: dict[TaskState, int] = {
    TaskState.SENT: 10,
    TaskState.RECEIVED: 20,
    TaskState.STARTED: 30,
    **dict.fromkeys(PHASES, 40),
    TaskState.RETRYING: 50,
    # Celery says that a task succeeded whose run failed: it returned. So an end that
    # the run told counts for more, and a failure for more than a success.
    TaskState.SUCCEEDED: 60,
    TaskState.REVOKED: 70,
    TaskState.REJECTED: 70,
    TaskState.FAILED: 80,
}
_TOLD_BY_RUN = 5
MAX_ATTEMPT = 1000


@cache
def _base(state: TaskState, by_run: bool) -> int:  # noqa: FBT001 # a key of the cache
    rank: int = _RANKS[state] + (_TOLD_BY_RUN if by_run and state.is_end else 0)
    return (rank << _SEQ_BITS) + (END if state.is_end else 0)


def step_of(
    state: TaskState, *, attempt: int = 0, seq: int = 0, by_run: bool = False
) -> int:
    """How far a task is that was heard to be in a state; an end is never turned back.

    `attempt` counts Celery's retries, `seq` the steps of a run; `by_run` says that the
    run itself told its end.
    """
    if state.is_end:
        return _base(state, by_run)
    place = min(max(attempt, 0), MAX_ATTEMPT) * ATTEMPT
    return _base(state, by_run) + place + min(max(seq, 0), (1 << _SEQ_BITS) - 1)


def newer_step(known: int, told: int) -> int:
    """The step of who knows one and is told another; `known` when that is no news.

    Only some events tell the attempt: what tells none is of the newest one.
    """
    if told < END and known < END:
        told = max(told, known - known % ATTEMPT + told % ATTEMPT)
    return max(known, told)


@dataclass(slots=True)
class TaskRecord:
    """All times are UTC. `heard_at` is by the clock of who heard, the others are told.

    `received_at` is the first time that is known of it, so that each task has one.
    """

    task_id: str
    state: TaskState
    step: int
    received_at: datetime
    heard_at: datetime
    name: str | None = None
    worker: str | None = None
    arguments: str | None = None
    account_id: int | None = None
    retries: int = 0
    exception: str | None = None
    error: str | None = None
    sent_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    runtime: float | None = None  # seconds
    eta: datetime | None = None
    expires: datetime | None = None
    root_id: str | None = None
    parent_id: str | None = None

    def merge(self, other: "TaskRecord") -> bool:
        """Take in what another record of this task knows; False when it is no news."""
        step = newer_step(self.step, other.step)
        changed = is_newer = step > self.step
        if is_newer:
            self.state, self.step = other.state, step
        for name in OTHERS:
            theirs = getattr(other, name)
            if theirs is not None and self._learns(name, theirs, is_newer=is_newer):
                setattr(self, name, theirs)
                changed = True
        if other.received_at < self.received_at:
            self.received_at, changed = other.received_at, True
        if changed and other.heard_at > self.heard_at:
            self.heard_at = other.heard_at
        return changed

    def _learns(self, name: str, theirs: Any, *, is_newer: bool) -> bool:
        mine = getattr(self, name)
        if mine is None or mine == theirs:
            return mine is None
        return theirs > mine if name in LATEST else is_newer and name in STORY

    def copy(self) -> "TaskRecord":
        return TaskRecord(**self.values())

    def values(self) -> dict[str, Any]:
        """The columns of its row."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = tuple(one.name for one in fields(TaskRecord))
# What the newest event that says anything of it knows best.
STORY = ("worker", "exception", "error", "ended_at", "runtime")
# Of the last attempt: the larger one counts.
LATEST = ("retries", "started_at")
# What never changes, whoever tells it first.
FACTS = (
    "name",
    "arguments",
    "account_id",
    "sent_at",
    "eta",
    "expires",
    "root_id",
    "parent_id",
)
OTHERS = (*STORY, *LATEST, *FACTS)
