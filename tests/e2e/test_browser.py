"""The live page in a real Chromium, fed by Celery's events over Redis and the hub."""

import json
import re
from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from mailbeat.db.models import SignInSession
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import RunState
from mailbeat.mail.errors import ErrorCode
from tests.e2e.conftest import settle
from tests.waiting import wait_for

HOSTILE = '<img/src=x/onerror="alert(1)">'
PAGES = (
    "/",
    "/accounts",
    "/accounts/1",
    "/accounts/new",
    "/runs",
    "/runs?account=a",
    "/runs/failures",
    "/runs/no-such-run",
    "/messages",
    "/insights",
    "/categories",
    "/workers",
    "/tasks",
    "/tasks/failures",
    "/settings",
    "/settings/audit",
    "/settings/digest",
    "/alerts",
)


@pytest.fixture
def open_live(page, dashboard, sign_in):
    """The live page of a person who is signed in, connected."""

    def open_live() -> Page:
        sign_in(dashboard)
        page.goto(dashboard.url)
        expect(badge(page)).to_have_text("Live")
        return page

    return open_live


def badge(page: Page):
    return page.locator("#feed .say")


def card(page: Page, account_id: int = 1):
    return page.locator(f"#cards [data-account='{account_id}']")


def complaints(page: Page) -> list[str]:
    """Collect what the browser complains about from now on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def count_shifts(page: Page) -> None:
    """Add up in `shifts` how far things move from now on by themselves."""
    # That there is no worker is known, and said above all, only after a while.
    expect(page.locator("#no-workers")).to_be_visible(timeout=30_000)
    page.evaluate(
        """() => {
          window.shifts = 0;
          new PerformanceObserver((list) =>
            list.getEntries().forEach((one) => (window.shifts += one.value)))
            .observe({ type: "layout-shift" });
        }"""
    )


def test_a_card_moves_through_its_states_in_order(account, open_live, worker):
    account()
    page = open_live()
    said = complaints(page)
    page.evaluate(
        """() => {
          const word = document.querySelector("#cards .card .pill span");
          window.words = [word.textContent];
          new MutationObserver(() => window.words.push(word.textContent))
            .observe(word, { childList: true, characterData: true, subtree: true });
        }"""
    )

    run = worker.begin(1)
    expect(card(page)).to_contain_text("Connecting to the mail server")
    for state in (RunState.FETCHING, RunState.PROCESSING):
        run.step(state, found=None if state is RunState.FETCHING else 20)
        expect(card(page).locator(".pill")).to_have_text(str(state).capitalize())
    run.step(RunState.CATEGORIZING, 7)
    expect(card(page).locator(".pill")).to_have_text("Categorizing")
    run.step(RunState.LABELING, 7)
    expect(card(page).locator(".count")).to_have_text("7/20")
    expect(card(page).locator(".step")).to_have_text("Labeling 7 of 20")
    expect(card(page).locator("progress")).to_have_js_property("position", 7 / 20)
    expect(card(page).locator("[aria-current=step]")).to_have_text("Label")
    expect(page.locator("#sentence")).to_contain_text("1 of 1 account working")
    run.end()
    expect(card(page).locator(".pill")).to_have_text("Done")
    expect(card(page).locator(".step")).to_have_text("20 labelled")
    expect(card(page).locator(".last")).to_have_text("Last run just now")
    expect(page.locator("#sentence")).to_contain_text("20 messages labelled today")
    expect(page.locator("#runs tbody tr")).to_have_count(1)
    expect(page.locator("#polite")).to_have_text("ada@example.org: Done, 20 labelled.")

    states = "Waiting Connecting Fetching Processing Categorizing Labeling Done"
    assert page.evaluate("window.words") == states.split()
    assert said == []
    assert page.evaluate("window.violations") == []


def test_the_served_page_says_what_the_script_draws(  # noqa: PLR0917 # fixtures
    account, chromium, context, open_live, worker, dashboard
):
    for number in (1, 2, 3):
        account(f"a{number}@example.org")
    worker.begin(1).end()
    worker.begin(2).step(RunState.LABELING, 7)
    worker.begin(3).fail(ErrorCode.AUTH_FAILED, "The login was refused.")
    page = open_live()
    page.wait_for_function("performance.now() > 0 && document.querySelector('#needs')")
    plain = chromium.new_context(
        java_script_enabled=False, storage_state=context.storage_state()
    )
    served = plain.new_page()

    def both(part):
        drawn = page.locator(part).inner_text().removesuffix(ONLY_BY_SCRIPT)
        return timeless(served.locator(part).inner_text()), timeless(drawn)

    def are_the_same():
        served.goto(dashboard.url)
        return all(one == other for one, other in map(both, PARTS))

    # What is known meanwhile, as that there is no worker, one learns before the other.
    with suppress(AssertionError):
        wait_for(are_the_same)
    for part in PARTS:
        one, other = both(part)
        assert one == other
    plain.close()


PARTS = ("#cards", "#needs", "#runs", "#sentence")


# Who has no script is told nothing while the page is out of sight.
ONLY_BY_SCRIPT = "\n\nBe told of this while the page is out of sight"


def timeless(text: str) -> str:
    return re.sub(r"just now|\d+ s ago|now", "then", text)


def test_a_lost_server_is_told_and_found_again(account, open_live, dashboard, worker):
    account()
    page = open_live()

    dashboard.stop()
    expect(badge(page)).to_have_text(re.compile(r"Reconnecting"))
    expect(page).to_have_title(re.compile("^Not live"))
    worker.begin(1).step(RunState.LABELING, 3)
    dashboard.start()
    page.get_by_role("button", name="Try now").click()

    expect(badge(page)).to_have_text("Live")
    expect(card(page).locator(".count")).to_have_text("3/20")


def test_an_account_that_needs_a_person_is_told_at_once(account, open_live, worker):
    account()
    page = open_live()
    expect(page.locator("#needs summary")).to_have_text("No account needs you")
    count_shifts(page)

    worker.begin(1).fail(ErrorCode.AUTH_FAILED, "The login was refused. Change it.")

    expect(page.locator("#needs summary")).to_have_text("1 account needs you")
    expect(page.locator("#needs")).to_contain_text("Sign-in refused")
    expect(page.locator("#urgent")).to_contain_text("The login was refused.")
    expect(card(page).locator(".why")).to_have_text("The login was refused. Change it.")
    expect(card(page).locator(".steps li").first).to_have_class("is-bad")
    assert page.evaluate("window.shifts") == 0, "it comes without moving anything"
    page.locator("#needs summary").click()
    page.get_by_role("link", name="Enter a new password").click()
    expect(page.get_by_label("New password")).to_be_visible()


def test_hostile_text_is_text(account, open_live, worker, page):
    account(f"{HOSTILE}@example.org")
    said = complaints(page)
    open_live()

    worker.begin(1).fail(ErrorCode.MAILBOX_MISSING, f"No mailbox {HOSTILE} here.")

    expect(card(page).locator(".why")).to_have_text(f"No mailbox {HOSTILE} here.")
    expect(card(page).locator("h3")).to_have_text(f"{HOSTILE}@example.org")
    expect(page.locator("#needs .todo")).to_have_text(f"No mailbox {HOSTILE} here.")
    expect(page.locator("#runs tbody")).to_contain_text(HOSTILE)
    assert page.locator("img").count() == 0
    assert page.evaluate("window.violations") == []
    assert said == []


def test_without_a_socket_the_page_polls(account, page, dashboard, sign_in, worker):
    account()
    sign_in(dashboard)
    page.route_web_socket("**/ws/status", lambda socket: socket.close())
    page.goto(dashboard.url)
    expect(badge(page)).to_have_text("Polling")

    worker.begin(1).step(RunState.LABELING, 7)

    expect(card(page).locator(".count")).to_have_text("7/20")


def test_an_ended_session_is_told_and_nothing_is_tried_again(
    account, open_live, dashboard
):
    account()
    page = open_live()

    with transaction(dashboard.sessions) as session:
        session.execute(delete(SignInSession))
    expect(badge(page)).to_have_text("Signed out")

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(600)
    assert asked == []
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_button_asks_the_api_and_the_page_follows(account, open_live):
    account()
    page = open_live()

    card(page).get_by_role("button", name="Pause").click()

    expect(card(page).locator(".pill")).to_have_text("Paused")
    expect(card(page).get_by_role("button", name="Resume")).to_be_visible()
    assert page.url.endswith("/")


def test_accounts_come_and_go_on_the_live_page(account, open_live, worker, page):
    open_live()
    expect(page.locator("#none")).to_be_visible()

    worker.begin(account("new@example.org", told=False))

    # The web hears of it from the run's events, and then looks into the database.
    expect(card(page)).to_contain_text("new@example.org", timeout=10_000)
    expect(card(page).get_by_role("link")).to_have_attribute("href", "/accounts/1")
    expect(page.locator("#none")).to_be_hidden()


def test_nothing_moves_when_workers_go_and_come_or_everything_is_paused(
    account, open_live, page, dashboard
):
    """It is told in a place of its own, which is kept also on a phone."""
    account()
    page.set_viewport_size({"width": 390, "height": 800})
    page.add_init_script(OPENED)
    open_live()
    count_shifts(page)
    cards = page.locator("#some")
    place = cards.bounding_box()
    status = page.request.get(f"{dashboard.url}/api/processing/current-status").json()

    for number, (says, news) in enumerate(
        (
            ("feed-down", {"feed_down_since": "2026-01-05T08:00:00Z"}),
            ("workers", {"workers": {"online": 2}}),
            ("no-workers", {"workers": {"online": 0}}),
            ("paused", {"workers": {"online": 2}, "paused": True}),
        ),
        start=1,
    ):
        frame = {"type": "snapshot", "timestamp": status["timestamp"]}
        frame["data"] = {**status, "seq": status["seq"] + number, **news}
        page.evaluate("(data) => opened.at(-1).onmessage({ data })", json.dumps(frame))
        expect(page.locator(f"#{says}")).to_be_visible()
        assert page.locator("#standing > p:visible").count() == 1
        assert cards.bounding_box() == place

    assert page.evaluate("window.shifts") == 0


OPENED = """
  const Real = WebSocket;
  window.opened = [];
  window.WebSocket = class extends Real {
    constructor(...all) { super(...all); opened.push(this); } };
