"""Keeps the leases of this process's runs, and learns from them when to stop.

It also writes down where the runs stand, twice a second for all of them at once: a run
itself only writes its beginning, its work and its end.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

import structlog

from mailbeat.db.accounts import LeaseState, renew_leases
from mailbeat.db.clock import Clock, database_now
from mailbeat.db.runs import Mark, lock_runs, record_marks
from mailbeat.db.session import Sessions, transaction

TTL = timedelta(seconds=15)
# A third of the time would do for the lease. But a database that stands still for 10 s
# must not cost it, and a person who cancels should not have to wait for longer than
# this, and a message, till the run stops.
RENEW_SECONDS = 3.0
RECORD_SECONDS = 0.5

log = structlog.get_logger(__name__)


class StopReason(StrEnum):
    CANCELLED = "cancelled"  # a person cancelled the run, or paused the account
    LOST = "lost"  # another run has the account, or it was removed
    SHUTDOWN = "shutdown"  # this process is being stopped


class Hold:
    """A lease in use. A run looks at `stop_reason` after each message.

    It counts its time itself: the thread that renews may wait for the database.
    """

    def __init__(
        self, run_id: str, ttl: timedelta, taken_at: float, turn: threading.RLock
    ) -> None:
        self.run_id = run_id
        self._turn = turn
        self._noting = threading.Lock()
        self._marks: list[Mark] = []
        self._ttl = ttl.total_seconds()
        self._reason: StopReason | None = None
        self.renewed_at = taken_at  # monotonic; not later than in the database

    @property
    def stop_reason(self) -> StopReason | None:
        if time.monotonic() - self.renewed_at > self._ttl:
            self._reason = StopReason.LOST
        return self._reason

    def stop(self, reason: StopReason) -> None:
        """Have the run stop; the first reason counts, but for the loss of the lease."""
        if self._reason is None or reason is StopReason.LOST:
            self._reason = reason

    def note(self, mark: Mark) -> None:
        """Have it written down where the run stands. Waits for nothing."""
        with self._noting:
            if self._marks and self._marks[-1].state == mark.state:
                mark = replace(mark, since=self._marks.pop().since)
            self._marks.append(mark)

    def take_marks(self) -> list[Mark]:
        """What is not written down yet; who takes it writes it."""
        with self._turn, self._noting:
            marks, self._marks = self._marks, []
        return marks

    def put_back(self, marks: list[Mark]) -> None:
        with self._noting:
            later = self._marks
            if later and marks and marks[-1].state == later[0].state:
                later[0] = replace(later[0], since=marks.pop().since)
            self._marks = marks + later

    def is_stopped(self) -> bool:
        return self.stop_reason is not None


class LeaseKeeper:
    """One thread per process renews all leases in one statement, another records.

    A database that cannot be reached for longer than the lease lasts loses all of
    them: another process may have taken over, so this one must not go on.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        ttl: timedelta = TTL,
        renew_seconds: float = RENEW_SECONDS,
        clock: Clock = database_now,
    ) -> None:
        self.ttl = ttl
        self._sessions = sessions
        self._renew_seconds = renew_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._recording = threading.RLock()
        self._holds: dict[str, Hold] = {}
        self._threads: list[threading.Thread] = []
        self._closed = threading.Event()
        self._shutting_down = False
        self._is_away = False

    @property
    def is_shutting_down(self) -> bool:
        return self._shutting_down

    @property
    def is_database_away(self) -> bool:
        """Whether it was when the leases were to be renewed last."""
        return self._is_away

    @contextmanager
    def hold(self, run_id: str, *, taken_at: float | None = None) -> Iterator[Hold]:
        """Keep a lease for as long as the block runs.

        `taken_at` is the monotonic time at which it began: just now, or before a
        commit that took long.
        """
        began = time.monotonic() if taken_at is None else taken_at
        hold = Hold(run_id, self.ttl, began, self._recording)
        with self._lock:
            self._holds[run_id] = hold
            # Looked at after: the signal may come in between, and waits for no lock.
            if self._shutting_down:
                hold.stop(StopReason.SHUTDOWN)
            if not self._threads:
                self._start(self.renew, self._renew_seconds, "leases")
                self._start(self.record, RECORD_SECONDS, "records")
        try:
            yield hold
        finally:
            with self._lock:
                self._holds.pop(run_id, None)

    def shut_down(self) -> None:
        """Ask every run to stop at its next message. Safe in a signal's handler."""
        self._shutting_down = True
        for hold in tuple(self._holds.values()):
            hold.stop(StopReason.SHUTDOWN)

    def close(self) -> None:
        """End the threads."""
        self._closed.set()
        for thread in self._threads:
            thread.join(timeout=1)

    def record(self) -> None:
        """Write down where all runs stand, in one transaction."""
        with self._lock:
            holds = tuple(self._holds.values())
        with self._recording:
            noted = {hold: marks for hold in holds if (marks := hold.take_marks())}
            if not noted:
                return
            try:
                self._write_down(noted)
            finally:
                for hold, marks in noted.items():
                    hold.put_back(marks)

    def _write_down(self, noted: dict["Hold", list[Mark]]) -> None:
        """Take out what is written: a run whose row somebody has is not waited for."""
        written = []
        with transaction(self._sessions) as session:
            free = lock_runs(session, [hold.run_id for hold in noted])
            for hold, marks in noted.items():
                if hold.run_id in free:
                    record_marks(session, hold.run_id, marks)
                    written.append(hold)
        for hold in written:
            del noted[hold]

    def renew(self) -> None:
        """Renew all leases once, and note what their runs must know."""
        with self._lock:
            holds = tuple(self._holds.values())
        if not holds:
            return
        began = time.monotonic()
        self._is_away = True
        with transaction(self._sessions) as session:
            run_ids = [hold.run_id for hold in holds]
            now = self._clock(session)
            states = renew_leases(session, run_ids, now=now, ttl=self.ttl)
        self._is_away = False
        for hold in holds:
            match states[hold.run_id]:
                case LeaseState.LOST:
                    hold.stop(StopReason.LOST)
                case LeaseState.STOP:
                    hold.renewed_at = began
                    hold.stop(StopReason.CANCELLED)
                case LeaseState.KEPT:
                    hold.renewed_at = began
                case LeaseState.MISSED:
                    pass  # the next time, or its time runs out

    def _start(self, work: Callable[[], None], seconds: float, name: str) -> None:
        def forever() -> None:
            while not self._closed.wait(seconds):
                try:
                    work()
                except Exception as error:  # noqa: BLE001 # the loop must outlive a database that is away
                    log.warning("not written", what=name, error=type(error).__name__)

        thread = threading.Thread(target=forever, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)
