"""The pages that teach, in a real Chromium: messages, rules, categories.

With the script and without it, by keys alone, on a phone, and whatever mail says.
"""

import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from mailbeat.db.accounts import find_account
from mailbeat.db.category_changes import NewCategory, add_category
from mailbeat.db.models import CategoryRow, MessageRow, RuleRow
from mailbeat.db.rules import NewRule, add_rule
from mailbeat.db.runs import end_run, start_run
from mailbeat.db.session import transaction
from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.progress import Outcome
from tests.e2e.conftest import WITHIN, settle

HOSTILE = '<img/src=x/onerror="alert(1)">'
ODD = (HOSTILE, "\u202egnp.exe", "א" * 60, "👩‍👩‍👧‍👦" * 12, "x" * 250)
PAGES = (
    "/messages",
    "/messages/1",
    "/runs/run-1",
    "/rules",
    "/rules/new",
    "/rules/1",
    "/rules/2",
    "/categories",
    "/categories/2",
    "/categories/11",
)
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.fixture
def mails(account, dashboard):
    """Mail: of each odd kind, and two that nothing was sure of."""
    account_id = account()
    with transaction(dashboard.sessions) as session:
        session.execute(delete(RuleRow))
        start_run(session, find_account(session, account_id), "run-1", now=NOW)
        end_run(session, "run-1", Outcome.SUCCEEDED, None, now=NOW)
        session.execute(delete(CategoryRow).where(CategoryRow.id > 10))
        add_category(session, NewCategory(HOSTILE, definition="x" * 300, label="Odd"))
        new = NewRule("Airlines", read_condition({"domain": "a.example"}), 2)
        add_rule(session, new, now=NOW)
        odd = read_condition({"subject": {"contains": "x" * 200}})
        add_rule(session, NewRule(HOSTILE, odd, 11), now=NOW)
        for uid, text in enumerate(ODD, start=1):
            session.add(_message(account_id, uid, sender=text, subject=text * 30))
        for uid in (6, 7):
            unsure = {"category_id": None, "label": None, "layer": "none"}
            session.add(_message(account_id, uid, suggested_id=2, **unsure))
    return account_id


def _message(account_id, uid, **values):
    row = {
        "category_id": 2,
        "label": "Receipts",
        "layer": "facts",
        "evidence": "The sender sends receipts",
        "sender": "shop@a.example",
        "subject": f"Order {uid}",
    }
    return MessageRow(
        account_id=account_id,
        mailbox="INBOX",
        uid_validity=1,
        uid=uid,
        key=str(uid),
        run_id="run-1",
        state="applied",
        confidence=0.6,
        sender_domain="a.example",
        received_at=NOW,
        decided_at=NOW,
        applied_at=NOW,
        **(row | values),
    )


@pytest.fixture
def open_page(page, dashboard, sign_in, mails):
    """A page of a person who is signed in; at the end the browser had no complaint."""
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(dashboard)

    def open_page(path):
        page.goto(dashboard.url + path)
        return page

    yield open_page
    assert said == []
    assert page.evaluate("window.violations") == []


@pytest.fixture
def plain(chromium, context, dashboard, sign_in, mails):
    """The same without any script."""
    sign_in(dashboard)
    without = chromium.new_context(
        java_script_enabled=False, storage_state=context.storage_state()
    )
    page = without.new_page()
    page.set_default_timeout(WITHIN)

    def open_page(path):
        page.goto(dashboard.url + path)
        return page

    yield open_page
    without.close()


def row(page, message_id):
    return page.locator(f"#m{message_id}")


def test_messages_are_corrected_by_keys_alone(open_page):
    page = open_page("/messages")

    page.keyboard.press("j")
    expect(row(page, 7)).to_be_focused()
    page.keyboard.press("y")
    expect(row(page, 7).locator(".chip")).to_have_text("Receipts")
    expect(row(page, 7)).to_contain_text("You chose this")
    page.keyboard.press("j")
    page.keyboard.press("3")
    expect(row(page, 6).locator(".chip")).to_have_text("Finance")
    page.keyboard.press("c")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(row(page, 6).locator(".chip")).to_have_text("Security")
    expect(row(page, 6)).to_contain_text("label follows in the next run")
    expect(row(page, 6)).to_be_focused()
    page.keyboard.press("z")

    expect(row(page, 6).locator(".chip")).to_have_text("Finance")
    expect(row(page, 6)).to_be_focused()
    expect(row(page, 6)).to_contain_text("label follows in the next run")


