"""The live feed of one web process: board, receiver, hub, and a thread that keeps time.

Threads start late, after gunicorn's fork: `start()` may be called by every request.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Any

import structlog

from mailbeat.db.session import Sessions
from mailbeat.db.status import read_run, read_standing
from mailbeat.settings import Settings
from webapp.live.board import StatusBoard

AT_MOST_EVERY = 1.0  # seconds between two readings for requests

log = structlog.get_logger(__name__)


class Live:
    def __init__(self, settings: Settings, sessions: Sessions) -> None:
        self._settings = settings
        self._sessions = sessions
        self._reading = threading.Lock()
        self._read_at = -AT_MOST_EVERY
        self.board = StatusBoard(self._find_run)

    def snapshot(self) -> dict[str, Any]:
        """The body of `GET /api/processing/current-status`."""
        self._read_again()
        return self.board.snapshot()

    def refresh(self) -> None:
        """Somebody changed the database: read it again at once."""
        self._read()

    def _read_again(self) -> None:
        if time.monotonic() - self._read_at >= AT_MOST_EVERY:
            self._read()

    def _read(self) -> None:
        with self._reading, self._sessions() as session:
            self.board.load(read_standing(session, now=datetime.now(UTC)))
            self._read_at = time.monotonic()

    def _find_run(self, run_id: str) -> Any:
        with self._sessions() as session:
            return read_run(session, run_id)
