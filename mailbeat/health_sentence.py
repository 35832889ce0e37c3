"""How an account is, in one sentence that is true at the moment it is told.

The words are templates with names in braces, so that a page can show a time its own
way, and a translation can put them in its own order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mailbeat.db.health import NEEDS_A_PERSON, Facts, Kind, Last, kind_of
from mailbeat.labeling.progress import Outcome

Value = str | int | datetime
# What stands for a time to come; all other times are past.
TO_COME = frozenset({"next"})

_CAUSES = {
    "auth_failed": "the password was refused",
    "connect_failed": "the server was not reached",
    "tls_failed": "the server's certificate was not trusted",
    "server_busy": "the server was busy",
    "throttled": "the server slowed us down",
    "mailbox_missing": "the mailbox was not found",
    "label_refused": "the server did not accept our labels",
    "host_refused": "the server's host was not allowed",
    "deadline": "a run ran out of time",
    "internal": "something broke inside Mailbeat",
}
_TOKEN_REFUSED = "the sign-in at its provider was refused"  # noqa: S105 # words
_UNKNOWN = "a run failed"
# Unit, its length in seconds, and up to when it is told.
_SPANS = (
    ("second", 1, 60),
    ("minute", 60, 5400),
    ("hour", 3600, 129_600),
    ("day", 86_400, 864_000),
)
_NOW = 5  # seconds


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` with a name in braces for each of the `values`."""

    kind: Kind
    text: str
    values: dict[str, Value] = field(default_factory=dict)


def plain(told: Sentence, now: datetime) -> str:
    """The sentence as text, for a terminal or a program."""
    shown = {
        name: in_words(value, now, is_to_come=name in TO_COME)
        if isinstance(value, datetime)
        else f"{value:,}"
        if isinstance(value, int)
        else value
        for name, value in told.values.items()
    }
    return told.text.format(**shown)


def in_words(at: datetime, now: datetime, *, is_to_come: bool = False) -> str:
    """`3 minutes ago`, `in 2 minutes`, or a day that is more than ten days away."""
    seconds = (at - now).total_seconds()
    size = abs(seconds)
    if is_to_come and seconds < _NOW:
        return "now"
    if size < _NOW:
        return "just now" if seconds <= 0 else "now"
    for unit, length, end in _SPANS:
        if size < end:
            number = round(size / length)
            text = f"{number} {unit}" if number == 1 else f"{number} {unit}s"
            return f"{text} ago" if seconds < 0 else f"in {text}"
    return f"on {at.astimezone(UTC):%-d %B %Y}"


def sentence_of(facts: Facts) -> Sentence:
    kind = kind_of(facts)
    text, values = _TELLERS[kind](facts)
    return Sentence(kind, text, values)


Told = tuple[str, dict[str, Value]]


def _setting_up(_: Facts) -> Told:
    return "Being set up: it labels nothing until that is finished.", {}


def _needs_you(facts: Facts) -> Told:
    code = facts.pause_reason
    if code not in NEEDS_A_PERSON:
        code = facts.last.error_code if facts.last else None
    values: dict[str, Value] = {"cause": _cause(code, by_token=facts.by_token)}
    if facts.paused_at is None:
        return _tries_on("Needs you", facts, values)
    values["since"] = facts.paused_at
    missed = int((facts.now - facts.paused_at) / facts.interval)
    if missed == 1:
        return "Needs you: {cause} {since}; 1 run was not made.", values
    if missed:
        values["missed"] = missed
        return "Needs you: {cause} {since}; {missed} runs were not made.", values
    return "Needs you: {cause} {since}.", values


def _failing(facts: Facts) -> Told:
    if not facts.failures:
        values: dict[str, Value] = {"times": facts.interruptions, "next": facts.due_at}
        stopped = "its worker stopped in the middle of the last {times} runs"
        return f"Failing: {stopped}; the next try is {{next}}.", values
    code = facts.last.error_code if facts.last else None
    return _tries_on("Failing", facts, {"cause": _cause(code)})


