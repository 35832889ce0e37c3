"""The charts of `/insights`: each asks the database once, for a picture and a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal, NamedTuple

from sqlalchemy.orm import Session

from mailbeat.db import busy_hours, deciders, run_stats, stats
from mailbeat.db.categories import living_categories
from mailbeat.db.cuts import Step
from mailbeat.db.stats import Point
from mailbeat.digest.letter import CAUSES
from mailbeat.labeling.categorizer import YOU
from webapp.dashboard import charts
from webapp.dashboard.charts import Series, Share
from webapp.dashboard.insight_tables import Cell, Table
from webapp.dashboard.verdicts import layer_of
from webapp.language import N_, _, day_of_month

SHOWN = 8  # senders or domains in the picture
LISTED = 100  # in its table
UNCATEGORIZED = "uncategorized"  # the slug of what fits nothing
WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the charts are about; `seconds` is what a label saves its reader."""

    days: int
    account_id: int | None
    since: datetime
    now: datetime
    step: Step
    zone: tzinfo
    seconds: int

    @property
    def of(self) -> dict[str, Any]:
        return {"since": self.since, "account_id": self.account_id}

    @property
    def over_time(self) -> dict[str, Any]:
        return {**self.of, "until": self.now, "step": self.step}


class Chart(NamedTuple):
    """`picture` is what the template draws: a plot, bars or a heatmap."""

    picture: Any
    table: Table


def messages(session: Session, asked: Asked) -> Chart:
    points = _decided(session, asked)
    series = category_series(points, category_names(session))
    return _over_time(asked, points, series, "messages", _("Messages, by category"))


def _decided(session: Session, asked: Asked) -> list[Point]:
    """What two charts count: asked for once in the session of a page."""
    if asked not in session.info:
        session.info[asked] = stats.messages_over_time(session, **asked.over_time)
    points: list[Point] = session.info[asked]
    return points


def category_names(session: Session) -> list[tuple[str, str, str]]:
    """Slug, name and colour of each category, and of none."""
    known = [(row.slug, row.name, row.color) for row in living_categories(session)]
    return [*known, (UNCATEGORIZED, _("Uncategorized"), "none")]


def category_series(
    points: Sequence[Point], names: Sequence[tuple[str, str, str]]
) -> list[Series]:
    """A series for each category, the most frequent at the bottom."""
    series = [
        Series(name, color, [point.categories.get(slug, 0) for point in points])
        for slug, name, color in names
    ]
    return sorted(series, key=lambda one: -sum(one.values))


def runs(session: Session, asked: Asked) -> Chart:
    points = stats.runs_over_time(session, **asked.over_time)
    chart = _over_time(asked, points, run_series(points), "runs", _("Runs, by outcome"))
    ended = [(one.runs_ok, one.runs_failed) for one in points]
    rows = [
        [_start(one.start, asked), *numbers, percent(numbers[1], sum(numbers))]
        for one, numbers in zip(points, ended, strict=True)
    ]
    head = [chart.table.head[0], _("Done"), _("Failed"), _("Failed, %%")]
    return chart._replace(table=chart.table._replace(head=head, rows=rows[::-1]))


def run_series(points: Sequence[Point]) -> list[Series]:
    return [
        Series(_("Done"), "good", [point.runs_ok for point in points]),
        Series(_("Failed"), "bad", [point.runs_failed for point in points]),
    ]


def percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def durations(session: Session, asked: Asked) -> Chart:
    found = run_stats.durations_over_time(session, **asked.over_time)
    picture = charts.nested(
        [_label(one.start, asked) for one in found],
        [(one.median_seconds, one.p95_seconds) for one in found],
        (_("Half of the runs"), _("95 of 100")),
    )
    rows: list[list[Cell]] = [
        [_start(one.start, asked), one.median_seconds, one.p95_seconds, one.runs]
        for one in reversed(found)
    ]
    head = [
        _step_word(asked),
        _("Half within, s"),
        _("95 of 100 within, s"),
        _("Runs looked at"),
    ]
    return Chart(picture, Table("durations", _("How long runs take"), head, rows))


def corrections(session: Session, asked: Asked) -> Chart:
    counts = deciders.corrections_over_time(session, **asked.over_time)
    decided = _decided(session, asked)
    labels = [_label(one.start, asked) for one in decided]
    rows: list[list[Cell]] = [
        [_start(one.start, asked), number, one.messages, percent(number, one.messages)]
        for one, number in zip(decided, counts, strict=True)
    ]
    head = [
        _step_word(asked),
        _("Corrections"),
        _("Messages decided"),
        _("Corrected, %%"),
    ]
    return Chart(
        charts.stacked(labels, [Series(_("Corrections"), "purple", counts)]),
        Table("corrections", _("Corrections"), head, rows[::-1]),
    )


