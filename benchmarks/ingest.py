"""Events that one web process takes in, beside Flower.

    python benchmarks/ingest.py [--events 20000] [--rate 500] [--rounds 3]

The events are our reporter's, of 20 runs, as Celery's dispatcher publishes them on a
Redis: recorded once, and then published again as they are, to each with a Redis of its
own. First all at once: they are in when the API shows the newest state of every run,
or Flower's `/metrics` count all. Then for 5 s at `--rate`, where each event wakes who
listens. CPU is that of all processes of gunicorn, and of Flower.

Flower has its defaults. Of its pages none is open; ours is measured alone, and with
clients that listen to the feed.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redis
from celery import Celery

from benchmarks.live_clients import Clients
from benchmarks.live_servers import (
    new_run_ids,
    newest_after,
    paced,
    redis_server,
    steps,
    web,
)
from benchmarks.machine import describe
from benchmarks.other_process import CONTEXT, OtherProcess
from tasks.events import event_fields, event_type
from tests.servers import process

ACCOUNTS = 20
CLIENTS = 50
AT_ONCE = 500  # events in one turn to Redis
PACED = 5.0  # seconds
ASK_EVERY = 0.2  # seconds; the answers cost the one who is asked some CPU too
GIVEN_UP = 120.0  # seconds
ANSWER_WITHIN = 600.0  # seconds: Flower answers nobody while it takes events in
AIM = 5.0  # times what Flower takes in

Message = tuple[bytes, bytes]  # channel, and what is published there


@dataclass
class Consumer:
    """Who listens to a Redis; `has_all(n)` asks whether the first `n` events are in."""

    title: str
    broker: redis.Redis
    processes: list[psutil.Process]
    has_all: Callable[[int], bool]
    walls: list[float] = field(default_factory=list)  # seconds of each flood
    cpus: list[float] = field(default_factory=list)  # seconds
    paced_cpu: float = 0.0  # seconds of an event

    def cpu(self) -> float:
        return sum(sum(one.cpu_times()[:2]) for one in self.processes)

    def wait_for(self, events: int) -> None:
        end = time.monotonic() + GIVEN_UP
        while not self.has_all(events):
            if time.monotonic() > end:
                raise SystemExit(f"{self.title}: {events} events did not arrive")
            time.sleep(ASK_EVERY)


def record(broker_url: str, run_ids: list[str], number: int) -> list[Message]:
    """What Celery's dispatcher publishes for so many events."""
    app = Celery("bench", broker=broker_url, set_as_current=False)
    client = redis.Redis.from_url(broker_url)
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.psubscribe("*celeryev*")
    listener.get_message(timeout=5)
    recorded: list[Message] = []
    with app.connection_for_write() as connection:
        dispatcher = app.events.Dispatcher(connection, buffer_while_offline=False)
        for k, step in enumerate(steps(run_ids, 0, number), start=1):
            dispatcher.send(event_type(step), **event_fields(step))
            while k % AT_ONCE == 0 and len(recorded) < k:
                heard = listener.get_message(timeout=5)
                if heard is not None:
                    recorded.append((heard["channel"], heard["data"]))
    listener.close()
    client.close()
    return recorded


def flood(consumer: Consumer, messages: list[Message], until: int) -> None:
    used, began = consumer.cpu(), time.perf_counter()
    for start in range(0, len(messages), AT_ONCE):
        with consumer.broker.pipeline(transaction=False) as pipe:
            for channel, data in messages[start : start + AT_ONCE]:
                pipe.publish(channel, data)
            pipe.execute()
    consumer.wait_for(until)
    consumer.walls.append(time.perf_counter() - began)
    consumer.cpus.append(consumer.cpu() - used)


def trickle(
    consumer: Consumer, messages: list[Message], rate: float, until: int
) -> None:
    used = consumer.cpu()
    for k in paced(len(messages), rate):
        consumer.broker.publish(*messages[k])
    consumer.wait_for(until)
    consumer.paced_cpu = (consumer.cpu() - used) / len(messages)


def ask(url: str, key: str = "") -> str:
    request = urllib.request.Request(url, headers={"X-API-Key": key})
    with urllib.request.urlopen(request, timeout=ANSWER_WITHIN) as response:
        return response.read().decode()


@contextmanager
def without_limit(url: str) -> Iterator[redis.Redis]:
    """A client of a Redis that keeps for a listener whatever it has not read yet."""
    with redis.Redis.from_url(url) as client:
        client.config_set("client-output-buffer-limit", "pubsub 0 0 0")
        yield client


def wait_until_heard(broker: redis.Redis) -> None:
    """Until somebody has subscribed to events."""
    end = time.monotonic() + 30
    while not (broker.pubsub_channels("*celeryev*") or broker.pubsub_numpat()):
        if time.monotonic() > end:
            raise SystemExit("nobody listens to events")
        time.sleep(0.05)


