import re
from datetime import UTC, date, datetime

import pytest

from mailbeat.labeling.category import STARTING_CATEGORIES
from webapp.dashboard.insight_pages import category_series, last_days, outcome_series

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)


def test_messages_of_no_category_in_use_are_uncategorized():
    found = {(MONDAY, 1): 3, (MONDAY, None): 2, (TUESDAY, 77): 1}

    series = category_series(found, STARTING_CATEGORIES[:1], [MONDAY, TUESDAY])

    assert [(one.name, list(one.values)) for one in series] == [
        ("Personal", [3, 0]),
        ("Uncategorized", [2, 1]),
    ]


def test_each_outcome_is_a_series():
    series = outcome_series({(MONDAY, "failed"): 2}, [MONDAY])

    assert [(one.name, one.values[0]) for one in series] == [
        ("Done", 0),
        ("Failed", 2),
        ("Stopped", 0),
        ("Interrupted", 0),
    ]


def test_the_days_end_today():
    days = last_days(7)

    assert len(days) == 7
    assert days[-1] == datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("query", "columns"), [("", 30), ("days=7", 7), ("days=8", 30), ("days=x", 30)]
)
def test_the_charts_have_a_column_a_day_and_a_table_beside(
    browser, add, ran, query, columns
):
    ran(add())

    text = browser.get(f"/insights?{query}").get_data(as_text=True)

    first, second = re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
    assert first.count("<tr>") == second.count("<tr>") == columns
    assert len(re.findall(r'<rect class="hit"', text)) == 2 * columns


def test_insights_of_one_account_leave_the_others_out(browser, add, ran):
    ran(add("ada@example.org"))
    grace = add("grace@example.org")

    text = browser.get(f"/insights?account_id={grace}").get_data(as_text=True)

    assert "Nothing to draw yet" in text


def test_a_category_links_to_its_messages(browser, add, ran):
    ran(add(), messages=2)

    text = browser.get("/categories").get_data(as_text=True)

    assert re.search(r'href="/messages\?category_id=1">1</a>', text)
