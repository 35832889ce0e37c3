"""Tasks that were heard of and are not written yet, and what changed for who watches.

Its size is bounded whatever the stream does. Events of one task are merged; of many
tasks those that wait longest are packed, a batch at a time, to less than a tenth of
their size; and of too many packs the oldest is dropped, and counted.
"""

import pickle
import threading
import time
import zlib
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from itertools import islice
from operator import attrgetter

from mailbeat.db.task_record import COLUMNS, TaskRecord

# A record has 1 KB, and 2.5 KB when every text in it is as long as it may be. What is
# merged comes within seconds; a task that was packed by then is merged by the database.
FRESH = 5_000  # tasks
PACK = 1_000  # tasks
# Three hours and more of 10,000 accounts that the database may be away: of tasks with
# usual texts a pack has 50 to 90 KB.
MOST = 32 * 1024 * 1024  # bytes in packs
NEWS = 2_000  # tasks that changed last, for who watches
WATCHED_FOR = 60.0  # seconds
_QUICKLY = 1  # of zlib's levels; the next makes it a tenth smaller in twice the time

_values = attrgetter(*COLUMNS)


class TaskBoard:
    """Methods may be called from any thread."""

    def __init__(
        self,
        *,
        fresh: int = FRESH,
        pack: int = PACK,
        most: int = MOST,
        news: int = NEWS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fresh, self._pack_size, self._most = fresh, pack, most
        self._most_news, self._clock = news, clock
        self._lock = threading.Lock()
        self._waiting: dict[str, TaskRecord] = {}
        self._packs: deque[tuple[int, bytes]] = deque()  # tasks; the oldest first
        self._packed = self._packed_bytes = 0  # tasks, and what they take
        self._news: OrderedDict[str, tuple[int, TaskRecord]] = OrderedDict()
        self._watched_until = float("-inf")
        self.seq = 0  # grows with every change that was told to who watches
        self.dropped = 0  # tasks

    def __len__(self) -> int:
        """How many wait; one that was heard of again after it was packed is two."""
        return self._packed + len(self._waiting)

    def take(self, record: TaskRecord) -> bool:
        """Take in what was heard; True when somebody watches."""
        with self._lock:
            known = self._waiting.get(record.task_id)
            if known is not None:
                known.merge(record)
            else:
                if len(self._waiting) >= self._fresh:
                    self._pack(self._longest_waiting(self._pack_size))
                self._waiting[record.task_id] = record
            if self._clock() > self._watched_until:
                return False
            self._tell(record)
            return True

    # For the writer

    def batch(self, size: int) -> list[TaskRecord]:
        """Take out those that wait longest, or a pack; they are the caller's now."""
        with self._lock:
            if self._packs:
                return _unpacked(self._take_pack())
            return self._longest_waiting(size)

    def put_back(self, records: Iterable[TaskRecord]) -> None:
        """What could not be written waits on, unless packs of newer ones fill all."""
        with self._lock:
            rest = []
            for record in records:
                known = self._waiting.get(record.task_id)
                if known is not None:
                    known.merge(record)
                elif len(self._waiting) < self._fresh and not self._packs:
                    self._waiting[record.task_id] = record
                else:
                    rest.append(record)
            if rest:
                self._pack(rest, first=True)

    def _longest_waiting(self, size: int) -> list[TaskRecord]:
        ids = list(islice(self._waiting, size))
        return [self._waiting.pop(one) for one in ids]

    def _pack(self, records: list[TaskRecord], *, first: bool = False) -> None:
        data = zlib.compress(pickle.dumps(list(map(_values, records))), _QUICKLY)
        put = self._packs.appendleft if first else self._packs.append
        put((len(records), data))
        self._packed += len(records)
        self._packed_bytes += len(data)
        while self._packed_bytes > self._most:
            before = self._packed
            self._take_pack()
            self.dropped += before - self._packed

    def _take_pack(self) -> bytes:
        tasks, data = self._packs.popleft()
        self._packed -= tasks
        self._packed_bytes -= len(data)
        return data

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


def _unpacked(data: bytes) -> list[TaskRecord]:
    rows = pickle.loads(zlib.decompress(data))  # noqa: S301 # this process packed it
    return [TaskRecord(*values) for values in rows]
