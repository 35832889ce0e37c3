"""A real worker process: what a run does, and what survives its end."""

import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import redis
import sqlalchemy as sa
from celery.result import AsyncResult

from mailbeat.db import accounts, runs
from mailbeat.db.accounts import NewAccount
from mailbeat.db.clock import database_now
from mailbeat.db.models import Account
from mailbeat.db.processes import (
    Kind,
    ProcessState,
    list_processes,
    want_size,
    want_stop,
)
from mailbeat.db.session import transaction
from mailbeat.mail.mailbox import Security
from tasks.events import STATE_EVENTS
from tests.servers.gate import Gate
from tests.unit.tasks.test_reporter import listening, until
from tests.unit.test_run import invoice

ADDRESS, PASSWORD = "ada@example.org", "the-canary-password"
IN_ORDER = [f"task-{s}" for s in ("connecting", "fetching", "processing")]


@pytest.fixture
def gate(mail_server):
    gate = Gate(mail_server.port)
    yield gate
    gate.end()


@pytest.fixture
def account(cluster_sessions, mail_server, gate):
    """An account with 30 new messages, behind a gate."""
    mail_server.add_user(ADDRESS, PASSWORD)
    mail_server.append(ADDRESS, *[invoice(n) for n in range(30)])
    new = NewAccount(
        email_address=ADDRESS,
        host="127.0.0.1",
        port=gate.port,
        security=Security.NONE,
        username=ADDRESS,
        password=PASSWORD,
    )
    with transaction(cluster_sessions) as session:
        return accounts.add_account(session, new, now=datetime.now(UTC)).id


def send(app, account_id):
    run_id = str(uuid4())
    app.send_task("tasks.account.process_account", [account_id], task_id=run_id)
    return run_id


def run_of(sessions, run_id):
    with sessions() as session:
        return runs.get_run(session, run_id)


def ended(sessions, run_id):
    run = run_of(sessions, run_id)
    return run is not None and run.end_time is not None


@contextmanager
def everything_sent_to(url):
    """Every command that Redis gets during the block, as text."""
    commands, ready, end = [], threading.Event(), "the end of the watch"

    def watch():
        with redis.Redis.from_url(url) as client, client.monitor() as monitor:
            ready.set()
            for command in monitor.listen():
                if end in str(command):
                    return
                commands.append(str(command))

    thread = threading.Thread(target=watch)
    thread.start()
    assert ready.wait(5)
    yield commands
    with redis.Redis.from_url(url) as client:
        client.echo(end)
    thread.join()


def test_a_run_is_told_on_the_stream_and_holds_no_secret(
    celery_setup, cluster_sessions, account, mail_server, redis_server
):
    app = celery_setup.app
    with everything_sent_to(redis_server.url) as sent, listening(app) as events:
        run_id = send(app, account)
        until(lambda: any(e["type"] == "task-completed" for e in events), 30)

    told = [e for e in events if e["type"] in STATE_EVENTS]
    types = list(dict.fromkeys(e["type"] for e in told))
    assert types[:3] == IN_ORDER
    assert set(types[3:]) == {"task-categorizing", "task-labeling", "task-completed"}
    assert [e["seq"] for e in told] == sorted(e["seq"] for e in told)
    assert {e["uuid"] for e in told} == {run_id}
    assert AsyncResult(run_id, app=app).state == "COMPLETED"
    assert run_of(cluster_sessions, run_id).emails_labeled == 30
    keywords = mail_server.keywords(ADDRESS)
    assert list(keywords.values()) == [{"Receipts"}] * 30
    text = "".join(sent)
    assert run_id in text
    assert PASSWORD not in text
    assert ADDRESS not in text
    assert "corner" not in text


@pytest.mark.parametrize("cluster_database_url", ["sqlite", "postgres"], indirect=True)
def test_a_killed_worker_loses_nothing(
    celery_setup, cluster_sessions, account, gate, mail_server
):
    gate.stop_after = 6000
    dead = send(celery_setup.app, account)
    until(lambda: gate.is_holding, 20)

    celery_setup.worker.kill()
    gate.open()
    past = datetime.now(UTC) - timedelta(seconds=1)
    with transaction(cluster_sessions) as session:
        session.execute(sa.update(Account).values(lease_until=past))
    celery_setup.worker.container.restart()
    heir = send(celery_setup.app, account)

    until(lambda: ended(cluster_sessions, heir), 30)
    assert run_of(cluster_sessions, dead).outcome == "interrupted"
    assert run_of(cluster_sessions, heir).outcome == "succeeded"
    keywords = mail_server.keywords(ADDRESS)
    assert list(keywords.values()) == [{"Receipts"}] * 30


def test_sigterm_stops_a_run_at_the_next_message_and_hands_it_over(
    celery_setup, cluster_sessions, account, gate
):
    gate.stop_after = 6000
    run_id = send(celery_setup.app, account)
    until(lambda: gate.is_holding, 20)
    container = celery_setup.worker.container._container

    container.kill("SIGTERM")
    began = time.monotonic()
    until(lambda: b"Warm shutdown" in container.logs(), 10)
    gate.open()

    assert container.wait(20) == 0
    assert time.monotonic() - began < 20
    assert run_of(cluster_sessions, run_id).outcome == "interrupted"
    with cluster_sessions() as session:
        after = accounts.find_account(session, account)
    assert after.lease_run_id is None
    assert after.next_run_at <= datetime.now(UTC)


def test_a_worker_says_what_it_does_and_does_what_is_wanted(
    celery_setup, cluster_sessions, account, gate
):
    def worker():
        with cluster_sessions() as session:
            now = database_now(session)
            return next(iter(list_processes(session, Kind.WORKER, now=now)), None)

    def runs_in_hand():
        return [(one.task_id, one.account_id) for one in worker().running()]

    gate.stop_after = 6000
    run_id = send(celery_setup.app, account)
    until(lambda: worker() and runs_in_hand() == [(run_id, account)], 20)
    assert (worker().state, worker().facts["size"]) == (ProcessState.ONLINE, 4)

    with transaction(cluster_sessions) as session:
        want_size(session, worker().id, 2, now=datetime.now(UTC))
    until(lambda: worker().facts["size"] == 2, 20)
    assert runs_in_hand() == [(run_id, account)]  # which goes on

    with transaction(cluster_sessions) as session:
        want_stop(session, worker().id, now=datetime.now(UTC))
    until(lambda: worker().state is ProcessState.STOPPING, 20)
    gate.open()
    until(lambda: worker().state is ProcessState.STOPPED, 20)
    assert run_of(cluster_sessions, run_id).outcome == "interrupted"


def test_redis_dies_during_a_run_and_the_run_goes_on(
    celery_setup, cluster_sessions, account, gate, redis_server
):
    gate.stop_after = 6000
    run_id = send(celery_setup.app, account)
    until(lambda: gate.is_holding, 20)

    redis_server.kill()
    gate.open()
    until(lambda: ended(cluster_sessions, run_id), 30)
    redis_server.start()

    assert run_of(cluster_sessions, run_id).outcome == "succeeded"
    state = AsyncResult(run_id, app=celery_setup.app)
    until(lambda: state.state == "COMPLETED", 15)
