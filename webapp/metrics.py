"""`/metrics` for Prometheus: all of an installation, whichever web process answers.

Counters are totals that every process adds to; gauges are read from the rows. No value
of a label comes from mail or names an account.
"""

import hmac
import math
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from mailbeat import __version__
from mailbeat.db import totals
from mailbeat.db.accounts import BY_PERSON, SETTING_UP
from mailbeat.db.clock import database_now
from mailbeat.db.models import Account
from mailbeat.db.processes import Kind, ProcessSeen, ProcessState, list_processes
from mailbeat.db.punctuality import read_punctuality
from mailbeat.db.queues import read_queues
from mailbeat.labeling.progress import Outcome
from mailbeat.settings import Settings
from webapp.parts import parts

PATH = "/metrics"
# What Prometheus 2 and 3 both take, and `promtool check metrics`.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NAMES = re.compile(r"\bmailbeat_[a-z0-9_]+")
KEPT = 3.0  # seconds: several that scrape ask the database once
ACCOUNT_STATES = ("running", "waiting", "paused", "needs_person", "setting_up")

blueprint = Blueprint("metrics", __name__)
Totals = Mapping[str, Mapping[tuple[str, ...], float]]


@dataclass(slots=True)
class _Kept:
    """The last answer of this process."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    at: float = float("-inf")
    of: object = None  # whose database
    body: bytes = b""


_kept = _Kept()


@blueprint.get(PATH)
def metrics() -> Response:
    built = parts()
    with _kept.lock:
        now = time.monotonic()
        if now - _kept.at >= KEPT or _kept.of is not built.sessions:
            registry = CollectorRegistry()
            with built.sessions() as session:
                registry.register(_Told(list(read_metrics(session))))
            _kept.body = generate_latest(registry)
            _kept.at, _kept.of = now, built.sessions
        body = _kept.body
    return Response(body, content_type=CONTENT_TYPE)


def opens_metrics(settings: Settings) -> bool:
    """Whether a request comes with METRICS_TOKEN, which opens this and nothing else."""
    token = settings.metrics_token
    if request.path != PATH or token is None:
        return False
    sent = request.headers.get("Authorization", "").encode(errors="surrogatepass")
    wanted = f"Bearer {token.get_secret_value()}".encode()
    return hmac.compare_digest(sent, wanted)


class _Told(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def read_metrics(session: Session) -> Iterator[Metric]:
    """Read every family; the names are those of docs/operating.md and deploy/."""
    now = database_now(session)
    found = totals.read_totals(session)
    processes = list_processes(session, now=now)
    yield _gauge(
        "info", "Always 1; the version is its label.", {(__version__,): 1.0}, "version"
    )
    yield from _of_runs(found)
    yield from _of_accounts(session, now)
    yield from _of_queues(session, now)
    yield from _of_processes(processes)


def _of_runs(found: Totals) -> Iterator[Metric]:
    runs: dict[tuple[str, ...], float] = {(str(one),): 0.0 for one in Outcome}
    runs |= found.get(totals.RUNS, {})
    yield _counter("runs", "Runs that ended.", runs, "outcome")
    yield _histogram(
        "run_duration_seconds",
        "How long runs took.",
        found,
        totals.RUN_SECONDS,
        totals.RUN_BOUNDS,
    )
    yield _histogram(
        "run_phase_duration_seconds",
        "How long runs were in each phase.",
        found,
        totals.PHASE_SECONDS,
        totals.PHASE_BOUNDS,
        "phase",
    )
    yield _counter(
        "messages",
        "Messages that were decided about.",
        found.get(totals.MESSAGES, {}),
        "category",
        "outcome",
    )
    yield _counter(
        "mail_errors",
        "Runs that failed, by error code and the provider's mail server.",
        found.get(totals.MAIL_ERRORS, {}),
        "code",
        "host",
    )
    for name, key, text in (
        ("llm_calls", totals.LLM_CALLS, "Questions that a model was asked."),
        ("llm_failures", totals.LLM_FAILURES, "Questions without a usable answer."),
        ("llm_messages", totals.LLM_MESSAGES, "Messages that a model was asked about."),
        ("llm_tokens", totals.LLM_TOKENS, "Tokens that a model says it used."),
        (
            "websockets_stalled",
            totals.SOCKETS_STALLED,
            "WebSockets that were closed because their client took nothing.",
        ),
        (
            "events_refused",
            totals.EVENTS_REFUSED,
            "Messages on the event stream that were no events of ours.",
        ),
    ):
        yield _counter(name, text, {(): sum(found.get(key, {}).values())})
    yield _counter(
        "llm_cost",
        "What questions to a model cost, by LLM_PRICE_IN and LLM_PRICE_OUT.",
        found.get(totals.LLM_COST, {}),
        "currency",
    )


def _of_accounts(session: Session, now: datetime) -> Iterator[Metric]:
    state = case(
        (Account.pause_reason == SETTING_UP, "setting_up"),
        (Account.pause_reason == BY_PERSON, "paused"),
        (Account.paused_at.is_not(None), "needs_person"),
        (Account.lease_until > now, "running"),
        else_="waiting",
    )
    counted = select(state, func.count()).select_from(Account).group_by(state)
    states = dict.fromkeys(ACCOUNT_STATES, 0.0)
    for name, number in session.execute(counted):
        states[name] = float(number)
    yield _gauge("accounts", "Accounts by state.", _by(states), "state")
    kept = read_punctuality(session, now=now)
    oldest = (
        0.0
        if kept.oldest_due_at is None
        else (now - kept.oldest_due_at).total_seconds()
    )
    yield _gauge(
        "accounts_overdue", "Accounts that should run and do not.", kept.overdue
    )
    yield _gauge(
        "oldest_overdue_seconds",
        "For how long the account waits that waits longest, of the overdue ones.",
        oldest,
    )
    yield _gauge(
        "everything_paused",
        "Whether somebody paused everything.",
        kept.paused_since is not None,
    )
    if kept.ticked_at is not None:
        yield _gauge(
            "beat_last_tick_timestamp_seconds",
            "When beat looked at the schedule last.",
            kept.ticked_at.timestamp(),
        )
    for name, lag in (("p50", kept.lag_p50), ("p95", kept.lag_p95)):
        yield _gauge(
            f"schedule_lag_{name}_seconds",
            f"How late runs of the last hour began ({name}); NaN: there were none.",
            math.nan if lag is None else lag,
        )


def _of_queues(session: Session, now: datetime) -> Iterator[Metric]:
    queues = [one for one in read_queues(session, now=now) if not one.is_stale]
    depth = {one.name: float(one.depth) for one in queues}
    ages = {
        one.name: (now - one.oldest_at).total_seconds() if one.oldest_at else 0.0
        for one in queues
    }
    yield _gauge(
        "queue_messages", "Messages that wait in a queue.", _by(depth), "queue"
    )
    yield _gauge(
        "queue_oldest_age_seconds",
        "For how long the account waits that waits longest, of those in the queue.",
        _by(ages),
        "queue",
    )


def _of_processes(found: list[ProcessSeen]) -> Iterator[Metric]:
    workers = [one for one in found if one.kind is Kind.WORKER]
    states = {str(one): 0.0 for one in ProcessState}
    for worker in workers:
        states[str(worker.state)] += 1
    yield _gauge("workers", "Workers by state.", _by(states), "state")
    alive = [one for one in workers if one.is_alive]
    for name, fact, text in (
        ("worker_threads", "size", "Threads of all workers that live."),
        ("worker_threads_busy", "active", "Of them, those with a task in hand."),
        ("worker_memory_bytes", "rss_bytes", "Memory of all workers that live."),
    ):
        yield _gauge(name, text, sum(one.number(fact) or 0 for one in alive))
    webs = [one for one in found if one.kind is Kind.WEB and one.is_alive]
    deaf = [one.number("deaf_seconds") for one in webs]
    yield _gauge("web_processes", "Web processes that live.", len(webs))
    yield _gauge(
        "feed_up",
        "Whether every web process hears the event stream.",
        bool(webs) and not any(one is not None for one in deaf),
    )
    yield _gauge(
        "feed_silence_seconds",
        "For how long the web process that is deaf longest has not heard the stream.",
        max((one for one in deaf if one is not None), default=0.0),
    )
    yield _gauge(
        "websockets",
        "Open WebSockets.",
        sum(one.number("sockets") or 0 for one in webs),
    )


# Families


def _by(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(name,): value for name, value in values.items()}


def _gauge(
    name: str, text: str, values: float | Mapping[tuple[str, ...], float], *labels: str
) -> Metric:
    family = GaugeMetricFamily(f"mailbeat_{name}", text, labels=labels)
    given = values if isinstance(values, Mapping) else {(): float(values)}
    for key, value in sorted(given.items()):
        family.add_metric(key, value)
    return family


def _counter(
    name: str, text: str, values: Mapping[tuple[str, ...], float], *labels: str
) -> Metric:
    family = CounterMetricFamily(f"mailbeat_{name}", text, labels=labels)
    for key, value in sorted(values.items()):
        if len(key) == len(labels):
            family.add_metric(key, value)
    return family


def _histogram(
    name: str,
    text: str,
    found: Totals,
    key: str,
    bounds: tuple[float, ...],
    *labels: str,
) -> Metric:
    """Of what is counted in buckets, each alone, the sums that Prometheus wants."""
    family = HistogramMetricFamily(f"mailbeat_{name}", text, labels=labels)
    sums = found.get(f"{key}_sum", {})
    counts = found.get(f"{key}_bucket", {})
    for values in sorted({one[:-1] for one in counts}):
        seen, buckets = 0.0, []
        for bound in (*map(str, bounds), "+Inf"):
            seen += counts.get((*values, bound), 0.0)
            buckets.append((bound, seen))
        family.add_metric(values, buckets, sums.get(values, 0.0))
    return family