def test_a_choice_corrects_at_once_and_a_click_confirms(open_page):
    page = open_page("/messages")

    row(page, 6).get_by_role("combobox").select_option(label="Social")
    row(page, 7).get_by_role("button", name="Yes, it is Receipts").click()

    expect(row(page, 6).locator(".chip")).to_have_text("Social")
    expect(row(page, 7).locator(".chip")).to_have_text("Receipts")
    expect(page.locator(".toast")).to_contain_text("Filed as Receipts.")
    assert page.url.endswith("/messages")


def test_a_runs_messages_are_corrected_where_they_stand(open_page):
    page = open_page("/runs/run-1")

    row(page, 6).get_by_role("combobox").select_option(label="Social")
    expect(row(page, 6).locator(".chip")).to_have_text("Social")
    page.keyboard.press("z")

    expect(row(page, 6).locator(".chip")).to_have_text("Receipts?")


def test_ticked_messages_are_filed_together_and_undone(open_page):
    page = open_page("/messages")

    page.get_by_label("All on this page").check()
    expect(page.locator(".chosen")).to_have_text("7 ticked")
    page.get_by_label("Category for the ticked messages").select_option(label="Forums")
    page.get_by_role("button", name="File the ticked ones").click()
    expect(page.locator("#mails .chip", has_text="Forums")).to_have_count(7)
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#mails .chip", has_text="Receipts")).to_have_count(7)


def test_a_rule_is_tried_while_one_types(open_page):
    page = open_page("/rules/new")
    title = page.locator("#preview-title")

    page.get_by_label("What to look at, line 1").select_option("domain")
    page.get_by_label("Value, line 1").fill("a.example")
    expect(title).to_have_text("Would match 2 of the last 7 messages.")
    page.get_by_label("Such mail becomes").select_option(label="Receipts")
    expect(title).to_have_text(re.compile("and change 2 of them"))
    page.get_by_role("button", name="One more line").click()
    page.get_by_label("What to look at, line 3").select_option("size")
    page.get_by_label("Value, line 3").fill("much")
    expect(title).to_have_text(re.compile("must be a size"))
    page.get_by_label("Value, line 3").fill("5 MB")
    page.get_by_label("Name").fill("Shop")
    page.get_by_role("button", name="Add the rule").click()

    expect(page.locator("#rules")).to_contain_text(
        "Sender's domain is a.example and it is larger than 5 MB"
    )
    page.get_by_role("button", name="Remove Shop").click()
    expect(page.locator("#rules")).not_to_contain_text("larger")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#rules")).to_contain_text("larger")


def test_a_line_that_needs_no_value_leaves_the_others_theirs(open_page):
    page = open_page("/rules/new")

    page.get_by_label("What to look at, line 1").select_option("list")
    page.get_by_label("How to compare, line 1").select_option("not-exists")
    page.get_by_label("What to look at, line 2").select_option("domain")
    page.get_by_label("Value, line 2").fill("a.example")
    page.get_by_label("Name").fill("Mixed")
    page.get_by_label("Such mail becomes").select_option("0")
    page.get_by_role("button", name="Add the rule").click()

    expect(page.locator("#rules")).to_contain_text(
        "It is from no list and sender's domain is a.example"
    )


def test_a_category_moves_and_the_focus_stays(open_page):
    page = open_page("/categories")
    first = page.locator("#categories > li .chip").first

    page.get_by_role("button", name="Receipts up").press("Enter")
    expect(first).to_have_text("Receipts")
    expect(page.get_by_role("button", name="Receipts down")).to_be_focused()
    expect(page.get_by_text("Receipts is number 1.")).to_be_attached()
    page.reload()

    expect(first).to_have_text("Receipts")
    page.get_by_role("button", name="Receipts down").press("Enter")
    expect(first).to_have_text("Personal")


