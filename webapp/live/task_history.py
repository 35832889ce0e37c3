"""Writes down every task that goes by, in a thread of its own.

The receiver's thread only puts what it hears on the board. A database that is slow or
away costs freshness: the board keeps what waits. After a gap in listening it is found
out what became of the tasks meanwhile, from the rows of runs.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import structlog

from mailbeat.db import task_gaps
from mailbeat.db.models import RUN_TASK
from mailbeat.db.session import Sessions, transaction
from mailbeat.db.task_record import TaskRecord
from mailbeat.db.tasks import write_tasks
from webapp.live.task_board import PACK, TaskBoard
from webapp.live.task_events import read_task_event

WRITE_EVERY = 0.5  # seconds between two batches while there is little to write
BATCH = PACK  # tasks of one statement
LOOK_EVERY = 5.0  # seconds between two looks at what became of open tasks
PAUSE, LONGEST_PAUSE = 1.0, 10.0  # seconds between two tries while there is no database
FAREWELL = 0.5  # seconds that the last batch has when the process ends
UNNOTICED = timedelta(seconds=15)  # that a broker may be silent before we see it
MAX_CAUGHT_UP = 100_000  # runs that are looked through after a gap

log = structlog.get_logger(__name__)


class TaskHistory:
    """`is_hearing` and `workers` are the receiver's; `kept_for` is TASK_DAYS.

    `on_news` is called in the receiver's thread when somebody watches.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        is_hearing: Callable[[], bool],
        workers: Callable[[], Sequence[str] | None],
        kept_for: timedelta,
        on_news: Callable[[], None] = lambda: None,
    ) -> None:
        self.board = TaskBoard()
        self._sessions = sessions
        self._is_hearing, self._workers, self._on_news = is_hearing, workers, on_news
        self._kept_for = kept_for
        self._id = token_hex(8)
        self._since: datetime | None = None  # without a gap
        self._must_catch_up = False
        self._looked_at = float("-inf")
        self._wake = threading.Event()
        self._stopping = False
        self.behind_since: datetime | None = None  # the database takes nothing
        self.refused = 0  # events that named no task
        self._thread = threading.Thread(target=self._run, name="tasks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        """Ask the thread to write what waits, and to end."""
        self._stopping = True
        self._wake.set()

    def stop(self) -> None:
        """Write what waits, for a moment, and end."""
        self.end()
        if self.is_alive:
            self._thread.join(FAREWELL)

    def status(self) -> dict[str, Any]:
        """How well the history is kept by this process."""
        return {
            "waiting": len(self.board),
            "dropped": self.board.dropped,
            "refused": self.refused,
            "behind_since": self.behind_since,
        }

    # The receiver's thread

    def take(self, raw: Mapping[str, Any]) -> None:
        record = read_task_event(raw, now=datetime.now(UTC))
        if record is None:
            self.refused += 1
        elif self.board.take(record):
            self._on_news()
        if len(self.board) == BATCH:
            self._wake.set()

    def connected(self) -> None:
        """From now on everything is heard; what was before may have gaps."""
        self._since = datetime.now(UTC)
        self._must_catch_up = True
        self._wake.set()

    # The thread

    def _run(self) -> None:
        pause = 0.0
        while True:
            try:
                full = self.write()
                if not self._stopping:
                    self._look()
            except Exception as error:  # noqa: BLE001 # the loop outlives any database
                if not pause:
                    log.warning("tasks_not_written", error=type(error).__name__)
                self.behind_since = self.behind_since or datetime.now(UTC)
                pause = min(max(pause * 2, PAUSE), LONGEST_PAUSE)
                if self._stopping:
                    return
                self._wake.clear()
                self._wait(pause)
                continue
            if pause:
                log.info("tasks_written_again", waiting=len(self.board))
            pause, self.behind_since = 0.0, None
            if full or (self._stopping and len(self.board)):
                continue
            if self._stopping:
                return
            self._wake.wait(WRITE_EVERY)
            self._wake.clear()

    def _wait(self, seconds: float) -> None:
        """Wait, however full the board is, unless the process ends."""
        end = time.monotonic() + seconds
        while not self._stopping and (left := end - time.monotonic()) > 0:
            self._wake.wait(left)
            self._wake.clear()

    def write(self) -> bool:
        """Write one batch; True when more waits."""
        batch = self.board.batch(BATCH)
        if not batch:
            return False
        try:
            with transaction(self._sessions) as session:
                now = datetime.now(UTC)
                ended = {
                    one.task_id: one
                    for one in batch
                    if one.name == RUN_TASK and one.state.is_end
                }
                if ended:  # the row knows why a run failed, which no event tells
                    rows = task_gaps.records_of_runs(session, ended.keys(), now=now)
                    for row in rows:
                        ended[row.task_id].merge(row)
                write_tasks(session, batch)
        except BaseException:  # whatever it was, it goes on up; the batch is kept
            self.board.put_back(batch)
            raise
        return len(batch) >= BATCH or len(self.board) >= BATCH

    def _look(self) -> None:
        """Say that we listen, and see what became of tasks nobody heard the end of."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY and not self._must_catch_up:
            return
        self._looked_at = now
        since = self._since
        if since is None or not self._is_hearing():
            return
        if self._must_catch_up:
            self._catch_up(since)
            self._must_catch_up = False
        with transaction(self._sessions) as session:
            moment = datetime.now(UTC)
            task_gaps.note_listener(
                session,
                self._id,
                since=since,
                dropped=self.board.dropped,
                now=moment,
            )
            write_tasks(session, _each_once(session, moment))
            task_gaps.lose_tasks(session, workers=self._workers(), now=moment)

    def _catch_up(self, since: datetime) -> None:
        """Write down the runs that nobody heard of."""
        with self._sessions() as session:
            until = task_gaps.heard_until(session)
        earliest = since - self._kept_for
        begin = earliest if until is None else max(until - UNNOTICED, earliest)
        after = done = 0
        while done < MAX_CAUGHT_UP and not self._stopping:
            with transaction(self._sessions) as session:
                found, after = task_gaps.runs_since(
                    session, begin, after=after, limit=BATCH, now=datetime.now(UTC)
                )
                write_tasks(session, found)
            done += len(found)
            if len(found) < BATCH:
                break
        if done:
            log.info("tasks_caught_up", runs=done, since=begin)


def _each_once(session: Any, now: datetime) -> list[TaskRecord]:
    found = task_gaps.ended_runs(session, limit=BATCH, now=now)
    return list({one.task_id: one for one in found}.values())