@contextmanager
def our_web(
    folder: Path, run_ids: list[str], clients: int, events: int
) -> Iterator[Consumer]:
    """Our web with so many clients that listen."""
    with (
        redis_server(folder) as url,
        web(folder, url, clients=clients, count=ACCOUNTS, run_ids=run_ids) as one,
        without_limit(url) as broker,
    ):
        base = f"http://127.0.0.1:{one.port}/api"

        def has_all(number: int) -> bool:
            newest = newest_after(number, ACCOUNTS)
            found = json.loads(ask(f"{base}/processing/current-status", one.key))
            return all(
                (status["progress"] or {}).get("current")
                == newest[status["account_id"]]
                for status in found["accounts"]
            )

        title = f"ours, {clients} listen" if clients else "ours"
        sent = CONTEXT.Array("d", events, lock=False)
        listeners = OtherProcess(
            Clients, one.port, one.key, sent=sent, accounts=ACCOUNTS, timed=False
        )
        try:
            listeners.call("open", clients)
            wait_until_heard(broker)
            yield Consumer(title, broker, one.processes, has_all)
            refused = json.loads(ask(f"{base}/health", one.key))["feed"]["refused"]
            if refused:
                raise SystemExit(f"{refused} events were refused")
        finally:
            listeners.end()


@contextmanager
def flower(folder: Path) -> Iterator[Consumer]:
    port = process.free_port()
    with redis_server(folder) as url, without_limit(url) as broker:
        server = subprocess.Popen(
            [
                *(sys.executable, "-W", "ignore", "-m", "celery", "--broker", url),
                *("flower", "--address=127.0.0.1", f"--port={port}"),
            ],
            cwd=folder,  # beside our settings, which it would read
            env=os.environ | {"PYTHONPATH": ""},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def has_all(number: int) -> bool:
            counts = re.findall(
                r'^flower_events_total{.*type="task-\w+".*} (\S+)$',
                ask(f"http://127.0.0.1:{port}/metrics"),
                re.MULTILINE,
            )
            return sum(map(float, counts)) == number

        try:
            process.wait_for_port(server, port)
            wait_until_heard(broker)
            yield Consumer("Flower", broker, [psutil.Process(server.pid)], has_all)
        finally:
            process.stop(server)


def measure(events: int, rate: float, rounds: int, folder: Path) -> list[Consumer]:
    number = rounds * events + int(rate * PACED)
    number += -number % AT_ONCE
    run_ids = new_run_ids(ACCOUNTS)
    with redis_server(folder) as url:
        messages = record(url, run_ids, number)
    with (
        our_web(folder, run_ids, 0, number) as one,
        flower(folder) as peer,
        our_web(folder, run_ids, CLIENTS, number) as watched,
    ):
        rows = [one, peer, watched]
        for until in range(events, rounds * events + 1, events):
            for consumer in rows:
                flood(consumer, messages[until - events : until], until)
        for consumer in rows:
            trickle(consumer, messages[rounds * events :], rate, number)
        return rows


def show(rows: list[Consumer], events: int, rate: float, rounds: int) -> None:
    print(f"\n{events} events at once, median of {rounds} (each), and {rate:.0f}/s")
    print(f"{'':20}events/s   CPU of an event   at {rate:.0f}/s    each, events/s")
    peer = next(one for one in rows if one.title == "Flower")
    for one in rows:
        each = ", ".join(f"{events / wall:,.0f}" for wall in one.walls)
        print(
            f"  {one.title:16} {median_rate(one, events):9,.0f} "
            f"{1e6 * statistics.median(one.cpus) / events:14.0f} µs "
            f"{1e6 * one.paced_cpu:8.0f} µs    ({each})"
        )
    for one in rows:
        if one is not peer:
            by_rate = median_rate(one, events) / median_rate(peer, events)
            by_cpu = statistics.median(peer.cpus) / statistics.median(one.cpus)
            by_paced = peer.paced_cpu / one.paced_cpu
            print(
                f"  {one.title}: {by_rate:.1f} x Flower's events/s; Flower uses "
                f"{by_cpu:.1f} x the CPU, and {by_paced:.1f} x at {rate:.0f}/s"
            )
    print(f"  aim: {AIM:.0f} x Flower's events/s")


def median_rate(one: Consumer, events: int) -> float:
    return events / statistics.median(one.walls)


def main(events: int, rate: float, rounds: int) -> None:
    print(describe())
    print("publisher and Redis share its cores with who takes the events in")
    with tempfile.TemporaryDirectory() as name:
        show(measure(events, rate, rounds, Path(name)), events, rate, rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    main(options.events, options.rate, options.rounds)
