import re
from datetime import timedelta

import pytest

from mailbeat.db.category_changes import merge_category
from mailbeat.db.corrections import correct
from mailbeat.db.session import transaction
from mailbeat.labeling.categorizer import Opinion
from mailbeat.labeling.details import considered_as_text
from tests.unit.webapp.dashboard.conftest import HOSTILE
from webapp.dashboard import message_pages

ODD = (HOSTILE, "\u202emoc.live", "א" * 40, "👩‍👩‍👧‍👦" * 30, "x" * 255)


def text_of(response):
    return response.get_data(as_text=True)


def ids_in(response):
    return [int(one) for one in re.findall(r'<li id="m(\d+)"', text_of(response))]


@pytest.fixture
def mails(add, decide, now):
    ada, grace = add("ada@example.org"), add("grace@example.org")
    old = now - timedelta(days=3)
    decide(ada, category_id=2, sender="shop@a.example", sender_domain="a.example")
    decide(grace, category_id=3, layer="memory", decided_at=old)
    decide(ada, category_id=None, label=None, layer="none", suggested_id=2)
    decide(ada, category_id=None, label=None, layer="none")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [4, 3, 2, 1]),
        ("account_id=2", [2]),
        ("category_id=2", [1]),
        ("category_id=0", [4, 3]),
        ("category_id=77", []),
        ("layer=memory", [2]),
        ("state=unsure", [3]),
        ("state=corrected", []),
        ("time=24h", [4, 3, 1]),
        ("sender=a.example", [1]),
        ("sender=SHOP@a.example", [1]),
        ("layer=none&state=x&time=y&category_id=z&sender=", [4, 3]),
        ("sender=" + "x" * 9999, []),
    ],
)
def test_messages_are_found_by_what_is_asked(browser, mails, query, found):
    assert ids_in(browser.get(f"/messages?{query}")) == found


def test_corrected_messages_are_found(browser, mails, sessions, now):
    with transaction(sessions) as session:
        correct(session, 1, 3, source="api", actor="k", now=now)

    assert ids_in(browser.get("/messages?state=corrected")) == [1]
    assert ids_in(browser.get("/messages?layer=you")) == [1]


def test_messages_of_a_merged_category_are_found_with_the_other(
    browser, mails, sessions, now
):
    with transaction(sessions) as session:
        merge_category(session, 2, 3, now=now)

    assert ids_in(browser.get("/messages?category_id=3")) == [2, 1]


def test_older_messages_are_a_page_away_and_keep_the_filters(
    browser, mails, monkeypatch
):
    monkeypatch.setattr(message_pages, "ROWS", 1)

    first = browser.get("/messages?account_id=1")
    older = re.search(r'rel="next" href="([^"]+)"', text_of(first))
    second = browser.get(older[1].replace("&amp;", "&"))

    assert (ids_in(first), ids_in(second)) == ([4], [3])
    assert "account_id=1" in older[1]
    assert browser.get("/messages?cursor=x").status_code == 400


def test_a_decision_says_why_in_words(browser, mails):
    text = text_of(browser.get("/messages"))

    assert "The sender&#39;s domain sends receipts" in text
    assert "What you filed before: " in text
    assert 'aria-label="Yes, it is Receipts"' in text
    assert "Receipts?" in text


def test_who_may_only_look_sees_no_form_of_a_message(reader, mails):
    for path in ("/messages", "/messages/3"):
        assert "/category" not in text_of(reader.get(path))


def test_a_messages_page_tells_everything_and_no_text_of_it(browser, add, decide, ran):
    account_id = add()
    ran(account_id, messages=0)
    considered = considered_as_text([Opinion(3, 0.41, "learned", '"salary"')])
    decide(account_id, category_id=2, considered=considered, list_id="news.a.example")

    text = text_of(browser.get("/messages/1"))

    assert "93 % sure; Receipts is labelled from 75\xa0%." in text
    assert "&#34;salary&#34;" in text
    assert "news.a.example" in text
    assert "Nothing of its text is kept" in text
    assert 'href="/runs/run-1"' in text


def test_a_correction_is_in_the_history_until_it_is_undone(browser, mails):
    browser.post("/messages/1/category", data={"category_id": "3"})

    text = text_of(browser.get("/messages/1"))
    assert "You said so, so it is certain." in text
    assert "label follows in the next run" in text
    assert 'action="/corrections/undo?ids=1"' in text

    browser.post("/corrections/undo?ids=1")
    text = text_of(browser.get("/messages/1"))
    assert "undone</span>" in text
    assert "/corrections/undo" not in text


@pytest.mark.parametrize("odd", ODD)
def test_whatever_a_message_says_it_is_shown_as_text(browser, add, decide, odd):
    considered = considered_as_text([Opinion(3, 0.41, "learned", odd)])
    decide(
        add(), sender=odd, subject=odd, evidence=odd, list_id=odd, considered=considered
    )

    for path in ("/messages", "/messages/1"):
        response = browser.get(path)
        assert response.status_code == 200
        assert "<img" not in text_of(response)


@pytest.mark.parametrize("path", ["/messages/77", f"/messages/{2**31}", "/messages/x"])
def test_a_message_that_is_not_there_is_a_page_too(browser, path):
    assert browser.get(path).status_code == 404
