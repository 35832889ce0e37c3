"""How many WebSocket handshakes an address spends, and when it has none left.

A socket that stays costs nothing, for its place is counted: behind one address there
may be as many browsers as there are places. What is counted is what can be done again
and again: handshakes that were refused, and sockets that their client ended, or
misused, within a minute. Those that we ended, as at every restart, are free.
"""

import time
from collections import Counter
from collections.abc import Callable
from threading import Lock

import structlog

from mailbeat.settings import Settings
from webapp.attempts import MOST_COUNTED, WINDOW, HereCounts, SharedCounts, network_of

PER_MINUTE = 20
USUAL_CLIENTS = Settings.model_fields["ws_max_clients"].default
AT_ONCE = 100  # addresses told to Redis in one turn

log = structlog.get_logger(__name__)


def most_handshakes(most_clients: int) -> int:
    """How many one address may spend in a minute.

    Who set more places than the default expects many from one address: a proxy that
    names no others, or a program that tries out the load.
    """
    return PER_MINUTE if most_clients <= USUAL_CLIENTS else most_clients


class Handshakes:
    """Counted in this process at once, and in Redis for all by `share`.

    `redis_url` None: this process counts for itself. Many at the very same time may be
    more than `most`, by as many as there are requests at once.
    """

    def __init__(
        self,
        redis_url: str | None,
        *,
        most: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._here = HereCounts(clock)
        self._shared = None if redis_url is None else SharedCounts(redis_url, clock)
        self._untold: Counter[str] = Counter()
        self._lock = Lock()

    def are_spent(self, address: str) -> bool:
        """Whether this address has none left; may wait for Redis."""
        key = _key(address)
        if self._here.incr(key, WINDOW, 0) >= self._most:
            return True
        return (
            self._shared is not None and self._shared.incr(key, WINDOW, 0) >= self._most
        )

    def spend(self, address: str) -> None:
        """Count one, without waiting for anything."""
        key = _key(address)
        if self._here.incr(key, WINDOW) == self._most:
            log.warning("handshakes_limited", address=address)
        if self._shared is not None:
            with self._lock:
                if key in self._untold or len(self._untold) < MOST_COUNTED:
                    self._untold[key] += 1

    def share(self) -> None:
        """Tell Redis what was counted; to be called again and again."""
        if self._shared is None:
            return
        with self._lock:
            some = [self._untold.popitem() for _ in range(self._number_to_tell())]
        for key, number in some:
            self._shared.incr(key, WINDOW, number)

    def _number_to_tell(self) -> int:
        return min(len(self._untold), AT_ONCE)


def _key(address: str) -> str:
    return f"handshakes/{network_of(address)}"
