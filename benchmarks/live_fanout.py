"""Events told to many clients: latency, convergence and CPU, ours beside the floor."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.live_clients import Totals
from benchmarks.live_crowd import (
    SETTLE,
    TIMED,
    Crowd,
    Options,
    Usage,
    crowd_of,
    new_sent,
)
from benchmarks.live_servers import Server, floor, newest_after, ours
from benchmarks.machine import percentile

WARM = 1.0  # seconds of events before those that count
ARRIVE_WITHIN = 10.0  # seconds after the last event
BUSY = 85.0  # percent of a core: with more, the clients were late themselves
FULL = 95.0  # percent of the machine


@dataclass(frozen=True, slots=True)
class Case:
    clients: int
    rate: float
    aims: tuple[float | None, float | None, float | None] = (None, None, None)
    """p50 and p99 in ms, CPU in percent."""


CASES = (
    Case(50, 100, (10, 50, 15)),
    Case(500, 100, (None, 150, 30)),
    Case(2000, 200, (None, 250, None)),
)


def show_fan_outs(options: Options, folder: Path) -> None:
    cases: tuple[Case, ...] = CASES
    if options.clients or options.rate:
        case = Case(options.clients or 50, options.rate or 100)
        cases = tuple(
            known
            for known in CASES
            if (known.clients, known.rate) == (case.clients, case.rate)
        ) or (case,)
    for case in cases:
        show_fan_out(case, options, folder)


@dataclass(frozen=True, slots=True)
class FanOut:
    clients: int
    events: int
    timed: int
    totals: Totals
    converged: int  # clients that ended on the newest state of every account
    usage: dict[str, float]
    publishing: float  # seconds
    snapshot_bytes: int

    def ms(self, share: float) -> float:
        return 1000 * percentile(self.totals.taken, share)

    @property
    def frame_bytes(self) -> int:
        return round(self.totals.frame_bytes / max(self.totals.frames, 1))


def fan_out(
    server: Server, sent: Any, case: Case, seconds: float, accounts: int
) -> FanOut:
    warm, events = int(case.rate * WARM), int(case.rate * seconds)
    with crowd_of(server, sent, accounts) as crowd:
        crowd.open(case.clients)
        time.sleep(SETTLE)
        server.publisher.call("publish", 0, warm, case.rate)
        time.sleep(0.5)
        crowd.both("count_from", warm)
        usage = Usage(
            server=list(server.processes),
            timed=[crowd.timed.process],
            others=[crowd.others.process],
            publisher=[server.publisher.process] if server.beside else [],
            redis=list(server.beside),
        )
        publishing = server.publisher.call("publish", warm, events, case.rate)
        used = usage.read()
        newest = newest_after(warm + events, accounts)
        converged = wait_until_converged(crowd, newest, case.clients)
        return FanOut(
            case.clients,
            events,
            min(case.clients, TIMED),
            crowd.timed.call("totals"),
            converged,
            used,
            publishing,
            crowd.timed.call("snapshot_bytes"),
        )


def wait_until_converged(crowd: Crowd, newest: dict[int, int], clients: int) -> int:
    end = time.monotonic() + ARRIVE_WITHIN
    while (there := sum(crowd.both("number_at", newest))) < clients:
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    return there


def show_fan_out(case: Case, options: Options, folder: Path) -> None:
    events = (WARM + options.seconds) * case.rate
    sent, count = new_sent(events), options.accounts
    with ours(folder, sent, clients=case.clients, count=count) as server:
        one = fan_out(server, sent, case, options.seconds, count)
    sent = new_sent(events)
    sizes = {"frame_bytes": one.frame_bytes, "snapshot_bytes": one.snapshot_bytes}
    with floor(sent, count=count, **sizes) as server:
        other = fan_out(server, sent, case, options.seconds, count)
    print(
        f"\n{case.clients} clients, {count} accounts, {case.rate:.0f} events/s for "
        f"{options.seconds:.0f} s; frames of {one.frame_bytes} bytes"
    )
    print(
        f"{'':24}p50 ms   p99 ms      CPU   frames   states    ended on    "
        "CPU of clients, publisher, Redis; machine"
    )
    for title, found in (("ours, through Celery", one), ("broadcast", other)):
        print_fan_out(title, found)
    p50, p99 = (one.ms(share) / other.ms(share) for share in (0.5, 0.99))
    cpu = one.usage["server"] / max(other.usage["server"], 0.1)
    print(f"  ratio{'':15} {p50:8.2f} {p99:8.2f} {cpu:8.2f}")
    aims = [" " * 8 if aim is None else f"{aim:8.0f}" for aim in case.aims]
    if any(case.aims):
        print(f"  aim{'':17} {' '.join(aims)} {'':18} all")
    for title, found in (("ours", one), ("broadcast", other)):
        print_limits(title, found, case)


def print_fan_out(title: str, found: FanOut) -> None:
    everything, usage = found.events * found.timed, found.usage
    print(
        f"  {title:20} {found.ms(0.5):8.1f} {found.ms(0.99):8.1f} "
        f"{usage['server']:6.0f} % {100 * found.totals.frames / everything:6.0f} % "
        f"{100 * len(found.totals.taken) / everything:6.1f} % "
        f"{found.converged:5} of {found.clients:<5} "
        f"{usage['timed']:.0f} + {usage['others']:.0f}, {usage['publisher']:.0f}, "
        f"{usage['redis']:.0f}; {usage['machine']:.0f} %"
    )


def print_limits(title: str, found: FanOut, case: Case) -> None:
    """Say what the figures show beside the server."""
    if max(found.usage["timed"], found.usage["others"]) > BUSY:
        print(f"  {title}: the clients were busy themselves, and late with reading")
    if found.usage["machine"] > FULL:
        print(f"  {title}: the machine was full; clients and server shared its cores")
    if found.publishing > 1.05 * found.events / case.rate:
        rate = found.events / found.publishing
        print(f"  {title}: only {rate:.0f} events/s were published")
