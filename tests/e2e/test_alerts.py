"""The page of alerts while something goes wrong, and is over."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from mailbeat.db import alerts
from mailbeat.db.models import Alert
from mailbeat.db.session import transaction


@pytest.fixture
def opened(dashboard):
    """Open an alert of a rule that is over after a minute at the earliest."""

    def opened(detail):
        with transaction(dashboard.sessions) as session:
            now = datetime.now(UTC)
            alert = Alert(
                rule="errors_jump",
                subject=detail,
                detail=detail,
                count=1,
                opened_at=now,
            )
            session.add(alert)
            session.flush()
            return alert.id

    return opened


@pytest.fixture
def over(dashboard):
    def over(alert_id):
        with transaction(dashboard.sessions) as session:
            alerts.known_alert(session, alert_id).resolved_at = datetime.now(UTC)

    return over


def test_alerts_come_and_go_and_nothing_moves_under_the_pointer(
    page, sign_in, dashboard, opened, over
):
    sign_in(dashboard)
    first = opened("The first <b>trouble</b>.")
    page.goto(f"{dashboard.url}/alerts")
    section = page.locator("section[data-live=open]")
    expect(section.locator("li")).to_have_count(1)
    expect(section).to_contain_text("The first <b>trouble</b>.")

    # Nobody points at anything: it comes by itself.
    page.mouse.move(5, 5)
    opened("The second.")
    expect(section.locator("li")).to_have_count(2, timeout=15_000)
    expect(page.locator("#polite")).to_have_text("1 new alert", timeout=15_000)

    # Somebody points at a button: it stays where it is, and what is new waits.
    button = section.get_by_role("button", name="I know").first
    button.hover()
    before = button.bounding_box()
    over(first)
    fresh = page.locator("#fresh")
    expect(fresh).to_be_visible(timeout=15_000)
    expect(section.locator("li")).to_have_count(2)
    assert button.bounding_box() == before

    fresh.click()
    expect(section.locator("li")).to_have_count(1)
    expect(page.locator("section[data-live=over]")).to_contain_text("The first")
    expect(fresh).to_be_hidden()
