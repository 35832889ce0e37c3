"""How every part of an installation is, since when, and what to do.

Read from the rows and the disk; `/api/health` and `mailbeat doctor` say the same.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from mailbeat.db.models import LLMDay
from mailbeat.db.outbox import LastTry, last_try
from mailbeat.db.processes import Kind, list_processes
from mailbeat.db.punctuality import read_punctuality
from mailbeat.db.queues import read_queues
from mailbeat.notify.channel import Channel

MANY_WAITING = 1000  # messages; beat stops at 5000
LONG_OVERDUE = timedelta(minutes=15)
# What is left of a disk before something is said.
LEAST_FREE = 500 * 1024 * 1024  # bytes
LEAST_SHARE = 0.05
FEW_QUESTIONS = 5  # to a model; of fewer nothing is concluded


class Condition(StrEnum):
    UP = "up"
    DEGRADED = "degraded"  # it works, and somebody should look
    DOWN = "down"
    OFF = "off"  # not configured, or not started yet
    UNKNOWN = "unknown"  # what would tell is away


@dataclass(frozen=True, slots=True)
class PartHealth:
    """`advice` says what to do; empty when there is nothing."""

    name: str
    condition: Condition
    text: str
    since: datetime | None = None
    advice: str = ""

    @property
    def is_bad(self) -> bool:
        return self.condition in {Condition.DEGRADED, Condition.DOWN}


def read_health(session: Session, *, now: datetime) -> Iterator[PartHealth]:
    """The parts that the database tells of: beat, workers, queue."""
    kept = read_punctuality(session, now=now)
    yield _beat(kept.ticked_at, is_silent=kept.is_silent)
    yield _workers(session, now)
    yield _queue(session, now, overdue=kept.overdue, oldest=kept.oldest_due_at)


def _beat(ticked_at: datetime | None, *, is_silent: bool) -> PartHealth:
    if ticked_at is None:
        return PartHealth("beat", Condition.OFF, "never ran yet", advice=START_BEAT)
    if not is_silent:
        return PartHealth("beat", Condition.UP, "ticks", ticked_at)
    text = f"is silent since {_time(ticked_at)}, so nothing is scheduled"
    return PartHealth("beat", Condition.DOWN, text, ticked_at, START_BEAT)


START_BEAT = "Start it: `mailbeat up`, or the Procfile's beat."
START_WORKER = "Start one: `mailbeat up`, or the Procfile's worker."


def _workers(session: Session, now: datetime) -> PartHealth:
    found = list_processes(session, Kind.WORKER, now=now)
    alive = [one for one in found if one.is_alive]
    if alive:
        threads = int(sum(one.number("size") or 0 for one in alive))
        text = f"{len(alive)} online, {threads} threads"
        return PartHealth(
            "workers", Condition.UP, text, min(one.since for one in alive)
        )
    if not found:
        text = "none was seen within a day"
        return PartHealth("workers", Condition.OFF, text, advice=START_WORKER)
    last = max(found, key=lambda one: one.since)
    text = f"none is online; {last.name} is {last.state} since {_time(last.since)}"
    return PartHealth("workers", Condition.DOWN, text, last.since, START_WORKER)


def _queue(
    session: Session, now: datetime, *, overdue: int, oldest: datetime | None
) -> PartHealth:
    queues = read_queues(session, now=now)
    if not queues:
        text = "nobody looked at it within an hour: beat does"
        return PartHealth("queue", Condition.UNKNOWN, text)
    waiting = sum(one.depth for one in queues)
    seen_at = max(one.seen_at for one in queues)
    text = f"{waiting} messages wait, {overdue} accounts are overdue"
    is_late = oldest is not None and now - oldest > LONG_OVERDUE
    if waiting < MANY_WAITING and not is_late:
        return PartHealth("queue", Condition.UP, text, seen_at)
    advice = "Start more workers, or give those that run more threads (/workers)."
    return PartHealth("queue", Condition.DEGRADED, text, oldest or seen_at, advice)


def read_model(session: Session, *, is_configured: bool, now: datetime) -> PartHealth:
    """How a model answered today, without asking it."""
    if not is_configured:
        return PartHealth("llm", Condition.OFF, "none is configured")
    day = now.date().isoformat()
    row = session.scalar(select(LLMDay).where(LLMDay.day == day))
    calls, failures = (row.calls, row.failures) if row else (0, 0)
    text = f"{calls} questions today, {failures} of them without a usable answer"
    if calls >= FEW_QUESTIONS and failures * 2 > calls:
        advice = "Try it: `mailbeat doctor` says what it answers."
        return PartHealth("llm", Condition.DEGRADED, text, advice=advice)
    return PartHealth("llm", Condition.UP, text)


# By the first word of a channel's key: the part's name, the channels it stands for, and
# the variables that lead there.
_WAYS_OUT = {
    "email": ("mail out", ("email", "digest-%"), "SMTP_URL"),
    "webhook": ("webhook", (), "ALERT_WEBHOOK_URL"),
    "apprise": ("apprise", (), "NOTIFY_URLS"),
}


def read_ways_out(
    session: Session, channels: Sequence[Channel], *, has_post: bool
) -> Iterator[PartHealth]:
    """How messages go out, as the last of them fared: nobody is asked for it.

    `has_post`: letters to single people go out, whoever gets alerts.
    """
    keys: dict[str, list[str]] = {kind: [] for kind in _WAYS_OUT}
    for channel in channels:
        keys[channel.key.partition("-")[0]].append(channel.key)
    for kind, (name, all_of_it, variable) in _WAYS_OUT.items():
        ways = all_of_it if all_of_it and (has_post or keys[kind]) else keys[kind]
        tries = [one for way in ways if (one := last_try(session, way))]
        yield _way_out(name, variable, tries, is_there=bool(ways))


def _way_out(
    name: str, variable: str, tries: Sequence[LastTry], *, is_there: bool
) -> PartHealth:
    if not is_there:
        return PartHealth(name, Condition.OFF, f"{variable} is not set")
    if not tries:
        return PartHealth(
            name,
            Condition.UNKNOWN,
            "nothing was sent yet",
            advice="Try it: *Send a test* on /alerts, or `mailbeat alert test`.",
        )
    worst = max(tries, key=lambda one: (one.error is not None, one.at))
    if worst.error is None:
        return PartHealth(name, Condition.UP, "the last message arrived", worst.since)
    again = "; it is tried again" if worst.is_tried_again else ""
    return PartHealth(
        name,
        Condition.DEGRADED,
        f"the last message did not arrive{again}: {worst.error.rstrip('.')}",
        worst.since,
        f"Correct {variable} or what it leads to, start Mailbeat again, and try it "
        "with `mailbeat alert test`.",
    )


def look_at_disk(database_url: str) -> PartHealth:
    """How much room there is where SQLite's file is, or where we run."""
    url = make_url(database_url)
    is_file = url.get_backend_name() == "sqlite" and url.database
    folder = Path(str(url.database)).parent if is_file else Path()
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        text = f"cannot be looked at ({type(error).__name__})"
        return PartHealth("disk", Condition.UNKNOWN, text)
    free = f"{usage.free / 2**30:,.1f} GiB free"
    if usage.free >= max(LEAST_FREE, LEAST_SHARE * usage.total) or (
        usage.free >= 20 * LEAST_FREE
    ):
        return PartHealth("disk", Condition.UP, free)
    advice = "Make room, or keep less: RUN_DAYS, MESSAGE_DAYS."
    bad = Condition.DOWN if usage.free < LEAST_FREE / 10 else Condition.DEGRADED
    return PartHealth("disk", bad, free, advice=advice)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
