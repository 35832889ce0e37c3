"""The history of tasks, kept by two web processes of which one is killed."""

import os
import signal
from uuid import uuid4

import pytest
from celery import Celery

from tests.servers.redis import RedisServer

from .conftest import api, wait_for
from .test_stops import everybody


@pytest.fixture
def both(make_dashboard, tmp_path):
    redis = RedisServer(tmp_path)
    redis.start()
    one = make_dashboard(redis.url)
    other = make_dashboard(redis.url, beside=one)
    for dashboard in (one, other):
        dashboard.start()
    yield one, other
    for dashboard in (one, other):
        dashboard.stop()
    redis.stop()


def kill(dashboard):
    for pid in everybody(dashboard._process.pid):
        os.kill(pid, signal.SIGKILL)
    dashboard._process.wait(10)


def states(dashboard):
    _, found = api(dashboard, "/api/tasks?limit=100")
    return {one["task_id"]: one["state"] for one in found["items"]}


def test_kill_9_forgets_nothing(both):
    """Who still listens hears the end of what the killed one heard the beginning of."""
    one, other = both
    heard = str(uuid4())
    app = Celery("test", broker=one.redis_url, set_as_current=False)
    with app.connection_for_write() as connection:
        send = app.events.Dispatcher(connection, hostname="celery@x").send

        def begin(task_id):
            send("worker-heartbeat", freq=2)
            send("task-received", uuid=task_id, name="shop.send", args="(7,)")
            send("task-started", uuid=task_id)
            return states(one).get(task_id) == "started"

        wait_for(lambda: begin(heard))
        wait_for(lambda: states(other) == {heard: "started"})
        kill(one)
        send("task-succeeded", uuid=heard, runtime=1.0)
        wait_for(lambda: states(other)[heard] == "succeeded")

        kill(other)
        one.start()

    assert states(one) == {heard: "succeeded"}
