"""A message of the stream is opened with care: anybody may have published it."""

import bz2
import json
import tracemalloc
from base64 import b64encode

import pytest
from redis import Redis

from webapp.live import stream as module
from webapp.live.pulse import BrokerSilent
from webapp.live.stream import (
    MAX_BODY,
    ROUTING_KEYS,
    RabbitMQStream,
    RedisStream,
    Refused,
)

EVENT = {"type": "task-labeling", "seq": 3}


class Subscription:
    """As redis-py's."""

    health_check_response_counter = 0
    connection = None

    def __init__(self, *, answers=True):
        self.topics = ()
        self.answers = answers
        self.waiting = []

    def subscribe(self, *topics):
        self.topics = topics
        if self.answers:
            self.waiting = [{"type": "subscribe", "data": 1}] * len(topics)

    def get_message(self, *, timeout, ignore_subscribe_messages=False):
        return self.waiting.pop(0) if self.waiting else None


class Channel:
    """As kombu's over AMQP, for one who only opens messages."""

    auto_decode = True

    def basic_consume(self, *_args, callback, **_kwargs):
        self.callback = callback


class Message:
    def __init__(self, body, **properties):
        self.body, self.properties = body, properties


@pytest.fixture
def subscription():
    return Subscription()


def envelope(body, **changes):
    values = {
        "body": b64encode(body).decode(),
        "content-type": "application/json",
        "headers": {},
        "properties": {"body_encoding": "base64"},
    }
    return json.dumps(values | changes).encode()


@pytest.fixture
def open_on_redis(subscription):
    stream = RedisStream(subscription, "/0.celeryev/")

    def open_on_redis(body, content_type="application/json", headers=None):
        more = {"content-type": content_type, "headers": headers}
        return stream.decode(envelope(body, **more))

    return open_on_redis


@pytest.fixture
def open_on_rabbitmq(monkeypatch):
    monkeypatch.setattr(module, "get_exchange", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(module, "binding", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(module, "Queue", lambda *_args, **_kwargs: Queue)
    stream = RabbitMQStream(None, Channel())

    def open_on_rabbitmq(body, content_type="application/json", headers=None):
        properties = {"content_type": content_type, "application_headers": headers}
        return stream.decode(Message(body, **properties))

    return open_on_rabbitmq


class Queue:
    name = "celeryev.x"

    def __init__(self, _channel):
        pass

    def declare(self):
        pass


@pytest.fixture(params=["open_on_redis", "open_on_rabbitmq"])
def open_message(request):
    return request.getfixturevalue(request.param)


def test_each_state_and_each_sign_of_a_worker_has_its_routing_key():
    assert {"task.connecting", "task.completed", "task.error"} <= set(ROUTING_KEYS)
    assert {"worker.online", "worker.heartbeat", "worker.offline"} <= set(ROUTING_KEYS)
    assert {"task.multi", "task.received", "task.failed"} <= set(ROUTING_KEYS)
    assert len(ROUTING_KEYS) == 7 + 3 + 9


def test_an_event_is_read(open_message):
    assert open_message(json.dumps(EVENT).encode()) == EVENT


def test_what_is_not_json_by_its_own_word_is_refused(open_message):
    with pytest.raises(Refused):
        open_message(b"cos\nsystem", content_type="application/x-python-serialize")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60_000, b"9" * 60_000])
def test_what_is_not_json_in_truth_raises(open_message, body):
    with pytest.raises((ValueError, RecursionError)):
        open_message(body)


def test_what_is_too_big_is_refused_before_it_is_read(open_message):
    with pytest.raises(Refused, match="too big"):
        open_message(b"[" + b"7," * (MAX_BODY // 2) + b"7]")


def test_the_largest_one_is_read(open_message):
    text = "x" * (MAX_BODY - 2)

    assert open_message(json.dumps(text).encode()) == text


def test_what_is_packed_is_never_unpacked(open_message):
    packed = bz2.compress(bytes(50_000_000))
    tracemalloc.start()

    with pytest.raises(Refused):
        open_message(packed, headers={"compression": "application/x-bz2"})

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def test_on_a_redis_plain_names_are_subscribed_to(subscription):
    RedisStream(subscription, "/0.celeryev/")

    assert subscription.topics == tuple(f"/0.celeryev/{key}" for key in ROUTING_KEYS)
    assert subscription.waiting == []  # all confirmed: from here on nothing is missed


def test_a_redis_that_does_not_confirm_is_silent():
    with pytest.raises(BrokerSilent):
        RedisStream(Subscription(answers=False), "/0.celeryev/")


def test_a_message_that_comes_is_handed_on_as_it_is(subscription):
    stream = RedisStream(subscription, "/0.celeryev/")
    subscription.waiting.append({"type": "message", "data": b"anything"})

    assert stream.next(1) == b"anything"
    assert stream.next(1) is None


def test_of_a_burst_no_more_is_kept_than_was_not_read_yet(redis_url):
    number, body = 4_000, b"x" * 1024
    with Redis.from_url(redis_url) as client, client.pubsub() as subscription:
        stream = RedisStream(subscription, "burst/")
        with client.pipeline(transaction=False) as pipe:
            for k in range(number):
                pipe.publish(f"burst/{ROUTING_KEYS[0]}", b"%d %s" % (k, body))
            pipe.execute()
        tracemalloc.start()

        read = [stream.next(5).split()[0] for _ in range(number - 1)]

        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert read == [b"%d" % k for k in range(number - 1)]
        assert peak < 1_500_000


def test_rabbitmq_s_messages_are_not_decoded_as_their_publisher_likes(monkeypatch):
    monkeypatch.setattr(module, "get_exchange", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(module, "binding", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(module, "Queue", lambda *_args, **_kwargs: Queue)
    channel = Channel()
    stream = RabbitMQStream(None, channel)

    channel.callback("anything")

    assert channel.auto_decode is False
    assert stream.next(1) == "anything"
