"""Accounts: added, changed, paused, verified, removed."""

import socket

import pytest
from werkzeug.exceptions import NotFound

from mailbeat.db import accounts, audit
from mailbeat.db.session import transaction
from webapp.api.accounts import _change

ROOT = "/api/accounts"
NEW = {"email_address": "ada@example.org", "password": "open sesame"}


@pytest.fixture
def account_of(sessions):
    def account_of(account_id):
        with sessions() as session:
            return accounts.find_account(session, account_id)

    return account_of


@pytest.fixture
def actions(sessions):
    """What was written down, the newest last."""

    def actions():
        with sessions() as session:
            return [one.action for one in reversed(audit.newest_entries(session))]

    return actions


def test_an_account_is_added_from_an_address_and_a_password(admin, account_of, actions):
    response = admin.post(ROOT, json=NEW)

    assert response.status_code == 201
    assert response.location == f"{ROOT}/{response.json['account_id']}"
    assert response.json["host"] == "imap.example.org"
    assert account_of(response.json["account_id"]).password == "open sesame"
    assert actions() == ["account.add"]


def test_a_server_that_is_not_found_has_to_be_sent(admin):
    sent = NEW | {"email_address": "ada@nowhere.example"}

    refused = admin.post(ROOT, json=sent)
    added = admin.post(ROOT, json=sent | {"host": "mail.nowhere.example"})

    assert (refused.status_code, refused.json["code"]) == (409, "server_unknown")
    assert "Send it as `host`" in refused.json["detail"]
    assert (added.status_code, added.json["host"]) == (201, "mail.nowhere.example")
    assert added.json["oauth_provider"] is None


def test_the_password_never_comes_back(admin, sessions):
    account_id = admin.post(ROOT, json=NEW).json["account_id"]

    for path in (ROOT, f"{ROOT}/{account_id}", "/api/processing/current-status"):
        assert "sesame" not in admin.get(path).text
    with sessions() as session:
        assert "sesame" not in str(
            [(one.target, one.detail) for one in audit.newest_entries(session)]
        )


def test_an_address_is_added_once(admin):
    admin.post(ROOT, json=NEW)

    response = admin.post(ROOT, json=NEW | {"email_address": "ADA@example.org"})

    assert (response.status_code, response.json["code"]) == (409, "exists")


def test_an_address_that_the_database_cannot_fold_is_added_once(admin):
    """SQLite's lower() knows ASCII only: it does not find what is there."""
    admin.post(ROOT, json=NEW | {"email_address": "Øda@example.org"})

    response = admin.post(ROOT, json=NEW | {"email_address": "øDA@example.org"})

    assert (response.status_code, response.json["code"]) == (409, "exists")


def test_accounts_are_listed_and_paged(admin, add):
    ids = [add(f"user{number}@example.org") for number in range(3)]

    first = admin.get(f"{ROOT}?limit=2").json
    rest = admin.get(f"{ROOT}?limit=2&cursor={first['next_cursor']}").json

    assert [one["account_id"] for one in first["items"] + rest["items"]] == ids


def test_accounts_are_found_by_text_and_by_state(admin, add, sessions, now):
    ids = [add(f"{name}@example.org") for name in ("ada", "bob", "ann")]
    with transaction(sessions) as session:
        accounts.pause_account(session, ids[0], now=now)
        accounts.pause_account(session, ids[1], now=now)

    found = admin.get(f"{ROOT}?q=AN&state=new").json
    page = admin.get(f"{ROOT}?state=paused&limit=1").json
    rest = admin.get(f"{ROOT}?state=paused&cursor={page['next_cursor']}").json

    assert [one["account_id"] for one in found["items"]] == [ids[2]]
    listed = [one["account_id"] for one in page["items"] + rest["items"]]
    assert listed == ids[:2]
    assert rest["next_cursor"] is None
    assert admin.get(f"{ROOT}?state=nonsense").status_code == 422


def test_how_far_a_first_run_looks_back_is_chosen(admin, add, account_of):
    account_id = add()
    where = f"{ROOT}/{account_id}"

    assert admin.get(where).json["look_back_hours"] is None
    assert (
        admin.patch(where, json={"look_back_hours": 72}).json["look_back_hours"] == 72
    )
    assert account_of(account_id).look_back_hours == 72
    admin.patch(where, json={"look_back_hours": None})
    assert account_of(account_id).look_back_hours is None
    for wrong in (0, 8761, "x", 1.5):
        assert admin.patch(where, json={"look_back_hours": wrong}).status_code == 422
    new = {
        "email_address": "new@example.org",
        "password": "p",
        "host": "h.example",
        "look_back_hours": 5,
    }
    assert admin.post(ROOT, json=new).json["look_back_hours"] == 5


def test_a_change_leaves_the_rest_as_it_is(admin, add, account_of, actions):
    account_id = add()

    response = admin.patch(f"{ROOT}/{account_id}", json={"interval_seconds": 60})

    assert response.json["interval_seconds"] == 60
    account = account_of(account_id)
    assert (account.host, account.password) == ("imap.example.org", "open sesame")
    assert actions() == ["account.change"]


