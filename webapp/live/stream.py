"""Celery's event stream as it comes from the broker, message by message.

Kombu only makes the connection. Its consumers look into each message before we could,
and raise for what lacks a field, unpack what is packed (700 bytes become a gigabyte),
and hear everything that is published or, on a Redis, one kind of event. So the message
is taken from the broker as it is, and `decode` alone looks into it.
"""

import json
from base64 import b64decode
from collections import deque
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Protocol
from uuid import uuid4

from celery.events.event import get_exchange
from kombu import Queue, binding

from tasks.events import STATE_EVENTS
from webapp.live.pulse import BrokerSilent, Heartbeats, Pulse
from webapp.live.task_events import CELERY_EVENTS

WORKER_EVENTS = ("worker-online", "worker-heartbeat", "worker-offline")
# As Celery's dispatcher has them. Its own task events a worker sends in groups.
ROUTING_KEYS = (
    *(kind.replace("-", ".") for kind in (*STATE_EVENTS, *WORKER_EVENTS)),
    *(kind.replace("-", ".") for kind in CELERY_EVENTS),
    "task.multi",
)
EXCHANGE = "celeryev"
# An event of ours has 400 bytes, and a worker's heartbeat 300. A group has 24 at most,
# some of them with 1 KB of arguments or a traceback.
MAX_BODY = 256 * 1024  # bytes
MAX_ENVELOPE = MAX_BODY * 4 // 3 + 4096  # bytes: base64, and what is around it
READ_AT_ONCE = 256 * 1024  # bytes that were read and are still kept
KEPT = 5  # seconds that RabbitMQ keeps an event for one who does not take it
ANSWER_WITHIN = 5.0  # seconds
_JSON = "application/json"


class Refused(Exception):
    """A message that is no event. Anybody who reaches the broker can publish it."""


class Stream(Protocol):
    """Subscribed when it is made; raises what its client library does."""

    def next(self, seconds: float) -> Any:
        """The next message as it is, or None after so many seconds."""

    def decode(self, message: Any) -> object:
        """The event, or a list of them; believed by nobody yet.

        Raises:
            Exception: of any kind, for a message that is none of Celery's.
        """

    def check(self) -> None:
        """Ask a silent broker whether it is there; to be called between two reads.

        Raises:
            BrokerSilent: it is not, and the connection is closed.
        """


def open_stream(connection: Any) -> Stream:
    """Subscribe on a kombu connection. When this returns, no event is missed."""
    channel = connection.channel()
    subscription = getattr(channel, "subclient", None)  # a Redis has one
    if subscription is None:
        return RabbitMQStream(connection, channel)
    return RedisStream(subscription, f"{channel.keyprefix_fanout}{EXCHANGE}/")


class RedisStream:
    """`subscription` is redis-py's, `prefix` what stands before a routing key.

    The names are plain ones: with a pattern, names would come from the publisher.
    """

    def __init__(self, subscription: Any, prefix: str) -> None:
        self._subscription = subscription
        topics = [prefix + key for key in ROUTING_KEYS]
        subscription.subscribe(*topics)
        for _ in topics:  # their confirmations come before any message
            if subscription.get_message(timeout=ANSWER_WITHIN) is None:
                raise BrokerSilent
        self._pulse = Pulse(subscription)

    def next(self, seconds: float) -> Any:
        message = self._subscription.get_message(
            ignore_subscribe_messages=True, timeout=seconds
        )
        _forget_what_was_read(self._subscription.connection)
        return None if message is None else message["data"]

    def decode(self, message: bytes) -> object:
        """Of kombu's envelope: JSON around a body in base64."""
        if len(message) > MAX_ENVELOPE:
            raise Refused("too big")
        envelope = json.loads(message)
        body, properties = envelope["body"], envelope["properties"]
        if properties.get("body_encoding") == "base64":
            body = b64decode(body, validate=True)
        return _read(body, envelope.get("content-type"), envelope.get("headers"))

    def check(self) -> None:
        self._pulse.check()


def _forget_what_was_read(connection: Any) -> None:
    """Have redis-py's parser keep no more than it has not read yet.

    It forgets only when it has read everything, which in a burst it never has: 300,000
    events took 110 MB, and a stream without end would take all there is.
    """
    parser = getattr(connection, "_parser", None)
    buffer = getattr(getattr(parser, "_buffer", None), "_buffer", None)
    if isinstance(buffer, BytesIO) and buffer.tell() > READ_AT_ONCE:
        unread = buffer.read()
        buffer.seek(0)
        buffer.truncate()
        buffer.write(unread)
        buffer.seek(0)


class RabbitMQStream:
    """`connection` and `channel` are kombu's over AMQP."""

    def __init__(self, connection: Any, channel: Any) -> None:
        self._connection = connection
        self._arrived: deque[Any] = deque()
        # The publisher names the encoding, and some take hours for a large body.
        channel.auto_decode = False
        exchange = get_exchange(connection, name=EXCHANGE)
        queue = Queue(
            f"{EXCHANGE}.{uuid4()}",
            bindings=[binding(exchange, routing_key=key) for key in ROUTING_KEYS],
            durable=False,
            exclusive=True,
            auto_delete=True,
            message_ttl=KEPT,
        )(channel)
        queue.declare()
        channel.basic_consume(queue.name, no_ack=True, callback=self._arrived.append)
        self._heartbeats = Heartbeats(connection)

    def next(self, seconds: float) -> Any:
        if not self._arrived:
            try:
                self._connection.drain_events(timeout=seconds)
            except TimeoutError:
                return None
        return self._arrived.popleft() if self._arrived else None

    def decode(self, message: Any) -> object:
        properties = message.properties
        headers = properties.get("application_headers")
        return _read(message.body, properties.get("content_type"), headers)

    def check(self) -> None:
        self._heartbeats.check()


def _read(body: Any, content_type: object, headers: object) -> object:
    if len(body) > MAX_BODY:
        raise Refused("too big")
    if content_type != _JSON:
        raise Refused("not JSON")
    if isinstance(headers, Mapping) and headers.get("compression"):
        raise Refused("packed")
    return json.loads(body)
