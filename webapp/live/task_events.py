"""Celery's own task events, and those of our runs, as records of the task's history.

Whoever can reach the broker can publish anything, and what other apps give their tasks
may be private. So nothing is believed, texts are short and without addresses and
secrets, and results and tracebacks are not looked at.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from mailbeat.db.models import RUN_TASK
from mailbeat.db.task_record import MAX_ATTEMPT, TaskRecord, TaskState, step_of
from mailbeat.logs import scrub, without_known_secrets
from tasks.events import STATE_EVENTS

# Celery's, by the state that each tells of.
CELERY_EVENTS = {
    "task-sent": TaskState.SENT,
    "task-received": TaskState.RECEIVED,
    "task-started": TaskState.STARTED,
    "task-retried": TaskState.RETRYING,
    "task-succeeded": TaskState.SUCCEEDED,
    "task-failed": TaskState.FAILED,
    "task-revoked": TaskState.REVOKED,
    "task-rejected": TaskState.REJECTED,
}
_OURS = {
    **{kind: TaskState(kind.removeprefix("task-")) for kind in STATE_EVENTS[:-2]},
    "task-completed": TaskState.SUCCEEDED,
    "task-error": TaskState.FAILED,
}
TASK_EVENTS = {**CELERY_EVENTS, **_OURS}

MAX_NAME = 200  # characters, of names of tasks and workers
MAX_ARGUMENTS = 200
MAX_EXCEPTION = 100
MAX_ERROR = 300
_READ = 600  # characters of a text that are looked at: what is cut off costs nothing
_MAX_SEQ = 2**31 - 1
_MAX_RUNTIME = 10 * 366 * 86_400.0  # seconds
# How far the clock of another machine may be wrong, and still be shown.
_AHEAD, _BEHIND = timedelta(minutes=1), timedelta(days=1)

# An id stands in addresses of pages, so it has no sign that means something there.
_ID = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.:@=+,~|-]{0,99}")
_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")
_ADDRESS = re.compile(r"[^\s@'\"<>(),;:=\[\]{}]{1,64}@[^\s@'\"<>(),;:/\[\]{}]{1,255}")
_SECRET = re.compile(
    r"(?i)([\w-]{0,40}(?:passw|secret|token|api.?key|auth|credential|cookie)[\w-]{0,40}"
    r"['\"]?\s{0,3}[:=]\s{0,3})('[^']*'?|\"[^\"]*\"?|[^\s,)}\]]+)"
)
# What looks as if a program had made it up: letters and digits without a word in them.
_KEY = re.compile(r"(?=[A-Za-z_+/-]*[0-9])[A-Za-z0-9_+/=-]{32,}")
_SUSPICIOUS = re.compile(
    r"@|://|(?i:passw|secret|token|key|auth|credential|cookie|login|mb_)"
    r"|[A-Za-z0-9_+/=-]{32}"
)
_ONE_NUMBER = re.compile(r"[\[(]([0-9]{1,9}),?[\])]")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def read_task_event(raw: Mapping[str, Any], *, now: datetime) -> TaskRecord | None:
    """What an event tells of its task, or None when it is no event. Never raises.

    `now` is when it was heard: the time of an event that names none, or an absurd one.
    """
    kind, task_id = raw.get("type"), id_or_none(raw.get("uuid"))
    if not isinstance(kind, str) or kind not in TASK_EVENTS or task_id is None:
        return None
    state, at = TASK_EVENTS[kind], _moment(raw.get("timestamp"), now)
    by_run = kind in _OURS
    attempt = _count(raw.get("retries"), MAX_ATTEMPT) or 0
    seq = (_count(raw.get("seq"), _MAX_SEQ) or 0) if by_run else 0
    record = TaskRecord(
        task_id,
        state,
        step_of(state, attempt=attempt, seq=seq, by_run=by_run),
        received_at=at,
        heard_at=now,
        worker=_name(raw.get("hostname")),
        retries=attempt,
    )
    if state.is_end:
        record.ended_at = at
    if by_run:
        record.name = RUN_TASK
        record.account_id = _count(raw.get("account_id"), _MAX_SEQ)
    else:
        _MORE.get(state, _nothing_more)(record, raw, at)
    return record


def id_or_none(value: object) -> str | None:
    is_id = isinstance(value, str) and _ID.fullmatch(value[:101]) is not None
    return value if isinstance(value, str) and is_id else None


def shorten(text: str, length: int) -> str:
    """A text in short, on one line, without addresses, secrets and odd characters."""
    known = text[:_READ]
    if not known.isprintable():
        known = "".join(sign if sign.isprintable() else " " for sign in known)
    if _SUSPICIOUS.search(known) is None:  # as nearly all are: the rest costs 50 µs
        known = without_known_secrets(known)
    else:
        known = _ADDRESS.sub("…@…", scrub(known))
        known = _SECRET.sub(r"\1***", known)
        known = _KEY.sub(_unless_uuid, known)
    return known if len(known) <= length else known[: length - 1] + "…"


def _unless_uuid(found: re.Match[str]) -> str:
    return found[0] if _UUID.fullmatch(found[0]) else "***"


def _sent(record: TaskRecord, raw: Mapping[str, Any], at: datetime) -> None:
    record.sent_at = at
    record.worker = None  # its hostname is that of the client
    _identify(record, raw, at)


def _identify(record: TaskRecord, raw: Mapping[str, Any], at: datetime) -> None:
    record.name = _name(raw.get("name"))
    record.arguments = _arguments(raw.get("args"), raw.get("kwargs"))
    if record.name == RUN_TASK:
        record.account_id = _account_id(raw.get("args"))
    for name in ("root_id", "parent_id"):
        other = id_or_none(raw.get(name))
        if other is not None and other != record.task_id:
            setattr(record, name, other)
    record.eta = _iso_moment(raw.get("eta"), at)
    record.expires = _iso_moment(raw.get("expires"), at)


def _started(record: TaskRecord, _raw: Mapping[str, Any], at: datetime) -> None:
    record.started_at = at


def _succeeded(record: TaskRecord, raw: Mapping[str, Any], _at: datetime) -> None:
    runtime = raw.get("runtime")
    if isinstance(runtime, int | float) and 0 <= runtime <= _MAX_RUNTIME:
        record.runtime = float(runtime)


def _failed(record: TaskRecord, raw: Mapping[str, Any], _at: datetime) -> None:
    """Celery sends `repr` of the exception: `ValueError('no such account')`."""
    text = raw.get("exception")
    if not isinstance(text, str):
        return
    found = _TYPE.match(text)
    record.exception = found[0] if found else "Exception"
    rest = text[found.end() :] if found else text
    said = rest.removeprefix("(").removesuffix(")").rstrip(",").strip("'\"")
    record.error = shorten(said, MAX_ERROR) or None


def _nothing_more(_record: TaskRecord, _raw: Mapping[str, Any], _at: datetime) -> None:
    pass


_MORE = {
    TaskState.SENT: _sent,
    TaskState.RECEIVED: _identify,
    TaskState.STARTED: _started,
    TaskState.SUCCEEDED: _succeeded,
    TaskState.FAILED: _failed,
    TaskState.RETRYING: _failed,
}


def _name(value: object) -> str | None:
    return _known_name(value) if isinstance(value, str) and len(value) > 0 else None


@lru_cache(maxsize=1000)
def _short_name(text: str) -> str | None:
    return shorten_name(text) or None


def _known_name(value: str) -> str | None:
    return _short_name(value[: MAX_NAME + 1])


def shorten_name(text: str) -> str:
    """A name of a task or worker: `celery@host` is no address of a person."""
    known = "".join(sign for sign in text if sign.isprintable())
    return known if len(known) <= MAX_NAME else known[: MAX_NAME - 1] + "…"


def _arguments(args: object, kwargs: object) -> str | None:
    """`(7,) {'deep': True}`, as Celery's `repr` of them has it."""
    told = [
        one[:_READ]
        for one, empty in ((args, "()"), (kwargs, "{}"))
        if isinstance(one, str) and one not in {"", empty}
    ]
    return shorten(" ".join(told), MAX_ARGUMENTS) if told else None


def _account_id(args: object) -> int | None:
    found = _ONE_NUMBER.fullmatch(args) if isinstance(args, str) else None
    return int(found[1]) if found else None


def _count(value: object, largest: int) -> int | None:
    is_count = type(value) is int and 0 <= value <= largest
    return value if type(value) is int and is_count else None


def _moment(value: object, now: datetime) -> datetime:
    """When an event says it was; `now` unless that can be."""
    if type(value) is float or type(value) is int:
        seconds = now.timestamp()
        if (
            seconds - _BEHIND.total_seconds()
            <= value
            <= seconds + _AHEAD.total_seconds()
        ):
            return datetime.fromtimestamp(value, UTC)
    return now


def _iso_moment(value: object, at: datetime) -> datetime | None:
    """An `eta` or an expiry: years ahead at most."""
    if not isinstance(value, str) or len(value) > 40:  # noqa: PLR2004 # an ISO time has 32
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    years = timedelta(days=3660)
    return moment if at - years < moment < at + years else None
