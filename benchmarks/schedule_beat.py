"""`python -m benchmarks.schedule_beat KIND ACCOUNTS BEGIN SECONDS`: one beat, watched.

A process of its own, so that processor time and memory are the scheduler's alone. Our
application and settings in every kind, as the Procfile's beat has them; the loop is
that of `celery.beat.Service.start`. Prints one JSON object.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from resource import RUSAGE_SELF, getrusage
from typing import Any

from celery import beat, schedules, signals

from benchmarks.machine import peak_rss
from mailbeat.db.accounts import next_slot
from tasks.celery import app

INTERVAL = 300  # seconds
TASK = "tasks.account.process_account"


def entry(account_id: int, begin: datetime) -> dict[str, Any]:
    """The entry of a static schedule that is due at the account's slots."""
    return {
        "task": TASK,
        "schedule": schedules.schedule(timedelta(seconds=INTERVAL)),
        "args": (account_id,),
        "options": {"expires": 3600, "retry": False},
        "last_run_at": next_slot(account_id, INTERVAL, begin)
        - timedelta(seconds=INTERVAL),
    }


def scheduler_of(kind: str, accounts: int, begin: datetime) -> beat.Scheduler:
    classes = {
        "ours": "tasks.schedule:AccountScheduler",
        "stock": "celery.beat:Scheduler",
        "redbeat": "redbeat:RedBeatScheduler",
    }
    app.loader.init_worker()
    app.finalize()
    if kind == "stock":
        app.conf.beat_schedule = {
            f"account-{n}": entry(n, begin) for n in range(1, accounts + 1)
        }
    elif kind == "redbeat":
        # With its default, five times the longest pause, a long tick lost the lock.
        app.conf.redbeat_lock_timeout = 1500
        app.conf.redbeat_redis_url = app.conf.broker_url
        app.conf.redbeat_redis_options = {"socket_timeout": 60}
    service = beat.Service(app, scheduler_cls=classes[kind])
    scheduler: beat.Scheduler = service.scheduler
    signals.beat_init.send(sender=service)  # RedBeat takes its lock
    return scheduler


def watch(scheduler: beat.Scheduler, begin: float, seconds: float) -> dict[str, float]:
    """Tick from `begin` (of the wall clock) for `seconds`, and once at their end."""
    scheduler.tick()  # connections, and a heap where there is one; nothing is due yet
    late = time.time() - begin
    if late > 0:
        raise SystemExit(f"ready {late:.1f} s too late")
    time.sleep(-late)
    used, began = _cpu_seconds(), time.perf_counter()
    slowest = 0.0
    is_last = False
    while not is_last:
        is_last = time.time() >= begin + seconds
        start = time.perf_counter()
        pause = scheduler.tick()
        slowest = max(slowest, time.perf_counter() - start)
        if pause and pause > 0 and not is_last:
            time.sleep(min(pause, max(begin + seconds - time.time(), 0)))
    wall = time.perf_counter() - began
    return {
        "cpu": (_cpu_seconds() - used) / wall,
        "slowest": slowest,
        "rss": peak_rss(),
    }


def _cpu_seconds() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(kind: str, accounts: int, begin: float, seconds: float) -> None:
    scheduler = scheduler_of(kind, accounts, datetime.fromtimestamp(begin, UTC))
    figures = watch(scheduler, begin, seconds)
    scheduler.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
