"""What beat carries: dispatches, processor, slowest tick and memory.

    python benchmarks/schedule.py [--accounts 1000 10000 100000] [--seconds 30]

Accounts at 300 s, their next runs spread over the slots as in production. Our
scheduler on both databases, beside stock Celery beat with a static entry for each
account, and RedBeat. Each is a process of its own with a Redis of its own; another
drains the queue, as workers would, and counts what came against the slots that fell
in the time. PostgreSQL and Redis work for themselves, and are not in beat's figures.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import redis
from cryptography.fernet import Fernet

from benchmarks.databases import databases, fill
from benchmarks.machine import describe, percentile
from mailbeat.db.accounts import next_slot
from tests.servers.redis import RedisServer

ROOT = Path(__file__).parents[1]
INTERVAL = 300  # seconds
LONGEST = 240  # seconds; below INTERVAL, so that each account has one slot at most


@dataclass(frozen=True, slots=True)
class Variant:
    title: str
    kind: str  # of schedule_beat.py
    new_database: Callable[[], str] | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one scheduler: messages, shares, seconds and MiB."""

    expected: int
    sent: int  # of the expected
    twice: int
    late: float  # p99, from slot to arrival
    cpu: float
    slowest: float
    rss: float


def slots(accounts: int, begin: datetime, until: datetime) -> dict[int, datetime]:
    """The accounts whose slot falls after `begin` and not after `until`."""
    each = ((n, next_slot(n, INTERVAL, begin)) for n in range(1, accounts + 1))
    return {n: slot for n, slot in each if slot <= until}


def store_entries(redis_url: str, accounts: int, begin: datetime) -> None:
    """Store RedBeat's entries as its `save` does, many in one round trip."""
    os.environ["REDIS_URL"] = redis_url
    from celery import Celery
    from redbeat.decoder import RedBeatJSONEncoder
    from redbeat.schedulers import RedBeatSchedulerEntry

    from benchmarks.schedule_beat import entry

    app = Celery("bench", broker=redis_url, set_as_current=False)
    app.conf.redbeat_redis_url = redis_url
    app.conf.redbeat_redis_options = {"socket_timeout": 60}
    with redis.Redis.from_url(redis_url) as client:
        pipe = client.pipeline(transaction=False)
        for n in range(1, accounts + 1):
            given = entry(n, begin)
            last_run_at = given.pop("last_run_at")
            one = RedBeatSchedulerEntry(name=f"account-{n}", app=app, **given)
            definition = {
                "name": one.name,
                "task": one.task,
                "args": one.args,
                "kwargs": one.kwargs,
                "options": one.options,
                "schedule": one.schedule,
                "enabled": True,
            }
            for field, value in (
                ("definition", definition),
                ("meta", {"last_run_at": last_run_at}),
            ):
                pipe.hset(one.key, field, json.dumps(value, cls=RedBeatJSONEncoder))
            due_at = last_run_at + timedelta(seconds=INTERVAL)
            pipe.zadd(app.redbeat_conf.schedule_key, {one.key: due_at.timestamp()})
            if not n % 1000:
                pipe.execute()
        pipe.execute()


def measure(variant: Variant, accounts: int, seconds: float, folder: Path) -> Figures:
    server = RedisServer(folder)
    server.start()
    try:
        return _measure(variant, accounts, seconds, server.url)
    finally:
        server.stop()


def _measure(
    variant: Variant, accounts: int, seconds: float, redis_url: str
) -> Figures:
    # Half a second off the slots, which are whole: both ends are clear.
    begin = int(time.time() + 5 + accounts / 4000) + 0.5
    begins = datetime.fromtimestamp(begin, UTC)
    key = Fernet.generate_key().decode()
    url = variant.new_database() if variant.new_database else None
    if url:
        fill(
            url,
            accounts,
            secret_key=key,
            port=993,
            now=datetime.now(UTC),
            next_run_at=lambda n: next_slot(n, INTERVAL, begins),
        )
    if variant.kind == "redbeat":
        store_entries(redis_url, accounts, begins)
    environment = os.environ | {
        "REDIS_URL": redis_url,
        "DATABASE_URL": url or "sqlite://",
        "MAILBEAT_SECRET_KEYS": key,
        "BACKGROUND_SCAN_INTERVAL": str(INTERVAL),
        "LOG_LEVEL": "warning",
    }
    drained = _start("schedule_drain", redis_url, *([url] if url else []))
    ticked = _start(
        *("schedule_beat", variant.kind, str(accounts), str(begin), str(seconds)),
        environment=environment,
    )
    try:
        said = json.loads(_output(ticked))
    finally:
        came = json.loads(_output(drained))
    until = begins + timedelta(seconds=seconds)
    return _figures(slots(accounts, begins, until), came, said)


