"""What watching 10,000 accounts costs: `/metrics`, and the looks that alerts come from.

    python benchmarks/metrics.py [--accounts 10000] [--rounds 50]

Each account has ten runs behind it; one of twenty fails, and one of thirty needs a
person. `/metrics` is asked of the web as gunicorn runs it, with so much time between
two rounds that nothing is kept from the one before, and once more at once, which is.
The watch looks as one process in every installation does each five seconds, and rolls
back what it wrote. Processor time is that of the process and of its PostgreSQL backend.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import sqlalchemy as sa
from cryptography.fernet import Fernet

from benchmarks.account_list import fill
from benchmarks.databases import databases
from benchmarks.ingest import ask
from benchmarks.live_servers import redis_server, web
from benchmarks.machine import describe, load, percentile
from mailbeat.alerts.look import Look, Rulings
from mailbeat.alerts.watch import LOOK_EVERY
from mailbeat.db import alert_facts, totals
from mailbeat.db.clock import database_now
from mailbeat.db.models import QueueSample, Total, table_of
from mailbeat.db.session import Sessions, create_engine, create_sessions, transaction
from webapp.metrics import KEPT

RUNS = 10  # of each account
METRICS_AIM, LOOK_AIM = 200, 100  # ms
SAMPLES = 720  # of the queue, one each five seconds
HOSTS, CODES = 40, ("auth_failed", "connect_failed", "throttled")


def count_things(sessions: Sessions) -> None:
    """What an installation has counted, and how full its queue was."""
    now = datetime.now(UTC)
    counted = {
        (totals.MAIL_ERRORS, code, f"imap{n}.example.org"): 7
        for code in CODES
        for n in range(HOSTS)
    }
    counted |= {
        (f"{totals.PHASE_SECONDS}_bucket", phase, str(bound)): 9
        for phase in (
            "connecting",
            "fetching",
            "processing",
            "categorizing",
            "labeling",
        )
        for bound in (*totals.PHASE_BOUNDS, "+Inf")
    }
    rows = [
        {"name": name, "labels": json.dumps(labels), "value": float(value)}
        for (name, *labels), value in counted.items()
    ]
    samples = [
        {
            "at": now - timedelta(seconds=5 * n),
            "name": "celery",
            "depth": n % 40,
            "sent": 33 * 5,
        }
        for n in range(SAMPLES)
    ]
    with transaction(sessions) as session:
        session.execute(sa.insert(table_of(Total)), rows)
        session.execute(sa.insert(table_of(QueueSample)), samples)


def ask_metrics(
    folder: Path, url: str, secret: str, rounds: int
) -> tuple[list[float], list[float], int]:
    """Milliseconds of answers that are made, and of kept ones; and their bytes."""
    made, kept, size = [], [], 0
    with (
        redis_server(folder) as redis_url,
        web(
            folder,
            redis_url,
            clients=0,
            count=0,
            run_ids=[],
            url=url,
            secret=secret,
        ) as one,
    ):
        address = f"http://127.0.0.1:{one.port}/metrics"
        ask(address, one.key)
        for _ in range(rounds):
            time.sleep(KEPT + 0.1)
            for took in (made, kept):
                began = time.perf_counter()
                size = len(ask(address, one.key))
                took.append(1000 * (time.perf_counter() - began))
    return made, kept, size


def look(
    sessions: Sessions, rounds: int
) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of a look, of processor time, and of its question for accounts."""
    watch, walls, cpus, questions = Look(Rulings(), ()), [], [], []
    for number in range(rounds + 1):
        with sessions() as session:
            session.connection(execution_options={"mailbeat_write": True})
            now = database_now(session)
            used = cpu_of(session)
            began = time.perf_counter()
            watch.take(session, now=now, alive_since=now - timedelta(hours=1))
            wall = 1000 * (time.perf_counter() - began)
            cpu = 1000 * (used() if number else 0)
            began = time.perf_counter()
            alert_facts.account_rows(
                session, now=now, late_after=lambda _interval: timedelta(minutes=15)
            )
            question = 1000 * (time.perf_counter() - began)
            # What it writes the first time stays: alerts are open for long.
            session.rollback() if number else session.commit()
        if number:
            walls.append(wall)
            cpus.append(cpu)
            questions.append(question)
    return walls, cpus, questions


def cpu_of(session: sa.orm.Session) -> Callable[[], float]:
    """What tells the processor time that was used since, in seconds."""
    backend = None
    if session.get_bind().dialect.name == "postgresql":
        backend = psutil.Process(session.scalar(sa.text("SELECT pg_backend_pid()")))

    def used() -> float:
        theirs = sum(backend.cpu_times()[:2]) if backend is not None else 0.0
        return time.process_time() + theirs

    before = used()
    return lambda: used() - before


def show(title: str, values: list[float], aim: int | None = None) -> None:
    print(
        f"  {title:36}{percentile(values, 0.5):8.1f}{percentile(values, 0.95):8.1f}"
        f"{max(values):8.1f}{'' if aim is None else f'   aim: {aim}'}",
        flush=True,
    )


def main(accounts: int, rounds: int) -> None:
    print(describe())
    print(f"{accounts:,} accounts, {RUNS} runs of each; a look each {LOOK_EVERY:.0f} s")
    print(f"ms, {rounds} times each{'':21}median     p95    most")
    with tempfile.TemporaryDirectory() as name, databases(Path(name)) as made:
        folder = Path(name)
        for title, database in made.items():
            url, secret = database(), Fernet.generate_key().decode()
            engine = create_engine(url, secret_keys=[secret])
            sessions = create_sessions(engine)
            fill(sessions, accounts, RUNS)
            count_things(sessions)
            print(f"{title}; {load()}")
            walls, cpus, questions = look(sessions, rounds)
            show("a look of the watch", walls)
            show("  its processor time", cpus, LOOK_AIM)
            show("  its question for accounts", questions)
            engine.dispose()
            answers, kept, size = ask_metrics(folder, url, secret, rounds)
            show(f"/metrics, {size / 1024:.0f} KiB", answers, METRICS_AIM)
            show("  from the answer before", kept)
    print(load())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    main(options.accounts, options.rounds)