def test_without_a_script_everything_can_be_done(plain):
    page = plain("/messages")

    row(page, 6).get_by_role("combobox").select_option(label="Finance")
    row(page, 6).get_by_role("button", name="Set").click()
    expect(row(page, 6).locator(".chip")).to_have_text("Finance")
    page.get_by_role("button", name="Undo").click()
    expect(row(page, 6).locator(".chip")).to_have_text("Receipts?")
    row(page, 7).get_by_role("checkbox").check()
    page.get_by_label("Category for the ticked messages").select_option(label="Forums")
    page.get_by_role("button", name="File the ticked ones").click()
    expect(row(page, 7).locator(".chip")).to_have_text("Forums")

    page = plain("/messages/7")
    page.get_by_role("button", name="Make a rule").click()
    expect(page.get_by_text("The rule is made.")).to_be_visible()
    page = plain("/rules/new")
    page.get_by_label("What to look at, line 1").select_option("domain")
    page.get_by_label("Value, line 1").fill("a.example")
    page.get_by_role("button", name="What would it do?").click()
    expect(page.locator("#preview-title")).to_contain_text(
        "Would match 2 of the last 7"
    )

    page = plain("/categories/9")
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator("#categories")).not_to_contain_text("Social")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#categories")).to_contain_text("Social")


def test_whatever_mail_and_names_say_is_text(open_page):
    for path in PAGES:
        page = open_page(path)
        assert page.locator("img").count() == 0, path

    page = open_page("/messages")
    expect(row(page, 1).locator(".from")).to_have_text(HOSTILE)
    expect(page.locator("#chooser .chip").nth(10)).to_have_text(HOSTILE)


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways(open_page, width, scheme):
    wide = []
    for path in PAGES:
        page = open_page(path)
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)

    assert wide == []


# In place of an auditor: what every reader of a screen needs, looked up in the DOM.
UNNAMED = """() => {
  const name = (one) => one.getAttribute("aria-label") || one.labels?.[0]?.innerText
    || one.innerText || one.title || (one.type === "hidden" ? "hidden" : "");
  return [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter((one) => one.type !== "hidden" && !name(one).trim())
    .map((one) => one.outerHTML.slice(0, 120));
}"""
DOUBLE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  return ids.filter((one, at) => ids.indexOf(one) !== at);
}"""
LEVELS = """() => [...document.querySelectorAll("main :is(h1, h2, h3)")]
  .map((one) => Number(one.tagName[1]))"""
UNFOUND = """() => [...document.querySelectorAll("*")]
  .flatMap((one) => (one.getAttribute("aria-labelledby") ?? "").split(" ")
    .concat((one.getAttribute("aria-describedby") ?? "").split(" ")))
  .filter((id) => id && !document.getElementById(id))"""
# WCAG 2.2, 1.4.3: text of the size that is used here has a contrast of 4.5.
FAINT = """() => {
  const canvas = document.createElement("canvas");
  const shown = canvas.getContext("2d", { willReadFrequently: true });
  const rgb = (color) => {
    shown.clearRect(0, 0, 1, 1);
    shown.fillStyle = color;
    shown.fillRect(0, 0, 1, 1);
    return [...shown.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const color = rgb(getComputedStyle(one).backgroundColor);
      if (color[3] > 250) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !node.checkVisibility()) continue;
    if (node.closest("option, .unseen, script, :disabled")) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push([texts.currentNode.data.trim(), ratio.toFixed(2)]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_fit_for_everybody(open_page, page, path, scheme):
    page.emulate_media(color_scheme=scheme)
    open_page(path)
    settle(page)

    levels = page.evaluate(LEVELS)

    assert page.evaluate(UNNAMED) == []
    assert page.evaluate(DOUBLE) == []
    assert page.evaluate(UNFOUND) == []
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert page.evaluate(FAINT) == []
