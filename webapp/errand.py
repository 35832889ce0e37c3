"""Work at another server that a page tells of while it is done.

It is done in a thread of its own, so that the page can say at every moment that there
is no news: that is how a browser that has gone is noticed, and the work given up.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Generic, TypeVar

import structlog

from webapp.verify import one_of_few

BEAT = 1.0  # seconds of silence till that is told
# webapp.server.ANSWER_WITHIN cuts off what takes 30.
LONGEST = 27.0  # seconds

T = TypeVar("T")
Work = Callable[[Callable[[T], None], Callable[[], bool]], None]

log = structlog.get_logger(__name__)


class Errand(Generic[T]):
    """`work` is called with what to tell news by, and with what says: nobody listens.

    It `has_ended` by itself, or time was over.

    Raises:
        Problem: too many are on their way at this moment.
    """

    def __init__(self, work: Work[T]) -> None:
        self._work = work
        self._queue: SimpleQueue[tuple[T] | None] = SimpleQueue()
        self._left = Event()
        self.has_ended = False
        with ExitStack() as stack:
            stack.enter_context(one_of_few())
            thread = Thread(target=self._do, args=(stack.pop_all(),), daemon=True)
        thread.start()

    def news(self) -> Iterator[T | None]:
        """Yield what is told till the work has ended, and None where it is silent.

        Whoever closes this ends the work; so does time, after `LONGEST`.
        """
        end = time.monotonic() + LONGEST
        try:
            while (left := end - time.monotonic()) > 0:
                try:
                    told = self._queue.get(timeout=min(BEAT, left))
                except Empty:
                    yield None
                    continue
                if told is None:
                    self.has_ended = True
                    return
                yield told[0]
        finally:
            self._left.set()

    def _do(self, place: ExitStack) -> None:
        with place:
            try:
                self._work(lambda one: self._queue.put((one,)), self._left.is_set)
            except Exception:  # a thread has nobody above it; the page says it failed
                log.exception("errand_failed")
            finally:
                self._queue.put(None)
