"""The rest of a set-up: the connection is tried, mail is looked at, then it starts."""

from datetime import UTC, datetime
from itertools import count
from threading import BoundedSemaphore

import pytest
from sqlalchemy import select

from mailbeat.db.accounts import (
    SETTING_UP,
    claim_due,
    find_account,
    list_accounts,
    pause_account,
    pause_everything,
    set_password,
)
from mailbeat.db.clock import database_now
from mailbeat.db.models import AuditEntry, MessageRow
from mailbeat.db.session import transaction
from tests.factories import make_raw
from tests.servers.rude_imap import rude_imap
from tests.unit.webapp.conftest import KEY

NUMBERS = count(1)
PAGES = ("", "/look")
POSTS = ("", "/start", "/remove")


@pytest.fixture
def app(make_app):
    return make_app(imap_allowed_networks="127.0.0.0/8")


@pytest.fixture
def browser(app):
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert client.post("/login", data={"key": KEY}).status_code == 303
    return client


def set_up_at(browser, login, **changes):
    """Go through the first steps; returns the address of the third."""
    form = {
        "email_address": "ada@example.org",
        "password": login.password,
        "host": login.host,
        "port": str(login.port),
        "security": str(login.security),
        "username": login.username,
    }
    return browser.post("/accounts", data=form | changes).location


@pytest.fixture
def mine(browser, imap_server):
    """An account whose set-up is not finished, at a real server."""
    address = f"setup-{next(NUMBERS)}@example.org"
    imap_server.add_user(address)
    imap_server.append(address, *map(make_raw, range(3)))
    where = set_up_at(browser, imap_server.login(address), email_address=address)
    return address, where


def only(sessions):
    with sessions() as session:
        (found,) = list_accounts(session)
        assert found.password is not None
        return found


def due(sessions):
    with transaction(sessions) as session:
        now = database_now(session)
        return claim_due(session, now=now, default_interval=300)


def actions(sessions):
    with sessions() as session:
        return session.scalars(select(AuditEntry.action)).all()


def test_the_connection_is_tried_and_told_step_by_step(browser, mine):
    _, where = mine

    response = browser.get(where)

    assert response.headers["X-Accel-Buffering"] == "no"
    steps = ("Calling 127.0.0.1", "Signed in as", "is there", "kept as keywords")
    places = [response.text.index(step) for step in steps]
    assert places == sorted(places)
    assert f'href="{where}/look"' in response.text


def test_a_page_is_sent_while_the_connection_is_tried(browser):
    with rude_imap({"SELECT": b""}) as server:
        where = set_up_at(browser, server.login())
        response = browser.get(where, buffered=False)
        pieces = response.iter_encoded()
        seen = ""
        while "Opening the mailbox" not in seen:
            seen += next(pieces).decode()
        response.close()

    assert "Signed in as ada" in seen
    assert "</html>" not in seen


def test_a_wrong_password_comes_back_to_its_field(browser, mine, sessions):
    _, where = mine
    browser.post(where, data={"password": "wrong and secret"})

    page = browser.get(where).text
    assert "refused the password" in page
    assert "wrong and secret" not in page
    assert "/look" not in page

    again = browser.post(where, data={"password": "a password"})
    assert again.location == where
    assert "/look" in browser.get(where).text
    assert only(sessions).pause_reason == SETTING_UP


def test_what_is_wrong_in_the_form_is_said_at_its_field(browser, mine, sessions):
    before = only(sessions)

    response = browser.post(mine[1], data={"port": "many", "host": "a b"})

    assert response.status_code == 422
    assert "A whole number from 1 to 65535." in response.text
    assert "A name like imap.example.org" in response.text
    assert "Calling" not in response.text, "what is wrong is mended first"
    assert (only(sessions).host, only(sessions).port) == (before.host, before.port)


def test_what_is_left_empty_stays(browser, mine, sessions):
    browser.post(mine[1], data={"mailbox": "Nowhere", "password": "", "host": ""})

    assert only(sessions).mailbox == "Nowhere"
    assert only(sessions).password == "a password"
    assert "another one below" in browser.get(mine[1]).text


def test_the_first_look_shows_what_would_be_done_and_does_nothing(
    browser, mine, sessions, imap_server
):
    address, where = mine
    before = imap_server.flags(address)

    page = browser.get(f"{where}/look").text

    assert page.count("<tr>") == 4
    assert "keywords are called" in page
    assert "Receipts" in page
    assert imap_server.flags(address) == before
    with sessions() as session:
        assert session.scalars(select(MessageRow)).all() == []


def test_a_look_that_fails_says_why_and_leads_back(browser, mine, sessions):
    with transaction(sessions) as session:
        set_password(session, 1, "wrong", now=datetime.now(UTC))

    page = browser.get(f"{mine[1]}/look").text

    assert "The mailbox was not read" in page
    assert f'action="{mine[1]}/start"' not in page


