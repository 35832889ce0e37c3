import re

import pytest
from sqlalchemy import select

from mailbeat.db.audit import newest_entries
from mailbeat.db.models import LearnedExample, MessageRow


@pytest.fixture
def category_of(sessions):
    def category_of(message_id):
        with sessions() as session:
            return session.get_one(MessageRow, message_id).category_id

    return category_of


@pytest.fixture
def examples(sessions):
    def examples():
        with sessions() as session:
            found = session.scalars(select(LearnedExample).order_by(LearnedExample.id))
            return [(one.category_id, one.is_negative) for one in found]

    return examples


@pytest.fixture
def deeds(sessions):
    def deeds():
        with sessions() as session:
            found = [*reversed(newest_entries(session))]
            return [(e.action, e.target, e.detail) for e in found][1:]  # the sign-in

    return deeds


@pytest.fixture
def mails(add, decide):
    account_id = add()
    for _ in range(3):
        decide(account_id, category_id=2)
    return account_id


def test_a_message_is_corrected_and_undone(
    browser, mails, category_of, examples, deeds
):
    back = "/messages?account_id=1&cursor=9&done=undone&undo=7"

    response = browser.post(
        "/messages/1/category", data={"category_id": "3", "back": back}
    )

    assert response.status_code == 303
    assert response.location == (
        "/messages?account_id=1&cursor=9&done=corrected&undo=1#m1"
    )
    assert category_of(1) == 3
    assert examples() == [(2, True), (3, False)]
    page = browser.get(response.location).get_data(as_text=True)
    action = re.search(r'action="(/corrections/undo[^"]+)" class="undo"', page)[1]
    undone = browser.post(action, data={"back": back})
    assert undone.location == "/messages?account_id=1&cursor=9&done=undone#m1"
    assert (category_of(1), examples()) == (2, [])
    assert deeds() == [
        ("message.correct", "message 1", "Finance"),
        ("message.undo", "message 1", "correction 1"),
    ]


def test_several_are_corrected_and_undone_together(browser, mails, category_of, deeds):
    data = {"id": ["1", "3", "77", "x"], "category_id": "0"}

    response = browser.post("/messages/corrections", data=data)

    assert [category_of(one) for one in (1, 2, 3)] == [None, 2, None]
    assert response.location == "/messages?done=corrected-many&undo=1,2"
    assert deeds() == [("message.correct", "3 messages", "no category")]
    browser.post("/corrections/undo?ids=1,2,99")
    assert [category_of(one) for one in (1, 2, 3)] == [2, 2, 2]


def test_nothing_ticked_changes_nothing(browser, mails, deeds):
    response = browser.post(
        "/messages/corrections", data={"category_id": "3"}, follow_redirects=True
    )

    assert "No message was ticked" in response.get_data(as_text=True)
    assert deeds() == []


def test_what_was_changed_again_is_not_undone_below_it(browser, mails, category_of):
    browser.post("/messages/1/category", data={"category_id": "3"})
    browser.post("/messages/1/category", data={"category_id": "4"})

    response = browser.post("/corrections/undo?ids=1", follow_redirects=True)

    assert "Undo the newest change first." in response.get_data(as_text=True)
    assert category_of(1) == 4


@pytest.mark.parametrize(
    ("message_id", "category_id", "status"),
    [(1, "", 400), (1, "x", 400), (1, "-1", 400), (1, "77", 404), (77, "3", 404)],
)
def test_what_cannot_be_is_not_stored(  # noqa: PLR0917 # fixtures
    browser, mails, deeds, message_id, category_id, status
):
    response = browser.post(
        f"/messages/{message_id}/category", data={"category_id": category_id}
    )

    assert response.status_code == status
    assert [deed for deed in deeds() if deed[1] == "message 1"] == []


@pytest.mark.parametrize("ids", ["", "x", "1,", "1," * 60 + "1", "9" * 12])
def test_what_names_no_corrections_is_not_found(browser, ids):
    assert browser.post(f"/corrections/undo?ids={ids}").status_code == 404


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example/", "/\\evil.example", ""]
)
def test_a_form_leads_back_to_our_own_pages_only(browser, mails, back):
    data = {"category_id": "3", "back": back}

    response = browser.post("/messages/1/category", data=data)

    assert response.location == "/messages?done=corrected&undo=1#m1"


def test_who_may_only_look_corrects_nothing(reader, mails, category_of):
    data = {"category_id": "3", "id": "1"}

    answers = [
        reader.post("/messages/1/category", data=data),
        reader.post("/messages/corrections", data=data),
        reader.post("/corrections/undo?ids=1"),
    ]

    assert {one.status_code for one in answers} == {403}
    assert category_of(1) == 2
