"""What others see when a part goes away, and when it comes back."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from mailbeat.labeling.progress import RunState
from tests.servers import process
from tests.servers.dashboard import ROOT, Worker

from .conftest import api, wait_for

CURRENT = "/api/processing/current-status"


def state(dashboard):
    return api(dashboard, CURRENT)[1]["accounts"][0]["state"]


def test_redis_goes_away_and_comes_back(redis_server, make_dashboard, listen, add):
    dashboard = make_dashboard(redis_server.url)
    dashboard.start()
    account_id = add(dashboard)
    listener = listen(dashboard)
    listener.welcome()
    worker = Worker(dashboard)
    run = worker.begin(account_id)
    listener.read_until(lambda one: one["type"] == "status_update" and one["data"])

    redis_server.kill()
    down = listener.read_until(
        lambda one: one["type"] == "snapshot" and one["data"]["feed_down_since"]
    )
    with suppress(Exception):  # the row is there before the event fails
        run.step(RunState.LABELING, 7)

    # Everything is still served, from the database, and says since when it is deaf.
    assert down[-1]["data"]["accounts"][0]["state"] == "connecting"
    wait_for(lambda: state(dashboard) == "labeling")
    health = api(dashboard, "/api/health")[1]
    assert (health["status"], health["feed"]["state"]) == ("degraded", "down")
    assert health["feed"]["since"]
    assert api(dashboard, "/api/accounts")[0] == 200
    seen = listener.read_until(
        lambda one: one["type"] == "status_update" and one["data"]["progress"]
    )
    assert seen[-1]["data"]["progress"]["current"] == 7

    redis_server.start()
    took = wait_for(lambda: api(dashboard, "/api/health")[1]["feed"]["state"] == "up")
    assert took < 2
    worker.close()
    worker = Worker(dashboard)
    run.worker = worker
    run.step(RunState.LABELING, 9)
    listener.read_until(
        lambda one: (
            one["type"] == "status_update" and one["data"]["progress"]["current"] == 9
        )
    )
    worker.close()
    dashboard.stop()


def test_a_restart_says_goodbye_to_all_and_forgets_nothing(
    redis_url, make_dashboard, listen, add
):
    dashboard = make_dashboard(
        redis_url, WS_MAX_CLIENTS="40", WS_MAX_CLIENTS_PER_KEY="40"
    )
    dashboard.start()
    account_id = add(dashboard)
    worker = Worker(dashboard)
    run = worker.begin(account_id)
    run.step(RunState.LABELING, 7)
    # More sockets than threads, and a browser that keeps its connection alive.
    listeners = [listen(dashboard) for _ in range(20)]
    for listener in listeners:
        listener.welcome()
    kept = socket.create_connection(("127.0.0.1", dashboard.port))
    kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert kept.recv(15).startswith(b"HTTP/1.1 200")

    began = time.monotonic()
    dashboard._process.send_signal(signal.SIGTERM)
    seen = listeners[0].read_until(lambda one: one["type"] == "server_closing")
    codes = {listener.close_code() for listener in listeners}
    dashboard._process.wait(10)

    assert time.monotonic() - began < 2
    assert dashboard._process.returncode == 0
    assert codes == {1001}
    assert seen[-1]["data"]["reconnect_after_ms"] > 0
    kept.close()

    dashboard.start()
    _, status, snapshot = listen(dashboard).welcome()
    assert status["data"]["run_id"] == run.run_id
    assert snapshot["data"]["accounts"][0]["progress"] == {"current": 7, "total": 20}
    worker.close()
    dashboard.stop()


def test_flask_s_own_server_carries_the_feed_too(
    redis_url, make_dashboard, listen, add
):
    dashboard = make_dashboard(redis_url)
    command = [sys.executable, "-m", "flask", "--app", "webapp:create_app()", "run"]
    server = process.start(
        [*command, "--port", str(dashboard.port)],
        dashboard.port,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **dashboard.environment},
    )
    try:
        account_id = add(dashboard)
        worker = Worker(dashboard)
        listener = listen(dashboard)
        listener.welcome()
        worker.begin(account_id)
        listener.read_until(lambda one: one["type"] == "status_update" and one["data"])
        listener.socket.send("x" * 5000)

        assert listener.close_code() == 1009
        assert api(dashboard, "/healthz")[0] == 200
        worker.close()
    finally:
        process.stop(server)


@pytest.mark.parametrize(
    ("options", "changes", "reason"),
    [
        (["-k", "asgi"], {}, "gthread"),
        ([], {"MAILBEAT_API_KEY": ""}, "MAILBEAT_API_KEY is not set"),
        ([], {"WS_MAX_CLIENTS": "many"}, "WS_MAX_CLIENTS='many' is not"),
    ],
)
def test_a_start_that_cannot_work_is_refused_with_the_reason(
    make_dashboard, options, changes, reason
):
    dashboard = make_dashboard("redis://127.0.0.1:1/0")
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"]
    command += ["--bind", f"127.0.0.1:{dashboard.port}", *options]

    done = subprocess.run(
        [*command, "webapp:create_app()"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **dashboard.environment, **changes},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode != 0
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
