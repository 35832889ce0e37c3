"""The live feed: from an event on Celery's stream to the frame at each client.

    python benchmarks/live.py [--clients 500] [--rate 100] [--seconds 10]
        [--accounts 20] [--only fanout memory reconnect stalled idle stop]

Without --clients and --rate each part takes the numbers that its aim is set for. Real
parts: Redis, Celery's event dispatcher, gunicorn with our receiver, board and hub.
The floor in the same run is `websockets.broadcast` of frames of the same size, without
Celery: below that no Python server could be.

Latency is from publishing an event to the frame that carries this state of the account,
or a newer one: for many clients news are merged. Of many clients 250 are timed, spread
over all; the others read every 100 ms, and are looked at in the end. CPU is in percent
of one core; the web's is that of all gunicorn processes, Celery's receiving included.
"""

import argparse
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.live_clients import Clients, Laggards, Visitor
from benchmarks.live_crowd import (
    SETTLE,
    Options,
    Usage,
    cpu_of,
    crowd_of,
    new_sent,
    rss,
)
from benchmarks.live_fanout import WARM, show_fan_outs
from benchmarks.live_servers import (
    Server,
    floor,
    new_run_ids,
    ours,
    redis_server,
    web,
)
from benchmarks.machine import describe, percentile
from benchmarks.other_process import OtherProcess

IDLE = 60.0  # seconds: three heartbeats
WORKERS_KNOWN = 12.0  # seconds until the web has told that no worker is there
ROUTE = "/api/processing/current-status"
VISITS = 50  # a second
STALLED, SLOW = 5, 20
SLOW_BYTES = 5000  # a second

# Memory, and all coming back at once


def show_memory(options: Options, folder: Path) -> None:
    clients = options.clients or 500
    rows = {}
    for title, server, sent in both_servers(options, folder, clients):
        with crowd_of(server, sent, options.accounts) as crowd:
            crowd.open(1)
            time.sleep(SETTLE)
            before = rss(server)
            crowd.open(clients)
            time.sleep(SETTLE)
            rows[title] = (before, (rss(server) - before) / clients)
    print(f"\nmemory of {clients} clients that are served")
    print(f"{'':24}before   a client")
    for title, (before, each) in rows.items():
        print(f"  {title:20} {before / 2**20:4.0f} MiB {each / 1024:7.1f} KiB")
    mine, least = (each for _, each in rows.values())
    print(f"  ratio{'':16}{mine / max(least, 1):16.1f}\n  aim  {'':16}{'20 KiB':>20}")


def show_reconnect(options: Options, folder: Path) -> None:
    clients = options.clients or 500
    rows = {}
    for title, server, sent in both_servers(options, folder, clients):
        with crowd_of(server, sent, options.accounts) as crowd:
            crowd.open(clients)
            taken, used = [], []
            for _ in range(options.rounds):
                crowd.both("close")
                time.sleep(1)
                before = cpu_of(server.processes)
                taken.append(crowd.others.call("open", clients))
                used.append(cpu_of(server.processes) - before)
            rows[title] = taken, used
    print(f"\n{clients} clients come back at once; until each has its snapshot")
    for title, (taken, used) in rows.items():
        each = ", ".join(f"{one:.2f}" for one in taken)
        cpu = statistics.median(used)
        print(
            f"  {title:20} {statistics.median(taken):6.2f} s   ({each})   "
            f"CPU {cpu:.2f} s"
        )
    mine, least = (statistics.median(taken) for taken, _ in rows.values())
    print(f"  ratio{'':16}{mine / least:6.1f}\n  aim  {'':16}{1:6} s")


def both_servers(
    options: Options, folder: Path, clients: int
) -> Iterator[tuple[str, Server, Any]]:
    """Ours, then the floor with snapshots of the same size."""
    sent, count = new_sent(1), options.accounts
    # Each that leaves within a minute has wasted a handshake: see decision 12.
    places = clients * (options.rounds + 2)
    with ours(folder, sent, clients=places, count=count) as server:
        with crowd_of(server, sent, count) as crowd:
            crowd.open(1)
            size = crowd.timed.call("snapshot_bytes")
        yield "ours", server, sent
    with floor(sent, count=count, frame_bytes=0, snapshot_bytes=size) as server:
        yield "broadcast", server, sent


# Clients that read nothing, or slowly


