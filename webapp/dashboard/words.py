"""What the pages say about a state, a run, a time.

`static/words.js` says the same in the browser: whoever changes a word here changes it
there; a browser test compares the served page with the one the script draws.
The dicts are those of the wire: AccountStatus and Run.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import Any, NamedTuple, TypeGuard

Status = Mapping[str, Any]
RunDict = Mapping[str, Any]

RUNNING = frozenset(
    {"connecting", "fetching", "processing", "categorizing", "labeling"}
)
STEPS = ("Connect", "Fetch", "Categorize", "Label", "Done")
_STEP_OF = {
    "connecting": 0,
    "fetching": 1,
    "processing": 2,
    "categorizing": 2,
    "labeling": 3,
}
# Errors that the next run cannot mend by itself.
NEEDS_A_PERSON = frozenset(
    {"auth_failed", "mailbox_missing", "tls_failed", "label_refused", "host_refused"}
)
CAUSES = {
    "auth_failed": "Sign-in refused",
    "connect_failed": "Server not reachable",
    "tls_failed": "Certificate not trusted",
    "server_busy": "Server busy",
    "throttled": "Slowed down by the server",
    "mailbox_missing": "Mailbox not found",
    "label_refused": "Labels not accepted",
    "host_refused": "Host not allowed",
    "deadline": "Ran out of time",
    "internal": "Fault in Mailbeat",
}


class Mark(NamedTuple):
    """A state for the eye and the ear: word, icon and tone, never colour alone."""

    word: str
    icon: str
    tone: str


_STATES = {
    "idle": Mark("Waiting", "clock", "quiet"),
    "connecting": Mark("Connecting", "plug", "work"),
    "fetching": Mark("Fetching", "inbox", "work"),
    "processing": Mark("Processing", "inbox", "work"),
    "categorizing": Mark("Categorizing", "layers", "work"),
    "labeling": Mark("Labeling", "tag", "work"),
    "completed": Mark("Done", "check", "good"),
    "error": Mark("Retrying", "refresh", "warn"),
}
_NEEDS_YOU = Mark("Needs you", "alert", "bad")
_PAUSED = Mark("Paused", "pause", "quiet")
_STOPPING = Mark("Stopping", "pause", "quiet")
OUTCOMES = {
    "succeeded": Mark("Done", "check", "good"),
    "failed": Mark("Failed", "alert", "bad"),
    "cancelled": Mark("Stopped", "cross", "quiet"),
    "interrupted": Mark("Interrupted", "refresh", "warn"),
}


def is_running(status: Status) -> bool:
    return status["state"] in RUNNING


def need_of(status: Status, last: RunDict | None) -> RunDict | None:
    """What a person must do something about: a status or a run with its error, or None.

    While an account tries again, what its last run stumbled over still stands.
    """
    if status["error_code"] in NEEDS_A_PERSON:
        return status
    if is_running(status) and last and last["error_code"] in NEEDS_A_PERSON:
        return last
    return None


def line_of(status: Status, last: RunDict | None) -> str:
    """What an account does now or, when it rests, what its last run came to."""
    if status["state"] == "completed" and _is_of(last, status):
        return result_of(last)
    step: str = status["current_step"]
    return step


def before_of(status: Status, last: RunDict) -> str:
    """What stands before the time of the last run, told unless the line tells it."""
    if not is_running(status) and _is_of(last, status):
        return "Last run "
    return f"{result_of(last)} · "


def _is_of(last: RunDict | None, status: Status) -> TypeGuard[RunDict]:
    return last is not None and last["run_id"] == status["run_id"]


def was_stopped(status: Status, last: RunDict | None) -> bool:
    """Whether the run that a status tells of was ended by a person."""
    return _is_of(last, status) and last["outcome"] == "cancelled"


def mark_of(
    status: Status, last: RunDict | None = None, *, all_paused: bool = False
) -> Mark:
    paused = status["paused"] or all_paused
    if is_running(status):
        return _STOPPING if paused else _STATES[status["state"]]
    if status["error_code"] in NEEDS_A_PERSON:
        return _NEEDS_YOU
    if paused:
        return _PAUSED
    if was_stopped(status, last):
        return OUTCOMES["cancelled"]
    return _STATES.get(status["state"], _STATES["idle"])


def steps_of(status: Status, last: RunDict | None) -> list[str]:
    """Where each of the five steps stands: todo, now, done or bad."""
    state = status["state"]
    if state == "completed" and not was_stopped(status, last):
        return ["done"] * len(STEPS)
    if state == "error":
        at = _failed_at(status, last)
        return ["done"] * at + ["bad"] + ["todo"] * (len(STEPS) - at - 1)
    if state in RUNNING:
        at = _STEP_OF[state]
        return ["done"] * at + ["now"] + ["todo"] * (len(STEPS) - at - 1)
    return ["todo"] * len(STEPS)


def _failed_at(status: Status, last: RunDict | None) -> int:
    if _is_of(last, status) and last["phases"]:
        return _STEP_OF.get(last["phases"][-1]["state"], 0)
    return 0


def rate_of(status: Status) -> str:
    """How fast it goes, as told while its pace is steady: `4.2/s`, `30/min`."""
    progress, left = status["progress"], status["eta_seconds"]
    if not (is_running(status) and progress and left):
        return ""
    rate = (progress["total"] - progress["current"]) / left
    if rate >= 10:  # noqa: PLR2004 # above, tenths do not count
        return f"{math.floor(rate + 0.5)}/s"
    if rate >= 1:
        return f"{math.floor(rate * 10 + 0.5) / 10:.1f}/s"
    return f"{max(1, math.floor(rate * 60 + 0.5))}/min"


def outcome_of(run: RunDict) -> Mark:
    return OUTCOMES.get(run["outcome"], _STATES.get(run["state"], _STATES["idle"]))


def result_of(run: RunDict) -> str:
    """How a run ended, in a few words."""
    if run["outcome"] == "failed":
        return CAUSES.get(run["error_code"], "Failed")
    if run["outcome"] == "succeeded" and not run["emails_found"]:
        return "Nothing new"
    labeled, processed = run["emails_labeled"], run["emails_processed"]
    if labeled == processed:
        text = f"{labeled:,} labelled"
    else:
        text = f"{labeled:,} of {processed:,} labelled"
    if run["emails_failed"]:
        text += f", {run['emails_failed']:,} failed"
    return text


def sentence_of(
    statuses: Sequence[Status],
    last_runs: Mapping[int, RunDict],
    labeled_today: int,
    *,
    all_paused: bool = False,
) -> str:
    """The state of everything in one sentence."""
    if not statuses:
        return "No account yet"
    needy = {
        status["account_id"]
        for status in statuses
        if need_of(status, last_runs.get(status["account_id"])) is not None
    }
    parts = [_who(statuses, needy, all_paused=all_paused)]
    if needy:
        parts.append(f"{len(needy):,} {'needs' if len(needy) == 1 else 'need'} you")
    parts.append(f"{count(labeled_today, 'message')} labelled today")
    return ", ".join(parts)


def _who(statuses: Sequence[Status], needy: set[int], *, all_paused: bool) -> str:
    if working := sum(map(is_running, statuses)):
        return f"{working:,} of {count(len(statuses), 'account')} working"
    if all_paused:
        return "Everything is paused"
    waiting = sum(
        not one["paused"] and one["account_id"] not in needy for one in statuses
    )
    return f"{count(waiting, 'account')} waiting" if waiting else "No account waiting"


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


# Times


def moment(at: str | datetime | None) -> datetime | None:
    if isinstance(at, str):
        return datetime.fromisoformat(at)
    return at


def relative(
    at: str | datetime, now: datetime, *, due: bool = False, zone: tzinfo = UTC
) -> str:
    """`3 min ago`, `in 12 s`, or the day when it is more than ten days away.

    What is `due` is never in the past: a second late, it is still expected now.
    """
    then = moment(at)
    assert then is not None  # noqa: S101 # narrows: a moment was given
    seconds = (then - now).total_seconds()
    size = abs(seconds)
    if due and seconds <= 0:
        return "now"
    if size < 5:  # noqa: PLR2004 # too near to count
        return "just now" if seconds <= 0 else "now"
    for unit, length, end in (
        ("s", 1, 90),
        ("min", 60, 5400),
        ("h", 3600, 129_600),
        ("d", 86_400, 864_000),
    ):
        if size < end:
            text = f"{size / length:.0f} {unit}"
            return f"{text} ago" if seconds < 0 else f"in {text}"
    return f"{then.astimezone(zone):%-d %b %Y}"


def exact(at: str | datetime, zone: tzinfo = UTC) -> str:
    """The whole time, with the zone of the clock that shows it so."""
    then = moment(at)
    assert then is not None  # noqa: S101 # narrows: a moment was given
    return f"{then.astimezone(zone):%-d %b %Y, %H:%M:%S} {zone}"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 9.95:  # noqa: PLR2004 # below, tenths can be told apart
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004
        return f"{whole} s"
    if whole < 3600:  # noqa: PLR2004
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


# Phases to scale


class PhaseBar(NamedTuple):
    state: str
    start: float  # percent of the run
    width: float  # percent of the run, at least a visible sliver
    seconds: float


def phase_bars(run: RunDict, now: datetime | None = None) -> list[PhaseBar]:
    """The phases of a run as parts of its length, in order."""
    begin = moment(run["start_time"])
    end = moment(run["end_time"]) or now
    if begin is None or end is None or not run["phases"]:
        return []
    length = max((end - begin).total_seconds(), 0.001)
    starts = [moment(phase["start_time"]) or begin for phase in run["phases"]]
    bars = []
    for phase, (start, stop) in zip(
        run["phases"], pairwise([*starts, end]), strict=True
    ):
        seconds = max((stop - start).total_seconds(), 0)
        offset = 100 * max((start - begin).total_seconds(), 0) / length
        bars.append(
            PhaseBar(
                phase["state"],
                round(min(offset, 100), 2),
                round(min(max(100 * seconds / length, 0.6), 100), 2),
                seconds,
            )
        )
    return bars


def phase_totals(run: RunDict, now: datetime | None = None) -> dict[str, float]:
    """Seconds a run spent in each state, in the order of the first entry."""
    totals: dict[str, float] = {}
    for bar in phase_bars(run, now):
        totals[bar.state] = totals.get(bar.state, 0) + bar.seconds
    return totals
