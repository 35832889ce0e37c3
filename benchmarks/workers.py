"""What a worker carries: 200 runs of 1 s at once, and what a run costs beside its work.

    python benchmarks/workers.py [--runs 200] [--seconds 1] [--rounds 5]

First part: one worker, started as the Procfile does, with a thread for each run. From
the first message sent until the last run ended, and the worker's memory; the first
runs after its start, and the next. The peer in the same run is a bare Celery worker of
the same pool whose tasks sleep as long.

Second part: lease and status per run. The same walk through a mailbox (nothing new,
answers at once), as `run_account` with lease, row, phases and reporting, and bare; one
after the other in one process. Both databases. The mail server is that of
slow_imap.py.
"""

import argparse
import os
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import redis
import sqlalchemy as sa
from celery import Celery
from cryptography.fernet import Fernet

from benchmarks.databases import databases, fill
from benchmarks.machine import cpu_seconds, describe, peak_rss
from mailbeat.db import accounts
from mailbeat.db.categories import enabled_categories
from mailbeat.db.clock import Stopwatch
from mailbeat.db.ledger import SQLLedger
from mailbeat.db.session import Sessions, create_engine, create_sessions
from mailbeat.labeling.layers import build_categorizer
from mailbeat.labeling.pipeline import label_new_messages
from mailbeat.lease import LeaseKeeper
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import Login, Security
from mailbeat.run import RunOptions, run_account
from tasks.reporter import Reporter
from tests.servers import process
from tests.servers.imap import LOOPBACK
from tests.servers.redis import RedisServer

ROOT = Path(__file__).parents[1]
TASK = "tasks.account.process_account"
GIVEN_UP = 40.0  # seconds; without beat nobody sends a lost run again
OPTIONS = RunOptions(
    scan_interval=300, process_hours=2, deadline=600, allowed_networks=LOOPBACK
)
ENDED = sa.text("SELECT count(*) FROM processing_runs WHERE end_time IS NOT NULL")
FAILED = sa.text("SELECT count(*) FROM processing_runs WHERE outcome <> 'succeeded'")


@contextmanager
def mail_server(seconds: float) -> Iterator[int]:
    """Yield the port of one whose SELECT takes `seconds`."""
    port = process.free_port()
    command = [sys.executable, "-m", "benchmarks.slow_imap", str(port), str(seconds)]
    server = process.start(command, port, cwd=ROOT)
    try:
        yield port
    finally:
        process.stop(server)


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    server = RedisServer(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


# Many runs at once, on one worker


@dataclass(frozen=True, slots=True)
class Burst:
    """Seconds from the first message to the last end, and the worker's figures."""

    wall: float
    cpu: float  # seconds
    rss: float  # MiB, at most
    missing: int  # runs that did not end within GIVEN_UP


@contextmanager
def worker(words: list[str], environment: dict[str, str]) -> Iterator[int]:
    """A Celery worker that is ready; yields its process id."""
    command = [sys.executable, "-W", "ignore", "-m", "celery", *words]
    with tempfile.NamedTemporaryFile() as log:
        child = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environment, stderr=log, stdout=log
        )
        try:
            wait_until_ready(child, Path(log.name))
            yield child.pid
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(30)


def wait_until_ready(child: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 30
    while " ready" not in log.read_text():
        if child.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"the worker did not start:\n{log.read_text()}")
        time.sleep(0.05)


def burst(
    pid: int, send: Callable[[], None], count_ended: Callable[[], int], wanted: int
) -> Burst:
    used, began = cpu_seconds(pid), time.perf_counter()
    before = count_ended()
    send()
    while (ended := count_ended() - before) < wanted:
        if time.perf_counter() - began > GIVEN_UP:
            break  # a run that found no connection to the database is sent again
        time.sleep(0.01)
    wall = time.perf_counter() - began
    return Burst(wall, cpu_seconds(pid) - used, peak_rss(pid), wanted - ended)


def procfile_words(kind: str) -> list[str]:
    """What the Procfile gives to `celery`."""
    for line in (ROOT / "Procfile").read_text().splitlines():
        name, _, command = line.partition(": exec celery ")
        if name == kind:
            return shlex.split(command)
    raise SystemExit(f"the Procfile has no {kind}")


