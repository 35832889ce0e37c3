"""What changed among tasks, as frames for the clients that asked for it.

A client is one number here too: the place up to which it was told. Of each task it is
told the newest only, and of many tasks the newest ones, with how many more there were.
"""

import threading

from webapp.api.schemas import task_json
from webapp.live.messages import message
from webapp.live.task_board import WATCHED_FOR, TaskBoard

MOST_TASKS = 200  # of one frame
SHARED = 8  # places from which frames are kept until the next change


class TaskFeed:
    """Methods may be called from any thread."""

    def __init__(self, board: TaskBoard) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._frames: dict[int, tuple[int, bytes]] = {}
        self.seconds = WATCHED_FOR  # that a client is told, unless it asks again

    def watch(self) -> int:
        """Have what changes kept from now on; return the place where that is."""
        return self._board.watch()

    def since(self, place: int, seq: int) -> tuple[int, bytes]:
        """Where the news are, and the frame that leads there from a place.

        `seq` is the status board's, which every message tells.
        """
        with self._lock:
            known = self._frames.get(place)
            if known is not None and known[0] == self._board.seq:
                return known
            now, records, more = self._board.since(place, MOST_TASKS)
            if now == place:
                return now, b""
            if len(self._frames) >= SHARED:
                self._frames.clear()
            tasks = [task_json(one) for one in records]
            frame = message("tasks", {"items": tasks, "more": more}, seq=seq)
            self._frames[place] = now, frame
            return now, frame

    def first(self, seq: int, request_id: object) -> bytes:
        """The answer to who asks to be told of tasks."""
        beside = {"request_id": request_id}
        return message("tasks", {"items": [], "more": 0}, seq=seq, beside=beside)
