from datetime import UTC, datetime, timedelta

import pytest

from webapp.dashboard import charts
from webapp.dashboard.charts import Series


@pytest.mark.parametrize(
    ("number", "end"),
    [(0, 4), (4, 4), (5, 8), (11, 12), (13, 20), (21, 40), (95, 120), (288, 400)],
)
def test_a_scale_ends_at_a_number_with_whole_quarters(number, end):
    assert charts.round_up(number) == end


def test_columns_stack_from_the_bottom_in_the_order_of_the_series():
    plot = charts.stacked(
        ["Mon", "Tue"],
        [Series("A", "blue", [2, 0]), Series("B", "red", [1, 4])],
    )

    monday, tuesday = plot.columns
    assert plot.ticks == [4, 3, 2, 1, 0]
    assert [(box.y, box.height, box.color) for box in monday.boxes] == [
        (50, 50, "blue"),
        (25, 25, "red"),
    ]
    assert [(box.y, box.height) for box in tuesday.boxes] == [(0, 100)]
    assert monday.title == "Mon: A 2, B 1"


def test_a_series_of_zeros_is_left_out():
    plot = charts.stacked(["Mon"], [Series("A", "blue", [0]), Series("B", "red", [1])])

    assert [series.name for series in plot.series] == ["B"]


@pytest.mark.parametrize(
    ("columns", "labels"),
    [(2, "1 2"), (5, "1 2 3 4 5"), (7, "1 3 5 7"), (30, "6 12 18 24 30")],
)
def test_many_labels_are_thinned_and_keep_the_last(columns, labels):
    days = [str(day + 1) for day in range(columns)]

    plot = charts.stacked(days, [Series("A", "blue", [1] * columns)])

    assert [label for _, label in plot.labels] == labels.split()
    last = plot.columns[-1]
    assert plot.labels[-1][0] == pytest.approx(last.x + last.width / 2, abs=0.01)


def test_shares_are_of_the_whole_and_the_greatest_comes_first():
    found = charts.shares(
        [
            Series("A", "blue", [1, 0]),
            Series("B", "red", [1, 2]),
            Series("C", "pink", [0, 0]),
        ]
    )

    assert [(one.name, one.number, one.percent) for one in found] == [
        ("B", 3, 75.0),
        ("A", 1, 25.0),
    ]


def test_each_state_of_a_run_has_one_lane_in_the_order_of_the_work():
    run = {
        "start_time": "2026-01-05T08:00:00Z",
        "end_time": "2026-01-05T08:00:10Z",
        "phases": [
            {"state": "connecting", "start_time": "2026-01-05T08:00:00Z"},
            {"state": "labeling", "start_time": "2026-01-05T08:00:01Z"},
            {"state": "categorizing", "start_time": "2026-01-05T08:00:03Z"},
            {"state": "labeling", "start_time": "2026-01-05T08:00:08Z"},
        ],
    }

    lanes = charts.lanes(run)

    assert [(lane.state, len(lane.bars), lane.seconds) for lane in lanes] == [
        ("connecting", 1, 1),
        ("categorizing", 1, 5),
        ("labeling", 2, 4),
    ]


def test_the_smaller_of_a_pair_stands_before_the_larger():
    plot = charts.nested(
        ["Mon", "Tue"], [(0.1, 0.4), (None, None)], ("Half", "95 of 100")
    )

    monday, tuesday = plot.columns
    assert plot.ticks == [0.4, 0.3, 0.2, 0.1, 0]
    assert [(box.y, box.height, box.color) for box in monday.boxes] == [
        (0, 100, "faint"),
        (75, 25, "blue"),
    ]
    assert monday.title == "Mon: Half within 0.1 s, 95 of 100 within 0.4 s"
    assert (tuesday.boxes, tuesday.title) == ([], "Tue: none")


def test_the_busiest_hour_is_the_darkest_and_none_has_no_shade():
    week = [[0] * 24 for _ in range(7)]
    week[0][9], week[6][23] = 1, 1000

    cells = charts.heatmap(["Monday", *"TWTFS", "Sunday"], week)

    assert len(cells) == 168
    assert (cells[0].heat, cells[9].heat, cells[-1].heat) == (0, 1, 5)
    assert cells[-1].title == "Sunday 23:00: 1,000"
    assert (cells[-1].x, cells[-1].y) == (95.833, 85.714)


def test_the_highest_bar_fills_a_small_chart():
    assert charts.bars([0, 1, 4]) == [(100, 0), (75, 25), (0, 100)]
    assert charts.bars([0, 0]) == [(100, 0)] * 2


def a_run(*phases, seconds=8, **values):
    """Of phases, each with the second it began at."""
    start = datetime(2026, 1, 5, 8, tzinfo=UTC)
    return {
        "start_time": start,
        "end_time": None if seconds is None else start + timedelta(seconds=seconds),
        "phases": [
            {"state": state, "start_time": start + timedelta(seconds=at)}
            for state, at in phases
        ],
        **values,
    }


WORK = (("connecting", 0), ("categorizing", 2), ("labeling", 4), ("categorizing", 6))


def test_phases_stand_in_a_table_in_the_order_they_came():
    rows = charts.phase_rows(a_run(*WORK))

    assert [(row.state, row.start, row.share) for row in rows] == [
        ("connecting", 0, 25),
        ("categorizing", 2, 25),
        ("labeling", 4, 25),
        ("categorizing", 6, 25),
    ]


def test_each_phase_has_its_speed_over_all_of_its_time():
    speeds = charts.speeds(a_run(*WORK, emails_processed=20, emails_labeled=0))

    assert [(one.state, one.seconds, one.rate) for one in speeds] == [
        ("connecting", 2, None),
        ("categorizing", 4, 5),
        ("labeling", 2, None),
    ]


def test_the_axis_of_a_run_goes_by_quarters_of_its_length():
    assert charts.clock(a_run(*WORK)) == [0, 2, 4, 6, 8]
    assert charts.clock(a_run()) == []


def test_a_run_that_goes_on_is_drawn_until_now():
    run = a_run(*WORK[:2], seconds=None)

    lanes = charts.lanes(run, run["start_time"] + timedelta(seconds=4))

    assert [(one.state, one.seconds) for one in lanes] == [
        ("connecting", 2),
        ("categorizing", 2),
    ]
    assert charts.lanes(run) == []
