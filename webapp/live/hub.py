"""All sockets of one web process, in one thread.

A thread for each client that wakes for each event costs more than it brings: measured,
500 clients at 20 events a second took 147 % of a core so, and 9 % here. Each frame is
built once, by the board, and written by one event loop.
"""

import asyncio
import random
import socket
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import structlog

from webapp.attempts import WINDOW
from webapp.live.client import Board, Client, Tasks, Visitor
from webapp.live.places import ALL, Full, FullForKey, SharedPlaces

CHECK_EVERY = 1.0  # seconds
# A few clients are told each event at once. For many, each push costs as much as there
# are clients, so news of this time go out together, the first of them at once.
MANY = 100  # clients
MERGE_FOR = 0.025  # seconds
# Tasks come by the hundred a second: who watches them is told of all that came in this
# time together.
TASKS_EVERY = 0.05  # seconds
# Clients come back spread over this time after a restart.
RETURN_WITHIN = (200, 3000)  # ms

log = structlog.get_logger(__name__)


class Slot:
    """A place among the sockets: taken before the handshake, freed once."""

    def __init__(self, visitor: Visitor, free: Callable[["Slot"], None]) -> None:
        self.visitor = visitor
        self._free = free

    def free(self) -> None:
        self._free(self)


class Hub:
    """Methods may be called from any thread, unless they say otherwise.

    `shared` counts the slots of other processes too. `wasted` is told who left, for
    whatever reason of their own, soon after they came; in the loop's thread.
    """

    def __init__(
        self,
        board: Board,
        *,
        most: int,
        most_per_key: int,
        shared: SharedPlaces | None = None,
        wasted: Callable[[Visitor], None] = lambda _visitor: None,
        tasks: Tasks | None = None,
    ) -> None:
        self._board, self._tasks = board, tasks
        self._most, self._most_per_key = most, most_per_key
        self._shared, self._wasted = shared, wasted
        self._reserving = threading.Lock()
        self._lock = threading.Lock()
        self._slots: set[Slot] = set()
        self._per_key: Counter[str] = Counter()
        self._closing = False
        self.stalled = 0  # clients that were put out, for they took nothing
        self._woken = False
        self._has_tasks = False
        self._pushed_at = float("-inf")  # by the loop's clock
        self._clients: dict[Client, Slot] = {}  # changed in the loop's thread only
        self._open: set[Client] = set()  # with those that say goodbye
        self._all_gone = threading.Event()
        self._all_gone.set()
        self._loop: asyncio.AbstractEventLoop  # from start() on, in its thread
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)

    def start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def number_of_clients(self) -> int:
        return len(self._slots)

    # Slots

    def reserve(self, visitor: Visitor) -> Slot:
        """Take a slot; may wait for Redis.

        Raises:
            Full: there is none left.
            FullForKey: there is none left for this key.
        """
        with self._reserving:  # two who want the last one must not both be refused
            slot = self._reserve_here(visitor)
            try:
                if self._shared is not None:
                    self._shared.take(visitor.key_id, self.counts)
            except BaseException:
                slot.free()
                raise
        return slot

    def _reserve_here(self, visitor: Visitor) -> Slot:
        with self._lock:
            if self._closing or len(self._slots) >= self._most:
                raise Full
            if self._per_key[visitor.key_id] >= self._most_per_key:
                raise FullForKey
            slot = Slot(visitor, self._free)
            self._slots.add(slot)
            self._per_key[visitor.key_id] += 1
            return slot

    def _free(self, slot: Slot) -> None:
        with self._lock:
            if slot in self._slots:
                self._slots.remove(slot)
                self._per_key[slot.visitor.key_id] -= 1
                if not self._per_key[slot.visitor.key_id]:
                    del self._per_key[slot.visitor.key_id]

    def counts(self) -> dict[str, int]:
        """How many slots each key has, and all together."""
        with self._lock:
            return {**self._per_key, ALL: len(self._slots)}

    def visitors(self) -> set[Visitor]:
        with self._lock:
            return {slot.visitor for slot in self._slots}

    # Sockets

    def adopt(self, sock: socket.socket, slot: Slot) -> None:
        """Own a socket whose handshake is done, from now until it closes."""

        def client() -> Client:
            return Client(
                self._board,
                slot.visitor,
                arrived=lambda one: self._arrived(one, slot),
                left=self._left,
                gone=self._gone,
                tasks=self._tasks,
            )

        def made(future: "Future[Any]") -> None:
            if future.cancelled() or future.exception() is not None:
                slot.free()
                sock.close()

        coroutine = self._loop.connect_accepted_socket(client, sock)
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        future.add_done_callback(made)

    def wake(self) -> None:
        """The board has news. Many calls before the loop comes round are one.

        Who is not among the clients yet reads the board after it has come among them.
        """
        if self._clients and not self._woken:
            # Set before, for the loop may come round at once; taken back when there is
            # no loop yet, or all later news would wait for this call for ever.
            self._woken = True
            if not self._soon(self._push_in_time):
                self._woken = False

    def wake_tasks(self) -> None:
        """Tasks changed. Many calls within `TASKS_EVERY` are one."""
        if self._clients and not self._has_tasks:
            self._has_tasks = True
            if not self._soon(self._push_tasks_in_time):
                self._has_tasks = False

    def close_where(
        self, ended: Callable[[Visitor], bool], code: int, reason: str
    ) -> None:
        def close() -> None:
            for client in list(self._clients):
                if ended(client.visitor):
                    client.close(code, reason)

        self._soon(close)

    def close_all(self) -> None:
        """Tell every client that the server goes down; take no new ones."""
        self._closing = True

        def close() -> None:
            for client in list(self._clients):
                client.say_closing(random.randint(*RETURN_WITHIN))  # noqa: S311 # no secret

        self._soon(close)

    def stop(self, timeout: float) -> None:
        """Close all, and end the thread when they are gone or after `timeout`."""
        self.close_all()
        if self.is_alive:
            self._all_gone.wait(timeout)
            self._soon(self._loop.stop)
            self._thread.join(timeout)

    def _soon(self, action: Callable[[], None]) -> bool:
        """Have the loop do it; False when there is no loop, yet or any more."""
        if self.is_alive:
            with suppress(RuntimeError):  # the loop was closed: the process ends
                self._loop.call_soon_threadsafe(action)
                return True
        return False

    # In the loop's thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.call_later(CHECK_EVERY, self._check_all)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._let_go())
            self._loop.close()

    async def _let_go(self) -> None:
        """Close what is still open, and what was about to be."""
        coming = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*coming, return_exceptions=True)
        for client in list(self._open):
            client.drop()
        await asyncio.sleep(0)  # the transports close in the next turn

    def _arrived(self, client: Client, slot: Slot) -> None:
        self._clients[client] = slot
        self._open.add(client)
        self._all_gone.clear()
        if self._closing:
            self._loop.call_soon(client.say_closing, RETURN_WITHIN[1])

    def _left(self, client: Client) -> None:
        slot = self._clients.pop(client, None)
        if slot is not None:
            slot.free()
            self.stalled += client.is_stalled
            if client.wasted(WINDOW):
                self._wasted(slot.visitor)

    def _gone(self, client: Client) -> None:
        self._open.discard(client)
        if not self._open:
            self._all_gone.set()

    def _push_in_time(self) -> None:
        """Push now, or for many when the last time is long enough ago."""
        next_at = self._pushed_at + MERGE_FOR
        if len(self._clients) > MANY and self._loop.time() < next_at:
            self._loop.call_at(next_at, self._push_all)  # with all that comes till then
        else:
            self._push_all()

    def _push_all(self) -> None:
        self._woken = False
        self._for_each(Client.push)
        self._pushed_at = self._loop.time()

    def _push_tasks_in_time(self) -> None:
        self._loop.call_later(TASKS_EVERY, self._push_tasks)

    def _push_tasks(self) -> None:
        self._has_tasks = False
        self._for_each(Client.push_tasks)

    def _check_all(self) -> None:
        now = self._loop.time()
        self._for_each(lambda client: client.check(now))
        self._loop.call_later(CHECK_EVERY, self._check_all)

    def _for_each(self, action: Callable[[Client], None]) -> None:
        for client in list(self._clients):
            try:
                action(client)
            except Exception:  # the loop serves all others too
                log.exception("client_dropped")
                client.drop()
