import re
from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db.stats import CategoryCount, Point
from webapp.dashboard.insight_pages import (
    begin,
    category_series,
    run_series,
    sender_shares,
    usual_span,
)

NOW = datetime(2026, 1, 6, 9, 30, tzinfo=UTC)
MONDAY = Point(
    NOW, messages=3, categories={"receipts": 2, "uncategorized": 1}, runs_ok=4
)
TUESDAY = Point(NOW, runs_failed=1)


def test_each_category_is_a_series_over_all_points():
    counts = [
        CategoryCount(2, "receipts", "Receipts", "green", 2),
        CategoryCount(0, "uncategorized", "Uncategorized", "slate", 1),
    ]

    series = category_series([MONDAY, TUESDAY], counts)

    assert [(one.name, one.color, one.values) for one in series] == [
        ("Receipts", "green", [2, 0]),
        ("Uncategorized", "none", [1, 0]),
    ]


def test_runs_are_good_or_failed():
    good, failed = run_series([MONDAY, TUESDAY])

    assert (good.values, failed.values) == ([4, 0], [0, 1])


def test_senders_are_measured_against_the_most_frequent():
    shares = sender_shares([("shop.example", 8), ("list.example", 2)])

    assert [(one.name, one.percent) for one in shares] == [
        ("shop.example", 100.0),
        ("list.example", 25.0),
    ]
    assert sender_shares([]) == []


@pytest.mark.parametrize(
    ("days", "start"),
    [
        (1, datetime(2026, 1, 5, 10, tzinfo=UTC)),
        (7, datetime(2025, 12, 31, tzinfo=UTC)),
    ],
)
def test_a_chart_begins_with_a_whole_hour_or_day(days, start):
    assert begin(days, NOW) == start


@pytest.mark.parametrize(("age", "days"), [(0, 1), (2, 7), (8, 30), (400, 30)])
def test_a_young_installation_is_shown_from_nearer(  # noqa: PLR0917 # fixtures
    sessions, add, ran, now, age, days
):
    ran(add(), minutes=age * 24 * 60)

    with sessions() as session:
        assert usual_span(session, now) == days


@pytest.mark.parametrize(
    ("query", "columns"),
    [("", 24), ("days=1", 24), ("days=7", 7), ("days=8", 24), ("days=x", 24)],
)
def test_the_charts_have_a_column_a_step_and_a_table_beside(
    browser, add, ran, query, columns
):
    ran(add())

    text = browser.get(f"/insights?{query}").get_data(as_text=True)

    first, second = re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
    assert first.count("<tr>") == second.count("<tr>") == columns
    assert len(re.findall(r'<rect class="hit"', text)) == 2 * columns
    assert "shop.example" in text


def test_insights_of_one_account_leave_the_others_out(browser, add, ran):
    ran(add("ada@example.org"))
    grace = add("grace@example.org")

    text = browser.get(f"/insights?account_id={grace}").get_data(as_text=True)

    assert "Nothing to draw yet" in text


def test_runs_that_go_on_are_not_counted_as_labelled_yet(sessions, add, ran, now):
    from webapp.dashboard.live_page import labeled_by_runs

    account_id = add()
    ran(account_id, "run-1")
    ran(account_id, "run-2", end_time=None, outcome=None, state="labeling")

    with sessions() as session:
        assert labeled_by_runs(session, since=now - timedelta(hours=1)) == 11