def senders(session: Session, asked: Asked) -> Chart:
    return _frequent(session, asked, "sender", "senders", _("Who writes most"))


def domains(session: Session, asked: Asked) -> Chart:
    return _frequent(
        session, asked, "domain", "domains", _("Where most mail comes from")
    )


def _frequent(
    session: Session,
    asked: Asked,
    what: Literal["sender", "domain"],
    name: str,
    title: str,
) -> Chart:
    found = stats.most_frequent(session, what, **asked.of, limit=LISTED)
    table = Table(
        name,
        title,
        [_("Sender") if what == "sender" else _("Domain"), _("Messages")],
        found,
    )
    return Chart(against_the_first(found[:SHOWN]), table)


def against_the_first(found: Sequence[tuple[str, int]]) -> list[Share]:
    """What is most frequent, measured against the first of them."""
    most = max((number for _, number in found), default=1)
    return [
        Share(name, "blue", number, round(100 * number / most, 1))
        for name, number in found
    ]


def hours(session: Session, asked: Asked) -> Chart:
    week = busy_hours.by_hour_of_week(session, **asked.of, zone=asked.zone)
    head = [_("Weekday"), *(f"{hour:02}:00" for hour in range(24))]
    days = [_(day) for day in WEEKDAYS]
    rows: list[list[Cell]] = [
        [day, *numbers] for day, numbers in zip(days, week, strict=True)
    ]
    table = Table("hours", _("When mail comes"), head, rows)
    return Chart(charts.heatmap(days, week), table)


def layers(session: Session, asked: Asked) -> Chart:
    found = deciders.by_layer(session, **asked.of)
    whole = sum(one.messages for one in found)
    rows: list[list[Cell]] = [
        [layer_word(one.layer), one.messages, one.labeled, saved(one, asked.seconds)]
        for one in found
    ]
    picture = [
        Share(
            layer_word(one.layer),
            "blue",
            one.messages,
            percent(one.messages, whole) or 0,
        )
        for one in found
    ]
    head = [_("Decided by"), _("Messages"), _("Labelled"), _("Time saved, s")]
    return Chart(picture, Table("layers", _("Who decided"), head, rows))


def layer_word(layer: str) -> str:
    return layer_of(layer).word


def saved(one: deciders.LayerCount, seconds: int) -> int:
    """Seconds; what a person decided saved that person none."""
    return 0 if one.layer == YOU else one.labeled * seconds


def errors(session: Session, asked: Asked) -> Chart:
    found = run_stats.errors(session, **asked.of)
    named = [
        (_(CAUSES.get(one.code or "", N_("Its worker ended"))), one) for one in found
    ]
    rows: list[list[Cell]] = [
        [word, one.code, one.runs, f"{one.last_at.astimezone(UTC):%Y-%m-%d %H:%M}"]
        for word, one in named
    ]
    head = [_("Cause"), _("Code"), _("Runs"), _("Last, UTC")]
    picture = against_the_first([(word, one.runs) for word, one in named])
    return Chart(picture, Table("errors", _("What went wrong"), head, rows))


CHARTS: Mapping[str, Callable[[Session, Asked], Chart]] = {
    "messages": messages,
    "senders": senders,
    "domains": domains,
    "hours": hours,
    "layers": layers,
    "corrections": corrections,
    "runs": runs,
    "durations": durations,
    "errors": errors,
}


def _over_time(
    asked: Asked,
    points: Sequence[Point],
    series: Sequence[Series],
    name: str,
    title: str,
) -> Chart:
    plot = charts.stacked([_label(one.start, asked) for one in points], series)
    rows: list[list[Cell]] = [
        [_start(point.start, asked), *(one.values[i] for one in plot.series), total]
        for i, (point, total) in enumerate(
            zip(points, (column.total for column in plot.columns), strict=True)
        )
    ]
    head = [_step_word(asked), *(one.name for one in plot.series), _("All")]
    return Chart(plot, Table(name, title, head, rows[::-1]))


def _label(start: datetime, asked: Asked) -> str:
    """Under a column: an hour as the reader's clock has it; days are those of UTC."""
    if asked.step == "hour":
        return f"{start.astimezone(asked.zone):%H:%M}"
    return day_of_month(start)


def _start(start: datetime, asked: Asked) -> str:
    """In a table, which a program may read: in order, and with its year."""
    if asked.step == "hour":
        return f"{start.astimezone(asked.zone):%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d}"


def _step_word(asked: Asked) -> str:
    if asked.step == "hour":
        return _("Hour, %(zone)s", zone=asked.zone)
    return _("Week") if asked.step == "week" else _("Day")
