"""The whole product on RabbitMQ, without any Redis: web, worker and beat."""

import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest
import sqlalchemy as sa
from celery import Celery
from websockets.sync.client import connect

from mailbeat.db.accounts import NewAccount, add_account, find_account
from mailbeat.db.models import Run
from mailbeat.db.runs import get_run
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.mail.mailbox import Security
from tests.integration.web.conftest import Listener, api, wait_for
from tests.servers.container import ProcessContainer
from tests.servers.dashboard import Dashboard
from tests.servers.gate import Gate
from tests.unit.test_run import invoice

STATUS = "/api/processing/current-status"
RUNS = "/api/processing/runs"
LETTERS = 30
NUMBERS = count(1)


class Installation:
    """What runs, and the accounts that a test adds."""

    def __init__(self, rabbitmq, imap_server, *, environment, folder, sessions, stack):
        self.rabbitmq = rabbitmq
        self.sessions = sessions
        self._imap, self._environment, self._folder = imap_server, environment, folder
        self._stack = stack
        self.dashboard = Dashboard(sessions=sessions, redis_url="", **environment)
        self.dashboard.start()
        stack.callback(self.dashboard.stop)
        self.worker = self.start_worker("one")
        self.beat = self._start(["beat"], "beat: Starting")

    def start_worker(self, name):
        options = ["worker", "--without-mingle", "--without-gossip", "-E", "-c", "4"]
        return self._start([*options, "-n", f"{name}@%h"], " ready.")

    def _start(self, words, ready):
        container = ProcessContainer(
            [sys.executable, "-m", "celery", "-A", "tasks", *words],
            env={**self._environment, "PYTHONPATH": "."},
            directory=self._folder,
            ready=ready,
        )
        self._stack.callback(container.stop)
        return container

    def add_account(self):
        """An account with new messages behind a gate; it runs when it is asked to."""
        address = f"rabbit{next(NUMBERS)}@example.org"
        self._imap.add_user(address, "the-password")
        self._imap.append(address, *[invoice(n) for n in range(LETTERS)])
        gate = Gate(self._imap.port)
        self._stack.callback(gate.end)
        new = NewAccount(
            email_address=address,
            host="127.0.0.1",
            port=gate.port,
            security=Security.NONE,
            username=address,
            password="the-password",
        )
        with transaction(self.sessions) as session:
            account = add_account(session, new, now=datetime.now(UTC))
            account.next_run_at += timedelta(days=1)
            account_id = account.id
        self.dashboard.look()
        return account_id, gate

    def listen(self):
        address = self.dashboard.url.replace("http", "ws") + "/ws/status"
        key = {"X-API-Key": self.dashboard.key}
        socket = connect(address, additional_headers=key, proxy=None, close_timeout=1)
        return Listener(self._stack.enter_context(socket))

    def ask_for_run(self, account_id):
        status, answer = api(self.dashboard, RUNS, {"account_id": account_id})
        assert status == 202
        return answer["run_id"]

    def run(self, run_id):
        with self.sessions() as session:
            return get_run(session, run_id)

    def leased_until(self, account_id):
        with self.sessions() as session:
            return find_account(session, account_id).lease_until

    def has_ended(self, run_id):
        run = self.run(run_id)
        return run is not None and run.end_time is not None

    def workers(self):
        return api(self.dashboard, STATUS)[1]["workers"]["online"]

    def feed_is_up(self):
        return api(self.dashboard, "/api/health")[1]["feed"]["state"] == "up"