def _start(module: str, *words: str, environment=None) -> subprocess.Popen:
    command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.{module}", *words]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)


def _output(process: subprocess.Popen) -> bytes:
    out, _ = process.communicate()  # the end of its input ends the drain
    if process.returncode:
        raise SystemExit(f"{process.args} ended with {process.returncode}")
    return out


def _figures(due: dict[int, datetime], came: list, said: dict[str, float]) -> Figures:
    counts = Counter(account for account, _ in came)
    late = [at - due[one].timestamp() for one, at in came if one in due]
    sent = len(counts.keys() & due.keys())
    return Figures(
        expected=len(due),
        sent=sent,
        twice=len(came) - len(counts),
        late=percentile(late, 0.99) if late else float("nan"),
        cpu=said["cpu"],
        slowest=said["slowest"],
        rss=said["rss"],
    )


def variants(by_title: dict[str, Callable[[], str]]) -> list[Variant]:
    return [
        *(Variant(f"ours, {title}", "ours", new) for title, new in by_title.items()),
        Variant("RedBeat", "redbeat"),
        Variant("stock beat", "stock"),
    ]


def show(accounts: int, rows: dict[str, Figures | None]) -> None:
    print(f"\n{accounts:,} accounts          sent    of due    twice   late p99"
          "      CPU   slowest tick      RSS")  # fmt: skip
    for title, row in rows.items():
        if row is None:
            print(f"  {title:18} not installed")
            continue
        share = 100 * row.sent / row.expected if row.expected else float("nan")
        print(
            f"  {title:18} {row.sent:8,} {share:7.1f} % {row.twice:8,} "
            f"{row.late:8.2f} s {100 * row.cpu:6.1f} % {1000 * row.slowest:9.0f} ms "
            f"{row.rss:8.0f} MiB",
            flush=True,
        )
    ours = [row for title, row in rows.items() if row and title.startswith("ours")]
    peers = {title: row for title, row in rows.items() if row and row not in ours}
    for title, peer in peers.items():
        ratios = [
            f"{peer.cpu / max(row.cpu for row in ours):.1f} x the CPU",
            f"{peer.slowest / max(row.slowest for row in ours):.1f} x the tick",
            f"{peer.rss / max(row.rss for row in ours):.1f} x the RSS",
        ]
        print(f"  {title + ' : ours':18} {', '.join(ratios)} (of our dearer one)")


def main(sizes: list[int], seconds: float) -> None:
    try:
        import redbeat  # noqa: F401 # only whether it is there

        has_redbeat = True
    except ImportError:
        has_redbeat = False
    print(describe())
    print(f"{INTERVAL} s between two runs of an account, {seconds:.0f} s watched;")
    print("a tick of stock beat sends one message, of the others all that are due")
    with tempfile.TemporaryDirectory() as name, databases(Path(name)) as by_title:
        for accounts in sizes:
            rows: dict[str, Figures | None] = {}
            for one in variants(by_title):
                missing = one.kind == "redbeat" and not has_redbeat
                rows[one.title] = (
                    None if missing else measure(one, accounts, seconds, Path(name))
                )
            show(accounts, rows)
    print("\naim at 100,000: all that are due, CPU <= 15 %, slowest tick <= 300 ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--accounts", type=int, nargs="+", default=[1000, 10_000, 100_000]
    )
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    if options.seconds > LONGEST:
        parser.error(f"--seconds is {LONGEST} at most")
    main(options.accounts, options.seconds)
