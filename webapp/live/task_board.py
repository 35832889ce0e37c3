"""Tasks that were heard of and are not written yet, and what changed for who watches.

Its size is bounded whatever the stream does: events of one task are merged, and of too
many tasks the one that waits longest is dropped, and counted.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice

from mailbeat.db.task_record import TaskRecord

# About an hour of 10,000 accounts that the database may be away: 60 MB. A record has 1
# KB, and 2.5 KB when every text in it is as long as it may be.
MOST = 50_000  # tasks
NEWS = 2_000  # tasks that changed last, for who watches
WATCHED_FOR = 60.0  # seconds


class TaskBoard:
    """Methods may be called from any thread."""

    def __init__(
        self,
        *,
        most: int = MOST,
        news: int = NEWS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._most_news, self._clock = most, news, clock
        self._lock = threading.Lock()
        self._waiting: dict[str, TaskRecord] = {}
        self._news: OrderedDict[str, tuple[int, TaskRecord]] = OrderedDict()
        self._watched_until = float("-inf")
        self.seq = 0  # grows with every change that was told to who watches
        self.dropped = 0  # tasks

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, record: TaskRecord) -> bool:
        """Take in what was heard; True when somebody watches."""
        with self._lock:
            self._wait(record)
            if self._clock() > self._watched_until:
                return False
            self._tell(record)
            return True

    def _wait(self, record: TaskRecord) -> None:
        known = self._waiting.get(record.task_id)
        if known is not None:
            known.merge(record)
            return
        if len(self._waiting) >= self._most:
            del self._waiting[next(iter(self._waiting))]
            self.dropped += 1
        self._waiting[record.task_id] = record

    # For the writer

    def batch(self, size: int) -> list[TaskRecord]:
        """Take out those that wait longest; they are the caller's now."""
        with self._lock:
            ids = list(islice(self._waiting, size))
            return [self._waiting.pop(one) for one in ids]

    def put_back(self, records: Iterable[TaskRecord]) -> None:
        """What could not be written waits on, unless newer tasks took all places."""
        with self._lock:
            for record in records:
                if record.task_id in self._waiting or len(self._waiting) < self._most:
                    self._wait(record)
                else:
                    self.dropped += 1

    # For who watches

    def watch(self) -> int:
        """Keep what changes for a while from now on; return where that is."""
        with self._lock:
            now = self._clock()
            if now > self._watched_until:
                self._news.clear()
            self._watched_until = now + WATCHED_FOR
            return self.seq

    def since(self, seq: int, most: int) -> tuple[int, list[TaskRecord], int]:
        """Where the news are, the newest of them, oldest first, and how many more.

        They say only what was heard since somebody watches.
        """
        with self._lock:
            found: list[TaskRecord] = []
            more = 0
            for at, record in reversed(self._news.values()):
                if at <= seq:
                    break
                if len(found) < most:
                    found.append(record.copy())
                else:
                    more += 1
            return self.seq, found[::-1], more

    def _tell(self, record: TaskRecord) -> None:
        self.seq += 1
        known = self._news.get(record.task_id)
        if known is None:
            if len(self._news) >= self._most_news:
                self._news.popitem(last=False)
            newest = record.copy()
        else:
            newest = known[1]
            newest.merge(record)
        self._news[record.task_id] = (self.seq, newest)
        self._news.move_to_end(record.task_id)
