from datetime import UTC, datetime

import pytest

from mailbeat.db.accounts import SETTING_UP, pause_account, pause_everything
from mailbeat.db.rules import NewRule, add_rule
from mailbeat.db.session import transaction
from mailbeat.labeling.condition_form import read_condition

from .conftest import HOSTILE

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
JSON = {"Accept": "application/json"}


@pytest.fixture
def ask(browser):
    """What is found for some words: a list of titles with the texts under each."""

    def ask(words, client=None):
        answer = (client or browser).get(
            "/find", query_string={"q": words}, headers=JSON
        )
        assert answer.status_code == 200
        return {
            group["title"]: [item["text"] for item in group["items"]]
            for group in answer.json["groups"]
        }

    return ask


def one(browser, words, text):
    groups = browser.get("/find", query_string={"q": words}, headers=JSON).json
    items = [item for group in groups["groups"] for item in group["items"]]
    return next(item for item in items if item["text"] == text)


def test_without_words_all_pages_and_what_can_be_done_are_listed(ask):
    found = ask("")

    assert list(found) == ["Pages", "Do"]
    assert found["Pages"][:3] == ["Live", "Accounts", "Runs"]
    assert {
        "Add an account",
        "Add a rule",
        "Pause everything",
        "Export everything",
        "Use the dark theme",
        "Sign out",
    } <= set(found["Do"])


def test_an_account_is_found_by_a_part_of_its_address(ask, add):
    for address in ("ada@example.org", "bob@example.org", "carla@ada.example"):
        add(address)

    assert ask("ADA")["Accounts"] == ["ada@example.org", "carla@ada.example"]
    assert ask("exam carl")["Accounts"] == ["carla@ada.example"]
    assert "Accounts" not in ask("100%")
    assert "Accounts" not in ask("_")


def test_of_many_accounts_only_the_first_are_told(ask, add):
    for number in range(12):
        add(f"a{number:02}@example.org")

    found = ask("example")

    assert len(found["Accounts"]) == 8
    assert found["Accounts"][0] == "a00@example.org"


@pytest.mark.parametrize("words", ["pause ada", "ada pause", "stop ADA", "pau ad"])
def test_what_is_to_be_done_and_to_whom_may_be_typed_in_any_order(ask, add, words):
    add("ada@example.org")
    add("bob@example.org")

    found = ask(words)

    assert found["Do"] == ["Pause ada@example.org"]
    assert next(iter(found)) == "Do"


def test_a_deed_says_how_it_is_done_by_the_api_and_by_a_form(browser, add):
    number = add("ada@example.org")

    deed = one(browser, "ada", "Pause ada@example.org")["deed"]

    assert deed == {
        "name": "pause",
        "action": f"/accounts/{number}/pause",
        "api": f"/api/accounts/{number}/pause",
        "body": {},
        "done": "ada@example.org is paused.",
    }
    assert browser.post(deed["api"], json=deed["body"]).status_code == 200
    assert "Resume ada@example.org" in ask_texts(browser, "ada")


def ask_texts(browser, words):
    groups = browser.get("/find", query_string={"q": words}, headers=JSON).json
    return [item["text"] for group in groups["groups"] for item in group["items"]]


def test_a_verb_alone_offers_everything_and_the_first_accounts(ask, add):
    add("ada@example.org")

    assert ask("pause")["Do"] == ["Pause everything", "Pause ada@example.org"]


def test_an_account_that_is_called_like_a_verb_is_found(ask, add):
    add("runner@example.org")
    add("ada@example.org")

    assert "Run runner@example.org now" in ask("runner")["Do"]
    assert ask("runner")["Accounts"] == ["runner@example.org"]


def test_what_is_paused_can_be_resumed(ask, add, sessions):
    number = add("ada@example.org")
    with transaction(sessions) as session:
        pause_account(session, number, now=NOW)
        pause_everything(session, now=NOW)

    assert ask("resume")["Do"] == ["Resume everything", "Resume ada@example.org"]


def test_a_key_that_may_only_look_is_offered_nothing_that_changes(ask, reader, add):
    add("ada@example.org")

    own = {"Sign out", "Use the light theme", "Use the dark theme"}
    assert set(ask("", reader)["Do"]) <= own | {"Use the theme of the system"}
    assert "Do" not in ask("pause ada", reader)
    assert "Audit log" not in ask("", reader)["Pages"]
    assert ask("ada", reader)["Accounts"] == ["ada@example.org"]


def test_runs_that_failed_are_found_with_their_account_and_by_that_word(ask, add, ran):
    add("ada@example.org")
    failed = {"state": "error", "outcome": "failed", "error_code": "server_busy"}
    ran(1, "run-1", **failed)
    ran(1, "run-2")

    assert ask("ada")["Runs that failed"] == ["ada@example.org"]
    assert ask("failed")["Runs that failed"] == ["ada@example.org"]
    assert "Runs that failed" not in ask("bob")


def test_categories_and_rules_are_found_and_lead_to_what_they_are(browser, sessions):
    with transaction(sessions) as session:
        new = NewRule("Airlines", read_condition({"domain": "a.example"}), 2)
        rule = add_rule(session, new, now=NOW)

        assert one(browser, "recei", "Receipts")["href"] == "/messages?category_id=2"
    assert one(browser, "airl", "Airlines")["href"] == f"/rules/{rule.id}"


def test_what_is_typed_can_be_looked_for_in_messages(browser):
    found = one(browser, "shop.example", "Messages from “shop.example”")

    assert found["href"] == "/messages?sender=shop.example"


@pytest.mark.parametrize(
    ("words", "page"),
    [("mess", "Messages"), ("statist", "Insights"), ("home", "Live"), ("help", None)],
)
def test_a_page_is_found_by_its_name_and_by_what_it_is_for(ask, words, page):
    assert (page or "Keyboard shortcuts") in ask(words)["Pages"]


@pytest.mark.parametrize(
    "words",
    [HOSTILE, "\u202egnp", "x" * 10_000, "%", "'; drop", "\N{GRINNING FACE}", " "],
)
def test_whatever_is_typed_is_answered(browser, ask, words):
    ask(words)

    page = browser.get("/find", query_string={"q": words})
    assert page.status_code == 200
    assert HOSTILE not in page.get_data(as_text=True)


def test_without_a_script_the_page_leads_and_acts_by_itself(browser, add):
    number = add("ada@example.org")

    text = browser.get("/find?q=ada").get_data(as_text=True)

    assert f'href="/accounts/{number}"' in text
    assert f'<form method="post" action="/accounts/{number}/pause">' in text
    assert "Use the dark theme" not in browser.get("/find").get_data(as_text=True)


def test_an_account_that_is_being_set_up_is_gone_on_with(ask, add, sessions):
    number = add("ada@example.org")
    with transaction(sessions) as session:
        pause_account(session, number, reason=SETTING_UP, now=NOW)

    assert ask("ada")["Do"] == ["Go on setting up ada@example.org"]


def test_who_reads_german_may_type_either_language(browser, add):
    add("ada@example.org")
    browser.set_cookie("language", "de")

    for words in ("pause ada", "ada anhalten"):
        assert ask_texts(browser, words)[0] == "ada@example.org anhalten"
    assert "Nachrichten" in ask_texts(browser, "messages")


def test_letters_that_begin_a_verb_find_accounts_too(ask, add):
    add("steve@example.org")

    assert ask("st")["Accounts"] == ask("ste")["Accounts"] == ["steve@example.org"]
    assert ask("sta").get("Accounts") is None
