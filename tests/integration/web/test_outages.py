"""What others see when a part goes away, and when it comes back."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from celery import Celery

from mailbeat.db.accounts import NewAccount, add_account
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import RunState
from mailbeat.mail.mailbox import Security
from tests.servers import process
from tests.servers.container import ProcessContainer
from tests.servers.dashboard import ROOT, Worker
from tests.servers.gate import Gate
from tests.unit.test_run import invoice

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


@pytest.fixture
def gate(imap_server):
    gate = Gate(imap_server.port)
    yield gate
    gate.end()


@pytest.fixture
def add_mailbox(imap_server, gate):
    """Add an account with 30 new messages, behind the gate; it runs when it is told."""

    def add_mailbox(dashboard):
        address = f"{uuid4().hex}@example.org"
        imap_server.add_user(address, "pw")
        imap_server.append(address, *[invoice(n) for n in range(30)])
        new = NewAccount(address, "127.0.0.1", gate.port, Security.NONE, address, "pw")
        with transaction(dashboard.sessions) as session:
            account = add_account(session, new, now=datetime.now(UTC))
            account.next_run_at += timedelta(days=1)
            account_id = account.id
        dashboard.look()
        return account_id, gate

    return add_mailbox


@pytest.fixture
def start_worker(tmp_path):
    """Start a real worker beside a dashboard."""
    started = []

    def start_worker(dashboard):
        command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c", "2"]
        worker = ProcessContainer(
            [*command, "--without-mingle", "--without-gossip", "-n", uuid4().hex],
            env={
                **dashboard.environment,
                "LOG_LEVEL": "info",
                "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
                "BACKGROUND_PROCESS_HOURS": "24",
                "PYTHONPATH": ".",
            },
            directory=tmp_path,
            ready=" ready.",
        )
        started.append(worker)
        return worker

    yield start_worker
    for worker in started:
        worker.stop()


def test_a_killed_worker_is_seen_and_so_is_who_takes_over(
    redis_url, make_dashboard, listen, add_mailbox, start_worker
):
    dashboard = make_dashboard(redis_url)
    dashboard.start()
    account_id, gate = add_mailbox(dashboard)
    listener = listen(dashboard)
    listener.welcome()
    app = Celery("client", broker=redis_url, set_as_current=False)

    def send():
        run_id = str(uuid4())
        task = "tasks.account.process_account"
        app.send_task(task, [account_id], task_id=run_id)
        return run_id

    def told(run_id, *states):
        return lambda one: (
            one["type"] == "status_update"
            and one["data"] is not None
            and one["data"]["run_id"] == run_id
            and one["data"]["state"] in states
        )

    worker = start_worker(dashboard)
    gate.stop_after = 6000
    dead = send()
    listener.read_until(told(dead, "fetching", "processing"), timeout=20)
    wait_for(lambda: gate.is_holding)

    killed_at = time.monotonic()
    worker.kill()
    seen = listener.read_until(told(dead, "error"), timeout=30)

    # Its lease lasts 15 s, and it is looked for every 4 s.
    assert time.monotonic() - killed_at < 20
    assert "Another one takes over" in seen[-1]["data"]["error_message"]
    _, current = api(dashboard, CURRENT)
    assert current["current_processing"] is None

    start_worker(dashboard)
    gate.open()
    heir = send()
    seen = listener.read_until(lambda one: one["type"] == "run_finished", timeout=20)
    assert seen[-1]["data"]["run_id"] == dead
    assert seen[-1]["data"]["outcome"] == "interrupted"
    seen = listener.read_until(lambda one: one["type"] == "run_finished", timeout=30)
    assert (seen[-1]["data"]["run_id"], seen[-1]["data"]["outcome"]) == (
        heir,
        "succeeded",
    )
    app.close()
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
