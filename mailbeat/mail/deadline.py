"""How long a connection may last, whatever the server does."""

import time

from mailbeat.mail.errors import DeadlineExceeded


class Deadline:
    """A moment on the monotonic clock after which nothing is waited for."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, at_most: float) -> float:
        """Return how long one may still wait, in seconds.

        Raises:
            DeadlineExceeded: not at all.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded(
                "The time for this run was over before all messages were labelled. "
                "The next run goes on where this one stopped."
            )
        return min(left, at_most)

    def restart(self, seconds: float) -> None:
        """End in so many seconds from now, whatever the end was before."""
        self._end = time.monotonic() + seconds
