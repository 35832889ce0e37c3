"""Who is online, as far as it can be known, and what can be asked of them."""

from datetime import timedelta

import pytest

from mailbeat.db.audit import newest_entries
from mailbeat.db.models import Process
from mailbeat.db.processes import Kind, Who, say
from mailbeat.db.session import transaction
from webapp.parts import parts_of


@pytest.fixture
def live(app):
    yield parts_of(app).live
    parts_of(app).live.stop()


@pytest.fixture
def worker(sessions, now):
    """The id of a worker that lives."""
    return tell(sessions, now)


def tell(sessions, now, **how):
    who = Who(Kind.WORKER, "celery@one", "1", host="one", pid=7, version="0.1")
    with transaction(sessions) as session:
        say(session, who, {"size": 50, "can_resize": True}, now=now, **how)
        return session.query(Process.id).scalar()


def row(sessions):
    with sessions() as session:
        return session.query(Process).one()


def test_while_the_feed_is_down_nobody_knows(admin, live):
    assert admin.get("/api/workers").json == {
        "items": [],
        "next_cursor": None,
        "online": None,
    }


def test_those_that_were_heard_are_online(admin, live):
    live.receiver._hear()
    live.receiver.take(
        {"type": "worker-heartbeat", "hostname": "celery@one", "processed": 9}
    )
    live.start = lambda: None  # the receiver would fall deaf again at once

    found = admin.get("/api/workers").json

    (one,) = found["items"]
    assert (one["name"], one["id"], one["processed"]) == ("celery@one", None, 9)
    assert (one["state"], found["online"]) == ("online", 1)


def test_what_a_worker_wrote_is_told_though_the_feed_is_down(admin, live, worker):
    found = admin.get("/api/workers").json

    (one,) = found["items"]
    assert (one["id"], one["threads"], one["can_resize"]) == (worker, 50, True)
    assert (one["state"], found["online"]) == ("online", 1)


def test_one_that_fell_silent_is_gone_since_then(admin, live, sessions, now):
    tell(sessions, now - timedelta(minutes=5))

    found = admin.get("/api/workers").json

    assert (found["items"][0]["state"], found["online"]) == ("gone", None)


def test_it_can_be_asked_to_stop_and_who_did_is_written_down(
    with_scope, sessions, worker
):
    answer = with_scope("control").post(f"/api/workers/{worker}/stop", json={})

    assert (answer.status_code, answer.json) == (202, {"name": "celery@one"})
    assert row(sessions).stop_wanted_at is not None
    with sessions() as session:
        newest = newest_entries(session)[0]
    assert (newest.action, newest.target) == ("worker.stop", "worker celery@one")


def test_it_can_be_given_more_threads(with_scope, sessions, worker):
    path = f"/api/workers/{worker}/threads"

    answer = with_scope("control").post(path, json={"threads": 8})

    assert answer.status_code == 202
    assert row(sessions).wanted_size == 8


@pytest.mark.parametrize("threads", [0, 1001, "8", None, 1.5])
def test_an_odd_number_of_threads_is_refused(admin, sessions, worker, threads):
    path = f"/api/workers/{worker}/threads"

    assert admin.post(path, json={"threads": threads}).status_code == 422
    assert row(sessions).wanted_size is None


@pytest.mark.parametrize("what", ["stop", "threads"])
def test_only_a_worker_that_lives_can_be_asked(admin, sessions, now, what):
    path = f"/api/workers/{{}}/{what}"
    body = {"threads": 8} if what == "threads" else {}
    assert admin.post(path.format(99), json=body).status_code == 404

    gone = tell(sessions, now - timedelta(minutes=5))

    answer = admin.post(path.format(gone), json=body)
    assert (answer.status_code, answer.json["code"]) == (409, "not_running")


@pytest.mark.parametrize("what", ["stop", "threads"])
def test_to_look_is_not_to_control(with_scope, worker, what):
    path = f"/api/workers/{worker}/{what}"

    assert with_scope("read").post(path, json={"threads": 8}).status_code == 403
