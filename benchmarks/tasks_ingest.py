"""Celery's own task events: ours writes them into SQL, Flower keeps them in memory.

    python benchmarks/tasks_ingest.py [--tasks 100000] [--rounds 1]

Three events of each task, as a worker sends them: in groups of 24. They are recorded
once and published again, all at once, to each with a Redis of its own, one after the
other. They are in when every task is in the database as succeeded, or was dropped, or
when Flower's `/metrics` count them all. Memory is the most of all processes of
gunicorn, or of Flower, what they share counted once; before them it is said what they
have without any task.
At the end ours is killed (`kill -9`) and started anew, and counts what it still knows.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import redis
import sqlalchemy as sa
from celery import Celery

from benchmarks.databases import databases
from benchmarks.ingest import (
    AT_ONCE,
    Consumer,
    Message,
    ask,
    flower,
    wait_until_heard,
    without_limit,
)
from benchmarks.live_servers import redis_server, web
from benchmarks.machine import describe, load
from mailbeat.db.models import TaskRow

GROUP = 24  # events, as Celery's worker sends them
EVENTS = 3  # of a task
ASK_EVERY = 0.2  # seconds
GIVEN_UP = 600.0  # seconds
RATE_AIM, MEMORY_AIM = 3.0, 0.5


@dataclass
class Row:
    title: str
    consumer: Consumer
    walls: list[float] = field(default_factory=list)
    cpu: float = 0.0
    bare: int = 0  # bytes, before the first event
    memory: int = 0  # bytes, the most


def record(broker_url: str, tasks: int) -> list[Message]:
    """What a worker's dispatcher publishes for so many tasks."""
    app = Celery("bench", broker=broker_url, set_as_current=False)
    recorded: list[Message] = []
    with (
        redis.Redis.from_url(broker_url) as client,
        client.pubsub(ignore_subscribe_messages=True) as listener,
        app.connection_for_write() as connection,
    ):
        listener.psubscribe("*celeryev*")
        listener.get_message(timeout=5)
        dispatcher = app.events.Dispatcher(
            connection,
            hostname="celery@bench",
            buffer_while_offline=False,
            buffer_group={"task"},
            buffer_limit=GROUP,
        )
        for k in range(tasks):
            uuid = str(uuid4())
            dispatcher.send(
                "task-received",
                uuid=uuid,
                name=f"shop.tasks.work_{k % 20}",
                args=f"({k}, 'order')",
                kwargs="{'deep': True}",
                root_id=uuid,
                parent_id=None,
                retries=0,
                eta=None,
                expires=None,
            )
            dispatcher.send("task-started", uuid=uuid)
            dispatcher.send("task-succeeded", uuid=uuid, result="None", runtime=0.25)
            while (heard := listener.get_message(timeout=0)) is not None:
                recorded.append((heard["channel"], heard["data"]))
        dispatcher.flush()
        while (heard := listener.get_message(timeout=1)) is not None:
            recorded.append((heard["channel"], heard["data"]))
    return recorded


def counter(url: str) -> Callable[[], int]:
    engine = sa.create_engine(url)
    done = sa.select(sa.func.count()).where(TaskRow.state == "succeeded")

    def count() -> int:
        with engine.connect() as connection:
            return connection.scalar(done) or 0

    return count


@contextmanager
def ours(folder: Path, url: str, title: str) -> Iterator[Consumer]:
    count = counter(url)
    options = {"clients": 0, "count": 0, "run_ids": [], "url": url}
    with (
        redis_server(folder) as broker_url,
        web(folder, broker_url, **options) as one,
        without_limit(broker_url) as broker,
    ):
        wait_until_heard(broker)
        counted = -1

        def has_all(events: int) -> bool:
            """Whether all are written; what was dropped will never be."""
            nonlocal counted
            before, counted = counted, count()
            if counted != before or counted >= events // EVENTS:
                return counted >= events // EVENTS
            history = json.loads(
                ask(f"http://127.0.0.1:{one.port}/api/tasks?limit=1", one.key)
            )["history"]
            return bool(history["dropped"] and not history["waiting"])

        yield Consumer(title, broker, one.processes, has_all)
        known = count()
        for each in reversed(one.processes):
            each.kill()
        with web(folder, broker_url, **options) as again:
            told = json.loads(
                ask(f"http://127.0.0.1:{again.port}/api/tasks", again.key)
            )
            print(
                f"{title}: after kill -9 {count():,} of {known:,} tasks are known; "
                f"{len(told['items'])} on the first page, "
                f"{told['history']['dropped']} dropped"
            )


def flood(row: Row, messages: list[Message], events: int) -> None:
    consumer = row.consumer
    used, began = consumer.cpu(), time.perf_counter()
    for start in range(0, len(messages), AT_ONCE):
        with consumer.broker.pipeline(transaction=False) as pipe:
            for channel, data in messages[start : start + AT_ONCE]:
                pipe.publish(channel, data)
            pipe.execute()
        row.memory = max(row.memory, memory_of(consumer))
    while not consumer.has_all(events):
        if time.perf_counter() - began > GIVEN_UP:
            raise SystemExit(f"{row.title}: {events} events did not arrive")
        row.memory = max(row.memory, memory_of(consumer))
        time.sleep(ASK_EVERY)
    row.walls.append(time.perf_counter() - began)
    row.cpu += consumer.cpu() - used


def memory_of(consumer: Consumer) -> int:
    """Bytes, what processes share counted once (PSS)."""
    return sum(one.memory_full_info().pss for one in consumer.processes)


def main(tasks: int, rounds: int) -> None:
    print(describe())
    print("publisher, Redis and database share its cores with who takes the events in")
    with tempfile.TemporaryDirectory() as name, databases(Path(name)) as made:
        folder = Path(name)
        with redis_server(folder) as url:
            messages = [record(url, tasks) for _ in range(rounds)]
        events = tasks * EVENTS
        rows: list[Row] = []
        takers = [
            ours(folder, made["PostgreSQL"](), "ours, PostgreSQL"),
            flower(folder),
            ours(folder, made["SQLite"](), "ours, SQLite"),
        ]
        for taker in takers:
            with taker as consumer:
                row = Row(consumer.title, consumer)
                row.bare = row.memory = memory_of(consumer)
                for k in range(rounds):
                    flood(row, messages[k], events * (k + 1))
                rows.append(row)
                print(f"{row.title}: {row.walls[-1]:.1f} s; {load()}", flush=True)
        show(rows, tasks, rounds)


def show(rows: list[Row], tasks: int, rounds: int) -> None:
    events = tasks * EVENTS
    print(f"\n{tasks:,} tasks, {events:,} events at once, median of {rounds}; {load()}")
    print(f"{'':20}events/s   CPU of an event   most memory   without tasks")
    peer = next(row for row in rows if row.title == "Flower")
    for row in rows:
        rate = events / statistics.median(row.walls)
        cpu = 1e6 * row.cpu / events / rounds
        print(
            f"  {row.title:16}{rate:10,.0f}{cpu:15.0f} µs{row.memory / 2**20:8.0f} MiB"
            f"{row.bare / 2**20:12.0f} MiB"
        )
    for row in rows:
        if row is not peer:
            faster = statistics.median(peer.walls) / statistics.median(row.walls)
            print(
                f"  {row.title}: {faster:.1f} x Flower's events/s, "
                f"{row.memory / peer.memory:.2f} of its memory, "
                f"{row.cpu / peer.cpu:.2f} of its CPU"
            )
    print(f"  aims: {RATE_AIM:.0f} x the events/s, {MEMORY_AIM} of the memory")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    main(options.tasks, options.rounds)
