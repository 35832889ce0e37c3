"""Whatever anybody publishes on the event stream, the feed goes on hearing."""

import bz2
import json
import re
import threading
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import amqp
import pytest
import redis
from celery import Celery
from structlog.testing import capture_logs

from tests.servers.dashboard import Worker
from tests.unit.webapp.live.test_receiver import GOOD, beat
from webapp.live.receiver import Receiver
from webapp.live.stream import MAX_BODY, ROUTING_KEYS

from .conftest import wait_for

KEY = "task.labeling"
NO_EVENTS = [
    [],
    7,
    None,
    "text",
    {},
    {"type": ["task-labeling"]},
    [[GOOD]],
    GOOD | {"account_id": "x" * 50_000},
    {"__type__": "decimal", "__value__": "x"},
]
NO_JSON = [b"", b"{", b"\xff\xfe\x00", b"[" * 60_000, b"9" * 60_000]
NO_ENVELOPES = [
    b"null",
    b"[]",
    b"7",
    b"{}",
    b'"text"',
    b'{"body": 7}',
    b'{"body": "e30=", "properties": 7}',
    b'{"body": "e30=", "properties": {}, "headers": 7}',
    b'{"body": "e30=", "properties": {"body_encoding": "rot13"}}',
    b'{"body": "e30=", "properties": {"body_encoding": "base64"}}',
    b'{"__type__": "decimal", "__value__": "x"}',
    *NO_JSON,
]


class OnRedis:
    """Publishes on a Redis: bytes as they are, or in Celery's envelope."""

    def __init__(self, server):
        address = getattr(server, "redis_url", None) or server.url
        self._client = redis.Redis.from_url(address)

    def publish(self, body, key=KEY, **changes):
        self.publish_raw(self.envelope(body, **changes), key)

    def envelope(self, body, **changes):
        envelope = {
            "body": b64encode(body).decode(),
            "content-type": "application/json",
            "content-encoding": "utf-8",
            "headers": {},
            "properties": {"body_encoding": "base64", "delivery_tag": str(uuid4())},
        }
        changed = {name.replace("_", "-"): value for name, value in changes.items()}
        return json.dumps(envelope | changed).encode()

    def publish_raw(self, data, key=KEY):
        self._client.publish(f"/0.celeryev/{key}", data)

    def close(self):
        self._client.close()


class OnRabbitMQ:
    def __init__(self, server):
        login = server._login()
        self._connection = amqp.Connection(**login)
        self._connection.connect()
        self._channel = self._connection.channel()

    def publish(self, body, key=KEY, headers=None, **properties):
        properties = {"content_type": "application/json"} | properties
        self._channel.basic_publish(
            amqp.Message(body, application_headers=headers or {}, **properties),
            exchange="celeryev",
            routing_key=key,
        )

    publish_raw = publish

    def close(self):
        self._connection.close()


@pytest.fixture(params=["redis_server", "rabbitmq"])
def server(request):
    return request.getfixturevalue(request.param)


class Heard:
    """What a receiver hears, and how often it had to subscribe."""

    def __init__(self, url):
        self.events = []
        self.subscribed = 0
        self._first = threading.Event()
        self.receiver = Receiver(
            url, on_event=self.events.append, on_connected=self._connected
        )
        self.receiver.start()
        assert self._first.wait(10)

    def _connected(self):
        self.subscribed += 1
        self._first.set()

    def wait_for_seq(self, seq):
        wait_for(lambda: any(event.seq == seq for event in self.events))

    def stop(self):
        self.receiver.stop()
        self.receiver._thread.join(20)
        assert not self.receiver.is_alive


@pytest.fixture
def heard(server):
    heard = Heard(server.url)
    yield heard
    heard.stop()


@pytest.fixture
def publisher(server, heard):
    """Who reaches the broker, after the feed has made its exchange."""
    kind = OnRabbitMQ if server.url.startswith("amqp") else OnRedis
    publisher = kind(server)
    yield publisher
    publisher.close()


def good(seq):
    return json.dumps(GOOD | {"seq": seq}).encode()


def test_nothing_that_is_published_costs_the_connection(heard, publisher):
    for body in NO_EVENTS:
        publisher.publish(json.dumps(body).encode())
    for body in NO_JSON:
        publisher.publish(body)
    for data in NO_ENVELOPES:
        publisher.publish_raw(data)
    packed = bz2.compress(bytes(1_000_000))
    publisher.publish(packed, headers={"compression": "application/x-bz2"})
    for changes in (
        {"content_type": "application/x-python-serialize"},
        {"content_type": "application/x-yaml"},
        {"content_encoding": "no such encoding"},
        {"content_encoding": "punycode"},
    ):
        publisher.publish(b"\x80\x04K\x07.", **changes)
    publisher.publish(good(2))

    heard.wait_for_seq(2)
    assert [event.seq for event in heard.events] == [2]
    assert heard.subscribed == 1
    assert heard.receiver.deaf_since is None
    assert heard.receiver.refused >= len(NO_EVENTS) - 1 + len(NO_JSON)


