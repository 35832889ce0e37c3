"""Says to somebody outside that beat does its work: who hears nothing raises the alarm.

Mailbeat cannot report that its whole host is gone; a service such as healthchecks.io
can.
"""

import threading
import time
from collections.abc import Callable

import structlog

AT_MOST_EVERY = 60.0  # seconds
PATIENCE = 10.0  # seconds for an answer

log = structlog.get_logger(__name__)


class DeadMan:
    """`ping` never raises and never waits; a thread asks the address."""

    def __init__(
        self, url: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._clock = clock
        self._pinged_at = float("-inf")
        self._wanted = threading.Event()
        self._is_failing = False
        self._thread: threading.Thread | None = None

    def ping(self) -> bool:
        """After each good cycle; False when the last one was just now."""
        now = self._clock()
        if now - self._pinged_at < AT_MOST_EVERY:
            return False
        self._pinged_at = now
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._tell_forever, name="deadman", daemon=True
            )
            self._thread.start()
        return True

    def _tell_forever(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            self._say(self.tell())

    def tell(self) -> str | None:
        """Ask the address once; None, or what went wrong. Its answer is not read."""
        import httpx  # who has no address does not pay for it

        try:
            with (
                httpx.Client(timeout=PATIENCE, follow_redirects=False) as client,
                client.stream("GET", self._url) as answer,
            ):
                return None if answer.is_success else f"status {answer.status_code}"
        except Exception as error:  # noqa: BLE001 # the loop outlives every answer
            return type(error).__name__

    def _say(self, failure: str | None) -> None:
        """The address itself is a secret: who knows it can calm the alarm."""
        if failure and not self._is_failing:
            log.warning("dead man's switch not told", error=failure)
        elif self._is_failing and not failure:
            log.info("dead man's switch told again")
        self._is_failing = failure is not None
