"""Who is online, as far as it can be known."""

import pytest

from webapp.parts import parts_of


@pytest.fixture
def live(app):
    yield parts_of(app).live
    parts_of(app).live.stop()


def test_while_the_feed_is_down_nobody_knows(admin, live):
    assert admin.get("/api/workers").json == {
        "items": [],
        "next_cursor": None,
        "online": None,
    }


def test_those_that_were_heard_are_online(admin, live):
    live.receiver._hear()
    live.receiver.take({"type": "worker-heartbeat", "hostname": "celery@one"})
    live.start = lambda: None  # the receiver would fall deaf again at once

    found = admin.get("/api/workers").json

    assert (found["items"], found["online"]) == ([{"name": "celery@one"}], 1)