def all_due(now: datetime) -> dict[str, object]:
    return {
        "next_run_at": now,
        "queued_until": None,
        "wanted_run_id": None,
        "lease_run_id": None,
        "lease_until": None,
    }


def our_bursts(url: str, redis_url: str, port: int, runs: int) -> list[Burst]:
    key = Fernet.generate_key().decode()
    now = datetime.now(UTC)
    fill(url, runs, secret_key=key, port=port, now=now, next_run_at=lambda _n: now)
    environment = {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "MAILBEAT_SECRET_KEYS": key,
        "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
        "WORKER_CONCURRENCY": str(runs),
        "LOG_LEVEL": "info",
    }
    engine = create_engine(url)
    sessions = create_sessions(engine)
    app = Celery("bench", broker=redis_url, set_as_current=False)

    def send() -> None:
        with sessions.begin() as session:  # as beat does
            due = accounts.claim_due(
                session, now=datetime.now(UTC), default_interval=300, limit=runs
            )
            with app.connection_for_write() as connection:
                producer = app.amqp.Producer(connection)
                for one in due:
                    app.send_task(
                        TASK,
                        args=[one.account_id],
                        task_id=one.run_id,
                        producer=producer,
                        ignore_result=True,
                    )
        if len(due) != runs:
            raise SystemExit(f"only {len(due)} of {runs} accounts were due")

    def ask(question: sa.TextClause) -> int:
        with engine.connect() as connection:
            return int(connection.execute(question).scalar_one())

    bursts = []
    with worker(procfile_words("worker"), environment) as pid:
        for _ in range(2):
            bursts.append(burst(pid, send, lambda: ask(ENDED), runs))
            with sessions.begin() as session:
                session.execute(sa.update(accounts.Account).values(all_due(now)))
    if failed := ask(FAILED):
        raise SystemExit(f"{failed} runs failed")
    engine.dispose()
    return bursts


def bare_bursts(redis_url: str, seconds: float, runs: int, folder: Path) -> list[Burst]:
    (folder / "bare.py").write_text(
        "import os, time\nfrom celery import Celery\nimport redis\n"
        "app = Celery('bare', broker=os.environ['REDIS_URL'])\n"
        "app.conf.task_ignore_result = True\n"
        "client = redis.Redis.from_url(os.environ['REDIS_URL'])\n"
        "@app.task\ndef rest(seconds):\n"
        "    time.sleep(seconds)\n    client.incr('ended')\n"
    )
    environment = {"REDIS_URL": redis_url, "PYTHONPATH": str(folder)}
    words = ["-A", "bare", "worker", "-l", "info", "-P", "threads", "-c", str(runs)]
    words += ["--without-mingle", "--without-gossip"]
    app = Celery("bench", broker=redis_url, set_as_current=False)
    with (
        redis.Redis.from_url(redis_url) as client,
        worker(words, environment) as pid,
        app.connection_for_write() as connection,
    ):
        producer = app.amqp.Producer(connection)

        def send() -> None:
            for _ in range(runs):
                app.send_task(
                    "bare.rest", [seconds], producer=producer, ignore_result=True
                )

        def count_ended() -> int:
            return int(client.get("ended") or 0)

        return [burst(pid, send, count_ended, runs) for _ in range(2)]


def show_bursts(runs: int, seconds: float, rows: dict[str, list[Burst]]) -> None:
    print(f"\n{runs} runs of {seconds:g} s at once on one worker")
    print(f"{'':22} first wall   next wall   CPU of next    peak RSS")
    for title, (first, after) in rows.items():
        print(
            f"  {title:20} {first.wall:9.2f} s {after.wall:9.2f} s "
            f"{after.cpu:11.2f} s {after.rss:8.0f} MiB"
        )
        if missing := first.missing + after.missing:
            print(f"    {missing} runs did not end within {GIVEN_UP:.0f} s")
    *ours, bare = rows.values()
    wall = max(both[1].wall for both in ours) / bare[1].wall
    rss = max(both[1].rss for both in ours) / bare[1].rss
    print(f"  ours (the dearer) : bare    {wall:9.1f} x {rss:29.1f} x")
    print("  aim: wall <= 3 s, RSS <= 90 MiB")


# Lease and status


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run, in milliseconds: on the clock, and of this process's processor."""

    wall: float
    cpu: float


