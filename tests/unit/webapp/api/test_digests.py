"""Digests over the API."""

from datetime import timedelta

import pytest

from mailbeat.db import audit, digests, outbox
from mailbeat.db.session import transaction
from tests.unit.webapp.conftest import admin_of

ROOT = "/api/digests"
ADA = {
    "address": "ada@example.org",
    "frequency": "daily",
    "hour": 7,
    "zone": "Europe/Berlin",
    "account_id": None,
}


@pytest.fixture
def made(admin):
    return admin.post(ROOT, json=ADA).json


def test_one_is_made_shown_changed_and_removed(admin, add, sessions):
    account_id = add()
    made = admin.post(ROOT, json={"address": "ada@example.org", "frequency": "daily"})
    place = made.headers["Location"]

    assert made.status_code == 201
    assert place == f"{ROOT}/{made.json['id']}"
    assert admin.get(place).json == made.json
    assert admin.get(ROOT).json == {"items": [made.json], "next_cursor": None}

    changed = admin.put(
        place, json=ADA | {"account_id": account_id, "language": "de"}
    ).json
    assert (changed["zone"], changed["account_id"]) == ("Europe/Berlin", account_id)
    assert changed["language"] == "de"
    assert admin.get(place).json == changed

    assert admin.delete(place).status_code == 204
    assert admin.get(place).status_code == 404
    with sessions() as session:
        actions = [one.action for one in audit.newest_entries(session)]
    assert actions[:3] == ["digest.remove", "digest.change", "digest.add"]


def test_what_is_due_stays_due_when_another_gets_it(admin, made, sessions, now):
    with transaction(sessions) as session:
        one = digests.known_subscription(session, made["id"])
        one.next_at = due = now - timedelta(minutes=1)

    admin.put(f"{ROOT}/{made['id']}", json=ADA | {"address": "bob@example.org"})
    with sessions() as session:
        assert digests.known_subscription(session, made["id"]).next_at == due

    admin.put(f"{ROOT}/{made['id']}", json=ADA | {"hour": 8})
    with sessions() as session:
        assert digests.known_subscription(session, made["id"]).next_at > now


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"account_id": 99}, 409),
        ({"address": "nobody"}, 422),
        ({"frequency": "hourly"}, 422),
    ],
)
def test_what_cannot_be_is_refused(admin, made, change, status):
    assert admin.post(ROOT, json=ADA | change).status_code == status
    assert admin.put(f"{ROOT}/{made['id']}", json=ADA | change).status_code == status
    assert len(admin.get(ROOT).json["items"]) == 1


def test_there_is_an_end_to_how_many(admin, made, monkeypatch):
    monkeypatch.setattr(digests, "MOST", 1)

    refused = admin.post(ROOT, json=ADA)

    assert (refused.status_code, refused.json["code"]) == (409, "too_many")


def test_a_letter_is_shown_without_the_link_that_ends_it(make_app):
    admin = admin_of(make_app(public_url="https://mail.example.org"))
    made = admin.post(ROOT, json=ADA).json

    shown = admin.get(f"{ROOT}/{made['id']}/preview").json

    assert shown["title"] == "Mailbeat: 0 messages labelled"
    assert "https://mail.example.org" in shown["text"]
    assert "unsubscribe" not in shown["text"] + shown["html"]


def test_without_a_mail_server_none_is_sent(admin, made):
    refused = admin.post(f"{ROOT}/{made['id']}/send")

    assert (refused.status_code, refused.json["code"]) == (409, "no_way_out")


def test_one_is_put_on_its_way_at_once(make_app, sessions):
    admin = admin_of(make_app(smtp_url="smtp://127.0.0.1:1"))
    made = admin.post(ROOT, json=ADA).json

    sent = admin.post(f"{ROOT}/{made['id']}/send")

    assert sent.status_code == 202
    with sessions() as session:
        (delivery,) = outbox.deliveries_of(session, sent.json["message_id"])
    assert (delivery.channel, delivery.state) == (f"digest-{made['id']}", "waiting")


@pytest.mark.parametrize("scope", ["read", "control"])
def test_only_an_admin_sees_addresses(with_scope, made, scope):
    client = with_scope(scope)

    for path in ("", f"/{made['id']}", f"/{made['id']}/preview"):
        assert client.get(ROOT + path).status_code == 403
    assert client.post(f"{ROOT}/{made['id']}/send").status_code == 403


@pytest.mark.parametrize("ask", ["get", "delete"])
def test_one_that_is_not_there_is_not_found(admin, ask):
    assert getattr(admin, ask)(f"{ROOT}/99").status_code == 404
    assert admin.put(f"{ROOT}/99", json=ADA).status_code == 404
    assert admin.post(f"{ROOT}/99/send").status_code == 404
    assert admin.get(f"{ROOT}/99/preview").status_code == 404
