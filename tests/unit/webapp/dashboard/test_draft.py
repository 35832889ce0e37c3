import json

import pytest
from cryptography.fernet import Fernet
from flask import Response, g

from mailbeat.db.api_keys import Scope
from mailbeat.mail.mailbox import Security
from mailbeat.mail.providers import Server
from webapp.auth import Caller
from webapp.dashboard import draft
from webapp.dashboard.draft import COOKIE, Draft, forget, keep, kept

FOUND = Draft("ada@example.org", Server("imap.example.org", 993, Security.TLS))


@pytest.fixture
def asks(app):
    """Ask as one session, with a cookie."""

    def asks(cookie="", session_id=1, then=kept):
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        with app.test_request_context("/accounts/new", headers=headers):
            g.caller = Caller("bootstrap", Scope.ADMIN, session_id)
            return then()

    return asks


@pytest.fixture
def given(asks):
    """Give a draft to a browser, and return the header."""

    def give(one):
        response = Response()
        asks(then=lambda: keep(response, one))
        return response.headers["Set-Cookie"]

    return give


def value_of(header):
    return header.partition("=")[2].partition(";")[0]


@pytest.mark.parametrize("one", [FOUND, FOUND._replace(server=None)])
def test_what_a_browser_was_given_comes_back(asks, given, one):
    assert asks(value_of(given(one))) == one


def test_it_cannot_be_read_or_made_by_others(asks, given, secret_keys):
    header = given(FOUND)
    others = Fernet(Fernet.generate_key()).encrypt(json.dumps([]).encode()).decode()

    assert "example" not in header
    assert "HttpOnly" in header
    assert "SameSite=Strict" in header
    assert asks(others) is None
    assert asks("nonsense") is None
    assert asks() is None


def test_it_is_good_for_the_session_that_got_it(asks, given):
    assert asks(value_of(given(FOUND)), session_id=2) is None


def test_it_is_forgotten_after_an_hour(asks, given, monkeypatch):
    value = value_of(given(FOUND))
    monkeypatch.setattr(draft, "GOOD_FOR", -1)

    assert asks(value) is None


def test_it_can_be_taken_away(asks):
    response = Response()
    asks(then=lambda: forget(response))

    assert f"{COOKIE}=;" in response.headers["Set-Cookie"]
