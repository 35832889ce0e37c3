"""The palette, the keys and the notices of what was done, by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_barriers import barriers  # noqa: F401 # a fixture


@pytest.fixture
def live(page, dashboard, account, sign_in):
    """The live page with three accounts, and a console that complains of nothing."""
    for name in ("ada", "bob", "carla"):
        account(f"{name}@example.org")
    sign_in(dashboard)
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else 0)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(dashboard.url)
    expect(page.locator("#feed")).to_have_attribute("data-state", "live")
    yield page
    assert said == []
    assert page.evaluate("window.violations") == []


def palette(page):
    return page.get_by_role("dialog", name="Find or do")


def toast(page):
    return page.get_by_role("region", name="What was done")


def card(page, address):
    return page.get_by_role("article", name=address)


def test_an_account_is_found_paused_and_resumed_again_by_keys_alone(live):
    live.locator("#main").focus()
    live.keyboard.press("Control+k")
    live.keyboard.type("pause bob")  # also before the palette is there
    expect(palette(live).get_by_role("option").first).to_have_text(
        "Pause bob@example.org"
    )
    field = palette(live).get_by_role("combobox")
    expect(field).to_be_focused()
    live.keyboard.press("Enter")

    expect(toast(live)).to_contain_text("bob@example.org is paused.")
    expect(card(live, "bob@example.org")).to_contain_text("Paused")
    expect(live.locator("#polite")).to_contain_text("bob@example.org is paused.")
    expect(live.locator("#main")).to_be_focused()
    live.keyboard.press("z")

    expect(toast(live)).to_contain_text("The account runs again")
    expect(card(live, "bob@example.org")).not_to_contain_text("Paused")
    live.keyboard.press("Escape")
    expect(toast(live)).to_be_hidden()


def test_arrows_choose_and_escape_leads_back_to_where_one_was(live, dashboard):
    search = live.get_by_label("Find an address")
    search.focus()
    live.keyboard.press("Control+k")
    field = palette(live).get_by_role("combobox")
    expect(field).to_be_focused()
    live.keyboard.press("Escape")
    expect(search).to_be_focused()

    live.keyboard.press("Control+k")
    live.keyboard.type("example")
    options = palette(live).get_by_role("option")
    expect(options.nth(2)).to_have_text("carla@example.org")
    live.keyboard.press("ArrowDown")
    live.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "found-2")
    live.keyboard.press("Enter")

    live.wait_for_url(re.compile(rf"{dashboard.url}/accounts/\d+$"))
    expect(live.get_by_role("heading", level=1)).to_have_text("carla@example.org")


def test_keys_lead_to_pages_and_never_act_while_one_types(live, dashboard):
    live.get_by_label("Find an address").focus()
    live.keyboard.type("?gm/")
    expect(live.get_by_label("Find an address")).to_have_value("?gm/")
    live.get_by_label("Find an address").fill("")
    live.locator("#main").focus()

    live.keyboard.press("?")
    sheet = live.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("Undo what was done last")
    live.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    live.keyboard.press("j")
    expect(card(live, "ada@example.org")).to_be_focused()
    live.keyboard.press("/")
    expect(live.get_by_label("Find an address")).to_be_focused()
    expect(live.get_by_label("Find an address")).to_have_value("")
    live.locator("#main").focus()
    live.keyboard.press("g")
    live.keyboard.press("m")
    live.wait_for_url(f"{dashboard.url}/messages")

    live.keyboard.press("?")
    sheet.get_by_label("Use single-key shortcuts").uncheck()
    live.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    live.goto(f"{dashboard.url}/settings")
    expect(live.get_by_label("Use single-key shortcuts")).not_to_be_checked()
    live.keyboard.press("?")
    live.keyboard.press("g")
    live.keyboard.press("m")
    live.keyboard.press("Control+k")

    expect(palette(live)).to_be_visible()
    expect(sheet).not_to_be_visible()
    assert live.url == f"{dashboard.url}/settings"


def test_who_is_signed_out_meanwhile_comes_back_after_signing_in(live, dashboard):
    live.goto(f"{dashboard.url}/messages?layer=rule")
    live.context.clear_cookies(name="mailbeat")

    live.keyboard.press("Control+k")
    live.wait_for_url(f"{dashboard.url}/login?**")
    live.get_by_label("Your key").fill(dashboard.key)
    live.keyboard.press("Enter")

    live.wait_for_url(f"{dashboard.url}/messages?layer=rule")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neither_the_palette_nor_the_keys_have_a_barrier(scheme, live, barriers):  # noqa: F811 # the fixture
    live.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    live.keyboard.press("Control+k")
    live.keyboard.type("a")
    expect(palette(live).get_by_role("option").first).to_contain_text("ada@")
    assert barriers() == []
    live.get_by_role("combobox").fill("nothing is like this")
    expect(palette(live)).to_contain_text("Messages from “nothing")
    live.keyboard.press("Escape")
    expect(palette(live)).to_be_hidden()

    live.keyboard.press("?")
    expect(live.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert barriers() == []
    live.keyboard.press("Escape")
    expect(live.get_by_role("dialog")).to_be_hidden()

    live.keyboard.press("Control+k")
    live.keyboard.type("pause ada")
    expect(palette(live).get_by_role("option").first).to_contain_text("Pause ada@")
    live.keyboard.press("Enter")
    expect(toast(live)).to_be_visible()
    assert barriers() == []
