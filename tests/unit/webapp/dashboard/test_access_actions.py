import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mailbeat.db.api_keys import Scope, find_key, issue_key
from mailbeat.db.models import APIKey, AuditEntry, SignInSession
from mailbeat.db.session import transaction
from mailbeat.db.sign_in import start_session

HOSTILE = '"><img src=x onerror=alert(1)>\u202e'
FORM = {"name": "Grafana", "scope": "read", "valid": "90"}


@pytest.fixture
def enter(app, sessions, now):
    """Sign a browser in with a new key of a scope; returns it and the key's id."""

    def enter(scope=Scope.READ, *, text=None):
        key_id = None
        if text is None:
            with transaction(sessions) as session:
                key, text = issue_key(session, name="Eve", scope=scope, now=now)
                key_id = key.key_id
        client = app.test_client()
        client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        assert client.post("/login", data={"key": text}).status_code == 303
        return client, key_id or text.split("_")[1]

    return enter


def text_of(response):
    return response.get_data(as_text=True)


def audited(sessions):
    with sessions() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()))
        return [(one.action, one.target, one.detail) for one in rows]


def signed_in(sessions):
    with sessions() as session:
        return set(session.scalars(select(SignInSession.id)))


def is_in(client):
    return client.get("/settings").status_code == 200


def test_a_key_is_issued_and_shown_once(browser, sessions, now):
    response = browser.post("/settings/keys", data=FORM)

    (text,) = set(re.findall(r"mb_[0-9a-f]{12}_[\w-]{43}", text_of(response)))
    assert response.status_code == 201
    assert text not in text_of(browser.get("/settings"))
    with sessions() as session:
        key = find_key(session, text, now=now)
        days = (key.expires_at - key.created_at) / timedelta(days=1)
    assert (key.name, key.scope, days) == ("Grafana", "read", 90)
    assert audited(sessions)[0] == ("key.issue", f"key {key.key_id}", "read")


def test_a_key_without_an_end_is_issued(browser, sessions):
    browser.post("/settings/keys", data=FORM | {"valid": "", "scope": "admin"})

    with sessions() as session:
        key = session.scalars(select(APIKey)).one()
    assert (key.scope, key.expires_at) == ("admin", None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "  "}, "A name of 1 to 100 letters"),
        ({"name": "x" * 101}, "A name of 1 to 100 letters"),
        ({"name": "a\nb"}, "A name of 1 to 100 letters"),
        ({"scope": "root"}, "Choose what it may do."),
        ({"valid": "31"}, "Choose how long it is valid."),
        ({"valid": "-1"}, "Choose how long it is valid."),
    ],
)
def test_what_is_wrong_with_the_form_is_said_and_nothing_issued(
    browser, sessions, wrong, said
):
    response = browser.post("/settings/keys", data=FORM | wrong)

    assert response.status_code == 422
    assert said in text_of(response)
    with sessions() as session:
        assert session.scalars(select(APIKey)).all() == []


@pytest.mark.parametrize("missing", ["name", "scope", "valid"])
def test_a_form_that_lacks_a_field_is_no_fault_of_ours(browser, missing):
    form = {name: value for name, value in FORM.items() if name != missing}

    assert browser.post("/settings/keys", data=form).status_code == 422


def test_a_hostile_name_is_shown_as_text(browser):
    shown = text_of(browser.post("/settings/keys", data=FORM | {"name": HOSTILE}))

    assert "<img" not in shown
    assert "&lt;img src=x" in shown


def test_a_revoked_key_opens_nothing_and_its_browsers_are_out(browser, sessions, enter):
    other, key_id = enter()

    response = browser.post(f"/settings/keys/{key_id}/revoke", follow_redirects=True)

    assert "The key is revoked." in text_of(response)
    assert not is_in(other)
    assert is_in(browser)
    assert audited(sessions)[0] == ("key.revoke", f"key {key_id}", "")


def test_a_key_that_is_not_there_is_not_revoked(browser):
    assert browser.post("/settings/keys/none/revoke").status_code == 404


@pytest.mark.parametrize("scope", [Scope.READ, Scope.CONTROL])
@pytest.mark.parametrize("path", ["/settings/keys", "/settings/keys/x/revoke"])
def test_only_an_admin_issues_and_revokes(enter, sessions, scope, path):
    client, _ = enter(scope)

    assert client.post(path, data=FORM).status_code == 403
    with sessions() as session:
        assert len(session.scalars(select(APIKey)).all()) == 1


def test_one_ends_another_session_of_the_own_key(sessions, app, now, enter):
    with transaction(sessions) as session:
        _, text = issue_key(session, name="Eve", scope=Scope.READ, now=now)
    here, _ = enter(text=text)
    (mine,) = signed_in(sessions)
    there, _ = enter(text=text)
    (other,) = signed_in(sessions) - {mine}

    response = here.post(f"/settings/sessions/{other}/end", follow_redirects=True)

    assert "That browser is signed out." in text_of(response)
    assert not is_in(there)
    assert is_in(here)
    assert audited(sessions)[0] == ("session.end", f"session {other}", "")


def test_a_session_of_another_key_is_neither_seen_nor_ended(browser, sessions, enter):
    (admins,) = signed_in(sessions)
    reader, _ = enter()

    assert "MAILBEAT_API_KEY</bdi>" not in text_of(reader.get("/settings"))
    gone = reader.post(f"/settings/sessions/{admins}/end", follow_redirects=True)
    reader.post("/settings/sessions/end-others")

    assert "was signed out before" in text_of(gone)
    assert is_in(browser)
    assert is_in(reader)


def test_an_admin_sees_and_ends_all_others(browser, sessions, enter):
    others = [enter(Scope.READ)[0], enter(Scope.ADMIN)[0]]
    shown = text_of(browser.get("/settings"))

    browser.post("/settings/sessions/end-others")

    assert shown.count("Sign out browser") == 2
    assert shown.count(">This browser<") == 1
    assert [is_in(one) for one in [browser, *others]] == [True, False, False]
    assert audited(sessions)[0] == ("session.end", "other sessions", "2 sessions")


def test_who_ends_the_own_session_has_to_sign_in_again(browser, sessions):
    (mine,) = signed_in(sessions)

    response = browser.post(f"/settings/sessions/{mine}/end")

    assert response.location == "/login"
    assert not is_in(browser)


def test_a_session_that_is_over_is_not_listed(browser, sessions, now):
    with transaction(sessions) as session:
        start_session(
            session, key_id="bootstrap", scope="read", now=now - timedelta(days=3)
        )

    assert "Sign out browser" not in text_of(browser.get("/settings"))


@pytest.mark.parametrize("number", [0, 99, 2147483647])
def test_a_session_that_is_not_there_is_a_notice(browser, number):
    response = browser.post(f"/settings/sessions/{number}/end", follow_redirects=True)

    assert "was signed out before" in text_of(response)


@pytest.mark.parametrize(
    "path",
    [
        "/settings/keys",
        "/settings/keys/x/revoke",
        "/settings/sessions/1/end",
        "/settings/sessions/end-others",
    ],
)
def test_no_other_page_posts_these_forms(browser, sessions, path):
    before = signed_in(sessions)

    response = browser.post(path, data=FORM, headers={"Sec-Fetch-Site": "same-site"})

    assert response.status_code == 403
    assert signed_in(sessions) == before
