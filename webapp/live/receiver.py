"""Hears Celery's event stream: one thread per web process, whatever the broker does.

Celery's own `capture()` ends when Redis goes away, and its `run()` waits up to 30 s
before it tries again; so the loop is ours, and so is every look at what arrives. One
message that cannot be understood costs itself, never the connection: while that is
made anew nothing is heard.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from celery import Celery

from tasks.broker import patience, speaks_amqp, verification
from tasks.events import STATE_EVENTS, StatusEvent, parse_event
from webapp.live.pulse import ASK_AFTER, BrokerSilent
from webapp.live.stream import WORKER_EVENTS, Refused, Stream, open_stream
from webapp.live.task_events import CELERY_EVENTS

# Seconds between two tries to connect. A broker that is back is heard within 2 s: the
# longest pause, and the time to connect.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 1.0
TURN = 1.0  # seconds that one wait for events lasts
GONE_AFTER = 10.0  # seconds: five beats of a worker missed
MAX_WORKERS = 1000  # known at once; more are nonsense
MAX_NAME = 200  # characters of a worker's name
MAX_COUNT, MAX_LOAD = 2**53, 1e6  # of what a worker tells
TELL_EVERY = 60.0  # seconds between two words on what was refused

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a worker told in its last heartbeat; `at` is our monotonic clock's time."""

    at: float
    active: int | None = None
    processed: int | None = None
    load: tuple[float, ...] = ()
    celery: str | None = None


class Receiver:
    """`on_event`, `on_task` and `on_connected` are called in the receiver's thread.

    `on_task` gets the events of all tasks as they are, those of our runs among them.

    `on_connected` comes after the subscription: what is read from the database from
    then on has no gap to the events.
    """

    def __init__(
        self,
        broker: str,
        *,
        on_event: Callable[[StatusEvent], None],
        on_connected: Callable[[], None],
        on_task: Callable[[Mapping[str, Any]], None] = lambda _raw: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = _app(broker)
        self._on_event = on_event
        self._on_connected = on_connected
        self._on_task = on_task
        self._clock = clock
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._heard: dict[str, Heard] = {}  # by a worker's name
        self._listening_since: float | None = None
        self.deaf_since: datetime | None = datetime.now(UTC)
        self.refused = 0  # messages and events that were none of ours
        self._refused_told = 0
        self._told_at = float("-inf")
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
        heard = self.heartbeats()
        return None if heard is None else sorted(heard)

    def heartbeats(self) -> dict[str, tuple[float, Heard]] | None:
        """How many seconds ago each worker online was heard, and what it told.

        None when that cannot be known at present.
        """
        now = self._clock()
        with self._lock:
            since = self._listening_since
            if since is None:
                return None
            known = {
                name: (now - one.at, one)
                for name, one in self._heard.items()
                if now - one.at < GONE_AFTER
            }
        if not known and now - since < GONE_AFTER / 2:
            return None  # nobody can have been heard yet
        return known

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                with self._app.connection_for_read(heartbeat=ASK_AFTER) as connection:
                    connection.ensure_connection(max_retries=1, interval_start=0)
                    stream = open_stream(connection)
                    pause = FIRST_PAUSE
                    self._hear()
                    while not self._stopping.is_set():
                        self._receive(stream)
            except Exception as error:  # noqa: BLE001 # the loop outlives every broker
                self._fall_deaf(error)
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _receive(self, stream: Stream) -> None:
        """Wait for one message, and take it."""
        message = stream.next(TURN)
        if message is not None:
            try:
                self.take(stream.decode(message))
            except Exception as error:  # noqa: BLE001 # the loop outlives every message
                self._refuse(error)
        try:
            stream.check()
        except BrokerSilent as error:
            # At once: to leave a broker that hangs takes seconds.
            self._fall_deaf(error)
            raise

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

    def _refuse(self, error: Exception) -> None:
        """Count what was refused, and say so once a minute."""
        self.refused += 1
        now = self._clock()
        if now - self._told_at >= TELL_EVERY:
            self._told_at = now
            number = self.refused - self._refused_told
            self._refused_told = self.refused
            newest = str(error) if isinstance(error, Refused) else type(error).__name__
            log.warning("events_refused", number=number, newest=newest)

    def take(self, body: object) -> None:
        """Look at what arrived. Anybody who reaches the broker may have sent it."""
        if isinstance(body, list):  # Celery can send events in groups
            for one in body:
                self._take_one(one)
        else:
            self._take_one(body)

    def _take_one(self, body: object) -> None:
        if not isinstance(body, Mapping):
            self._refuse(Refused("no event"))
            return
        kind = body.get("type")
        if kind in STATE_EVENTS:
            event = parse_event(body)
            if event is None:
                self._refuse(Refused("not of ours"))
            else:
                self._on_event(event)
                self._on_task(body)
        elif isinstance(kind, str) and kind in CELERY_EVENTS:
            self._on_task(body)
        elif kind in WORKER_EVENTS:
            self._note_worker(str(kind), body.get("hostname"), body)

    def _note_worker(self, kind: str, name: object, body: Mapping[Any, object]) -> None:
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
            return
        now = self._clock()
        with self._lock:
            self._heard.pop(name, None)  # who beat last stands last
            while (
                self._heard and now - next(iter(self._heard.values())).at >= GONE_AFTER
            ):
                del self._heard[next(iter(self._heard))]
            if kind != "worker-offline" and len(self._heard) < MAX_WORKERS:
                self._heard[name] = _heard(body, now)


def _heard(body: Mapping[Any, object], now: float) -> Heard:
    """Read a heartbeat, as far as it is one."""
    load, celery = body.get("loadavg"), body.get("sw_ver")
    return Heard(
        at=now,
        active=_count(body.get("active")),
        processed=_count(body.get("processed")),
        load=tuple(one for one in load[:3] if _is_load(one))
        if isinstance(load, list)
        else (),
        celery=celery[:20] if isinstance(celery, str) else None,
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < MAX_COUNT else None


def _is_load(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < MAX_LOAD


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
