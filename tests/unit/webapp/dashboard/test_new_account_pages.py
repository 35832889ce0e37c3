"""The first two steps of a set-up: an address, and what opens its mailbox."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from mailbeat.db.accounts import SETTING_UP, find_account, list_accounts
from mailbeat.db.models import AuditEntry
from mailbeat.mail.mailbox import Security
from mailbeat.mail.providers import Server
from webapp.errors import Problem
from webapp.parts import parts_of, put_parts

ADA = {"email_address": "ada@example.org", "password": "secret word"}


def account(sessions, ref):
    with sessions() as session:
        found = find_account(session, ref)
        assert found.password is not None
        return found


def audited(sessions):
    with sessions() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    return [one for one in actions if one.startswith("account")]


def find(browser, address="ada@example.org"):
    return browser.post("/accounts/new", data={"email_address": address})


def finding(app, server):
    """Let each address be found at a server."""
    put_parts(app, replace(parts_of(app), find_server=lambda _address: server))


def test_an_empty_installation_leads_to_the_set_up(browser):
    for path in ("/", "/accounts"):
        assert 'href="/accounts/new"' in browser.get(path).text


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ada@gmail.com", "gmail.com belongs to Google."),
        ("ada@gmail.com", "Google wants an app password"),
        ("ada@outlook.com", "Microsoft wants you to sign in there"),
        ("ada@outlook.com", "MICROSOFT_CLIENT_ID"),
        ("ada@gmx.de", "GMX wants the mailbox's password"),
        ("ada@example.org", "imap.example.org is where example.org seems to have"),
        ("ada@nowhere.example", "and found none"),
    ],
)
def test_an_address_leads_to_what_its_provider_wants(browser, address, told):
    response = find(browser, f" {address} ")

    assert response.location == "/accounts/new/sign-in"
    assert address not in response.headers["Set-Cookie"]
    page = browser.get(response.location).text
    assert told in page
    assert address in page


def test_who_takes_the_mail_in_is_told(app, browser):
    finding(app, Server("imap.gmail.com", 993, Security.TLS))
    find(browser, "ada@own.example")

    page = browser.get("/accounts/new/sign-in").text

    assert "Google takes in the mail of own.example." in page
    assert 'rel="noreferrer"' in page


def test_what_a_domain_says_of_itself_is_told(app, browser):
    finding(app, Server("mail.host.example", 1993, Security.TLS))
    find(browser, "ada@own.example")

    page = browser.get("/accounts/new/sign-in").text

    assert "own.example names mail.host.example for mail programs." in page
    assert "mail.host.example:1993" in page


@pytest.mark.parametrize("address", ["", "ada", "ada@localhost", "a\nda@example.org"])
def test_what_is_no_address_comes_back(browser, address):
    response = find(browser, address)

    assert response.status_code == 422
    assert "That is not an address" in response.text


def test_an_address_that_is_there_leads_to_its_account(browser, add):
    account_id = add()

    response = find(browser, "ADA@example.org")

    assert response.status_code == 409
    assert f'href="/accounts/{account_id}"' in response.text


def test_an_address_that_is_still_set_up_leads_on(browser):
    browser.post("/accounts", data=ADA)

    assert find(browser).location == "/accounts/1/set-up"


def test_too_many_that_look_for_servers_are_told_to_wait(app, browser):
    def busy(_address):
        raise Problem(429, "busy", "Others are waiting.")

    put_parts(app, replace(parts_of(app), find_server=busy))

    response = find(browser, "ada@example.org")
    stored = browser.post("/accounts", data=ADA)

    assert response.status_code == stored.status_code == 429
    assert "Others are waiting." in response.text
    assert "Others are waiting." in stored.text
    assert 'value="ada@example.org"' in response.text


def test_the_second_step_without_the_first_leads_back(browser):
    assert browser.get("/accounts/new/sign-in").location == "/accounts/new"


def test_an_account_is_stored_and_waits(browser, sessions):
    find(browser)

    response = browser.post("/accounts", data=ADA)

    assert response.location == "/accounts/1/set-up"
    stored = account(sessions, 1)
    assert (stored.host, stored.port) == ("imap.example.org", 993)
    assert stored.password == "secret word"
    assert stored.paused_at is not None
    assert stored.pause_reason == SETTING_UP
    assert audited(sessions) == ["account.add"]


def test_what_was_found_is_kept_unless_another_server_is_typed(app, browser, sessions):
    finding(app, Server("mail.host.example", 1993, Security.TLS))
    find(browser)
    finding(app, None)

    browser.post("/accounts", data=ADA | {"host": "mail.host.example"})
    assert account(sessions, 1).port == 1993

    browser.post("/accounts", data=ADA | {"host": "other.example"})
    assert (account(sessions, 1).host, account(sessions, 1).port) == (
        "other.example",
        993,
    )


def test_a_form_that_is_sent_twice_makes_one_account(browser, sessions):
    first = browser.post("/accounts", data=ADA)
    again = browser.post("/accounts", data=ADA | {"password": "another"})

    assert first.location == again.location
    with sessions() as session:
        assert len(list_accounts(session)) == 1
    assert account(sessions, 1).password == "another"
    assert account(sessions, 1).pause_reason == SETTING_UP
    assert audited(sessions) == ["account.add", "account.change"]


def test_who_goes_back_finds_the_address_again(browser):
    find(browser)
    browser.post("/accounts", data=ADA)

    assert "ada@example.org" in browser.get("/accounts/new/sign-in").text


def test_an_account_that_runs_is_not_changed_by_it(browser, sessions, add):
    account_id = add()

    response = browser.post("/accounts", data=ADA | {"host": "evil.example"})

    assert response.status_code == 409
    assert "is there already" in response.text
    assert account(sessions, account_id).password == "never shown"
    assert account(sessions, account_id).host == "imap.example.org"


@pytest.mark.parametrize("path", ["/accounts/new", "/accounts/new/sign-in"])
def test_it_is_for_those_who_may_add_accounts(reader, path):
    assert reader.get(path).status_code == 403
    assert reader.post("/accounts/new", data=ADA).status_code == 403


def test_a_password_is_on_no_page_and_in_no_address(browser):
    find(browser)
    wrong = browser.post("/accounts", data=ADA | {"port": "x"})
    stored = browser.post("/accounts", data=ADA)

    assert wrong.status_code == 422
    assert "secret word" not in wrong.text
    assert "secret" not in str(stored.headers)


@pytest.mark.parametrize("name", ["<img src=x>@example.org", "\u202eada@example.org"])
def test_an_odd_address_is_text(browser, name):
    response = find(browser, name)

    assert "<img src=x>" not in response.text
