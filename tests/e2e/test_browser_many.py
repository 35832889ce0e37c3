"""The live page with many accounts: few cards, all of them to be found, none moving."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from mailbeat.db.models import Account
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import RunState
from mailbeat.mail.errors import ErrorCode
from webapp.dashboard.shown import BATCH

MANY = 1000


@pytest.fixture
def many(dashboard, account):
    """A thousand accounts, as copies of the first."""
    account("a1@example.org")
    table = Account.__table__
    with transaction(dashboard.sessions) as session:
        row = dict(session.execute(select(table)).mappings().one())
        session.execute(
            insert(table),
            [
                row | {"id": n, "email_address": f"a{n}@example.org"}
                for n in range(2, MANY + 1)
            ],
        )
    dashboard.look()


@pytest.fixture
def open_live(page, dashboard, sign_in):
    def open_live(query: str = "") -> Page:
        sign_in(dashboard)
        page.goto(f"{dashboard.url}/{query}")
        expect(page.locator("#feed .say")).to_have_text("Live")
        return page

    return open_live


def cards(page: Page):
    return page.locator("#cards > .card")


def names(page: Page) -> list[str]:
    return page.locator("#cards h3").all_inner_texts()


def test_a_thousand_accounts_are_a_page_of_few_cards(many, open_live, worker):
    page = open_live()
    assert cards(page).count() == BATCH
    expect(page.locator("[data-kind=all] .n")).to_have_text("1,000")
    expect(page.locator("#sentence")).to_contain_text("1,000 accounts waiting")

    page.get_by_role("link", name="Show all 1,000 accounts").click()
    assert cards(page).count() <= BATCH
    page.evaluate("scrollTo(0, document.querySelector('#cards').scrollHeight)")
    expect(page.get_by_role("link", name="a1000@example.org")).to_be_visible()
    assert cards(page).count() <= BATCH

    worker.begin(1000).step(RunState.LABELING, 7)
    expect(page.locator("[data-account='1000'] .count")).to_have_text("7/20")


def test_what_works_comes_into_view_without_moving_anything(many, open_live, worker):
    page = open_live()
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
    before = names(page)
    page.mouse.move(0, 0)

    worker.begin(900).step(RunState.LABELING, 7)
    worker.begin(901).step(RunState.LABELING, 3)

    for number, count in ((900, "7/20"), (901, "3/20")):
        shown = page.locator(f"[data-account='{number}'] .count")
        expect(shown).to_have_text(count, timeout=20_000)
    after = names(page)
    changed = [one for one, other in zip(before, after, strict=True) if one != other]
    assert len(changed) == 2
    assert page.evaluate("window.shifts") == 0


def test_nothing_changes_places_under_the_pointer(many, open_live, worker):
    page = open_live()
    before = names(page)
    cards(page).first.hover()

    page.wait_for_timeout(5100)
    worker.begin(900).step(RunState.LABELING, 7)
    expect(page.locator("[data-kind=working] .n")).to_have_text("1")
    page.wait_for_timeout(300)

    assert names(page) == before


def test_the_script_finds_what_the_server_finds(  # noqa: PLR0917 # fixtures
    account, open_live, worker, chromium, context, dashboard
):
    for number in range(1, 6):
        account(f"a{number}@example.org")
    worker.begin(2).step(RunState.LABELING, 7)
    worker.begin(3).fail(ErrorCode.AUTH_FAILED, "The login was refused.")
    page = open_live()
    page.locator("[data-account='4']").get_by_role("button", name="Pause").click()
    expect(page.locator("[data-account='4'] .pill")).to_have_text("Paused")
    plain = chromium.new_context(
        java_script_enabled=False, storage_state=context.storage_state()
    )
    served = plain.new_page()

    for kind, expected in (("working", 1), ("needs", 1), ("paused", 1), ("all", 5)):
        page.locator(f"[data-kind={kind}]").click()
        served.goto(dashboard.url)
        served.locator(f"[data-kind={kind}]").click()
        assert names(page) == names(served)
        assert len(names(page)) == expected
        numbers = page.locator(".kinds .n").all_inner_texts()
        assert numbers == served.locator(".kinds .n").all_inner_texts()

    for looked_for, expected in (("A5@", 1), ("nobody", 0)):
        page.get_by_label("Find an address").fill(looked_for)
        served.get_by_label("Find an address").fill(looked_for)
        served.get_by_role("button", name="Find").click()
        expect(cards(page)).to_have_count(expected)
        assert names(page) == names(served)
        assert page.url == served.url
    expect(page.locator("#no-match")).to_be_visible()
    plain.close()


def test_a_filter_shows_what_comes_and_keeps_what_is_over_for_a_while(
    account, open_live, worker
):
    for number in range(1, 4):
        account(f"a{number}@example.org")
    run = worker.begin(1)
    page = open_live("?state=working")
    assert names(page) == ["a1@example.org"]

    run.end()
    expect(page.locator("[data-account='1'] .pill")).to_have_text("Done")
    page.mouse.move(0, 0)
    worker.begin(3)

    names_shown = page.locator("#cards h3")
    expect(names_shown).to_have_text(["a3@example.org"], timeout=20_000)


def test_the_last_hour_follows(account, open_live, page, dashboard):
    account()
    open_live()
    page.route(
        "**/api/statistics/last-hour",
        lambda route: route.fulfill(
            json={
                "since": "2026-01-05T08:00:00Z",
                "labeled": 40,
                "minutes": [0] * 58 + [10, 30],
                "categories": [
                    {
                        "category_id": 1,
                        "slug": "x",
                        "name": "<b>X",
                        "color": "blue",
                        "count": 30,
                    },
                    {
                        "category_id": 2,
                        "slug": "y",
                        "name": "Y",
                        "color": "red",
                        "count": 10,
                    },
                ],
            }
        ),
    )
    page.evaluate("Date.now = ((real) => () => real() + 61_000)(Date.now)")

    expect(page.locator("#hour-labeled")).to_have_text("40")
    expect(page.locator("#hour-shares li")).to_have_text(
        [re.compile("<b>X ?75%"), re.compile("Y ?25%")]
    )
    expect(page.locator("#hour-bars rect").nth(58)).to_have_attribute(
        "height", "33.33%"
    )
    expect(page.locator("#hour tbody td").last).to_have_text("40")


def test_results_are_spoken_at_most_once_in_five_seconds(account, open_live, worker):
    for number in range(1, 4):
        account(f"a{number}@example.org")
    page = open_live()
    page.evaluate(
        """() => {
          window.spoken = [];
          new MutationObserver(() => window.spoken.push(performance.now()))
            .observe(document.querySelector("#polite"), { childList: true });
        }"""
    )

    for number in (1, 2, 3):
        worker.begin(number).end()
    expect(page.locator("#polite")).to_contain_text("1 more run ended", timeout=15_000)

    first, second = page.evaluate("window.spoken")
    assert second - first >= 4990
