"""What travels on Celery's event stream: ids and counts, nothing of the mail.

An event is `task-<state>` with the fields of `event_fields`. Whoever can reach the
broker can publish anything, so `parse_event` believes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mailbeat.labeling.progress import RunState, RunStep

# Unmodified Flower shows an event's type as the task's state.
STATE_EVENTS = tuple(
    f"task-{state}" for state in RunState if state is not RunState.IDLE
)

_MAX_COUNT = 10**9
_MAX_ID = 2**31 - 1
_ID_LENGTH = 36  # a UUID with its dashes


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """One step of a run, as it was told on the stream. Counts are messages."""

    run_id: str
    account_id: int
    seq: int
    state: RunState
    current: int
    total: int | None
    found: int
    processed: int
    labeled: int
    failed: int
    skipped: int
    started_at: datetime
    at: datetime

    @property
    def is_last(self) -> bool:
        return not self.state.is_running


def event_type(step: RunStep) -> str:
    return f"task-{step.progress.state}"


def event_fields(step: RunStep) -> dict[str, Any]:
    """The fields of a step's event, beside those that Celery adds.

    Never `worker`, `children`, `name` or `state`: Flower 2.2 breaks on them. `result`
    fills its Result column, except in the last event, where it would stay for ever.
    """
    progress = step.progress
    fields: dict[str, Any] = {
        "uuid": step.run_id,
        "account_id": step.account_id,
        "seq": step.seq,
        "current": progress.processed,
        "total": progress.found,
        "found": progress.found or 0,
        "processed": progress.processed,
        "labeled": progress.labeled,
        "failed": progress.failed,
        "skipped": progress.skipped,
        "started_at": step.started_at.isoformat(),
        "at": step.at.isoformat(),
    }
    if progress.state.is_running:
        of = "" if progress.found is None else f" {progress.processed}/{progress.found}"
        fields["result"] = f"{progress.state}{of}"
    return fields


def parse_event(raw: object) -> StatusEvent | None:
    """Read an event of ours; None for anything else, however odd. Never raises."""
    if not isinstance(raw, Mapping) or raw.get("type") not in STATE_EVENTS:
        return None
    try:
        return StatusEvent(
            run_id=_text(raw.get("uuid")),
            account_id=_number(raw.get("account_id"), smallest=1, largest=_MAX_ID),
            seq=_number(raw.get("seq"), smallest=1),
            state=RunState(raw["type"].removeprefix("task-")),
            current=_number(raw.get("current")),
            total=None if raw.get("total") is None else _number(raw.get("total")),
            found=_number(raw.get("found")),
            processed=_number(raw.get("processed")),
            labeled=_number(raw.get("labeled")),
            failed=_number(raw.get("failed")),
            skipped=_number(raw.get("skipped")),
            started_at=_time(raw.get("started_at")),
            at=_time(raw.get("at")),
        )
    except ValueError:
        return None


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _ID_LENGTH:
        raise ValueError
    if not (value.isascii() and value.replace("-", "").isalnum()):
        raise ValueError
    return value


def _number(value: object, *, smallest: int = 0, largest: int = _MAX_COUNT) -> int:
    if type(value) is not int or not smallest <= value <= largest:
        raise ValueError
    return value


def _time(value: object) -> datetime:
    if not isinstance(value, str) or len(value) > _ID_LENGTH:
        raise ValueError
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError from None
