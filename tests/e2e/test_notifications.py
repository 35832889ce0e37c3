"""Notifications of a real Chromium: asked for on a click, each shown once."""

import pytest
from playwright.sync_api import expect

from mailbeat.labeling.progress import RunState
from mailbeat.mail.errors import ErrorCode
from tests.waiting import wait_for

SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const shown = await registration.getNotifications();
  return shown.map(({ title, body, tag, data }) => [title, body, tag, data.path]);
}"""
HIDE = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  Object.defineProperty(document, "visibilityState", { value: "hidden" });
}"""
# Chromium takes a notification that is asked for while it is being shown for one that a
# person closed, and forgets it (seen on a busy machine): so its worker says when it is.
COUNT = """() => {
  const show = registration.showNotification.bind(registration);
  self.shown = 0;
  registration.showNotification = async (...all) => {
    await show(...all);
    self.shown += 1;
  };
}"""
# A headless browser never hides a page: to its worker, all of them are.
BLIND = """clients.matchAll = () => Promise.resolve([])"""


@pytest.fixture
def switched_on(context, page, dashboard, sign_in):
    """The settings of a person who switched notifications on."""
    context.grant_permissions(["notifications"], origin=dashboard.url)
    sign_in(dashboard)
    page.goto(f"{dashboard.url}/settings")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("button", name="Switch off")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    wait_for(lambda: context.service_workers)
    context.service_workers[0].evaluate(COUNT)
    return page


@pytest.fixture
def open_hidden(context, dashboard, switched_on):
    """Open the live page in so many tabs that nobody sees; returns them."""

    def open_hidden(number=1):
        tabs = [context.new_page() for _ in range(number)]
        for tab in tabs:
            tab.goto(dashboard.url)
            expect(tab.locator("#feed .say")).to_have_text("Live")
            tab.evaluate(HIDE)
        context.service_workers[0].evaluate(BLIND)
        return tabs

    return open_hidden


def shown(page, number=1):
    """What is shown, once so many were and had time to become more."""
    (worker,) = page.context.service_workers
    wait_for(lambda: worker.evaluate("self.shown") >= number)
    page.wait_for_timeout(300)
    return page.evaluate(SHOWN)


def test_a_person_switches_them_on_and_off_and_sees_one(switched_on):
    page = switched_on
    said = []
    page.on("console", lambda message: said.append(message.text))

    page.get_by_role("button", name="Show me one").click()
    assert shown(page)[0][0] == "Mailbeat"
    page.get_by_label("A run found mail and is done").check()
    page.reload()
    expect(page.get_by_label("A run found mail and is done")).to_be_checked()
    page.get_by_role("button", name="Switch off").click()

    expect(page.get_by_role("button", name="Switch on")).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.getRegistrations()") == []
    assert page.evaluate("window.violations") == []
    assert said == []


def test_ten_tabs_tell_of_a_failure_once(switched_on, open_hidden, account, worker):
    account()
    open_hidden(10)

    worker.begin(1).fail(ErrorCode.SERVER_BUSY, "The server was busy.")

    ((title, body, tag, path),) = shown(switched_on)
    assert title == "A run of ada@example.org failed"
    assert body == "Server busy. It is tried again."
    assert tag == "account-1"
    assert path.startswith("/runs/")


def test_an_account_that_needs_a_person_replaces_what_was_told_of_it(
    switched_on, open_hidden, account, worker
):
    account()
    open_hidden()
    worker.begin(1).fail(ErrorCode.SERVER_BUSY, "The server was busy.")
    shown(switched_on)

    worker.begin(1).fail(ErrorCode.AUTH_FAILED, "The login was refused.")

    ((title, *_),) = shown(switched_on, 2)
    assert title == "ada@example.org needs you"


def test_a_run_that_ends_well_is_told_by_choice(
    switched_on, open_hidden, account, worker
):
    account()
    (tab,) = open_hidden()
    worker.begin(1).end()
    switched_on.wait_for_timeout(500)
    assert switched_on.evaluate(SHOWN) == []

    switched_on.get_by_label("A run found mail and is done").check()
    tab.wait_for_function("localStorage.getItem('notify').includes('finished')")
    run = worker.begin(1)
    run.step(RunState.LABELING, 3)
    run.end()

    ((title, body, _, path),) = shown(switched_on)
    assert (title, body) == ("ada@example.org", "20 labelled")
    assert path == f"/runs/{run.run_id}"


def test_nothing_is_told_while_a_page_is_seen(
    context, dashboard, switched_on, account, worker
):
    account()
    page = context.new_page()
    page.goto(dashboard.url)
    expect(page.locator("#feed .say")).to_have_text("Live")
    page.evaluate(HIDE)  # this one is not seen, but the settings are

    worker.begin(1).fail(ErrorCode.SERVER_BUSY, "The server was busy.")

    expect(page.locator("#cards .card .why")).to_contain_text("busy")
    page.wait_for_timeout(500)
    assert page.evaluate(SHOWN) == []


def test_a_click_leads_to_what_it_tells_of(context, switched_on, dashboard):
    worker = context.service_workers[0]
    worker.evaluate("clients.openWindow = (url) => { self.opened = url; }")

    for path, opened in (
        ("/runs/run-1", f"{dashboard.url}/runs/run-1"),
        ("https://example.org/", None),
    ):
        found = worker.evaluate(
            "async (path) => { self.opened = null;"
            " await lead(new URL(path, location.origin)); return self.opened; }",
            path,
        )
        assert found == opened


def test_the_hint_is_there_until_one_has_chosen(  # noqa: PLR0917 # fixtures
    context, page, dashboard, account, worker, sign_in
):
    account()
    context.add_init_script(
        "Object.defineProperty(Notification, 'permission', { value: 'default' })"
    )
    sign_in(dashboard)
    page.goto(dashboard.url)
    hint = page.get_by_role("link", name="Be told of this")
    expect(hint).to_be_hidden()  # nothing failed yet
    worker.begin(1).fail(ErrorCode.AUTH_FAILED, "The login was refused.")
    page.get_by_text("1 account needs you").click()

    expect(hint).to_be_visible()
    page.evaluate("localStorage.setItem('notify', '')")
    page.reload()

    expect(page.locator("#needs")).to_be_visible()
    expect(hint).to_be_hidden()


def test_of_failures_in_a_row_the_first_is_told(
    switched_on, open_hidden, account, worker
):
    account()
    open_hidden()
    first = worker.begin(1)
    first.fail(ErrorCode.SERVER_BUSY, "The server was busy.")
    shown(switched_on)

    worker.begin(1).fail(ErrorCode.SERVER_BUSY, "The server was busy.")

    switched_on.wait_for_timeout(500)
    ((_, _, _, path),) = switched_on.evaluate(SHOWN)
    assert path == f"/runs/{first.run_id}"


def test_no_script_but_our_worker_is_started_from_the_settings(switched_on):
    refused = switched_on.evaluate(
        """async () => {
          const tried = [
            () => navigator.serviceWorker.register("/worker.js"),
            async () => trustedTypes.createPolicy("mailbeat-worker", {}),
            async () => trustedTypes.createPolicy("other", {}),
          ];
          const names = [];
          for (const one of tried)
            names.push(await one().then(() => "done", (error) => error.name));
          return names;
        }"""
    )

    assert refused == ["TypeError"] * 3
