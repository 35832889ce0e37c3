"""Workers and beat have a watch each, in threads that are in nobody's way."""

from typing import Any

from celery.signals import beat_init, worker_ready

from mailbeat.alerts.watch import Watch
from tasks.wiring import parts


@worker_ready.connect
def watch_as_worker(**_: Any) -> None:
    start_watch("worker")


@beat_init.connect
def watch_as_beat(**_: Any) -> None:
    # Inside a worker (`-B`) both live and die together: two signs of one process.
    start_watch("beat")


def start_watch(kind: str) -> Watch:
    """Begin in a thread: a database that hangs must not hold up who starts."""
    built = parts()
    watch = Watch(built.sessions, kind, built.watching)
    watch.start()
    return watch