def show_stalled(options: Options, folder: Path) -> None:
    clients, rate = options.clients or 50, options.rate or 100
    each = int(rate * options.seconds)
    first = int(rate * WARM)
    sent, count = new_sent(first + 2 * options.rounds * each), options.accounts
    found: dict[bool, tuple[list[float], list[float]]] = {
        False: ([], []),
        True: ([], []),
    }
    with (
        ours(folder, sent, clients=clients + STALLED + SLOW, count=count) as server,
        crowd_of(server, sent, count) as crowd,
    ):
        laggards = OtherProcess(Laggards, server.port, server.key, SLOW_BYTES)
        visitor = OtherProcess(Visitor, server.port, server.key, ROUTE)
        crowd.open(clients)
        time.sleep(SETTLE)
        server.publisher.call("publish", 0, first, rate)
        memory = []
        for turn in range(2 * options.rounds):
            with_them = turn % 2 == 1
            if with_them:
                laggards.call("open", STALLED, SLOW)
            time.sleep(SETTLE)  # their handshakes are not what is measured
            crowd.both("count_from", first + turn * each)
            visitor.begin("visit", options.seconds, VISITS)
            server.publisher.call("publish", first + turn * each, each, rate)
            found[with_them][1].extend(visitor.finish())
            time.sleep(0.5)
            found[with_them][0].extend(crowd.timed.call("totals").taken)
            memory.append(rss(server))
            laggards.call("close")
            time.sleep(0.5)
        laggards.end()
        visitor.end()
    print(
        f"\n{clients} clients, {rate:.0f} events/s, {VISITS} requests/s; without and "
        f"with {STALLED} clients that never read and {SLOW} that take "
        f"{SLOW_BYTES / 1000:.0f} KB/s;\n{options.rounds} times {options.seconds:.0f} s"
    )
    print(f"{'':24}feed p50    feed p99      route p50   route p99 ms")
    for title, with_them in (("without", False), ("with them", True)):
        feed, route = found[with_them]
        print(f"  {title:20} {_ms(feed)}     {_ms(route)}")
    changes = [
        100 * percentile(found[True][n], 0.99) / percentile(found[False][n], 0.99) - 100
        for n in (0, 1)
    ]
    print(f"  change of p99{'':17} {changes[0]:+8.0f} % {'':13} {changes[1]:+9.0f} %")
    print(f"  aim{'':27} {20:8} % {'':13} {20:9} %")
    after = ", ".join(f"{one / 2**20:.0f}" for one in memory)
    print(f"  memory of the web after each, in turns: {after} MiB")


def _ms(taken: list[float]) -> str:
    return (
        f"{1000 * percentile(taken, 0.5):8.1f} {1000 * percentile(taken, 0.99):11.1f}"
    )


# Nothing to tell, and the end


def show_idle(options: Options, folder: Path) -> None:
    clients, count = options.clients or 50, options.accounts
    sent = new_sent(1)
    with (
        ours(folder, sent, clients=clients, count=count, running=False) as server,
        crowd_of(server, sent, count) as crowd,
    ):
        crowd.open(clients)
        time.sleep(WORKERS_KNOWN)
        crowd.both("count_from", 0)
        usage = Usage(server=list(server.processes))
        time.sleep(IDLE)
        received = sum(totals.received for totals in crowd.both("totals"))
        cpu = usage.read()["server"]
    each = received / clients / IDLE
    print(f"\n{clients} clients, nothing happens for {IDLE:.0f} s")
    print(f"  a client receives {each:.1f} bytes/s; the web's CPU is {cpu:.1f} %")
    print("  aim: 5 bytes/s")


def show_stop(options: Options, folder: Path) -> None:
    clients, count = options.clients or 50, options.accounts
    sent = new_sent(1)
    taken, codes = [], []
    for _ in range(options.rounds):
        with (
            redis_server(folder) as url,
            web(
                folder, url, clients=clients, count=count, run_ids=new_run_ids(count)
            ) as one,
        ):
            crowd = OtherProcess(
                Clients, one.port, one.key, sent=sent, accounts=count, timed=True
            )
            crowd.call("open", clients)
            crowd.begin("closes", 5.0)
            began = time.perf_counter()
            one.child.send_signal(signal.SIGTERM)
            one.child.wait(10)
            taken.append(time.perf_counter() - began)
            codes += crowd.finish()
            crowd.end()
    each = ", ".join(f"{one:.2f}" for one in taken)
    print(f"\nSIGTERM with {clients} clients, {options.rounds} times")
    going = codes.count(1001)
    print(f"  it ended after {each} s; {going} of {len(codes)} closed with 1001")
    print("  aim: 2 s, all")


PARTS: dict[str, Callable[[Options, Path], None]] = {
    "fanout": show_fan_outs,
    "memory": show_memory,
    "reconnect": show_reconnect,
    "stalled": show_stalled,
    "idle": show_idle,
    "stop": show_stop,
}


def main(options: Options, only: list[str]) -> None:
    print(describe())
    print("clients, publisher, Redis and the servers share its cores")
    for part in only:
        with tempfile.TemporaryDirectory() as name:
            PARTS[part](options, Path(name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int)
    parser.add_argument("--rate", type=float, help="events a second")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    given = parser.parse_args()
    main(
        Options(given.clients, given.rate, given.seconds, given.accounts, given.rounds),
        given.only,
    )