def test_a_flood_of_nonsense_is_said_once(heard, publisher):
    with capture_logs() as lines:
        for _ in range(200):
            publisher.publish(b"{}", content_type="text/plain")
        publisher.publish(good(2))
        heard.wait_for_seq(2)

    said = [line for line in lines if line["event"] == "events_refused"]
    assert len(said) == 1
    assert heard.receiver.refused == 200


def test_a_body_that_is_too_big_is_not_looked_into(heard, publisher):
    padding = "x" * (MAX_BODY - 1000)
    publisher.publish(json.dumps(GOOD | {"seq": 2, "more": padding}).encode())
    publisher.publish(json.dumps(GOOD | {"seq": 3, "more": padding * 16}).encode())
    publisher.publish(good(4))

    heard.wait_for_seq(4)
    assert [event.seq for event in heard.events] == [2, 4]
    assert heard.subscribed == 1


def test_only_what_is_needed_is_subscribed_to(heard, publisher):
    for number, key in enumerate(
        ("task.mine", "task.multi.x", "task.labeling.x", "worker.x", "task"), 10
    ):
        publisher.publish(good(number), key)
    for number, key in enumerate(ROUTING_KEYS, 20):
        publisher.publish(good(number), key)

    heard.wait_for_seq(20 + len(ROUTING_KEYS) - 1)
    assert min(event.seq for event in heard.events) == 20


def test_what_celery_itself_publishes_is_heard(heard, server):
    app = Celery("test", broker=server.url, set_as_current=False)
    with app.connection_for_write() as connection:
        send = app.events.Dispatcher(connection, hostname="celery@one").send
        now = datetime.now(UTC).isoformat()
        fields = GOOD | {"started_at": now, "at": now}
        kind = fields.pop("type")
        fields.pop("hostname")

        send("worker-online")
        wait_for(lambda: heard.receiver.workers() == ["celery@one"])
        send("worker-offline")
        wait_for(lambda: not heard.receiver.workers())
        send("worker-heartbeat", freq=2)
        wait_for(lambda: heard.receiver.workers() == ["celery@one"])
        send(kind, **fields)
        heard.wait_for_seq(GOOD["seq"])


def memory(dashboard):
    """MiB that the process which serves has in use."""
    arbiter = dashboard._process.pid
    children = Path(f"/proc/{arbiter}/task/{arbiter}/children").read_text()
    (pid,) = children.split()
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def test_a_flood_of_everything_fills_no_memory(redis_url, make_dashboard, listen, add):
    dashboard = make_dashboard(redis_url)
    dashboard.start()
    account_id = add(dashboard)
    listener = listen(dashboard)
    listener.welcome()
    publisher = OnRedis(dashboard)
    large = json.dumps(GOOD | {"uuid": "x" * 1_000_000}).encode()
    publisher.publish(large)
    before = memory(dashboard)

    for _ in range(60):
        publisher.publish(large)
        publisher.publish(json.dumps(beat("x" * 1_000_000)).encode())
    for start in range(0, 10_000, 20):
        several = range(start + 1, start + 21)
        accounts = [GOOD | {"account_id": 10**6 + n, "uuid": str(n)} for n in several]
        names = [beat(f"celery@{n}") for n in several]
        publisher.publish(json.dumps(accounts + names).encode())
    worker = Worker(dashboard)
    worker.begin(account_id)

    # It reads what it is sent in order: once this is told, it has read all of it.
    listener.read_until(lambda one: one["type"] == "status_update" and one["data"], 30)
    assert memory(dashboard) - before < 20
    worker.close()
    publisher.close()
    dashboard.stop()


def test_each_database_of_a_redis_is_a_broker_of_its_own(redis_server):
    heard = Heard(redis_server.url.removesuffix("/0") + "/5")
    publisher = OnRedis(redis_server)

    publisher._client.publish(f"/0.celeryev/{KEY}", publisher.envelope(good(2)))
    publisher._client.publish(f"/5.celeryev/{KEY}", publisher.envelope(good(3)))

    heard.wait_for_seq(3)
    assert [event.seq for event in heard.events] == [3]
    publisher.close()
    heard.stop()


def test_a_connection_that_was_cut_is_a_gap_and_told_as_one(redis_server):
    """Else redis-py might subscribe anew by itself, and nobody would read again."""
    heard = Heard(redis_server.url)
    publisher = OnRedis(redis_server)

    assert publisher._client.client_kill_filter(_type="pubsub") == 1

    wait_for(lambda: heard.subscribed == 2)
    publisher.publish(good(2))
    heard.wait_for_seq(2)
    publisher.close()
    heard.stop()


def test_a_broker_that_is_back_is_heard_within_2_seconds(heard, server):
    tries = []
    app = heard.receiver._app
    connect = app.connection_for_read
    app.connection_for_read = lambda **kw: tries.append(kw) or connect(**kw)
    server.kill()
    wait_for(lambda: len(tries) >= 5)  # the pauses are at their longest now

    server.start()

    assert wait_for(lambda: heard.subscribed == 2) < 2
    assert heard.receiver.deaf_since is None
