import re

import pytest

from mailbeat.db.category_changes import change_category, remove_category
from mailbeat.db.rules import NewRule, add_rule
from mailbeat.db.session import transaction
from mailbeat.labeling.condition_form import read_condition
from tests.unit.webapp.dashboard.conftest import HOSTILE

DOMAIN = {"domain": {"is": "lufthansa.com"}}
NESTED = {"any": [{"all": [{"list": True}, DOMAIN]}, {"list": False}]}


def text_of(response):
    return response.get_data(as_text=True)


@pytest.fixture
def keep(sessions, now):
    def keep(name="Airlines", written=DOMAIN, category_id=2, **more):
        with transaction(sessions) as session:
            new = NewRule(name, read_condition(written), category_id, **more)
            return add_rule(session, new, now=now).id

    return keep


def test_rules_are_listed_in_their_order_and_in_words(browser, keep):
    keep()
    keep("Rest", {"list": True}, None, is_catch_all=True, enabled=False)

    text = text_of(browser.get("/rules"))

    assert re.findall(r'<li id="r(\d+)"', text) == ["1", "2"]
    assert "Sender&#39;s domain is lufthansa.com" in text
    assert "It is from a list" in text
    assert "at the end</span>" in text
    assert ">off</span>" in text
    assert "No category</bdi>" in text


def test_how_large_a_file_may_be_is_told_before_it_is_sent(browser):
    text = browser.get("/rules").get_data(as_text=True)

    most = int(re.search(r'data-most="(\d+)"', text)[1])
    assert f"At most {most // 1024} KB" in text
    file = "rules: []\n#".ljust(most, "x")
    answer = browser.post("/rules/import", data={"text": file, "mode": "add"})
    assert answer.status_code != 413
    assert browser.post("/rules/import", data={"text": 2 * file}).status_code == 413


def test_a_rule_that_is_passed_over_says_why(browser, keep, sessions, now):
    keep()
    keep("Other", {"list": True}, 3)
    with transaction(sessions) as session:
        remove_category(session, 2, now=now)
        change_category(session, 3, {"enabled": False})

    for path in ("/rules", "/rules/1"):
        assert "Its category Receipts was removed." in text_of(browser.get(path))
    assert "Its category Finance is switched off." in text_of(browser.get("/rules"))


def test_without_rules_the_page_says_what_they_are_for(browser, reader):
    assert "No rule yet" in text_of(browser.get("/rules"))
    assert "/rules/new" not in text_of(reader.get("/rules"))


def test_the_form_of_a_rule_holds_what_it_is(browser, keep, add):
    keep(account_id=add(), is_catch_all=True)

    text = text_of(browser.get("/rules/1"))

    assert 'value="lufthansa.com"' in text
    assert '<option value="domain" selected>' in text
    assert '<option value="2" selected>Receipts</option>' in text
    assert '<option value="1" selected>ada@example.org</option>' in text
    assert re.search(r'name="catch_all" value="yes" checked', text)


def test_what_rows_cannot_say_is_shown_as_text(browser, keep):
    keep(written=NESTED)
    keep("Flat")

    assert "<textarea" in text_of(browser.get("/rules/1"))
    assert "<textarea" not in text_of(browser.get("/rules/2"))
    assert "domain:" in text_of(browser.get("/rules/2?as=text"))


def test_a_new_rule_may_begin_with_what_an_address_says(browser):
    path = "/rules/new?name=News&field=list&value=news.example&category_id=7"

    text = text_of(browser.get(path))

    assert 'value="news.example"' in text
    assert '<option value="list" selected>' in text
    assert '<option value="7" selected>Newsletters</option>' in text


def test_who_may_only_look_sees_rules_and_no_form(reader, keep):
    keep()

    text = text_of(reader.get("/rules"))

    assert "Airlines" in text
    for path in ("/rules", "/rules/1", "/rules/new"):
        assert re.findall(r'<form method="post" action="([^"]*)"', text) == ["/logout"]
        assert 'id="rule"' not in text_of(reader.get(path))


@pytest.mark.parametrize("odd", [HOSTILE, "עברית " * 8, "👩‍👩‍👧‍👦" * 8, "x" * 100])
def test_whatever_a_rule_says_it_is_shown_as_text(browser, keep, odd):
    keep(odd, {"subject": {"contains": odd}})

    for path in ("/rules", "/rules/1", "/rules/1?as=text"):
        response = browser.get(path)
        assert response.status_code == 200
        assert "<img" not in text_of(response)


@pytest.mark.parametrize("path", ["/rules/77", f"/rules/{2**31}", "/rules/x"])
def test_a_rule_that_is_not_there_is_a_page_too(browser, path):
    assert browser.get(path).status_code == 404


def test_what_is_worth_a_rule_is_proposed_until_it_is_dismissed(browser, add, decide):
    account_id = add()
    values = {"sender": "news@paper.example", "sender_domain": "paper.example"}
    for _ in range(12):
        decide(account_id, category_id=7, layer="you", **values)

    text = text_of(browser.get("/rules"))
    found = re.search(r'action="(/rules/recommendations/[^"]+/dismiss)"', text)
    assert "Worth a rule?" in text
    assert "paper.example" in text

    said = browser.post(found[1], follow_redirects=True)
    assert "It is not proposed again." in text_of(said)
    assert found[1] not in text_of(said)
    wrong = browser.post("/rules/recommendations/none/dismiss")
    assert wrong.status_code == 404