def test_an_unfinished_set_up_never_runs(browser, mine, sessions):
    browser.get(mine[1])
    browser.get(f"{mine[1]}/look")
    with transaction(sessions) as session:
        set_password(session, 1, "a password", now=datetime.now(UTC))
        pause_account(session, 1, now=datetime.now(UTC))
    resumed = browser.post("/accounts/1/resume")

    assert resumed.location == "/accounts/1/set-up"
    assert only(sessions).pause_reason == SETTING_UP
    assert due(sessions) == []


def test_start_lets_it_run_at_once(browser, mine, sessions):
    form = {"look_back_hours": "168", "interval_seconds": "900", "label_prefix": "Beat"}

    response = browser.post(f"{mine[1]}/start", data=form | {"moves_mail": "yes"})

    started = only(sessions)
    assert response.location == f"/runs/{started.wanted_run_id}?done=started"
    page = browser.get(response.location).text
    assert "The account is set up. This is its first run." in page
    assert "Waiting for a worker" in page
    assert (started.look_back_hours, started.interval_seconds) == (168, 900)
    assert (started.label_prefix, started.moves_mail) == ("Beat", True)
    assert started.paused_at is None
    (run,) = due(sessions)
    assert run.run_id == started.wanted_run_id
    assert "account.start" in actions(sessions)


def test_start_twice_is_start_once(browser, mine, sessions):
    browser.post(f"{mine[1]}/start")
    before = only(sessions)

    again = browser.post(f"{mine[1]}/start", data={"interval_seconds": "60"})

    assert again.location == "/accounts/1"
    assert only(sessions).wanted_run_id == before.wanted_run_id
    assert only(sessions).interval_seconds is None


def test_start_while_everything_is_paused_waits_for_that(browser, mine, sessions):
    with transaction(sessions) as session:
        pause_everything(session, now=datetime.now(UTC))

    response = browser.post(f"{mine[1]}/start")

    assert response.location == "/accounts/1?done=started-paused"
    assert only(sessions).paused_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("look_back_hours", "9999"),
        ("look_back_hours", "x"),
        ("interval_seconds", "1"),
        ("label_prefix", "x" * 65),
        ("label_prefix", "a\nb"),
    ],
)
def test_what_cannot_be_started_with_is_said(browser, mine, sessions, field, value):
    response = browser.post(f"{mine[1]}/start", data={field: value})

    assert response.status_code == 422
    assert "How it shall go on" in response.text
    assert only(sessions).pause_reason == SETTING_UP


def test_a_set_up_is_thrown_away(browser, mine, sessions):
    response = browser.post(f"{mine[1]}/remove")

    assert response.location == "/accounts?done=removed"
    with sessions() as session:
        assert list_accounts(session) == []
    assert "account.remove" in actions(sessions)


def test_an_unfinished_set_up_is_shown_and_can_be_gone_on_with(browser, mine):
    for path in ("/accounts", "/accounts/1"):
        page = browser.get(path).text
        assert "not finished" in page
        assert f'href="{mine[1]}"' in page


def test_what_is_set_up_has_no_set_up_any_more(browser, add, sessions):
    account_id = add()

    for end in PAGES:
        response = browser.get(f"/accounts/{account_id}/set-up{end}")
        assert response.location == f"/accounts/{account_id}"
    for end in POSTS:
        response = browser.post(f"/accounts/{account_id}/set-up{end}")
        assert response.location == f"/accounts/{account_id}"
    with sessions() as session:
        assert find_account(session, account_id).host == "imap.example.org"


def test_what_is_not_there_is_not_found(browser):
    assert [browser.get(f"/accounts/9/set-up{end}").status_code for end in PAGES] == [
        404,
        404,
    ]


def test_too_many_at_once_are_told_to_wait(browser, mine, monkeypatch):
    monkeypatch.setattr("webapp.verify._verifying", BoundedSemaphore(1))
    with rude_imap({"SELECT": b""}) as server:
        browser.post(mine[1], data={"port": str(server.login().port)})
        waiting = browser.get(mine[1], buffered=False)

        for end in PAGES:
            response = browser.get(f"{mine[1]}{end}")
            assert response.status_code == 429
            assert "Others are waiting" in response.text
        waiting.close()


@pytest.mark.parametrize("scope", ["read", "control"])
def test_it_is_for_those_who_may_add_accounts(mine, with_scope, scope):
    client = with_scope(scope)

    for end in PAGES:
        assert client.get(f"{mine[1]}{end}").status_code == 403
    for end in POSTS:
        assert client.post(f"{mine[1]}{end}").status_code == 403


def test_what_a_mail_says_is_text(browser, mine, imap_server):
    odd = make_raw(9, subject="<img src=x onerror=alert(1)>")
    imap_server.append(mine[0], odd)

    page = browser.get(f"{mine[1]}/look").text

    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
