"""Charts as plain numbers: shapes in per cent, for the templates to draw as SVG."""

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from webapp.dashboard.words import PhaseBar, RunDict, phase_bars
from webapp.language import _
from webapp.language import number as spelt

GRID_LINES = 4
MOST_LABELS = 5  # below a plot: as many fit a phone


class Series(NamedTuple):
    name: str
    color: str  # a colour token, or a tone
    values: Sequence[int]


class Box(NamedTuple):
    y: float
    height: float
    color: str


class Column(NamedTuple):
    label: str
    x: float
    width: float
    boxes: list[Box]
    total: int
    title: str


class Plot(NamedTuple):
    """Stacked columns over a scale from 0 to `ticks[0]`, top first."""

    columns: list[Column]
    ticks: Sequence[float]
    labels: list[tuple[float, str]]  # a few of the columns', under their middles
    series: Sequence[Series]


def stacked(labels: Sequence[str], series: Sequence[Series]) -> Plot:
    """One column for each label, its series on top of each other."""
    used = [one for one in series if any(one.values)]
    totals = [sum(one.values[i] for one in used) for i in range(len(labels))]
    top = round_up(max(totals, default=0))
    slot = 100 / max(len(labels), 1)
    columns = []
    for i, label in enumerate(labels):
        boxes, reached = [], 0
        for one in used:
            reached += one.values[i]
            if one.values[i]:
                height = 100 * one.values[i] / top
                boxes.append(_box(100 - 100 * reached / top, height, one.color))
        said = [f"{one.name} {spelt(one.values[i])}" for one in used if one.values[i]]
        title = f"{label}: {', '.join(said) or _('none')}"
        columns.append(
            Column(
                label,
                round(slot * (i + 0.16), 3),
                round(slot * 0.68, 3),
                boxes,
                totals[i],
                title,
            )
        )
    ticks = [top * i // GRID_LINES for i in range(GRID_LINES, -1, -1)]
    return Plot(columns, ticks, _few(columns), used)


def nested(
    labels: Sequence[str],
    pairs: Sequence[tuple[float | None, float | None]],
    names: tuple[str, str],
) -> Plot:
    """Columns before columns: of each pair, in seconds, the smaller one in front."""
    top = round_up(max((large or 0 for _, large in pairs), default=0), smallest=0.01)
    slot = 100 / max(len(labels), 1)
    columns = []
    for i, (label, (small, large)) in enumerate(zip(labels, pairs, strict=True)):
        sized = [(large, "faint"), (small, "blue")]
        boxes = [
            _box(100 - 100 * size / top, 100 * size / top, color)
            for size, color in sized
            if size
        ]
        said = _(
            "%(half)s within %(small)s s, %(most)s within %(large)s s",
            half=names[0],
            small=small,
            most=names[1],
            large=large,
        )
        title = f"{label}: {said if large is not None else _('none')}"
        x, width = round(slot * (i + 0.16), 3), round(slot * 0.68, 3)
        columns.append(Column(label, x, width, boxes, 0, title))
    ticks = [round(top * i / GRID_LINES, 4) for i in range(GRID_LINES, -1, -1)]
    series = [Series(names[0], "blue", []), Series(names[1], "faint", [])]
    return Plot(columns, ticks, _few(columns), series)


HEATS = 5  # shades above none


class Cell(NamedTuple):
    """One hour of a weekday; `heat` is 0 for none, up to HEATS for the most."""

    x: float
    y: float
    heat: int
    title: str


def heatmap(days: Sequence[str], week: Sequence[Sequence[int]]) -> list[Cell]:
    """A cell for each hour of each day, its shade by its share of the busiest hour."""
    most = max(max(hours) for hours in week) or 1
    return [
        Cell(
            round(100 * hour / 24, 3),
            round(100 * row / len(days), 3),
            math.ceil(HEATS * found / most),
            f"{day} {hour:02}:00: {spelt(found)}",
        )
        for row, (day, hours) in enumerate(zip(days, week, strict=True))
        for hour, found in enumerate(hours)
    ]


def bars(values: Sequence[int]) -> list[tuple[float, float]]:
    """`(y, height)` of each bar of a small chart; the highest fills it."""
    top = max([*values, 1])
    heights = [round(100 * value / top, 2) for value in values]
    return [(round(100 - height, 2), height) for height in heights]


def _box(y: float, height: float, color: str) -> Box:
    return Box(round(y, 3), round(height, 3), color)


def round_up(number: float, *, smallest: float = 1) -> Any:
    """The end of a scale: a number with four round quarters, not below `number`.

    It is at least four times `smallest`, and a whole number unless that is not.
    """
    size = smallest
    while True:
        for step in (4, 8, 12, 20):
            if number <= step * size:
                return step * size
        size *= 10


def _few(columns: Sequence[Column]) -> list[tuple[float, str]]:
    """At most MOST_LABELS labels, always that of the last column."""
    apart = max(math.ceil(len(columns) / MOST_LABELS), 1)
    chosen = reversed(columns[::-1][::apart])
    return [(round(one.x + one.width / 2, 3), one.label) for one in chosen]


class Share(NamedTuple):
    name: str
    color: str
    number: int
    percent: float


def shares(series: Sequence[Series]) -> list[Share]:
    """What each series is of the whole, the greatest first."""
    sums = [(one, sum(one.values)) for one in series]
    whole = sum(number for _, number in sums)
    found = [
        Share(one.name, one.color, number, round(100 * number / whole, 1))
        for one, number in sums
        if number
    ]
    return sorted(found, key=lambda share: -share.number)


class Lane(NamedTuple):
    state: str
    bars: list[PhaseBar]
    seconds: float


def lanes(run: RunDict, now: datetime | None = None) -> list[Lane]:
    """The phases of a run, one lane for each state, in the order of the work.

    Of one that goes on, those until `now`.
    """
    order = ["connecting", "fetching", "processing", "categorizing", "labeling"]
    known = [bar for bar in phase_bars(run, now) if bar.state in order]
    known.sort(key=lambda bar: (order.index(bar.state), bar.start))
    grouped = [(state, list(bars)) for state, bars in groupby(known, lambda b: b.state)]
    return [Lane(state, bars, sum(b.seconds for b in bars)) for state, bars in grouped]


class PhaseRow(NamedTuple):
    """One stay in a phase, in seconds; `share` is per cent of the run."""

    state: str
    start: float
    seconds: float
    share: float


def phase_rows(run: RunDict) -> list[PhaseRow]:
    """The phases as they came, for a table."""
    bars = phase_bars(run)
    whole = sum(bar.seconds for bar in bars) or 1
    rows, reached = [], 0.0
    for bar in bars:
        share = 100 * bar.seconds / whole
        rows.append(PhaseRow(bar.state, reached, bar.seconds, share))
        reached += bar.seconds
    return rows


def clock(run: RunDict) -> list[float]:
    """Seconds at the start, the quarters and the end of a run; none without phases."""
    whole = sum(bar.seconds for bar in phase_bars(run))
    return [whole * quarter / 4 for quarter in range(5)] if whole else []


class Speed(NamedTuple):
    """All of a phase; `rate` is in messages a second, where it has some."""

    state: str
    seconds: float
    share: float
    rate: float | None


# Whose number a phase works at.
_COUNT_OF = {
    "fetching": "emails_found",
    "categorizing": "emails_processed",
    "labeling": "emails_labeled",
}


def speeds(run: RunDict) -> list[Speed]:
    found = lanes(run)
    whole = sum(lane.seconds for lane in found) or 1
    return [
        Speed(lane.state, lane.seconds, 100 * lane.seconds / whole, _rate(run, lane))
        for lane in found
    ]


def _rate(run: RunDict, lane: Lane) -> float | None:
    count = run.get(_COUNT_OF.get(lane.state, ""), 0)
    return count / lane.seconds if count and lane.seconds else None