"""


def test_nothing_moves_while_a_run_goes_on(account, open_live, worker):
    for number in (1, 2, 3, 4):
        account(f"a{number}@example.org")
    page = open_live()
    count_shifts(page)

    run = worker.begin(2)
    run.step(RunState.PROCESSING)
    for done in (5, 10, 20):
        run.step(RunState.CATEGORIZING, done)
        run.step(RunState.LABELING, done)
        expect(card(page, 2).locator(".count")).to_have_text(f"{done}/20")
    run.end()
    expect(card(page, 2).locator(".pill")).to_have_text("Done")

    assert page.evaluate("window.shifts") < 0.001


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_on_a_phone(  # noqa: PLR0917 # fixtures
    scheme, account, context, dashboard, sign_in, worker
):
    account("a.very.long.address.of.somebody@mail.department.example.org")
    worker.begin(1).fail(
        ErrorCode.CONNECT_FAILED, "mail.department.example.org did not answer."
    )
    worker.begin(1).step(RunState.LABELING, 7)
    sign_in(dashboard)
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)

    wide = []
    for path in (*PAGES, "/login"):
        page.goto(dashboard.url + path)
        settle(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)

    assert wide == []


def test_the_page_is_complete_by_keyboard(account, open_live):
    account()
    page = open_live()

    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.keyboard.press("Enter")
    reached = set()
    for _ in range(10):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            """() => [document.activeElement.innerText.trim(),
                      getComputedStyle(document.activeElement).outlineStyle]"""
        )
        assert outline == "solid", name
        reached.add(name)

    assert {"ada@example.org", "Run now", "Pause everything"} <= reached


def test_a_chosen_theme_is_kept(account, open_live, page):
    open_live()

    page.get_by_role("button", name="System theme").click()
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.get_by_role("button", name="Light theme")).to_be_visible()


def test_an_open_list_of_who_needs_a_person_does_not_push_either(
    account, open_live, worker
):
    for number in (1, 2, 3):
        account(f"a{number}@example.org")
    worker.begin(1).fail(ErrorCode.AUTH_FAILED, "The login was refused.")
    page = open_live()
    expect(page.locator("#needs li")).to_be_visible()
    count_shifts(page)

    worker.begin(2).fail(ErrorCode.MAILBOX_MISSING, "There is no such mailbox.")
    expect(page.locator("#needs summary")).to_have_text("2 accounts need you")
    assert page.evaluate("window.shifts") < 0.001
    before = page.locator("#some").bounding_box()
    worker.begin(1).end()

    expect(page.locator("#needs summary")).to_have_text("1 account needs you")
    expect(page.locator("#needs li")).to_contain_text("a2@example.org")
    assert page.locator("#some").bounding_box() == before


RIGHT_TO_LEFT = "\u202e\u05d0\u05d1\u05d2" + "a" * 40
LONG = "x" * 64 + "@" + ".".join(["y" * 60] * 3) + ".example"


@pytest.mark.parametrize("width", [360, 1280])
def test_no_address_breaks_a_page(  # noqa: PLR0917 # fixtures
    width, account, context, dashboard, sign_in, worker
):
    account(LONG)
    account(f"{RIGHT_TO_LEFT}@example.org")
    worker.begin(1).fail(ErrorCode.AUTH_FAILED, f"{LONG} was refused.")
    worker.begin(2).end()
    sign_in(dashboard)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})

    wide = []
    for path in ("/", "/accounts", "/accounts/1", "/accounts/2"):
        page.goto(dashboard.url + path)
        settle(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    last = page.locator("p", has_text="Account 2, added").last

    assert wide == []
    expect(last).to_have_text(re.compile("^Account 2, added"))