def _tries_on(how: str, facts: Facts, values: dict[str, Value]) -> Told:
    """What fails, since when, and when it is tried again."""
    if facts.all_paused_at is not None:
        ending = "it is not tried again while everything is paused."
    elif facts.is_running:
        ending = "it is being tried again now."
    else:
        values["next"] = facts.due_at
        ending = "the next try is {next}."
    values["since"] = facts.failing_since or (
        facts.last.at if facts.last else facts.now
    )
    if facts.failed_runs > 1:
        values["times"] = facts.failed_runs
        middle = "{cause}. {times} runs failed, the first {since}"
    else:
        middle = "{cause} {since}"
    return f"{how}: {middle}; {ending}", values


def _paused(facts: Facts) -> Told:
    if facts.is_running:
        return "Paused: the run in hand stops at its next message.", {}
    if facts.paused_at is not None:
        since: dict[str, Value] = {"since": facts.paused_at}
        return "Paused by a person {since}. It runs again once it is resumed.", since
    return (
        "Paused with everything else {since}. It runs again once that is resumed.",
        {"since": facts.all_paused_at or facts.now},
    )


def _late(facts: Facts) -> Told:
    values: dict[str, Value] = {}
    if facts.is_sent and facts.last is not None and facts.last.at >= facts.due_at:
        # A run that a person asked for, in between.
        said = "Late: a run was asked for, and no worker took it yet"
    else:
        values["due"] = facts.due_at
        what = "its first run" if facts.last is None else "a run"
        why = "no worker took it yet" if facts.is_sent else "it was not started yet"
        said = f"Late: {what} was due {{due}}, and {why}"
    if facts.last_good_at is not None:
        values["good"] = facts.last_good_at
        return f"{said}; the last good run ended {{good}}.", values
    return f"{said}.", values


def _new(facts: Facts) -> Told:
    if facts.is_running:
        return "Its first run is under way.", {}
    if facts.is_sent or facts.is_wanted:
        return "Its first run starts within seconds.", {}
    return "Its first run is due {next}.", {"next": facts.next_run_at}


def _working(facts: Facts) -> Told:
    last = facts.last
    assert last is not None  # noqa: S101 # narrows: without a run an account is new
    values: dict[str, Value] = {"last": last.at}
    if facts.is_running:
        following = "the next one is under way"
    elif facts.is_sent or facts.is_wanted:
        following = "the next one starts within seconds"
    else:
        values["next"] = facts.next_run_at
        following = "next {next}"
    said = _WORKED.get(last.outcome or "", _of_failed)(last, values)
    return f"{said}, {following}.", values


def _of_good(last: Last, values: dict[str, Value]) -> str:
    if not last.found:
        return "Working: last run {last} found nothing new"
    values["labeled"] = last.labeled
    return "Working: last run {last} labelled {labeled}"


def _of_failed(last: Last, values: dict[str, Value]) -> str:
    if last.error_code == "deadline":
        values["labeled"] = last.labeled
        return "Working: last run {last} labelled {labeled} before its time was over"
    # A person changed something since, so that it may work now.
    values["cause"] = _cause(last.error_code)
    return "To be tried again: {cause} {last}"


_WORKED: dict[str, Callable[[Last, dict[str, Value]], str]] = {
    Outcome.SUCCEEDED: _of_good,
    Outcome.CANCELLED: lambda *_: "Working: last run {last} was stopped by a person",
    Outcome.INTERRUPTED: lambda *_: "Working: last run {last} was interrupted",
}


def _cause(code: str | None, *, by_token: bool = False) -> str:
    if by_token and code == "auth_failed":
        return _TOKEN_REFUSED
    return _CAUSES.get(code or "", _UNKNOWN)


_TELLERS: dict[Kind, Callable[[Facts], Told]] = {
    Kind.SETTING_UP: _setting_up,
    Kind.NEEDS_YOU: _needs_you,
    Kind.PAUSED: _paused,
    Kind.FAILING: _failing,
    Kind.LATE: _late,
    Kind.NEW: _new,
    Kind.WORKING: _working,
}
