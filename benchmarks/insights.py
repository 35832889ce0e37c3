"""How long each chart of `/insights` takes over a year, on SQLite and PostgreSQL.

The ledger is made up: messages spread evenly over a year and 20 accounts, senders
with a long tail. The floor is what a database needs to count entries of an index. A
year is read from the days that are counted; with `--ledger` also from the ledger.
"""

import random
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from benchmarks import machine
from benchmarks.databases import databases, fill
from mailbeat.db import stats
from mailbeat.db.counting import count_everything
from mailbeat.db.models import (
    DailyRuns,
    DailyStatistic,
    MessageRow,
    ReceivedDay,
    Run,
    SenderWeek,
    StatisticsState,
    table_of,
)
from mailbeat.db.session import Sessions, create_engine, create_sessions
from webapp.dashboard.insight_charts import CHARTS, Asked
from webapp.dashboard.insight_pages import begin, step_of

ACCOUNTS = 20
AT_ONCE = 5000  # rows
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
COUNTED = (DailyStatistic, ReceivedDay, SenderWeek, DailyRuns)
LAYERS = ("facts", "rule", "memory", "learned", "none")
ERRORS = ("connect_failed", "auth_failed", "server_busy")


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--on", choices=["PostgreSQL", "SQLite"], help="one of them")
    parser.add_argument("--ledger", action="store_true", help="the ledger, too")
    asked = parser.parse_args()
    print(machine.describe())
    print(f"{asked.messages:,} messages, {asked.runs:,} runs, {ACCOUNTS} accounts")
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as made:
        for title, make in made.items():
            if asked.on not in {None, title}:
                continue
            sessions = _filled(make(), asked.messages, asked.runs)
            if asked.ledger:
                _ask_all(sessions, f"{title}, from the ledger", asked.rounds)
            begun = time.perf_counter()
            for _ in count_everything(sessions):
                pass
            spent = time.perf_counter() - begun
            print(f"\n{title}: all days counted in {spent:.1f} s; rows:", end="")
            for table in COUNTED:
                with sessions() as session:
                    count = sa.select(sa.func.count()).select_from(table)
                    print(f" {session.scalar(count):,} {table.__tablename__}", end="")
            print()
            _analyze(sessions)
            _ask_all(sessions, title, asked.rounds)


def _ask_all(sessions: Sessions, title: str, rounds: int) -> None:
    for account_id in (None, 1):
        of = "all accounts" if account_id is None else "one account"
        print(f"\n{title}, a year of {of}: best of {rounds}, ms; {machine.load()}")
        for name, do in _questions(account_id):
            print(f"  {name:<14}{_best(sessions, do, rounds):>8.0f}", flush=True)


def _questions(
    account_id: int | None,
) -> Iterator[tuple[str, Callable[[Session], Any]]]:
    since = begin(365, NOW)
    asked = Asked(365, account_id, since, NOW, step_of(365), UTC, 5)
    count = sa.select(sa.func.count()).where(MessageRow.decided_at >= since)
    yield "floor", lambda session: session.scalar(count)
    of: dict[str, Any] = {"since": since, "account_id": account_id}
    yield "totals", lambda session: stats.totals(session, now=NOW, **of)
    yield "performance", lambda session: stats.performance(session, **of)
    for name, chart in CHARTS.items():
        yield name, partial(_draw, chart, asked)


def _draw(chart: Callable[..., Any], asked: Asked, session: Session) -> None:
    chart(session, asked)


def _best(sessions: Sessions, do: Callable[[Session], Any], rounds: int) -> float:
    """Milliseconds of the fastest of some rounds, each in a session of its own."""
    took = []
    for _ in range(rounds):
        with sessions() as session:
            begun = time.perf_counter()
            do(session)
            took.append(time.perf_counter() - begun)
    return 1000 * min(took)


def _filled(url: str, messages: int, runs: int) -> Sessions:
    key = Fernet.generate_key().decode("ascii")
    fill(url, ACCOUNTS, secret_key=key, port=993, now=NOW, next_run_at=lambda _: NOW)
    engine = create_engine(url, secret_keys=[key])
    chance = random.Random(7)  # the same ledger each time
    with engine.begin() as connection:
        _insert(connection, Run, (_run(n, runs, chance) for n in range(runs)))
        rows = (_message(n, messages, chance) for n in range(messages))
        _insert(connection, MessageRow, rows)
        # As if they were of before any day was counted.
        connection.execute(sa.update(StatisticsState).values(counted_at=None))
    sessions = create_sessions(engine)
    _analyze(sessions)
    return sessions


def _analyze(sessions: Sessions) -> None:
    engine = sessions.kw["bind"]
    with engine.connect() as connection:
        apart = connection.execution_options(isolation_level="AUTOCOMMIT")
        is_sqlite = engine.dialect.name == "sqlite"
        apart.execute(sa.text("PRAGMA optimize" if is_sqlite else "VACUUM ANALYZE"))


def _insert(
    connection: sa.Connection, model: Any, rows: Iterator[dict[str, Any]]
) -> None:
    bite = []
    for row in rows:
        bite.append(row)
        if len(bite) == AT_ONCE:
            connection.execute(table_of(model).insert(), bite)
            bite = []
    if bite:
        connection.execute(table_of(model).insert(), bite)


def _message(n: int, messages: int, chance: random.Random) -> dict[str, Any]:
    at = NOW - YEAR + YEAR * n / messages
    category = chance.choice((None, *range(1, 11)))
    domain = f"domain{int(chance.paretovariate(0.8)) % 50_000}.example"
    return {
        "account_id": n % ACCOUNTS + 1,
        "mailbox": "INBOX",
        "uid_validity": 1,
        "uid": n + 1,
        "key": f"{n:064}",
        "run_id": f"run-{n // 20}",
        "state": "applied",
        "category_id": category,
        "label": "Mailbeat/Receipts" if category else None,
        "confidence": 0.9,
        "layer": chance.choice(LAYERS) if category else "none",
        "evidence": "The domain sends receipts, and the subject names an order",
        "sender": f"sender{n % 3}@{domain}",
        "sender_domain": domain,
        "received_at": at,
        "decided_at": at,
        "applied_at": at,
        "considered": '[{"category": 2, "confidence": 0.9, "layer": "facts"}]' * 2,
    }


def _run(n: int, runs: int, chance: random.Random) -> dict[str, Any]:
    at = NOW - YEAR + YEAR * n / runs
    is_good = chance.random() < 0.98  # two of a hundred fail
    return {
        "run_id": f"run-{n}",
        "account_id": n % ACCOUNTS + 1,
        "email_address": f"user{n % ACCOUNTS + 1}@example.org",
        "start_time": at,
        "end_time": at + timedelta(seconds=chance.lognormvariate(0, 1)),
        "updated_at": at,
        "created_at": at,
        "state": "completed" if is_good else "error",
        "outcome": "succeeded" if is_good else "failed",
        "error_code": None if is_good else chance.choice(ERRORS),
        "emails_processed": 5,
    }


if __name__ == "__main__":
    main()