def test_whether_the_mailbox_teaches_is_chosen(admin, add, account_of, actions):
    account_id = add()
    where = f"{ROOT}/{account_id}"
    assert admin.get(where).json["learns_from_mailbox"] is False

    response = admin.patch(where, json={"learns_from_mailbox": True})

    assert response.json["learns_from_mailbox"] is True
    assert account_of(account_id).learns_from_mailbox
    assert actions() == ["account.change"]
    assert admin.patch(where, json={"learns_from_mailbox": None}).status_code == 422


def test_whether_mail_is_moved_is_chosen(admin, add, account_of, actions):
    account_id = add()
    assert admin.get(f"{ROOT}/{account_id}").json["moves_mail"] is False

    response = admin.patch(f"{ROOT}/{account_id}", json={"moves_mail": True})

    assert response.json["moves_mail"] is True
    assert account_of(account_id).moves_mail
    assert actions() == ["account.change"]


def test_whether_a_model_is_asked_is_chosen(admin, add, account_of, actions):
    account_id = add()
    assert admin.get(f"{ROOT}/{account_id}").json["asks_llm"] is False

    response = admin.patch(f"{ROOT}/{account_id}", json={"asks_llm": True})

    assert response.json["asks_llm"] is True
    assert account_of(account_id).asks_llm
    assert actions() == ["account.change"]


@pytest.mark.parametrize("sent", [None, "yes", 1])
def test_odd_wishes_about_a_model_are_refused(admin, add, account_of, sent):
    account_id = add()

    response = admin.patch(f"{ROOT}/{account_id}", json={"asks_llm": sent})

    assert response.status_code == 422
    assert not account_of(account_id).asks_llm


def test_a_new_password_resumes_what_waited_for_one(admin, add, account_of, sessions):
    from mailbeat.db.session import transaction

    account_id = add()
    with transaction(sessions) as session:
        accounts.pause_account(
            session, account_id, reason="auth_failed", now=account_of(1).created_at
        )

    response = admin.patch(f"{ROOT}/{account_id}", json={"password": "new"})

    assert not response.json["paused"]
    assert account_of(account_id).password == "new"


def test_an_account_is_paused_and_resumed(admin, add, actions):
    account_id = add()

    assert admin.post(f"{ROOT}/{account_id}/pause").json["paused"]
    status = admin.get("/api/processing/current-status").json["accounts"][0]
    assert status["paused"]
    assert not admin.post(f"{ROOT}/{account_id}/resume").json["paused"]
    assert actions() == ["account.pause", "account.resume"]


def test_a_removed_account_is_gone(admin, add, actions):
    account_id = add()

    assert admin.delete(f"{ROOT}/{account_id}").status_code == 204

    assert admin.get(f"{ROOT}/{account_id}").status_code == 404
    assert admin.get("/api/processing/current-status").json["accounts"] == []
    assert actions() == ["account.remove"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/999"),
        ("PATCH", "/999"),
        ("DELETE", "/999"),
        ("POST", "/999/pause"),
        ("POST", "/999/resume"),
        ("POST", "/999/verify"),
        ("GET", "/99999999999999999999"),
        ("PATCH", "/2147483648"),
        ("DELETE", "/2147483648"),
        ("POST", "/2147483648/verify"),
        ("DELETE", "/-1"),
        ("GET", "/ada@example.org"),
    ],
)
def test_an_account_that_is_not_there_is_not_found(admin, method, path):
    response = admin.open(ROOT + path, method=method, json={})

    assert response.status_code == 404
    assert response.json["status"] == 404


def test_an_account_that_was_removed_a_moment_ago_is_not_found(app, now):
    with (
        app.app_context(),
        pytest.raises(NotFound),
        _change() as (session, _),
    ):
        accounts.pause_account(session, 999, now=now)


def test_verifying_tells_what_is_wrong(admin_with, add):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]  # bound and not listening: refused
        account_id = add(host="127.0.0.1", port=port)
        admin = admin_with(imap_allowed_networks="127.0.0.0/8")

        response = admin.post(f"{ROOT}/{account_id}/verify")

    assert response.status_code == 200
    assert response.json["ok"] is False
    assert response.json["error_code"] == "connect_failed"
    assert "sesame" not in response.text


def test_verifying_does_not_dial_private_networks_unless_allowed(admin, add):
    account_id = add(host="127.0.0.1")

    response = admin.post(f"{ROOT}/{account_id}/verify").json

    assert response["ok"] is False
    assert response["error_code"] == "connect_failed"


def test_only_a_few_verify_at_once(admin, add):
    from webapp import verify as module

    account_id = add(host="127.0.0.1")
    for _ in range(module.AT_ONCE):
        assert module._verifying.acquire(blocking=False)
    try:
        response = admin.post(f"{ROOT}/{account_id}/verify")
    finally:
        module._verifying.release(module.AT_ONCE)

    assert response.status_code == 429
    assert response.headers["Retry-After"]
