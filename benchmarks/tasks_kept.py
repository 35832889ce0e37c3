"""How long lists of tasks take over many kept ones, on a real PostgreSQL.

    python benchmarks/tasks_kept.py [--tasks 10000000] [--rounds 20]

The tasks are made up by the database: over a week, 90 of 100 of them runs and the rest
of 20 other names, 2 of 100 failed. Each list is asked for again and again, with another
name, worker, time or place in it each time. Everything is deleted at the end.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks import machine
from benchmarks.databases import databases
from mailbeat.db.clock import database_now
from mailbeat.db.models import RUN_TASK, TaskRow, table_of
from mailbeat.db.session import Sessions, create_engine, create_sessions
from mailbeat.db.task_lists import TaskSort, failures, known_names, list_tasks
from mailbeat.db.task_record import RUNNING, TaskState

AT_ONCE = 1_000_000  # rows of one statement
AIM = 100  # ms
UNIQUE = "uq_tasks_task_id"
FILL = f"""
INSERT INTO tasks (task_id, name, state, step, worker, arguments, account_id, retries,
                   exception, received_at, heard_at, started_at, ended_at, runtime)
SELECT gen_random_uuid()::text,
       CASE WHEN r < 0.9 THEN '{RUN_TASK}'
            ELSE 'shop.tasks.work_' || (n / 50 % 20) END,
       state, 1, 'celery@worker-' || n % 4, '(' || n % 10000 || ',)', n % 10000, 0,
       CASE WHEN state = 'failed' THEN
            (ARRAY['ConnectionError', 'ValueError', 'TimeoutError'])[1 + n % 3] END,
       at, at, at, CASE WHEN state <> 'started' THEN at + interval '2 seconds' END,
       CASE WHEN state <> 'started' THEN round((r * r * 60)::numeric, 3)::float END
FROM (SELECT n, random() AS r,
             now() - interval '7 days' * (1 - n::float / :total) AS at,
             CASE WHEN n % 50 = 7 THEN 'failed' WHEN n % 1000 = 1 THEN 'revoked'
                  WHEN n > :total - 100 THEN 'started' ELSE 'succeeded' END AS state
      FROM generate_series(:first, :last) AS n) AS made
"""


def fill(url: str, total: int) -> None:
    """Make the tasks, and their indexes after that: it is quicker so."""
    table = table_of(TaskRow)
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
        connection.exec_driver_sql("ALTER TABLE tasks SET UNLOGGED")
        connection.exec_driver_sql(f"ALTER TABLE tasks DROP CONSTRAINT {UNIQUE}")
    for first in range(1, total + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, total)
        with engine.begin() as connection:
            values = {"first": first, "last": last, "total": total}
            connection.execute(sa.text(FILL), values)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        connection.exec_driver_sql(
            f"ALTER TABLE tasks ADD CONSTRAINT {UNIQUE} UNIQUE (task_id)"
        )
        for index in indexes:
            index.create(connection)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("VACUUM ANALYZE tasks")
    engine.dispose()


def sizes(session: Session) -> Iterator[str]:
    tell = sa.text(
        "SELECT relname, pg_relation_size(oid) FROM pg_class "
        "WHERE relname LIKE '%tasks%' AND relkind IN ('r', 'i') "
        "AND relname NOT LIKE 'pg_%' AND pg_relation_size(oid) > 0 ORDER BY 2 DESC"
    )
    for name, size in session.execute(tell):
        yield f"{name} {size / 2**20:,.0f} MiB"


Ask = Callable[[Session], Any]


def questions(session: Session, chance: random.Random) -> Iterator[tuple[str, Ask]]:
    """What a person may ask for, each time a little different."""
    now = database_now(session)
    total_hours = 7 * 24

    def lists(**asked: Any) -> Ask:
        return lambda session: list_tasks(session, **asked)

    some_id = session.scalar(
        sa.select(TaskRow.task_id)
        .where(TaskRow.received_at < now - timedelta(hours=chance.random() * 160))
        .order_by(TaskRow.received_at.desc())
        .limit(1)
    )
    ago = now - timedelta(hours=chance.random() * total_hours)
    name = f"shop.tasks.work_{chance.randrange(20)}"
    worker = f"celery@worker-{chance.randrange(4)}"
    failed = (TaskState.FAILED,)
    yield "newest", lists()
    yield "before a time", lists(until=ago)
    yield "failed", lists(states=failed)
    yield "failed before a time", lists(states=failed, until=ago)
    yield "running", lists(states=RUNNING)
    yield "rejected: none", lists(states=(TaskState.REJECTED,))
    yield "a name", lists(name=name)
    yield "a name, failed", lists(name=name, states=failed)
    yield "runs", lists(name=RUN_TASK)
    yield "a worker", lists(worker=worker)
    yield "a worker: none", lists(worker="celery@gone")
    yield "search: a number", lists(q=f"({chance.randrange(10000)},)")
    yield "search: nothing", lists(q="nothing like that")
    yield "search: an id", lists(q=some_id)
    yield "slowest", lists(sort=TaskSort.RUNTIME)
    yield "slowest of a name", lists(sort=TaskSort.RUNTIME, name=name)
    yield "all names", known_names
    yield (
        "failures, 24 h",
        lambda session: failures(session, since=now - timedelta(hours=24)),
    )


def measure(sessions: Sessions, rounds: int) -> dict[str, list[float]]:
    chance = random.Random(7)
    took: dict[str, list[float]] = {}
    for _ in range(rounds):
        with sessions() as session:
            asked = list(questions(session, chance))
        for title, ask in asked:
            with sessions() as session:
                began = time.perf_counter()
                ask(session)
                took.setdefault(title, []).append(1000 * (time.perf_counter() - began))
    return took


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def main(total: int, rounds: int) -> None:
    print(machine.describe())
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as made:
        url = made["PostgreSQL"]()
        began = time.perf_counter()
        fill(url, total)
        print(f"{total:,} tasks, made in {time.perf_counter() - began:.0f} s")
        engine = create_engine(url)
        sessions = create_sessions(engine)
        with sessions() as session:
            print("; ".join(sizes(session)))
        took = measure(sessions, rounds)
        engine.dispose()
    print(f"\nms, {rounds} times each; {machine.load()}")
    print(f"{'':24}{'median':>8}{'p95':>8}")
    for title, values in took.items():
        print(f"  {title:22}{p95(sorted(values)[: len(values) // 2]):8.1f}", end="")
        print(f"{p95(values):8.1f}")
    everything = [one for values in took.values() for one in values]
    print(f"  {'all':22}{'':8}{p95(everything):8.1f}   aim: {AIM}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    main(options.tasks, options.rounds)