def whole_run(
    sessions: Sessions, account_id: int, leases: LeaseKeeper, reporter: Reporter
) -> None:
    for step in run_account(
        sessions, account_id, str(uuid4()), options=OPTIONS, leases=leases
    ):
        reporter.publish(step, hostname="celery@bench")
    if step.outcome != "succeeded":
        raise SystemExit(f"a run ended as {step.outcome}: {step.error_message}")


def bare_run(sessions: Sessions, account_id: int, port: int) -> None:
    """What `run_account` does in between: read the account, walk, write the ledger."""
    clock = Stopwatch(datetime.now(UTC))
    with sessions() as session:
        account = accounts.find_account(session, account_id)
        categories = enabled_categories(session)
    login = Login(
        host=account.host,
        port=port,
        security=Security(account.security),
        username=account.username,
        password=account.password or "",
        allowed_networks=LOOPBACK,
    )
    with open_mailbox(login, account.mailbox, deadline=600) as mailbox:
        ledger = SQLLedger(
            sessions,
            account_id=account_id,
            mailbox=account.mailbox,
            run_id="",
            subject_days=0,
            clock=clock,
        )
        ledger.opened(mailbox.uid_validity)
        steps = label_new_messages(
            mailbox,
            build_categorizer(categories),
            ledger,
            since=clock() - timedelta(hours=2),
            labels={category.id: category.label for category in categories},
        )
        for _ in steps:
            pass


def cost_of(run: Callable[[], None], runs: int) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(runs):
        run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(1000 * wall / runs, 1000 * cpu / runs)


def costs(
    url: str, redis_url: str, port: int, runs: int, rounds: int
) -> tuple[Cost, Cost]:
    """The medians of a whole run and of a bare one."""
    key = Fernet.generate_key().decode()
    now = datetime.now(UTC)
    fill(url, 1, secret_key=key, port=port, now=now, next_run_at=lambda _n: now)
    engine = create_engine(url, secret_keys=[key])
    sessions = create_sessions(engine)
    app = Celery("bench", broker=redis_url, backend=redis_url, set_as_current=False)
    reporter, leases = Reporter(app), LeaseKeeper(sessions)
    kinds = (
        lambda: whole_run(sessions, 1, leases, reporter),
        lambda: bare_run(sessions, 1, port),
    )
    for run in kinds:
        cost_of(run, 5)  # warm; the watermark is written
    measured: tuple[list[Cost], list[Cost]] = ([], [])
    for _ in range(rounds):
        for run, taken in zip(kinds, measured, strict=True):
            taken.append(cost_of(run, runs))
    reporter.close()
    leases.close()
    engine.dispose()
    whole, bare = (
        Cost(
            statistics.median(one.wall for one in taken),
            statistics.median(one.cpu for one in taken),
        )
        for taken in measured
    )
    return whole, bare


def show_costs(runs: int, rounds: int, rows: dict[str, tuple[Cost, Cost]]) -> None:
    print(f"\nlease and status of a run, median of {rounds} times {runs} runs, in ms")
    print(f"{'':20} whole run   bare walk   lease and status   of it CPU")
    for title, (whole, bare) in rows.items():
        print(
            f"  {title:20} {whole.wall:10.1f} {bare.wall:11.1f} "
            f"{whole.wall - bare.wall:18.1f} {whole.cpu - bare.cpu:11.1f}"
        )
    print("  aim: lease and status <= 5 ms")


def main(runs: int, seconds: float, rounds: int) -> None:
    print(describe())
    with tempfile.TemporaryDirectory() as name, databases(Path(name)) as by_title:
        folder = Path(name)
        rows: dict[str, list[Burst]] = {}
        with mail_server(seconds) as port:
            for title, new in by_title.items():
                with redis_server(folder) as redis_url:
                    rows[f"ours, {title}"] = our_bursts(new(), redis_url, port, runs)
        with redis_server(folder) as redis_url:
            rows["bare, sleeping"] = bare_bursts(redis_url, seconds, runs, folder)
        show_bursts(runs, seconds, rows)
        with mail_server(0) as port, redis_server(folder) as redis_url:
            show_costs(
                50,
                rounds,
                {
                    f"on {title}": costs(new(), redis_url, port, 50, rounds)
                    for title, new in by_title.items()
                },
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    main(options.runs, options.seconds, options.rounds)
