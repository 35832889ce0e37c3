"""The clients of a server as one crowd, and what its processes use meanwhile."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import psutil

from benchmarks.live_clients import Clients
from benchmarks.live_servers import Server
from benchmarks.other_process import CONTEXT, OtherProcess

TIMED = 250  # clients at most
STEP = 100  # clients that connect at once, where that is not what is measured
SETTLE = 1.5  # seconds for a receiver to subscribe, for memory to be what it is


@dataclass(frozen=True, slots=True)
class Options:
    clients: int | None
    rate: float | None
    seconds: float
    accounts: int
    rounds: int


class Crowd:
    """All clients of a server, in two processes: the timed ones and the others."""

    def __init__(self, server: Server, sent: Any, accounts: int) -> None:
        make = partial(
            OtherProcess, Clients, server.port, server.key, sent=sent, accounts=accounts
        )
        self.timed, self.others = make(timed=True), make(timed=False)

    def open(self, number: int) -> None:
        """Some of each in turns, as the server serves them in the order they came."""
        timed = min(number, TIMED)
        turns = -(-number // STEP)
        for turn in range(turns):
            for part, all_of_them in ((self.timed, timed), (self.others, number)):
                count = _share(all_of_them - (part is self.others) * timed, turn, turns)
                if count:
                    part.call("open", count)

    def both(self, method: str, *args: Any) -> list[Any]:
        return [part.call(method, *args) for part in (self.timed, self.others)]

    def end(self) -> None:
        self.timed.end()
        self.others.end()


def _share(number: int, turn: int, turns: int) -> int:
    return number * (turn + 1) // turns - number * turn // turns


@contextmanager
def crowd_of(server: Server, sent: Any, accounts: int) -> Iterator[Crowd]:
    crowd = Crowd(server, sent, accounts)
    try:
        yield crowd
    finally:
        crowd.end()


def new_sent(events: float) -> Any:
    """When each event was published; shared by the processes."""
    return CONTEXT.Array("d", int(events) + 1, lock=False)


class Usage:
    """CPU of processes by their part, in percent of a core, from now on."""

    def __init__(self, **parts: list[psutil.Process]) -> None:
        self._parts = parts
        self._began = time.perf_counter()
        self._before = {part: cpu_of(all_of_it) for part, all_of_it in parts.items()}
        psutil.cpu_percent()

    def read(self) -> dict[str, float]:
        seconds = time.perf_counter() - self._began
        used = {
            part: 100 * (cpu_of(all_of_it) - self._before[part]) / seconds
            for part, all_of_it in self._parts.items()
        }
        return used | {"machine": psutil.cpu_percent()}


def cpu_of(processes: Sequence[psutil.Process]) -> float:
    """Seconds used so far."""
    return sum(sum(one.cpu_times()[:2]) for one in processes)


def rss(server: Server) -> int:
    return sum(one.memory_info().rss for one in server.processes)
