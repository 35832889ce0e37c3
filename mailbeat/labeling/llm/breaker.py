"""Leaves a model alone that failed several times, so that no run waits for it."""

import threading
import time
from collections.abc import Callable

FAILURES = 3  # in a row, till it is left alone
PAUSE = 300.0  # seconds
LONGEST_PAUSE = 3600.0  # seconds, if it asks to be left alone for longer


class Breaker:
    """Closed at first. Open after failures, for a time; then one call tries it again.

    Safe to use from many threads.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until: float | None = None

    @property
    def is_open(self) -> bool:
        with self._lock:
            return self._open_until is not None and self._clock() < self._open_until

    def may_pass(self) -> bool:
        """Whether to call now. After a pause one is let through, and decides."""
        with self._lock:
            if self._open_until is None:
                return True
            if self._clock() < self._open_until:
                return False
            self._open_until = self._clock() + PAUSE
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0
            self._open_until = None

    def failed(self, *, at_once: bool = False, pause: float = 0.0) -> bool:
        """Count a failure; return whether the breaker is open now.

        `at_once` opens it with the first: a wrong key is wrong the next time, too.
        `pause` is how long the model asked to be left alone, in seconds.
        """
        with self._lock:
            self._failures += 1
            was_tried = self._open_until is not None
            if at_once or pause or was_tried or self._failures >= FAILURES:
                seconds = min(max(PAUSE, pause), LONGEST_PAUSE)
                self._open_until = self._clock() + seconds
            return self._open_until is not None
