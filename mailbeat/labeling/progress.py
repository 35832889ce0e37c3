"""The states of a run, and how far it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailbeat.mail.errors import ErrorCode


class RunState(StrEnum):
    """Those eight and no more; capitals of the same words are the Celery states."""

    IDLE = "idle"
    CONNECTING = "connecting"
    FETCHING = "fetching"
    PROCESSING = "processing"
    CATEGORIZING = "categorizing"
    LABELING = "labeling"
    COMPLETED = "completed"
    ERROR = "error"

    @property
    def is_running(self) -> bool:
        return self not in {RunState.IDLE, RunState.COMPLETED, RunState.ERROR}


class Outcome(StrEnum):
    """How a finished run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"  # a person stopped it
    INTERRUPTED = "interrupted"  # its worker died; another run took over


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. All counts are messages of this run.

    `found` is None until the mailbox was searched. `processed` never falls: it
    counts the messages that were decided about, `failed` ones included, and is what
    people see as "7 of 20". `labeled` counts labels that are on the server,
    `skipped` messages that were left without a label on purpose.
    """

    state: RunState
    found: int | None = None
    processed: int = 0
    labeled: int = 0
    skipped: int = 0
    failed: int = 0

    @property
    def step(self) -> str:
        """One line for people, e.g. `Labeling 7 of 20`."""
        return describe(self.state, current=self.processed, total=self.found)


@dataclass(frozen=True, slots=True)
class RunStep:
    """Where a run stands after a real step; the last one has an `outcome`."""

    run_id: str
    account_id: int
    seq: int  # rises by one
    started_at: datetime
    at: datetime
    progress: Progress
    outcome: Outcome | None = None
    error_code: ErrorCode | None = None
    error_message: str | None = None


def describe(state: RunState, *, current: int = 0, total: int | None = None) -> str:
    """Say in a few words what a run does now."""
    found = f"Found {total or 0} new {'message' if total == 1 else 'messages'}"
    return {
        RunState.IDLE: "Waiting for the next run",
        RunState.CONNECTING: "Connecting to the mail server",
        RunState.FETCHING: "Looking for new messages",
        RunState.PROCESSING: found,
        RunState.CATEGORIZING: f"Categorizing {current} of {total or 0}",
        RunState.LABELING: f"Labeling {current} of {total or 0}",
        RunState.COMPLETED: "Completed",
        RunState.ERROR: "Stopped by an error",
    }[state]
