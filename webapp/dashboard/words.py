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

from mailbeat.db.health import NEEDS_A_PERSON, Kind
from mailbeat.digest.letter import CAUSES
from webapp.language import N_, _, day, ngettext, number
from webapp.sentences import said

Status = Mapping[str, Any]
RunDict = Mapping[str, Any]

RUNNING = frozenset(
    {"connecting", "fetching", "processing", "categorizing", "labeling"}
)
STEPS = (N_("Connect"), N_("Fetch"), N_("Categorize"), N_("Label"), N_("Done"))
PHASES = {
    "connecting": N_("connecting"),
    "fetching": N_("fetching"),
    "processing": N_("processing"),
    "categorizing": N_("categorizing"),
    "labeling": N_("labeling"),
}
_STEP_OF = {
    "connecting": 0,
    "fetching": 1,
    "processing": 2,
    "categorizing": 2,
    "labeling": 3,
}


class Mark(NamedTuple):
    """A state for the eye and the ear: word, icon and tone, never colour alone."""

    word: str
    icon: str
    tone: str

    def spoken(self) -> "Mark":
        """The same in the language of the page."""
        return self._replace(word=_(self.word))


_STATES = {
    "idle": Mark(N_("Waiting"), "clock", "quiet"),
    "connecting": Mark(N_("Connecting"), "plug", "work"),
    "fetching": Mark(N_("Fetching"), "inbox", "work"),
    "processing": Mark(N_("Processing"), "inbox", "work"),
    "categorizing": Mark(N_("Categorizing"), "layers", "work"),
    "labeling": Mark(N_("Labeling"), "tag", "work"),
    "completed": Mark(N_("Done"), "check", "good"),
    "error": Mark(N_("Retrying"), "refresh", "warn"),
}
_NEEDS_YOU = Mark(N_("Needs you"), "alert", "bad")
_PAUSED = Mark(N_("Paused"), "pause", "quiet")
_STOPPING = Mark(N_("Stopping"), "pause", "quiet")
_SETTING_UP = Mark(N_("Being set up"), "gear", "warn")
KINDS = {
    Kind.WORKING: Mark(N_("Working"), "check", "good"),
    Kind.NEEDS_YOU: _NEEDS_YOU,
    Kind.FAILING: Mark(N_("Failing"), "refresh", "warn"),
    Kind.LATE: Mark(N_("Late"), "clock", "warn"),
    Kind.PAUSED: _PAUSED,
    Kind.NEW: Mark(N_("New"), "spark", "quiet"),
    Kind.SETTING_UP: _SETTING_UP,
}
OUTCOMES = {
    "succeeded": Mark(N_("Done"), "check", "good"),
    "failed": Mark(N_("Failed"), "alert", "bad"),
    "cancelled": Mark(N_("Stopped"), "cross", "quiet"),
    "interrupted": Mark(N_("Interrupted"), "refresh", "warn"),
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
    return said(status["current_step"])


def before_of(status: Status, last: RunDict) -> str:
    """What stands before the time of the last run, told unless the line tells it."""
    if not is_running(status) and _is_of(last, status):
        return _("Last run ")
    return f"{result_of(last)} · "


def _is_of(last: RunDict | None, status: Status) -> TypeGuard[RunDict]:
    return last is not None and last["run_id"] == status["run_id"]


def was_stopped(status: Status, last: RunDict | None) -> bool:
    """Whether the run that a status tells of was ended by a person."""
    return _is_of(last, status) and last["outcome"] == "cancelled"


def mark_of(
    status: Status, last: RunDict | None = None, *, all_paused: bool = False
) -> Mark:
    return _mark_of(status, last, all_paused=all_paused).spoken()


def _mark_of(status: Status, last: RunDict | None, *, all_paused: bool) -> Mark:
    paused = status["paused"] or all_paused
    if is_running(status):
        return _STOPPING if paused else _STATES[status["state"]]
    if status["setting_up"]:
        return _SETTING_UP
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
        return f"{number(math.floor(rate * 10 + 0.5) / 10, 1)}/s"
    return f"{max(1, math.floor(rate * 60 + 0.5))}/min"


def outcome_of(run: RunDict) -> Mark:
    state = _STATES.get(run["state"], _STATES["idle"])
    return OUTCOMES.get(run["outcome"], state).spoken()


def cause_of(code: str | None) -> str:
    """Why a run failed, in a few words."""
    return _(CAUSES.get(code or "", N_("Failed")))


def phase_word(state: str) -> str:
    return _(PHASES.get(state, state))


def result_of(run: RunDict) -> str:
    """How a run ended, in a few words."""
    if run["outcome"] == "failed":
        return cause_of(run["error_code"])
    if run["outcome"] == "succeeded" and not run["emails_found"]:
        return _("Nothing new")
    labeled, processed = run["emails_labeled"], run["emails_processed"]
    if labeled == processed:
        text = _("%(n)s labelled", n=number(labeled))
    else:
        text = _("%(n)s of %(all)s labelled", n=number(labeled), all=number(processed))
    if run["emails_failed"]:
        failed = number(run["emails_failed"])
        text = _("%(labelled)s, %(n)s failed", labelled=text, n=failed)
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
        return _("No account yet")
    needy = {
        status["account_id"]
        for status in statuses
        if need_of(status, last_runs.get(status["account_id"])) is not None
    }
    parts = [_who(statuses, needy, all_paused=all_paused)]
    if needy:
        parts.append(ngettext("%(num)s needs you", "%(num)s need you", len(needy)))
    parts.append(
        ngettext(
            "%(num)s message labelled today",
            "%(num)s messages labelled today",
            labeled_today,
        )
    )
    return ", ".join(parts)


def _who(statuses: Sequence[Status], needy: set[int], *, all_paused: bool) -> str:
    if working := sum(map(is_running, statuses)):
        return ngettext(
            "%(working)s of %(num)s account working",
            "%(working)s of %(num)s accounts working",
            len(statuses),
            working=number(working),
        )
    if all_paused:
        return _("Everything is paused")
    waiting = sum(
        not one["paused"] and one["account_id"] not in needy for one in statuses
    )
    if not waiting:
        return _("No account waiting")
    return ngettext("%(num)s account waiting", "%(num)s accounts waiting", waiting)


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
        return _("now")
    if size < 5:  # noqa: PLR2004 # too near to count
        return _("just now") if seconds <= 0 else _("now")
    for unit, length, end in (
        (N_("s"), 1, 90),
        (N_("min"), 60, 5400),
        (N_("h"), 3600, 129_600),
        (N_("d"), 86_400, 864_000),
    ):
        if size < end:
            text = f"{size / length:.0f} {_(unit)}"
            if seconds < 0:
                return _("%(long)s ago", long=text)
            return _("in %(long)s", long=text)
    return day(then.astimezone(zone).date())


def exact(at: str | datetime, zone: tzinfo = UTC) -> str:
    """The whole time, with the zone of the clock that shows it so."""
    then = moment(at)
    assert then is not None  # noqa: S101 # narrows: a moment was given
    local = then.astimezone(zone)
    return f"{day(local.date())}, {local:%H:%M:%S} {zone}"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 9.95:  # noqa: PLR2004 # below, tenths can be told apart
        return f"{number(seconds, 1)} s"
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
