import html
import io
import re

import pytest

from mailbeat.db.audit import newest_entries
from mailbeat.db.rules import list_rules
from mailbeat.labeling.condition_form import read_condition

FORM = {
    "name": "Airlines",
    "category_id": "2",
    "field": ["domain", ""],
    "operator": ["is", "is"],
    "value": ["lufthansa.com", ""],
    "enabled": "yes",
}
FILE = (
    b"rules:\n- name: Airlines\n  if: {domain: lufthansa.com}\n  category: Receipts\n"
)


def text_of(response):
    return response.get_data(as_text=True)


@pytest.fixture
def kept(sessions):
    def kept():
        with sessions() as session:
            return list_rules(session)

    return kept


@pytest.fixture
def deeds(sessions):
    def deeds():
        with sessions() as session:
            found = [*reversed(newest_entries(session))]
            return [(e.action, e.target, e.detail) for e in found][1:]  # the sign-in

    return deeds


@pytest.fixture
def two(browser):
    browser.post("/rules", data=FORM)
    browser.post("/rules", data=FORM | {"name": "Banks", "category_id": "3"})


def test_a_rule_is_added_and_undone(browser, kept, deeds):
    response = browser.post("/rules", data=FORM)

    assert response.location == "/rules?done=rule-added&undo=1#r1"
    (rule,) = kept()
    assert (rule.name, rule.category, rule.enabled) == ("Airlines", "Receipts", True)
    assert rule.condition == read_condition({"domain": "lufthansa.com"})
    assert deeds() == [("rule.add", "rule 1", "Airlines")]
    text = text_of(browser.get("/rules?done=rule-added&undo=1"))
    assert 'action="/rules/1/remove" class="undo"' in text


