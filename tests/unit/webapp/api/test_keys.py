"""Keys over the API: issued once, listed without their secret, revoked."""

import pytest

from mailbeat.db import audit

ROOT = "/api/keys"
STATUS = "/api/processing/current-status"


def test_an_issued_key_opens_and_is_shown_once(admin, nobody):
    issued = admin.post(ROOT, json={"name": "CI", "scope": "read"})
    (listed,) = admin.get(ROOT).json["items"]

    assert issued.status_code == 201
    headers = {"X-API-Key": issued.json["key"]}
    assert nobody.get(STATUS, headers=headers).status_code == 200
    assert listed["key_id"] == issued.json["key_id"]
    assert issued.json["key"].split("_", 2)[2] not in admin.get(ROOT).text


def test_a_revoked_key_opens_nothing(admin, nobody, sessions):
    issued = admin.post(ROOT, json={"name": "CI"}).json

    response = admin.delete(f"{ROOT}/{issued['key_id']}")

    assert response.status_code == 204
    assert nobody.get(STATUS, headers={"X-API-Key": issued["key"]}).status_code == 401
    assert admin.get(ROOT).json["items"][0]["revoked_at"]
    with sessions() as session:
        actions = [one.action for one in audit.newest_entries(session)]
    assert actions == ["key.revoke", "key.issue"]


def test_a_key_that_is_not_there_is_not_found(admin):
    assert admin.delete(f"{ROOT}/nothing").status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\nb"},
        {"name": "CI", "scope": "root"},
        {"name": "CI", "expires_at": 4102444800},
        {"name": "CI", "expires_at": "tomorrow"},
        {"name": "CI", "key_id": "mine"},
    ],
)
def test_odd_keys_are_not_issued(admin, sent):
    assert admin.post(ROOT, json=sent).status_code == 422
    assert admin.get(ROOT).json["items"] == []


def test_a_key_that_has_expired_already_is_not_issued(admin):
    sent = {"name": "CI", "expires_at": "2020-01-01T00:00:00Z"}

    response = admin.post(ROOT, json=sent)

    assert (response.status_code, response.json["code"]) == (409, "past")
    assert admin.get(ROOT).json["items"] == []
