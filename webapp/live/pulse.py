"""Whether the subscription to the event stream still answers.

A broker that hangs, or a router that forgot the connection, closes nothing: the stream
is only silent, as it is when no worker has anything to say. So a silent Redis is asked,
and its answers are missed (redis-py asks too, and never looks for them), and with
RabbitMQ both sides send heartbeats.
"""

import time
from collections.abc import Callable
from typing import Any

# A subscription that was silent for so long is asked. Workers beat every 2 s.
ASK_AFTER = 5  # seconds: redis-py's health_check_interval, RabbitMQ's heartbeat
ANSWER_WITHIN = 3.0  # seconds
LOOK_EVERY = 0.5  # seconds; events come by the thousand


class BrokerSilent(Exception):
    """The broker is connected, and does not answer."""


class Pulse:
    """Asks a Redis; `subscription` is redis-py's."""

    def __init__(
        self, subscription: Any, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._subscription = subscription
        self._clock = clock
        self._looked_at = clock()
        self._asked_at: float | None = None

    def check(self) -> None:
        """Ask when it is time; to be called between two reads.

        Raises:
            BrokerSilent: it did not answer. The connection is closed, for redis-py
                would wait for the answers before it says anything else on it.
        """
        now = self._clock()
        if now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        if not self._subscription.health_check_response_counter:
            self._asked_at = None
            self._subscription.check_health()
        elif self._asked_at is None:
            self._asked_at = now
        elif now - self._asked_at >= ANSWER_WITHIN:
            self._subscription.health_check_response_counter = 0
            if self._subscription.connection is not None:
                self._subscription.connection.disconnect()
            raise BrokerSilent


class Heartbeats:
    """Sends and awaits RabbitMQ's heartbeats; `connection` is kombu's."""

    def __init__(
        self, connection: Any, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._looked_at = clock()

    def check(self) -> None:
        """Send one when it is time; to be called between two reads.

        Raises:
            BrokerSilent: two of the broker's did not come. The connection is closed,
                or to take leave of it would wait for the answers.
        """
        now = self._clock()
        if now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        try:
            self._connection.heartbeat_check()
        except self._connection.connection_errors as error:
            self._connection.collect()
            raise BrokerSilent from error
