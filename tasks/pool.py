"""A worker's threads, of which there may be more or fewer while it runs.

Celery's own pool of threads has a fixed size: `pool_grow` breaks on it.
"""

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery.concurrency.thread import TaskPool


class ThreadPool(TaskPool):
    """It also obeys `celery control pool_grow` and `pool_shrink`, and Flower's buttons.

    A thread that is not wanted any more is parked: it has a job that waits. It gets
    that when a run before has ended, so to shrink interrupts nothing.
    """

    limit: int
    executor: ThreadPoolExecutor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._changing = threading.Lock()
        self._parked: deque[threading.Event] = deque()

    def grow(self, n: int = 1) -> None:
        with self._changing:
            for _ in range(n):
                if self._parked:
                    self._parked.pop().set()
                else:
                    self.executor._max_workers += 1  # noqa: SLF001 # there is no other way to add one
            self.limit += n

    def shrink(self, n: int = 1) -> None:
        """Take threads away; one is always left."""
        with self._changing:
            n = min(n, self.limit - 1)
            for _ in range(n):
                leave = threading.Event()
                self._parked.append(leave)
                self.executor.submit(leave.wait)
            self.limit -= n

    def on_stop(self) -> None:
        with self._changing:
            while self._parked:
                self._parked.pop().set()
        super().on_stop()
