"""The words and shapes of the pages, as filters for the templates."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint
from markupsafe import Markup, escape

from mailbeat.db.health import Kind
from mailbeat.health_sentence import TO_COME, Sentence, Value
from mailbeat.labeling.progress import RunState, describe
from webapp.dashboard import audit_words, words
from webapp.dashboard.reader import reader_zone
from webapp.dashboard.words import Mark, RunDict, Status
from webapp.language import ngettext, number
from webapp.sentences import said

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds


def register(blueprint: Blueprint) -> None:
    """Give every template of the app our filters."""
    for name, function in _FILTERS.items():
        blueprint.add_app_template_filter(function, name)


def iso(at: str | datetime) -> str:
    """The machine's form of a time, as on the wire."""
    if isinstance(at, str):
        return at
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def relative(at: str | datetime, due: bool = False) -> str:  # noqa: FBT001, FBT002 # a filter's argument
    return words.relative(at, datetime.now(UTC), due=due, zone=reader_zone())


def exact(at: str | datetime) -> str:
    return words.exact(at, reader_zone())


def prose(text: str | None) -> Markup:
    """A message for people, what stands between backticks as code."""
    text = said(text or "")
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one backtick has no partner: all of it is plain
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if odd % 2 else escape(part)
        for odd, part in enumerate(parts)
    )


def breakable(address: str) -> Markup:
    """An address that goes on in the next line after its @, where it is too long."""
    return escape(address).replace("@", Markup("@<wbr>"))


def mark(
    status: Status,
    last: RunDict | None = None,
    all_paused: bool = False,  # noqa: FBT001, FBT002 # a filter's argument
) -> Mark:
    return words.mark_of(status, last, all_paused=all_paused)


def kind_mark(kind: Kind) -> Mark:
    return words.KINDS[kind].spoken()


def about(seconds: float) -> str:
    """A guess, said as one: in steps of 5 s, then minutes."""
    if seconds < MINUTE:
        return f"{max(5, math.ceil(seconds / 5) * 5)} s"
    return f"{round(seconds / MINUTE)} min"


def span(seconds: int) -> str:
    """A setting's length in its largest whole unit: `300` is `5 min`."""
    if seconds and seconds % DAY == 0:
        return ngettext("%(num)s d", "%(num)s d", seconds // DAY)
    if seconds and seconds % HOUR == 0:
        return ngettext("%(num)s h", "%(num)s h", seconds // HOUR)
    if seconds and seconds % MINUTE == 0:
        return ngettext("%(num)s min", "%(num)s min", seconds // MINUTE)
    return ngettext("%(num)s s", "%(num)s s", seconds)


def height(run: RunDict, runs: Sequence[RunDict]) -> int:
    """Height of a run in a strip, in per cent; by the root, so that small ones show."""
    most = max(one["emails_processed"] for one in runs) or 1
    return round(22 + 78 * math.sqrt(run["emails_processed"] / most))


def cause(run: RunDict) -> str:
    if run["error_code"]:
        return words.cause_of(run["error_code"])
    return words.outcome_of(run).word


def result(run: RunDict) -> str:
    """What a run came to or, while it goes on, what it does."""
    if run["outcome"] is None:
        done, found = run["emails_processed"], run["emails_found"]
        return said(describe(RunState(run["state"]), current=done, total=found))
    return words.result_of(run)


def phase_totals(run: RunDict) -> list[tuple[str, float]]:
    return list(words.phase_totals(run, datetime.now(UTC)).items())


def phase_bars(run: RunDict) -> list[words.PhaseBar]:
    return words.phase_bars(run, datetime.now(UTC))


def told(sentence: Sentence) -> Markup:
    """How an account is, its times kept true by the page."""
    values = {
        name: _told(value, due=name in TO_COME)
        for name, value in sentence.values.items()
    }
    return Markup(said(sentence.text)).format(**values)  # noqa: S704 # a template of ours


def _told(value: Value, *, due: bool) -> Markup | str:
    if isinstance(value, datetime):
        return Markup('<time{} datetime="{}" title="{}">{}</time>').format(
            Markup(' class="due"') if due else "",
            iso(value),
            exact(value),
            relative(value, due),
        )
    return number(value) if isinstance(value, int) else said(value)


_FILTERS: Mapping[str, Any] = {
    "about": about,
    "action": audit_words.action_words,
    "before": words.before_of,
    "breakable": breakable,
    "cause": cause,
    "detail": audit_words.detail_words,
    "duration": words.duration,
    "exact": exact,
    "height": height,
    "iso": iso,
    "kind_mark": kind_mark,
    "line": words.line_of,
    "mark": mark,
    "outcome": words.outcome_of,
    "phase": words.phase_word,
    "phase_bars": phase_bars,
    "phase_totals": phase_totals,
    "prose": prose,
    "rate": words.rate_of,
    "relative": relative,
    "result": result,
    "running": words.is_running,
    "said": said,
    "span": span,
    "steps": words.steps_of,
    "target": audit_words.target_words,
    "told": told,
}
