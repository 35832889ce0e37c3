"""The live feed of one web process: receiver, board, hub, and a thread that keeps time.

Threads start late, after gunicorn's fork; `start()` may be called by every request.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from mailbeat.db import audit
from mailbeat.db.clock import database_now
from mailbeat.db.models import Account, Run
from mailbeat.db.processes import Kind
from mailbeat.db.session import Sessions
from mailbeat.db.sign_in import live_sessions
from mailbeat.db.status import read_run, read_standing
from mailbeat.db.totals import EVENTS_REFUSED, SOCKETS_STALLED, Meter
from mailbeat.pulse import Pulse, this_process
from mailbeat.settings import Settings
from tasks.events import StatusEvent
from webapp.api.schemas import iso
from webapp.live import messages
from webapp.live.board import StatusBoard
from webapp.live.client import Visitor
from webapp.live.handshakes import Handshakes, most_handshakes
from webapp.live.hub import Hub
from webapp.live.places import SharedPlaces
from webapp.live.receiver import Receiver
from webapp.live.task_feed import TaskFeed
from webapp.live.task_history import TaskHistory

TICK = 0.5  # seconds between two turns of the timekeeper
AT_LEAST = 0.05  # seconds between two, however much is wished for
# Seconds between two looks whether keys and sessions still hold, and whether a command
# or another web process changed anything.
LOOK_EVERY = 1.0
RESYNC_EVERY = 30.0  # seconds between two readings while events arrive
RESYNC_DEAF = 2.0  # and while they cannot
# A worker that dies is silent. Its lease ends 15 s later at the latest, and is seen
# within this time and a turn of the timekeeper: 18.6 s of the 20 s in which a card must
# say so. The rest is for a database that answers slowly. At 4 s it was 0.4 s.
RESYNC_QUIET = 3.0  # seconds between two readings while a run is silent for as long
RESYNC_ASKED = 5.0  # at most as often for accounts that only events know
AT_MOST_EVERY = 1.0  # seconds between two readings for requests
GOODBYE = 1.0  # seconds for the clients to go when the process ends
PULSE_GOODBYE = 0.2  # seconds for a last sign of life then
LOOKUPS = 200  # runs looked up in a second at most, whatever arrives

log = structlog.get_logger(__name__)


class Live:
    """`valid_keys` tells which keys open something at a moment."""

    def __init__(
        self,
        settings: Settings,
        sessions: Sessions,
        *,
        valid_keys: Callable[[Session, datetime], set[str]],
    ) -> None:
        self._sessions = sessions
        self._valid_keys = valid_keys
        self._starting = threading.Lock()
        self._reading = threading.Lock()
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._read_at = self._tried_at = float("-inf")
        self._lookups = (0.0, 0)  # since when, how many
        self.database_down_since: datetime | None = None
        self._audit_id: int | None = None  # of the last change that the board knows
        self.board = StatusBoard(self._find_run)
        most = settings.ws_max_clients
        most_per_key = settings.ws_max_clients_per_key
        redis_url = settings.redis_url
        self.handshakes = Handshakes(redis_url, most=most_handshakes(most))
        self._places = (
            None
            if redis_url is None
            else SharedPlaces(redis_url, most=most, most_per_key=most_per_key)
        )
        self.tasks = TaskHistory(
            sessions,
            is_hearing=lambda: self.receiver.deaf_since is None,
            workers=lambda: self.receiver.workers(),  # noqa: PLW0108 # it comes below
            kept_for=timedelta(days=settings.task_days),
            on_news=lambda: self.hub.wake_tasks(),  # noqa: PLW0108 # so does it
        )
        self.hub = Hub(
            self.board,
            most=most,
            most_per_key=most_per_key,
            shared=self._places,
            wasted=lambda visitor: self.handshakes.spend(visitor.address),
            tasks=TaskFeed(self.tasks.board),
        )
        self.receiver = Receiver(
            settings.broker,
            on_event=self._take_event,
            on_connected=self._connected,
            on_task=self._take_task,
        )
        self._timekeeper = threading.Thread(
            target=self._keep_time, name="timekeeper", daemon=True
        )
        self._meter = Meter()
        self._counted = {EVENTS_REFUSED: 0, SOCKETS_STALLED: 0}  # so far, in the meter
        self._pulse: Pulse | None = None
        self._started = False

    def start(self) -> None:
        """Start the threads, unless they run."""
        with self._starting:
            if self._started:
                return
            try:
                self._read()  # so that the first client is not shown an empty board
            except SQLAlchemyError as error:
                log.warning("board_not_loaded", error=type(error).__name__)
            self.hub.start()
            self.tasks.start()
            self.receiver.start()
            self._timekeeper.start()
            self._started = True
            # Who we are is known only now: gunicorn may have forked since.
            self._pulse = Pulse(
                self._sessions,
                this_process(Kind.WEB),
                facts=self._facts,
                meter=self._meter,
            )
            self._pulse.start()

    def stop(self) -> None:
        """Say goodbye to the clients and end the threads."""
        self._stopping.set()
        self._wanted.set()
        self.receiver.stop()
        self.tasks.end()  # beside the goodbyes: the process has 2 s in all
        self.hub.stop(GOODBYE)
        self.tasks.stop()
        if self._pulse is not None:
            self._pulse.stop(PULSE_GOODBYE)
        if self._started and self._places is not None:
            self._places.leave()

    # For requests

    def snapshot(self) -> dict[str, Any]:
        """The body of `GET /api/processing/current-status`."""
        self._read_if_deaf()
        return self.board.snapshot()

    def status(self, account_id: int) -> tuple[dict[str, Any] | None, bool]:
        """The AccountStatus of one account, and whether everything is paused."""
        self._read_if_deaf()
        return self.board.status(account_id)

    def _read_if_deaf(self) -> None:
        hears = self._started and self.receiver.deaf_since is None
        if not hears and time.monotonic() - self._tried_at >= AT_MOST_EVERY:
            self._read()

    def refresh(self) -> None:
        """The database was changed from here: show it at once."""
        try:
            self._read()
        except SQLAlchemyError as error:  # the change is made; it is shown later
            log.warning("board_not_loaded", error=type(error).__name__)
            self._wanted.set()
        self.hub.wake()

    def put_out(self) -> None:
        """A key was revoked or a session ended from here: close its sockets now."""
        visitors = self.hub.visitors() if self._started else set()
        if not visitors:
            return
        try:
            self._close_ended(visitors)
        except SQLAlchemyError as error:  # the timekeeper looks within a second
            log.warning("sockets_not_closed", error=type(error).__name__)

    def health(self) -> dict[str, Any]:
        deaf = self.receiver.deaf_since if self._started else None
        threads = (self.hub, self.receiver)
        dead = self._started and not all(one.is_alive for one in threads)
        return {
            "feed": {
                "state": "dead" if dead else "down" if deaf else "up",
                "since": None if deaf is None else iso(deaf),
                "refused": self.receiver.refused,
            },
            "sockets": {"open": self.hub.number_of_clients},
        }

    def _facts(self) -> dict[str, Any]:
        """What this process says of itself, in the thread of its pulse."""
        now_counted = {
            EVENTS_REFUSED: self.receiver.refused,
            SOCKETS_STALLED: self.hub.stalled,
        }
        for name, number in now_counted.items():
            self._meter.add(name, by=number - self._counted[name])
        self._counted = now_counted
        deaf = self.receiver.deaf_since
        silence = None if deaf is None else (datetime.now(UTC) - deaf).total_seconds()
        return {"sockets": self.hub.number_of_clients, "deaf_seconds": silence}

    @property
    def deaf_since(self) -> datetime | None:
        """Since when no event is heard; None also before anything was started."""
        return self.receiver.deaf_since if self._started else None

    @property
    def is_whole(self) -> bool:
        """Whether every thread that was started still runs."""
        return not self._started or (
            self.hub.is_alive
            and self.receiver.is_alive
            and self.tasks.is_alive
            and self._timekeeper.is_alive()
        )

    # The receiver's thread

    def _connected(self) -> None:
        self._wanted.set()
        self.tasks.connected()

    def _take_task(self, raw: Mapping[str, Any]) -> None:
        self.tasks.take(raw)

    def _take_event(self, event: StatusEvent) -> None:
        if self.board.apply(event):
            self.hub.wake()

    def _find_run(self, run_id: str) -> tuple[Run, Account | None] | None:
        """Look a run up, unless somebody floods us with ids of runs."""
        since, number = self._lookups
        now = time.monotonic()
        self._lookups = (now, 1) if now - since >= 1 else (since, number + 1)
        if self._lookups[1] > LOOKUPS:
            return None
        try:
            with self._sessions() as session:
                return read_run(session, run_id)
        except Exception as error:  # noqa: BLE001 # the receiver outlives an absent database
            log.warning("run_not_looked_up", error=type(error).__name__)
            return None

    # The timekeeper's thread

    def _keep_time(self) -> None:
        looked_at = float("-inf")
        while not self._stopping.wait(AT_LEAST):
            self._wanted.wait(TICK)
            try:
                if self._must_read():
                    self._wanted.clear()
                    self._read()
                    self.hub.wake()
                self._tell()
                if time.monotonic() - looked_at >= LOOK_EVERY:
                    looked_at = time.monotonic()
                    self._look()
                self._share()
            except Exception as error:  # noqa: BLE001 # the loop outlives an absent database
                log.warning("timekeeper_failed", error=type(error).__name__)
                self._stopping.wait(TICK)

    def _must_read(self) -> bool:
        """Whether it is time, or the feed came back, or an event is not understood."""
        now = time.monotonic()
        if now - self._tried_at < TICK:
            return False  # a wish stays a wish until the next turn
        if self._wanted.is_set():
            return True
        age = now - self._read_at
        if self.board.wants_resync and age >= RESYNC_ASKED:
            return True
        if self.receiver.deaf_since is not None:
            return age >= RESYNC_DEAF
        if age >= RESYNC_QUIET and self.board.is_quiet(RESYNC_QUIET):
            return True
        return age >= RESYNC_EVERY

    def _tell(self) -> None:
        """Tell what changes by itself, without any event."""
        workers = self.receiver.workers()
        news = self.board.workers_online(None if workers is None else len(workers))
        news = self.board.feed_down(self.receiver.deaf_since) or news
        news = self.board.tick() or news
        if news:
            self.hub.wake()

    def _share(self) -> None:
        """Tell the other web processes what is counted here."""
        self.handshakes.share()
        if self._places is not None and not self._stopping.is_set():
            self._places.tell(self.hub.counts)

    def _look(self) -> None:
        """See what others did in the database; when nobody watches, it can wait."""
        visitors = self.hub.visitors()
        if not visitors:
            return
        with self._sessions() as session:
            if audit.newest_id(session) != self._audit_id:
                self._wanted.set()
        self._close_ended(visitors)

    def _close_ended(self, visitors: set[Visitor]) -> None:
        """Close the sockets of keys that were revoked and sessions that ended."""
        ids = {one.session_id for one in visitors if one.session_id is not None}
        with self._sessions() as session:
            now = database_now(session)
            keys = self._valid_keys(session, now)
            alive = live_sessions(session, ids, now=now) if ids else set()

        def ended(visitor: Visitor) -> bool:
            if visitor.session_id is not None and visitor.session_id not in alive:
                return True
            return visitor.key_id not in keys

        if any(map(ended, visitors)):
            # Only those looked at: who came meanwhile is seen the next time.
            gone = {one for one in visitors if ended(one)}
            self.hub.close_where(gone.__contains__, messages.SIGNED_OUT, "signed out")

    # The database

    def _read(self) -> None:
        with self._reading:
            self._tried_at = time.monotonic()
            try:
                with self._sessions() as session:
                    # Before the rest: what is changed meanwhile is read again.
                    audit_id = audit.newest_id(session)
                    standing = read_standing(session, now=database_now(session))
            except Exception:
                self.database_down_since = self.database_down_since or datetime.now(UTC)
                raise
            self.database_down_since = None
            self._read_at, self._audit_id = self._tried_at, audit_id
            self.board.load(standing)
