"""Hosts that are told one thing at a time, because they answered what nobody can read.

Some servers lose their thread when commands come before they have answered.
"""

import threading
import time
from collections.abc import Callable

CAREFUL_SECONDS = 3600.0
MAX_HOSTS = 1000


class CarefulHosts:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, host: str) -> None:
        with self._lock:
            now = self._clock()
            self._until = {one: end for one, end in self._until.items() if end > now}
            if len(self._until) < MAX_HOSTS:
                self._until[host] = now + CAREFUL_SECONDS

    def has(self, host: str) -> bool:
        with self._lock:
            return self._until.get(host, 0.0) > self._clock()


careful_hosts = CarefulHosts()  # of this process
