"""Tells the world where runs stand, and never lets a run wait for it.

`publish` only puts a step into a queue. One thread per process sends it: as an event
on Celery's stream and as a Celery task state. The first step of each phase and the end
are told at once, in order; of the others the newest wins, at most five a second for
each run, for a run with many batches goes to and fro between categorizing and labeling.
While the broker is away the steps of a run shrink to its newest, which is told when it
is back.
"""

import threading
import time
from collections import deque
from collections.abc import Collection
from contextlib import suppress
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import structlog
from celery import Celery
from celery.backends.redis import RedisBackend

from mailbeat.labeling.progress import RunState, RunStep
from tasks.broker import let_go, patience
from tasks.events import event_fields, event_type

PERIOD = 0.2  # seconds between two events of one run inside a phase
GATHER = 0.01  # seconds between two round trips: what comes meanwhile goes together
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 2.0  # seconds between tries while the broker is away
RESULTS_PAUSE = 30.0  # seconds until a server of results that was away is tried again
PATIENCE = 2  # seconds that the broker has for an answer
SILENT = 60.0  # seconds after which nothing more is expected of a run
MAX_STEPS = 32  # of one run, waiting
MAX_RUNS = 10_000  # waiting
AT_ONCE = 100  # steps told together, and those of one run more

_Due = tuple[str, RunStep]  # whose hostname, and what

log = structlog.get_logger(__name__)


class _Waiting:
    """What is still to be told of one run."""

    __slots__ = ("hostname", "known", "sent_at", "steps")

    def __init__(self, hostname: str) -> None:
        self.hostname = hostname
        self.steps: deque[tuple[RunStep, bool]] = deque(maxlen=MAX_STEPS)
        self.known: set[RunState] = set()  # phases that it was in
        self.sent_at = float("-inf")  # monotonic

    def add(self, step: RunStep) -> bool:
        """Put a step in; False when it only took the place of one that waits."""
        is_news = step.progress.state not in self.known or step.outcome is not None
        self.known.add(step.progress.state)
        if not is_news and self.steps and not self.steps[-1][1]:
            self.steps[-1] = (step, False)
            return False
        self.steps.append((step, is_news))
        return True

    def due_at(self) -> float:
        """When the first step may go out: at once if it, or one behind it, is news."""
        return float("-inf") if self.news() else self.sent_at + PERIOD

    def news(self) -> int:
        """How many steps there are up to the last that is news."""
        places = (n for n, (_, is_news) in enumerate(self.steps, 1) if is_news)
        return max(places, default=0)

    def first(self, *, everything: bool) -> list[RunStep]:
        """The steps that go out together, in order; `everything` at the end."""
        count = len(self.steps) if everything else self.news() or 1
        return [step for step, _ in islice(self.steps, count)]


def _task_state(step: RunStep) -> dict[str, Any]:
    """What `AsyncResult` reads: its state, and our fields as its info."""
    fields = event_fields(step)
    fields.pop("result", None)
    return {
        "status": str(step.progress.state).upper(),
        "result": fields,
        "traceback": None,
        "children": [],
        "date_done": None,
        "task_id": step.run_id,
    }


