"""Tabs, sleep and a lost network: one socket for all of them, and nothing missed."""

import json
import urllib.request
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from mailbeat.labeling.progress import RunState
from tests.waiting import wait_for

TABS = 10


@pytest.fixture
def open_tab(context, dashboard):
    def open_tab() -> Page:
        page = context.new_page()
        page.goto(dashboard.url)
        expect(badge(page)).to_have_text("Live")
        return page

    return open_tab


def badge(page: Page):
    return page.locator("#feed .say")


def count(page: Page):
    return page.locator("#cards [data-account='1'] .count")


def sockets(dashboard) -> int:
    request = urllib.request.Request(
        f"{dashboard.url}/api/health", headers={"X-API-Key": dashboard.key}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["sockets"]["open"]


def test_ten_tabs_share_one_socket_which_outlives_the_tab_that_has_it(
    account, dashboard, sign_in, open_tab, worker
):
    account()
    sign_in(dashboard)
    tabs = [open_tab() for _ in range(TABS)]
    run = worker.begin(1)

    run.step(RunState.LABELING, 3)
    for tab in tabs:
        expect(count(tab)).to_have_text("3/20")
    assert sockets(dashboard) == 1

    tabs[0].close()
    run.step(RunState.LABELING, 8)
    for tab in tabs[1:]:
        expect(count(tab)).to_have_text("8/20")
        expect(badge(tab)).to_have_text("Live")
    wait_for(lambda: sockets(dashboard) == 1)


def test_without_locks_each_tab_has_its_own(  # noqa: PLR0917 # fixtures
    account, context, dashboard, sign_in, open_tab, worker
):
    """As over plain http from another host, where a browser gives no locks."""
    account()
    context.add_init_script("delete Navigator.prototype.locks")
    sign_in(dashboard)
    tabs = [open_tab() for _ in range(2)]

    worker.begin(1).step(RunState.LABELING, 3)

    for tab in tabs:
        expect(count(tab)).to_have_text("3/20")
    assert sockets(dashboard) == 2


@pytest.mark.parametrize(("said", "shown"), [("live", "Live"), ("polling", "Polling")])
def test_a_tab_that_hung_loses_the_socket_to_one_that_is_seen(  # noqa: PLR0917 # fixtures
    account, dashboard, sign_in, context, worker, said, shown
):
    account()
    sign_in(dashboard)
    hung, other = context.new_page(), context.new_page()
    other.clock.install()  # the other tab's too: what hung must not take it back
    hung.goto(dashboard.url)
    expect(badge(hung)).to_have_text("Live")
    # It keeps the lock and says nothing more, as a tab that the browser froze.
    hung.evaluate("BroadcastChannel.prototype.postMessage = () => {}")
    other.goto(dashboard.url)
    other.evaluate(
        """(name) => new BroadcastChannel("mailbeat-feed").postMessage(
             { state: { name, tryAt: null }, heard: Date.now() })""",
        said,
    )

    expect(badge(other)).to_have_text(shown)
    worker.begin(1).step(RunState.LABELING, 3)
    assert not count(other).inner_text()

    other.clock.fast_forward(61_000)

    expect(count(other)).to_have_text("3/20", timeout=45_000)


def test_ten_seconds_offline_are_caught_up(
    account, context, dashboard, sign_in, worker
):
    account()
    sign_in(dashboard)
    page = context.new_page()
    page.goto(dashboard.url)
    expect(badge(page)).to_have_text("Live")
    run = worker.begin(1)

    # What is open looks open on, as after a cable is pulled.
    context.set_offline(True)
    expect(badge(page)).to_have_text("Offline", timeout=1000)
    run.step(RunState.LABELING, 9)
    page.wait_for_timeout(10_000)
    expect(page.locator("#feed .age")).to_contain_text("data")
    context.set_offline(False)

    expect(badge(page)).to_have_text("Live")
    expect(count(page)).to_have_text("9/20")


def test_a_page_that_was_hidden_for_long_gives_its_socket_back_and_catches_up(
    account, dashboard, sign_in, context, worker
):
    account()
    sign_in(dashboard)
    page = context.new_page()
    page.clock.install()
    page.goto(dashboard.url)
    expect(badge(page)).to_have_text("Live")
    assert sockets(dashboard) == 1

    hide(page, hidden=True)
    page.clock.fast_forward(timedelta(minutes=10).total_seconds() * 1000)
    wait_for(lambda: sockets(dashboard) == 0)
    worker.begin(1).step(RunState.LABELING, 9)
    hide(page, hidden=False)
    page.clock.run_for(1000)

    expect(badge(page)).to_have_text("Live")
    expect(count(page)).to_have_text("9/20")


def hide(page: Page, *, hidden: bool) -> None:
    page.evaluate(
        """(hidden) => {
          const property = { configurable: true, value: hidden };
          Object.defineProperty(document, "hidden", property);
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
