"""Alive, able to serve, and how every part is."""

from datetime import timedelta

import pytest

from mailbeat.db.accounts import tick
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from webapp.parts import parts_of

from .conftest import KEY


@pytest.fixture
def live(app):
    yield parts_of(app).live
    parts_of(app).live.stop()


def test_anybody_may_ask_whether_it_lives(nobody):
    assert nobody.get("/healthz").json == {"status": "ok"}


def test_it_is_ready_when_the_database_answers(nobody):
    assert nobody.get("/readyz").status_code == 200


def test_without_a_database_it_is_not_ready(make_app, tmp_path):
    away = make_app(database_url=f"sqlite:///{tmp_path}/never-migrated.db")

    response = away.test_client().get("/readyz")

    assert response.status_code == 503


def test_health_needs_a_key(nobody):
    assert nobody.get("/api/health").status_code == 401


def test_health_tells_since_when_the_feed_is_down(admin, live):
    found = admin.get("/api/health").json

    assert found["status"] == "degraded"
    assert found["database"]["state"] == "up"
    assert found["feed"]["state"] == "down"
    assert found["feed"]["since"].endswith("Z")


def test_health_tells_how_many_events_were_refused(admin, live):
    live.receiver.take("no event")

    assert admin.get("/api/health").json["feed"]["refused"] == 1


@pytest.mark.parametrize(
    ("ago", "state"), [(timedelta(seconds=2), "up"), (timedelta(minutes=2), "silent")]
)
@pytest.mark.usefixtures("live")
def test_health_tells_when_beat_is_silent(admin, sessions, now, ago, state):
    with transaction(sessions) as session:
        tick(session, now=now - ago)

    assert admin.get("/api/health").json["beat"]["state"] == state


def test_a_process_whose_hub_died_is_not_alive(nobody, live):
    live.start()
    live.hub.stop(2)

    assert nobody.get("/healthz").status_code == 503


def test_beat_is_silent_by_the_clock_of_the_database(make_app, ahead_url, ahead):
    app = make_app(database_url=ahead_url)
    with transaction(ahead) as session:
        tick(session, now=database_now(session) - timedelta(minutes=20))

    answer = app.test_client().get("/api/health", headers={"X-API-Key": KEY})

    assert answer.json["beat"]["state"] == "silent"
    parts_of(app).live.stop()


@pytest.mark.usefixtures("live")
def test_health_names_every_part_and_what_to_do(admin):
    found = {one["name"]: one for one in admin.get("/api/health").json["parts"]}

    assert list(found) == [
        "database",
        "broker",
        "beat",
        "workers",
        "queue",
        "llm",
        "mail out",
        "webhook",
        "apprise",
        "disk",
    ]
    assert found["database"]["state"] == "up"
    assert found["broker"]["state"] == "down"
    assert found["broker"]["advice"] == "Start it, or correct REDIS_URL or BROKER_URL."


def test_without_a_database_the_rest_is_unknown(make_app, tmp_path):
    away = make_app(database_url=f"sqlite:///{tmp_path}/never-migrated.db")

    answer = away.test_client().get("/api/health", headers={"X-API-Key": KEY}).json
    parts_of(away).live.stop()

    states = {one["name"]: one["state"] for one in answer["parts"]}
    assert (states["database"], states["workers"]) == ("down", "unknown")
    assert answer["status"] == "degraded"
