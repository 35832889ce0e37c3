"""The page of insights in a real Chromium whose clock is not the server's."""

import csv
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect


@pytest.fixture
def insights(account, page, dashboard, sign_in, worker):
    """The page of somebody in Tokyo, with a run to show."""
    account()
    worker.begin(1)
    context = page.context
    context.new_cdp_session(page).send(
        "Emulation.setTimezoneOverride", {"timezoneId": "Asia/Tokyo"}
    )
    sign_in(dashboard)
    page.goto(f"{dashboard.url}/insights?days=7")
    page.wait_for_url("**zone=Asia*")
    return page


def test_hours_are_those_of_the_browsers_clock(insights, dashboard):
    expect(insights.get_by_label("Time zone of your clock")).to_have_value("Asia/Tokyo")

    # It is known from now on: nothing is loaded twice.
    insights.goto(f"{dashboard.url}/insights?days=7")

    expect(insights.get_by_label("Time zone of your clock")).to_have_value("Asia/Tokyo")
    assert "zone" not in parse_qs(urlsplit(insights.url).query)


def test_a_chart_is_read_as_a_table_and_taken_as_a_file(insights):
    table = insights.get_by_role("region", name="When mail comes", exact=True)
    expect(table.get_by_role("table")).not_to_be_visible()

    insights.get_by_label("When mail comes as a table").press("Enter")
    with insights.expect_download() as downloading:
        insights.get_by_role("link", name="Download When mail comes as CSV").click()

    expect(table.get_by_role("table")).to_contain_text("Sunday")
    assert downloading.value.suggested_filename == "mailbeat-hours-7-days.csv"
    with downloading.value.path().open(newline="") as file:
        assert [len(row) for row in csv.reader(file)] == [25] * 8


def test_another_guess_of_what_a_label_saves_counts_at_once(insights):
    insights.get_by_label("Seconds a label saves").fill("20")
    insights.get_by_label("Seconds a label saves").press("Tab")

    insights.wait_for_url("**seconds=20*")
    assert parse_qs(urlsplit(insights.url).query)["days"] == ["7"]
