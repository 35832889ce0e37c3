"""How long a connection may last, whatever the server does."""

import time
from collections.abc import Callable, Iterator

from mailbeat.mail.errors import DeadlineExceeded

LOOK_EVERY = 0.5  # seconds a stop may come late while the server says nothing


class Stopped(Exception):
    """Whoever works on the mailbox is to stop, and waits for nothing any more."""


def never() -> bool:
    return False


class Deadline:
    """A moment on the monotonic clock after which nothing is waited for.

    `is_stopped` ends the waiting before that.
    """

    def __init__(
        self, seconds: float, *, is_stopped: Callable[[], bool] = never
    ) -> None:
        self._end = time.monotonic() + seconds
        self._is_stopped = is_stopped

    def left(self, at_most: float) -> float:
        """Return how long one may still wait, in seconds.

        Raises:
            DeadlineExceeded: not at all.
            Stopped: as little.
        """
        if self._is_stopped():
            raise Stopped
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded(
                "The time for this run was over before all messages were labelled. "
                "The next run goes on where this one stopped."
            )
        return min(left, at_most)

    def slices(self, seconds: float) -> Iterator[float]:
        """Yield how long to wait next, till `seconds` are over; so a stop is seen soon.

        Raises:
            DeadlineExceeded: the end came before.
            Stopped: as little.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            yield self.left(min(left, LOOK_EVERY))
        self.left(0)

    def part(self, seconds: float) -> "Deadline":
        """Return one for a part of the work: it ends by then, and not after this."""
        return Deadline(self.left(seconds), is_stopped=self._is_stopped)

    def restart(self, seconds: float) -> None:
        """End in so many seconds from now, whatever the end or a stop was before."""
        self._is_stopped = never
        self._end = time.monotonic() + seconds
