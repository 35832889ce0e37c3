"""What a worker says of itself every few seconds, and how it does what people want.

Its pool changes and its end begins here, at the worker itself: no command has to find
its way through the broker, and one that is given while the broker is away still counts.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import structlog
from celery import __version__ as celery_version
from celery.signals import (
    task_failure,
    task_postrun,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)
from celery.worker import state as celery_state

from mailbeat.db.processes import MAX_SIZE, MOST_RUNNING, Kind, Wishes
from mailbeat.pulse import Pulse, this_process
from tasks.metering import meter
from tasks.wiring import parts

RUN = "tasks.account.process_account"

log = structlog.get_logger(__name__)


class Counts:
    """How many tasks this worker did, and how many of them came to no good end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.processed = self.failed = 0

    def ended(self) -> None:
        with self._lock:
            self.processed += 1

    def broke(self) -> None:
        with self._lock:
            self.failed += 1


counts = Counts()


class WorkerLife:
    """The facts of a worker; `consumer` is Celery's, whose pool it has."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self._size_heard: int | None = None
        self._is_ending = False

    def facts(self) -> dict[str, Any]:
        pool = self._consumer.pool
        return {
            "pool": _name_of(pool),
            "size": pool.num_processes,
            "can_resize": hasattr(pool, "grow"),
            "processed": counts.processed,
            "failed": counts.failed,
            "active": len(celery_state.active_requests),
            "running": list(_running()),
            "celery": celery_version,
        }

    def hear(self, wishes: Wishes) -> None:
        if wishes.stop and not self._is_ending:
            self._is_ending = True
            log.info("asked to stop")
            # As if its host asked: runs stop at their next message.
            os.kill(os.getpid(), signal.SIGTERM)
        elif wishes.size is not None and wishes.size != self._size_heard:
            # Once: it may be changed by `celery control` since.
            self._resize(min(max(wishes.size, 1), MAX_SIZE))
            self._size_heard = wishes.size

    def _resize(self, size: int) -> None:
        pool = self._consumer.pool
        if not hasattr(pool, "grow"):
            return
        more = size - pool.num_processes
        if more > 0:
            pool.grow(more)
        elif more < 0:
            pool.shrink(-more)
        if more:
            # How many messages RabbitMQ hands out; the consumer tells it in its turn.
            self._consumer._update_prefetch_count(more)  # noqa: SLF001 # as Celery's own command does
            log.info("threads changed", threads=pool.num_processes)


def _running() -> Iterator[dict[str, Any]]:
    now = time.time()
    for request in list(celery_state.active_requests)[:MOST_RUNNING]:
        args = request.args if request.name == RUN else ()
        began = request.time_start or now
        yield {
            "id": request.id,
            "task": request.name,
            "account_id": args[0] if args and isinstance(args[0], int) else None,
            "age": round(max(now - began, 0)),
        }


def _name_of(pool: Any) -> str:
    """`threads`, `prefork`, ... as on the command line."""
    module = type(pool).__module__.rpartition(".")[2]
    return "threads" if module in {"thread", "pool"} else module


@task_postrun.connect
def _count(**_: Any) -> None:
    counts.ended()


@task_failure.connect
def _count_failure(**_: Any) -> None:
    counts.broke()


_pulses: list[Pulse] = []  # of this process; one at most


@worker_ready.connect
def begin(sender: Any, **_: Any) -> None:
    life = WorkerLife(sender)
    pulse = Pulse(
        parts().own_sessions,
        this_process(Kind.WORKER, sender.hostname),
        facts=life.facts,
        heard=life.hear,
        meter=meter,
    )
    _pulses[:] = [pulse]
    pulse.start()


@worker_shutting_down.connect
def say_that_it_ends(**_: Any) -> None:
    for pulse in _pulses:
        pulse.stopping()


@worker_shutdown.connect
def end(**_: Any) -> None:
    """Say goodbye; the next is the end of the process."""
    for pulse in _pulses:
        pulse.stop()