class Reporter:
    def __init__(self, app: Celery) -> None:
        self._app = app
        self._changed = threading.Condition()
        self._runs: dict[str, _Waiting] = {}
        self._thread: threading.Thread | None = None
        self._closing = False
        self._hurry = threading.Event()  # ends the pause between two tries
        self._storing_from = float("-inf")  # monotonic
        self._connection: Any = None
        self._dispatcher: Any = None

    def publish(self, step: RunStep, *, hostname: str) -> None:
        """Have a step told. Never raises and never waits for the broker.

        `hostname` is the worker's own name (`task.request.hostname`); with any other
        Flower shows a worker that does not exist.
        """
        with self._changed:
            if self._closing:
                return
            waiting = self._runs.get(step.run_id)
            if waiting is None:
                self._forget_silent_runs()
                if len(self._runs) >= MAX_RUNS:
                    return
                waiting = self._runs[step.run_id] = _Waiting(hostname)
            is_more = waiting.add(step)
            self._start_once()
            if is_more:
                self._changed.notify()

    def close(self, timeout: float = 1.0) -> None:
        """Tell what is still to be told, for at most `timeout` seconds, and end."""
        end = time.monotonic() + timeout
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._hurry.set()
        if self._thread is not None:
            self._thread.join(max(end - time.monotonic(), 0))

    def _forget_silent_runs(self) -> None:
        """A run that lost its lease ends without a last step."""
        long_ago = time.monotonic() - SILENT
        for run_id, waiting in tuple(self._runs.items()):
            if not waiting.steps and waiting.sent_at < long_ago:
                del self._runs[run_id]

    def _start_once(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(
                target=self._tell_forever, name="reporter", daemon=True
            )
            self._thread.start()

    # The thread

    def _tell_forever(self) -> None:
        pause = 0.0
        while True:
            due = self._wait_for_due()
            if due is None:
                self._take_leave()
                return
            try:
                self._tell(due)
            except Exception as error:  # noqa: BLE001 # the loop outlives any broker
                if not pause:
                    log.warning("status not told", error=type(error).__name__)
                pause = min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
                self._disconnect()
                self._shrink()
                if self._closing:
                    return
                self._hurry.wait(pause)
            else:
                if pause:
                    log.info("status is told again")
                pause = 0.0
                self._hurry.wait(GATHER)

    def _wait_for_due(self) -> list[_Due] | None:
        """The next steps to tell, when it is time; None at the end."""
        with self._changed:
            while True:
                due, rest = self._due()
                if due:
                    return due
                if self._closing:
                    return None
                self._changed.wait(rest)

    def _due(self) -> tuple[list[_Due], float | None]:
        """What is due, each run's in order, and the seconds until more is."""
        now = time.monotonic()
        due: list[_Due] = []
        rest: float | None = None
        for waiting in self._runs.values():
            if not waiting.steps:
                continue
            wait = waiting.due_at() - now
            if wait > 0 and not self._closing:
                rest = wait if rest is None else min(wait, rest)
                continue
            steps = waiting.first(everything=self._closing)
            due += [(waiting.hostname, step) for step in steps]
            if len(due) >= AT_ONCE:
                break
        return due, rest

    def _tell(self, due: list[_Due]) -> None:
        """Tell steps in few round trips. Of each run the newest is the state."""
        self._connect()
        with self._dispatcher.producer.batch(AT_ONCE):
            for hostname, step in due:
                self._dispatcher.hostname = hostname
                self._dispatcher.send(event_type(step), **event_fields(step))
        self._store({step.run_id: step for _, step in due}.values())
        with self._changed:
            for _, step in due:
                self._told(step)

    def _store(self, steps: Collection[RunStep]) -> None:
        """Store steps as Celery task states, in one round trip.

        Where results have a server of their own and that is away, events do not wait
        for it: for a while nothing is stored.
        """
        backend = self._app.backend
        if not isinstance(backend, RedisBackend):
            return  # there are no results
        if time.monotonic() < self._storing_from:
            return
        try:
            # As `store_result` does, but for its look at the state before, which no
            # other writes, and its message to who waits for an end of Celery's own.
            with backend.client.pipeline(transaction=False) as pipeline:
                for step in steps:
                    key = backend.get_key_for_task(step.run_id)
                    state = backend.encode(_task_state(step))
                    pipeline.set(key, state, ex=self._app.conf.result_expires)
                pipeline.execute()
        except Exception as error:
            if not self._results_are_apart():
                raise  # the broker is away; the steps are told when it is back
            log.warning("states not stored", error=type(error).__name__)
            self._storing_from = time.monotonic() + RESULTS_PAUSE

    def _results_are_apart(self) -> bool:
        conf = self._app.conf
        broker, results = urlsplit(str(conf.broker_url)), urlsplit(conf.result_backend)
        return (broker.hostname, broker.port) != (results.hostname, results.port)

    def _told(self, step: RunStep) -> None:
        waiting = self._runs.get(step.run_id)
        if waiting is None:
            return
        waiting.sent_at = time.monotonic()
        # A newer step may have taken its place meanwhile.
        if waiting.steps and waiting.steps[0][0] is step:
            waiting.steps.popleft()
        if step.outcome is not None and not waiting.steps:
            del self._runs[step.run_id]

    def _shrink(self) -> None:
        """Keep only the newest step of each run: the others are history by now."""
        with self._changed:
            for waiting in self._runs.values():
                while len(waiting.steps) > 1:
                    waiting.steps.popleft()

    def _connect(self) -> None:
        if self._dispatcher is not None:
            return
        url = str(self._app.conf.broker_url)
        connection = self._app.connection_for_write(
            connect_timeout=PATIENCE,
            transport_options=patience(url, answer=PATIENCE, connect=PATIENCE),
        )
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
            self._dispatcher = self._app.events.Dispatcher(
                connection, buffer_while_offline=False
            )
        except Exception:
            let_go(connection)
            raise
        self._connection = connection

    def _take_leave(self) -> None:
        """Disconnect in due form: RabbitMQ may drop what came last before a cut."""
        if self._connection is not None:
            with suppress(Exception):  # it broke meanwhile
                self._connection.release()
        self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection, self._dispatcher = self._connection, None, None
        if connection is not None:
            let_go(connection)