@pytest.mark.parametrize(
    ("changed", "status", "why"),
    [
        ({"name": ""}, 422, "It must not be empty."),
        ({"category_id": ""}, 422, "Choose what such mail becomes."),
        ({"field": ["", ""]}, 422, "at least one line"),
        ({"value": ["", ""]}, 422, "It must not be empty."),
        ({"category_id": "77"}, 409, "There is no category 77."),
        ({"category_id": "x"}, 409, "There is no category 0."),
        ({"account_id": "77"}, 409, "There is no account 77."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(  # noqa: PLR0917 # fixtures
    browser, kept, deeds, changed, status, why
):
    response = browser.post("/rules", data=FORM | changed)

    assert response.status_code == status
    assert why in text_of(response)
    assert (kept(), deeds()) == ([], [])


def test_a_name_is_one_rules(browser, two, kept):
    response = browser.post("/rules/2", data=FORM)

    assert response.status_code == 409
    assert "Another rule is called" in text_of(response)
    assert kept()[1].name == "Banks"


def test_a_rule_is_changed(browser, two, kept, deeds):
    data = FORM | {"name": "Flights", "category_id": "0", "enabled": ""}

    response = browser.post("/rules/1", data=data)

    assert response.location == "/rules?done=rule-changed#r1"
    rule = kept()[0]
    assert (rule.name, rule.category_id, rule.enabled) == ("Flights", None, False)
    assert deeds()[-1] == ("rule.change", "rule 1", "Flights")
    assert browser.post("/rules/77", data=data).status_code == 404


def test_one_more_line_keeps_nothing(browser, kept):
    response = browser.post("/rules", data=FORM | {"do": "more"})

    assert text_of(response).count('name="field"') == 3
    assert kept() == []


def test_a_rule_is_tried_and_not_kept(browser, kept, add, decide):
    account_id = add()
    decide(account_id, sender="a@lufthansa.com", subject="Your flight", category_id=3)
    decide(account_id, sender="b@bank.example", category_id=2)

    page = browser.post("/rules", data=FORM | {"do": "preview"})
    json = browser.post(
        "/rules",
        data=FORM | {"do": "preview"},
        headers={"Accept": "application/json"},
    ).json

    said = "Would match 1 of the last 2 messages, and change 1 of them."
    assert said in text_of(page)
    assert "Your flight" in text_of(page)
    assert (json["said"], json["ok"]) == (said, True)
    assert json["items"][0]["sender"] == "a@lufthansa.com"
    assert kept() == []


def test_a_rule_that_is_none_is_not_tried(browser):
    data = FORM | {"do": "preview", "value": ["", ""]}

    page = browser.post("/rules", data=data)
    json = browser.post("/rules", data=data, headers={"Accept": "application/json"})

    assert page.status_code == 422
    assert json.json["ok"] is False
    assert "must not be empty" in json.json["said"]


def test_rules_are_moved_and_switched(browser, two, kept, deeds):
    browser.post("/rules/2/move", data={"to": "up"})
    browser.post("/rules/2/move", data={"to": "up"})
    browser.post("/rules/2/enable", data={"enabled": ""})

    assert [(one.name, one.enabled) for one in kept()] == [
        ("Banks", False),
        ("Airlines", True),
    ]
    assert [action for action, _, _ in deeds()][2:] == [
        *("rule.order", "rule.order", "rule.change"),
    ]
    for path in ("/rules/77/move", "/rules/77/enable", "/rules/77/remove"):
        assert browser.post(path).status_code == 404


def test_a_removed_rule_comes_back_as_it_was(browser, two, kept):
    before = kept()[0]

    page = text_of(browser.post("/rules/1/remove"))
    assert [one.name for one in kept()] == ["Banks"]
    rule = html.unescape(re.search(r'name="rule" value="([^"]+)"', page)[1])
    response = browser.post("/rules/restore", data={"rule": rule})

    again = kept()[0]
    assert response.location == f"/rules?done=rule-restored#r{again.id}"
    for name in ("name", "condition", "category_id", "enabled", "position"):
        assert getattr(again, name) == getattr(before, name)
    refused = browser.post("/rules/restore", data={"rule": rule})
    assert refused.status_code == 409
    assert "Another rule is called" in text_of(refused)


@pytest.mark.parametrize("rule", ["", "{}", "[]", '{"name": "x"}', "x" * 999])
def test_only_a_rule_is_restored(browser, kept, rule):
    assert browser.post("/rules/restore", data={"rule": rule}).status_code == 400
    assert kept() == []


def test_a_file_is_imported_as_text_and_as_a_file(browser, kept, deeds):
    browser.post("/rules/import", data={"text": FILE.decode(), "mode": "add"})
    upload = {"file": (io.BytesIO(FILE.replace(b"Airlines", b"Flights")), "r.yaml")}
    response = browser.post("/rules/import", data={"mode": "replace", **upload})

    assert response.location == "/rules?done=rules-imported"
    assert [one.name for one in kept()] == ["Flights"]
    assert deeds()[-1] == ("rule.import", "rules", "1 rules, replace")


def test_a_refused_file_tells_its_line_and_is_kept_in_the_form(browser, kept):
    wrong = FILE.decode().replace("Receipts", "<b>Nowhere")

    response = browser.post("/rules/import", data={"text": wrong})

    assert response.status_code == 422
    assert "Line 4: <bdi>There is no category" in text_of(response)
    assert "&lt;b&gt;Nowhere" in text_of(response)
    assert kept() == []


@pytest.mark.parametrize(
    ("by", "written"),
    [
        ("sender", {"sender": "orders@shop.example"}),
        ("domain", {"domain": "shop.example"}),
        ("list", {"list": "news.shop.example"}),
    ],
)
def test_always_so_makes_a_rule(  # noqa: PLR0917 # fixtures
    browser, add, decide, kept, by, written
):
    decide(add(), sender="orders@shop.example", list_id="news.shop.example")

    response = browser.post("/messages/1/always", data={"by": by, "category_id": "2"})

    assert response.location == "/messages/1?done=rule-made&undo=1"
    assert kept()[0].condition == read_condition(written)


def test_always_so_about_what_everybody_has_is_not_offered(browser, add, decide):
    decide(add(), sender="ada@gmail.com", sender_domain="gmail.com")
    decide(1, sender="ada@shop.example", sender_domain="shop.example")

    assert 'value="domain"' not in text_of(browser.get("/messages/1"))
    assert 'value="domain"' in text_of(browser.get("/messages/2"))


def test_always_so_without_a_choice_shows_the_form(browser, add, decide, kept):
    decide(add(), sender="orders@shop.example")

    assert browser.post("/messages/1/always", data={"by": "sender"}).status_code == 422
    for by in ("", "everything"):
        answer = browser.post("/messages/1/always", data={"by": by, "category_id": "2"})
        assert answer.status_code == 404
    assert kept() == []


def test_who_may_only_look_changes_no_rule(reader, two, kept):
    before = kept()
    paths = ("", "/1", "/1/move", "/1/enable", "/1/remove", "/restore", "/import")

    answers = [reader.post(f"/rules{path}", data=FORM) for path in paths]
    answers.append(reader.post("/rules/recommendations/x/dismiss"))
    answers.append(reader.post("/messages/1/always", data={"by": "sender"}))

    assert {one.status_code for one in answers} == {403}
    assert kept() == before