@pytest.fixture(scope="module")
def _installation(
    _rabbitmq_of_session, imap_server, sqlite_template, secret_keys, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("on-rabbitmq")
    database = folder / "mailbeat.db"
    database.write_bytes(sqlite_template.read_bytes())
    _rabbitmq_of_session.start()
    environment = {
        "REDIS_URL": "",
        "BROKER_URL": _rabbitmq_of_session.url,
        "DATABASE_URL": f"sqlite:///{database}",
        "MAILBEAT_SECRET_KEYS": secret_keys[0],
        "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
        "BACKGROUND_PROCESS_HOURS": "24",
        "LOG_FORMAT": "json",
    }
    engine = create_engine(f"sqlite:///{database}", secret_keys=secret_keys)
    sessions = create_sessions(engine)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        yield Installation(
            _rabbitmq_of_session,
            imap_server,
            environment=environment,
            folder=folder,
            sessions=sessions,
            stack=stack,
        )


@pytest.fixture
def installation(_installation):
    """A running one, shared by the tests of this file; RabbitMQ is well."""
    yield _installation
    _installation.rabbitmq.resume()
    _installation.rabbitmq.start()


def states_until_the_end(listener, run_id):
    """The states that the browsers were told, each once, and the end."""
    seen = listener.read_until(
        lambda one: one["type"] == "run_finished" and one["data"]["run_id"] == run_id,
        timeout=30,
    )
    told = [one["data"] for one in seen if one["type"] == "status_update"]
    states = [one["state"] for one in told if one and one["run_id"] == run_id]
    return list(dict.fromkeys(states)), seen[-1]["data"]


def test_a_run_asked_for_is_told_to_the_browsers_step_by_step(installation):
    account, _gate = installation.add_account()
    listener = installation.listen()
    listener.welcome()

    run_id = installation.ask_for_run(account)
    states, end = states_until_the_end(listener, run_id)

    assert states[:2] == ["connecting", "fetching"]
    assert set(states) >= {"processing", "categorizing", "labeling"}
    assert (end["outcome"], end["emails_labeled"]) == ("succeeded", LETTERS)


def test_a_run_that_is_cancelled_says_so_to_the_browsers(installation):
    account, gate = installation.add_account()
    listener = installation.listen()
    listener.welcome()
    gate.stop_after = 6000
    run_id = installation.ask_for_run(account)
    wait_for(lambda: gate.is_holding)

    status, _ = api(installation.dashboard, f"{RUNS}/{run_id}/cancel", {})
    before = installation.leased_until(account)
    wait_for(lambda: installation.leased_until(account) != before)  # it reads the wish
    gate.open()

    assert status == 202
    assert states_until_the_end(listener, run_id)[1]["outcome"] == "cancelled"


def test_a_worker_is_seen_from_its_start_to_its_end(installation):
    wait_for(lambda: installation.workers() == 1)

    second = installation.start_worker("two")
    wait_for(lambda: installation.workers() == 2)
    second.stop()

    wait_for(lambda: installation.workers() == 1)


def test_two_workers_may_have_one_name(installation):
    second = installation.start_worker("one")

    assert second.status == "running"
    second.stop()
    assert b"RESOURCE_LOCKED" not in second.logs()


def test_a_second_copy_of_a_message_does_no_harm(installation):
    account, gate = installation.add_account()
    gate.stop_after = 6000
    run_id = str(uuid4())
    app = Celery("copies", broker=installation.rabbitmq.url, set_as_current=False)
    name = "tasks.account.process_account"

    app.send_task(name, [account], task_id=run_id)
    wait_for(lambda: gate.is_holding)
    app.send_task(name, [account], task_id=run_id)
    app.send_task(name, [account], task_id=str(uuid4()))
    gate.open()
    wait_for(lambda: installation.has_ended(run_id))
    app.send_task(name, [account], task_id=run_id)
    wait_for(lambda: not installation.rabbitmq.waiting())

    with installation.sessions() as session:
        ours = sa.select(Run).where(Run.account_id == account)
        (run,) = session.scalars(ours)
    assert (run.outcome, run.emails_labeled) == ("succeeded", LETTERS)
    app.close()


def test_a_rabbitmq_that_hangs_holds_up_no_run(installation):
    account, gate = installation.add_account()
    other, _ = installation.add_account()
    gate.stop_after = 6000
    run_id = installation.ask_for_run(account)
    wait_for(lambda: gate.is_holding)

    installation.rabbitmq.pause()
    gate.open()
    took = wait_for(lambda: installation.has_ended(run_id))
    wish = installation.ask_for_run(other)
    installation.rabbitmq.resume()

    assert took < 5
    assert installation.run(run_id).outcome == "succeeded"
    wait_for(lambda: installation.has_ended(wish), timeout=30)
    assert installation.run(wish).outcome == "succeeded"


def test_a_rabbitmq_that_dies_and_comes_back_empty_loses_nothing(installation):
    account, gate = installation.add_account()
    others = [installation.add_account()[0] for _ in range(3)]
    listener = installation.listen()
    listener.welcome()
    gate.stop_after = 6000
    run_id = installation.ask_for_run(account)
    wait_for(lambda: gate.is_holding)

    installation.rabbitmq.kill()
    gate.open()
    wait_for(lambda: installation.has_ended(run_id))
    wish, *more = [installation.ask_for_run(other) for other in others]
    wait_for(lambda: not installation.feed_is_up())
    installation.rabbitmq.forget()
    installation.rabbitmq.start()

    assert installation.run(run_id).outcome == "succeeded"
    # At least its last word, if the reporter noticed only then that the line is back.
    _, end = states_until_the_end(listener, wish)
    assert end["outcome"] == "succeeded"
    wait_for(lambda: all(installation.has_ended(one) for one in more), timeout=30)
    assert installation.feed_is_up()
    wait_for(lambda: installation.workers() == 1)
    log = installation.worker.logs()
    assert b"Unrecoverable" not in log
    assert b"UnexpectedFrame" not in log  # two threads on one connection,
    assert b"reducing the prefetch count" not in log  # which comes of this
