"""Alerts over the API."""

from datetime import timedelta

import pytest

from mailbeat.alerts.rules import RULES
from mailbeat.db import alerts, audit
from mailbeat.db.session import transaction
from tests.factories import NOW

ROOT = "/api/alerts"
FOUND = alerts.Found("no_worker", "", "None was seen.")


@pytest.fixture
def opened(sessions):
    def opened(*found, now=NOW):
        with transaction(sessions) as session:
            alerts.write_down(session, found or (FOUND,), {}, now=now)
            return alerts.list_alerts(session)[0][0].id

    return opened


def test_what_is_open_says_what_to_do(admin, opened):
    opened()

    (one,) = admin.get(ROOT, query_string={"state": "open"}).json["items"]

    assert (one["rule"], one["state"]) == ("no_worker", "open")
    assert one["title"] == "No worker runs"
    assert one["todo"] == RULES["no_worker"].todo
    assert (one["count"], one["last_notified_at"], one["silenced"]) == (1, None, False)
    assert admin.get(ROOT, query_string={"state": "resolved"}).json["items"] == []
    assert admin.get(ROOT, query_string={"rule": "no_beat"}).json["items"] == []


def test_an_alert_is_acknowledged_once_and_that_is_written_down(
    admin, opened, sessions
):
    alert_id = opened()

    for _ in range(2):
        answer = admin.post(f"{ROOT}/{alert_id}/acknowledge")
        assert answer.json["acknowledged_by"] == "bootstrap"

    with sessions() as session:
        assert audit.newest_entries(session)[0].action == "alert.acknowledge"


def test_what_is_over_or_not_there_cannot_be_acknowledged(admin, opened, sessions):
    alert_id = opened()
    with transaction(sessions) as session:
        alerts.write_down(session, (), {}, now=NOW + timedelta(minutes=1))

    assert admin.post(f"{ROOT}/{alert_id}/acknowledge").status_code == 409
    assert admin.post(f"{ROOT}/99/acknowledge").status_code == 404


def test_a_silence_is_made_shown_and_ended(admin, opened):
    opened()
    new = {"rule": "no_worker", "subject": "", "minutes": 60}

    made = admin.post(f"{ROOT}/silences", json=new)

    assert made.status_code == 201
    assert admin.get(f"{ROOT}/silences").json["items"] == [made.json]
    assert admin.get(ROOT).json["items"][0]["silenced"]
    assert admin.delete(f"{ROOT}/silences/{made.json['id']}").status_code == 204
    assert admin.delete(f"{ROOT}/silences/{made.json['id']}").status_code == 404
    assert admin.get(f"{ROOT}/silences").json["items"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"rule": "no_such", "minutes": 5},
        {"rule": "no_beat", "minutes": 0},
        {"rule": "no_beat", "minutes": 10**9},
        {"rule": "no_beat", "minutes": 5, "subject": "a\r\nb"},
        {"rule": "no_beat"},
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(wrong, admin):
    assert admin.post(f"{ROOT}/silences", json=wrong).status_code == 422


def test_without_a_way_out_a_test_says_what_to_set(admin):
    answer = admin.post(f"{ROOT}/test")

    assert answer.status_code == 409
    assert "ALERT_TO" in answer.json["detail"]
    assert admin.get(f"{ROOT}/deliveries").json["items"] == []


def test_a_reader_may_look_and_nothing_else(with_scope, opened):
    alert_id = opened()
    reader = with_scope("read")

    for path in ("", "/silences", "/deliveries"):
        assert reader.get(ROOT + path).status_code == 200
    for path in (f"/{alert_id}/acknowledge", "/silences", "/test"):
        assert reader.post(ROOT + path, json={}).status_code == 403
