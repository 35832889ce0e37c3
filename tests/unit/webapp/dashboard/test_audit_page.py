import re

import pytest

from mailbeat.db import audit
from mailbeat.db.api_keys import Scope, issue_key
from mailbeat.db.session import transaction

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


@pytest.fixture
def note(sessions, now):
    def note(actor="cli", action="account.pause", target="account 1", detail=""):
        with transaction(sessions) as session:
            audit.record(session, actor, action, target, detail, now=now)

    return note


def shown(client, **asked):
    return client.get("/settings/audit", query_string=asked).get_data(as_text=True)


def rows(text):
    return len(re.findall(r"<tr><td", text))


def test_a_key_is_shown_by_its_name(browser, sessions, now, note):
    with transaction(sessions) as session:
        key, _ = issue_key(session, name="Grafana", scope=Scope.READ, now=now)
        key_id = key.key_id
    note(key_id)

    text = shown(browser)

    assert "<bdi>Grafana</bdi>" in text
    assert "<bdi>MAILBEAT_API_KEY</bdi>" in text  # who signed in


def test_filters_leave_only_what_was_asked_for(browser, note):
    note()
    note("worker", "account.pause", "account 2", "auth_failed")

    text = shown(browser, actor="worker", action="account.pause", target="account 2")

    assert rows(text) == 1
    assert "auth_failed" in text
    assert '<option value="worker" selected>' in text
    assert rows(shown(browser, actor="", action="", target="")) == 3


def test_a_filter_without_a_match_says_so_and_keeps_the_choice(browser):
    text = shown(browser, action="gone.action", time="24h")

    assert "No entry like that" in text
    assert '<option value="gone.action" selected>' in text


def test_a_time_that_is_none_of_ours_is_no_filter(browser, note):
    note()

    assert rows(shown(browser, time="9999d")) == 2


def test_the_next_page_keeps_the_filter(browser, note):
    for number in range(60):
        note(target=f"account {number}")
        note("worker")

    first = shown(browser, actor="cli")
    (older,) = re.findall(r'rel="next" href="([^"]*)"', first)
    second = browser.get(older.replace("&amp;", "&")).get_data(as_text=True)

    assert (rows(first), rows(second)) == (50, 10)
    assert "actor=cli" in older


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 40])
def test_a_cursor_that_is_none_of_ours_is_refused(browser, cursor):
    response = browser.get("/settings/audit", query_string={"cursor": cursor})

    assert response.status_code == 400


def test_hostile_text_is_text(browser, note):
    note(HOSTILE, HOSTILE, HOSTILE, HOSTILE)

    text = shown(browser, target=HOSTILE)

    assert "<img" not in text
    assert rows(text) == 1


def test_who_is_no_admin_sees_nobodys_deeds(reader, note):
    note()

    text = shown(reader)

    assert "Not for this key to see" in text
    assert "account.pause" not in text
