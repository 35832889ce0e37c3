"""Our web on a real gunicorn with a real Redis, and programs on its live feed."""

import json
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from mailbeat.db.accounts import NewAccount, add_account
from mailbeat.db.api_keys import Scope, issue_key
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.mail.mailbox import Security
from tests.frames import check
from tests.servers.dashboard import Dashboard, Worker
from tests.servers.redis import RedisServer
from tests.waiting import wait_for

SLOTS, SLOTS_PER_KEY = 4, 3
LOCALHOSTS = count(256 * 256)  # of the 127.0.0.0/8, all of which are this machine


class Listener:
    """A program on the feed, that holds every message against the schema."""

    def __init__(self, socket):
        self.socket = socket

    def read(self, timeout=20):
        return check(json.loads(self.socket.recv(timeout)))

    def read_until(self, wanted, timeout=20):
        """Read until `wanted(message)` is true; returns all that was read."""
        end, seen = time.monotonic() + timeout, []
        while not seen or not wanted(seen[-1]):
            seen.append(self.read(max(end - time.monotonic(), 0.01)))
        return seen

    def welcome(self):
        return self.read_until(lambda message: message["type"] == "snapshot")

    def say(self, **asked):
        self.socket.send(json.dumps(asked))

    def close_code(self, timeout=20):
        """Read on to the end, and return the code of the Close."""
        end = time.monotonic() + timeout
        try:
            while True:
                self.socket.recv(max(end - time.monotonic(), 0.01))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


def api(dashboard, path, data=None, *, method=None, key=None):
    """Ask the API; returns the status and the JSON."""
    request = urllib.request.Request(
        dashboard.url + path,
        method=method,
        data=None if data is None else json.dumps(data).encode(),
        headers={
            "X-API-Key": key or dashboard.key,
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read()
            return response.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def another_address():
    """An address that has opened no socket in this session of tests."""
    number = next(LOCALHOSTS)
    return f"127.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def sockets(dashboard):
    return api(dashboard, "/api/health")[1]["sockets"]["open"]


@pytest.fixture(scope="session")
def make_dashboard(sqlite_template, secret_keys, tmp_path_factory):
    """Prepare a web with a database of its own, or `beside` another with that one's."""
    with ExitStack() as stack:

        def make(redis_url, *, beside=None, **environment):
            if beside is None:
                database = tmp_path_factory.mktemp("web") / "mailbeat.db"
                database.write_bytes(sqlite_template.read_bytes())
            else:
                database = beside.database
            engine = create_engine(f"sqlite:///{database}", secret_keys=secret_keys)
            stack.callback(engine.dispose)
            dashboard = Dashboard(
                sessions=create_sessions(engine),
                redis_url=redis_url,
                DATABASE_URL=f"sqlite:///{database}",
                MAILBEAT_SECRET_KEYS=",".join(secret_keys),
                **environment,
            )
            dashboard.database = database
            stack.callback(dashboard.stop)
            return dashboard

        yield make


@pytest.fixture(scope="session")
def _dashboard(make_dashboard, tmp_path_factory):
    redis = RedisServer(tmp_path_factory.mktemp("web-redis"))
    redis.start()
    dashboard = make_dashboard(
        redis.url, WS_MAX_CLIENTS=str(SLOTS), WS_MAX_CLIENTS_PER_KEY=str(SLOTS_PER_KEY)
    )
    dashboard.start()
    yield dashboard
    dashboard.stop()
    redis.stop()


@pytest.fixture
def dashboard(_dashboard):
    """A running web, empty, that every test but the violent ones shares."""
    _dashboard.empty()
    wait_for(lambda: sockets(_dashboard) == 0)
    return _dashboard


@pytest.fixture
def worker(dashboard):
    worker = Worker(dashboard)
    yield worker
    worker.close()


@pytest.fixture
def add():
    """Add an account to the database of a web, and have that look."""

    def add(dashboard, address="ada@example.org"):
        with transaction(dashboard.sessions) as session:
            new = NewAccount(address, "127.0.0.1", 143, Security.NONE, address, "pw")
            account = add_account(session, new, now=datetime.now(UTC))
            account.next_run_at += timedelta(days=1)
            account_id = account.id
        dashboard.look()
        return account_id

    return add


@pytest.fixture
def new_key():
    """Issue a key; returns its id and its text."""

    def new_key(dashboard, scope=Scope.READ):
        with transaction(dashboard.sessions) as session:
            key, text = issue_key(
                session, name="test", scope=scope, now=datetime.now(UTC)
            )
            return key.key_id, text

    return new_key


@pytest.fixture
def listen():
    """Open the feed, with a key unless other headers are given."""
    with ExitStack() as stack:

        def listen(dashboard, headers=None, path="/ws/status", address=None, **options):
            url = dashboard.url.replace("http", "ws") + path
            opening = connect(
                url,
                additional_headers=(
                    {"X-API-Key": dashboard.key} if headers is None else headers
                ),
                proxy=None,
                close_timeout=1,
                source_address=(address or another_address(), 0),
                **options,
            )
            return Listener(stack.enter_context(opening))

        yield listen
