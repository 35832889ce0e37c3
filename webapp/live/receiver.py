"""Hears Celery's event stream: one thread per web process, whatever the broker does.

Celery's own `capture()` ends when Redis goes away, and its `run()` waits up to 30 s
before it tries again; so the loop is ours, and so is every look at what arrives.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from celery import Celery
from celery.events.receiver import EventReceiver

from tasks.broker import patience, speaks_amqp, verification
from tasks.events import STATE_EVENTS, StatusEvent, parse_event
from webapp.live.pulse import ASK_AFTER, BrokerSilent, Heartbeats, Pulse

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 2.0  # seconds between two tries to connect
TURN = 1.0  # seconds that one wait for events lasts
GONE_AFTER = 10.0  # seconds: five beats of a worker missed
MAX_WORKERS = 1000  # known at once; more are nonsense
MAX_NAME = 200  # characters of a worker's name
WORKER_EVENTS = ("worker-online", "worker-heartbeat", "worker-offline")

log = structlog.get_logger(__name__)


class Receiver:
    """`on_event` and `on_connected` are called in the receiver's thread.

    `on_connected` comes after the subscription: what is read from the database from
    then on has no gap to the events.
    """

    def __init__(
        self,
        broker: str,
        *,
        on_event: Callable[[StatusEvent], None],
        on_connected: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = _app(broker)
        self._on_event = on_event
        self._on_connected = on_connected
        self._clock = clock
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._heard: dict[str, float] = {}  # worker's name -> when, monotonic
        self._listening_since: float | None = None
        self.deaf_since: datetime | None = datetime.now(UTC)
        self._thread = threading.Thread(target=self._run, name="receiver", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; it does within a `TURN`."""
        self._stopping.set()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def workers(self) -> list[str] | None:
        """Names of the workers online; None when that cannot be known at present."""
        now = self._clock()
        with self._lock:
            since = self._listening_since
            if since is None:
                return None
            known = [name for name, at in self._heard.items() if now - at < GONE_AFTER]
        if not known and now - since < GONE_AFTER / 2:
            return None  # nobody can have been heard yet
        return sorted(known)

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                with self._subscribed() as receive:
                    pause = FIRST_PAUSE
                    self._hear()
                    while not self._stopping.is_set():
                        receive()
            except Exception as error:  # noqa: BLE001 # the loop outlives every broker
                self._fall_deaf(error)
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    @contextmanager
    def _subscribed(self) -> Iterator[Callable[[], None]]:
        """Subscribe with a fresh connection; yields what waits for events."""
        with self._app.connection_for_read(heartbeat=ASK_AFTER) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
            receiver = _Receiver(connection, app=self._app)
            receiver.on_body = self.take
            # It has a connection of its own, a clone of ours. The stubs are wrong here.
            context: Any = receiver.consumer_context(wakeup=False)
            with context as (own, channel, _consumers):
                with suppress(TimeoutError):
                    own.drain_events(timeout=0.01)  # this sends the subscription
                pulse = _pulse(own, channel)

                def receive() -> None:
                    with suppress(TimeoutError):
                        own.drain_events(timeout=TURN)
                    try:
                        pulse.check()
                    except BrokerSilent as error:
                        # At once: to leave a broker that hangs takes seconds.
                        self._fall_deaf(error)
                        raise

                yield receive

    def _hear(self) -> None:
        with self._lock:
            self._heard.clear()
            self._listening_since = self._clock()
        log.info("feed_up", deaf_since=self.deaf_since)
        self.deaf_since = None
        self._on_connected()

    def _fall_deaf(self, error: Exception) -> None:
        with self._lock:
            self._listening_since = None
        if self.deaf_since is None:
            self.deaf_since = datetime.now(UTC)
            log.warning("feed_down", error=type(error).__name__)

    def take(self, body: object) -> None:
        """Look at what arrived. Anybody who reaches the broker may have sent it."""
        if isinstance(body, list):  # Celery sends its own task events in groups
            for one in body:
                self._take_one(one)
        else:
            self._take_one(body)

    def _take_one(self, body: object) -> None:
        if not isinstance(body, Mapping):
            return
        kind = body.get("type")
        if kind in STATE_EVENTS:
            event = parse_event(body)
            if event is not None:
                self._on_event(event)
        elif kind in WORKER_EVENTS:
            self._note_worker(str(kind), body.get("hostname"))

    def _note_worker(self, kind: str, name: object) -> None:
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
            return
        now = self._clock()
        with self._lock:
            if kind == "worker-offline":
                self._heard.pop(name, None)
            elif name in self._heard or len(self._heard) < MAX_WORKERS:
                self._heard[name] = now
            else:
                gone = [n for n, at in self._heard.items() if now - at >= GONE_AFTER]
                for one in gone:
                    del self._heard[one]


class _Receiver(EventReceiver):
    """Hands over whole bodies, and passes over what cannot be read.

    Celery's own looks into each body, and raises for one that has no `type`.
    """

    on_body: Callable[[object], None]
    queue: Any  # of EventReceiver, which says it nowhere

    def get_consumers(self, consumer_class: Any, channel: Any) -> list[Any]:  # noqa: ARG002 # Celery's signature
        return [
            consumer_class(
                queues=[self.queue],
                callbacks=[lambda body, _message: self.on_body(body)],
                on_decode_error=lambda _message, _error: None,
                no_ack=True,
                accept=["json"],
            )
        ]


def _pulse(connection: Any, channel: Any) -> Pulse | Heartbeats:
    subscription = getattr(channel, "subclient", None)  # a Redis has one
    return Heartbeats(connection) if subscription is None else Pulse(subscription)


def _app(broker: str) -> Celery:
    """Only to listen: without the settings and the tasks of a worker."""
    app = Celery("mailbeat-web", broker=broker, set_as_current=False)
    options = patience(broker, answer=5, connect=2)
    if not speaks_amqp(broker):
        options["health_check_interval"] = ASK_AFTER
    app.conf.update(
        accept_content=["json"],
        broker_connection_timeout=3,
        broker_transport_options=options,
        broker_use_ssl=verification(broker),
    )
    return app
