"""The thread with which a process says that it lives, and hears what people want."""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog

from mailbeat import __version__
from mailbeat.db.clock import database_now
from mailbeat.db.processes import BEAT_EVERY, Kind, Who, Wishes, say
from mailbeat.db.session import Sessions, transaction
from mailbeat.db.totals import Meter, add_totals

STATUS = Path("/proc/self/statm")
log = structlog.get_logger(__name__)


def this_process(kind: Kind, name: str | None = None) -> Who:
    """Who we are; a worker brings its name, others are named for host and number."""
    host, pid = socket.gethostname(), os.getpid()
    return Who(
        kind=kind,
        name=name or f"{kind}@{host}/{pid}",
        instance=str(uuid4()),
        host=host,
        pid=pid,
        version=__version__,
    )


def resident_bytes() -> int | None:
    """How much memory this process has now; None where that is not told."""
    try:
        pages = int(STATUS.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def machine() -> dict[str, Any]:
    """What every process says of itself and of its host."""
    return {
        "rss_bytes": resident_bytes(),
        "load": [round(one, 2) for one in os.getloadavg()],
        "cpus": os.cpu_count(),
    }


class Pulse:
    """Writes `facts()` every few seconds; `heard` is told what people want.

    What `meter` counted goes to the totals. All are used in the thread of the pulse. A
    database that is away is waited for: meanwhile nobody hears of us, and that is what
    will be shown.
    """

    def __init__(
        self,
        sessions: Sessions,
        who: Who,
        *,
        facts: Callable[[], Mapping[str, Any]],
        heard: Callable[[Wishes], None] = lambda _: None,
        meter: Meter | None = None,
        every: float = BEAT_EVERY,
    ) -> None:
        self.who = who
        self._sessions = sessions
        self._facts = facts
        self._heard = heard
        self._meter = meter or Meter()
        self._every = every
        self._wake = threading.Event()
        self._stopping = self._stopped = False
        self._late = 0.0  # seconds that the last sign was written after its time
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stopping(self) -> None:
        """Say at once that this process comes to its end. Waits for nothing."""
        self._stopping = True
        self._wake.set()

    def stop(self, timeout: float = 1.0) -> None:
        """Say goodbye, for at most `timeout` seconds."""
        self._stopping = self._stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        due_at = time.monotonic()
        while True:
            goodbye = self._stopped  # what comes while it is written is for the next
            self._beat_once(goodbye=goodbye)
            self._late = max(time.monotonic() - due_at, 0.0)
            if goodbye:
                return
            due_at = time.monotonic() + self._every
            if self._wake.wait(self._every):
                self._wake.clear()
                due_at = time.monotonic()

    def _beat_once(self, *, goodbye: bool) -> None:
        counted = self._meter.take()
        try:
            facts = {**machine(), **self._facts(), "late": round(self._late, 3)}
            with transaction(self._sessions) as session:
                wishes = say(
                    session,
                    self.who,
                    facts,
                    now=database_now(session),
                    stopping=self._stopping,
                    stopped=goodbye,
                )
                add_totals(session, counted)
        except Exception as error:  # noqa: BLE001 # the loop outlives an absent database
            self._meter.put_back(counted)
            log.warning("sign of life not written", error=type(error).__name__)
            return
        try:
            self._heard(wishes)
        except Exception:  # what was written stays, and the loop goes on
            log.exception("wish not fulfilled")
