"""How long the history of a million runs takes to read, on SQLite and PostgreSQL.

The runs are made up: a year of them, spread evenly over 1,000 accounts; two of a
hundred failed, a few were stopped or lost their worker. A question is what a page
reads: the rows with their phases, as on the wire. The floor is one row by its id.
"""

import itertools
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from benchmarks import machine
from benchmarks.databases import databases, fill
from mailbeat.db.messages import list_messages
from mailbeat.db.models import MessageRow, Run, RunPhase, table_of
from mailbeat.db.run_history import Wanted, around, failures, page_of
from mailbeat.db.runs import get_run
from mailbeat.db.session import Sessions, create_engine, create_sessions
from webapp.api.schemas import run_json

ACCOUNTS = 1000
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
ROWS = 50  # of a page
MESSAGES = 5000  # of the run whose page is looked at
TARGET = 30  # ms
SIZES = {
    "sqlite": "SELECT name, sum(pgsize) FROM dbstat GROUP BY name",
    "postgresql": "SELECT relname, pg_relation_size(oid) FROM pg_class",
}

Question = tuple[str, Callable[[Session], Any]]


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    print(machine.describe())
    print(f"{asked.runs:,} runs of {ACCOUNTS:,} accounts in a year")
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as made:
        for title, make in made.items():
            sessions = _filled(make(), asked.runs)
            print(f"\n{title + ', ms':<42}{'p50':>8}{'p95':>8}{'work':>8}")
            for name, do in _questions(asked.runs):
                took, work = _timed(sessions, do, asked.rounds)
                p50, p95 = (machine.percentile(took, share) for share in (0.5, 0.95))
                print(f"  {name:<40}{p50:>8.1f}{p95:>8.1f}{work:>8.1f}{_mark(work)}")
            _print_sizes(sessions)
    print(f"\nload {machine.describe().rpartition('load ')[2]} at the end")


def _mark(work: float) -> str:
    return "" if work <= TARGET else f"  over {TARGET}"


def _questions(runs: int) -> Iterator[Question]:
    middle, last = str(runs // 2), str(ROWS)
    yield "floor: one row", lambda session: session.get(Run, runs // 2)
    yield "first page", lambda session: _page(session, Wanted())
    yield "half way down", lambda session: _page(session, Wanted(), before=middle)
    yield "half way down, newer", lambda session: _page(session, Wanted(), after=middle)
    yield "last page", lambda session: _page(session, Wanted(), before=last)
    for title, wanted in _combinations():
        yield title, lambda session, wanted=wanted: _page(session, wanted)  # type: ignore[misc] # a default binds it
    for title, since in (("7 d", 7), ("30 d", 30), ("a year", 365)):
        span = Wanted(since=NOW - timedelta(days=since))
        yield f"failures, {title}", lambda session, span=span: failures(session, span)  # type: ignore[misc] # as above
    yield "page of a run of 5,000 messages", lambda session: _run_page(session, runs)


def _combinations() -> Iterator[tuple[str, Wanted]]:
    """Each way to ask for several things at once, and what is rare or not there."""
    choices: tuple[tuple[str, dict[str, Any]], ...] = (
        ("account", {"account_ids": [7]}),
        ("outcome", {"outcome": "failed"}),
        ("code", {"error_code": "auth_failed"}),
        ("30 d", {"since": NOW - timedelta(days=30)}),
    )
    for size in range(1, len(choices) + 1):
        for some in itertools.combinations(choices, size):
            asked = {name: value for _, one in some for name, value in one.items()}
            yield " + ".join(title for title, _ in some), Wanted(**asked)
    day: dict[str, Any] = {
        "since": NOW - YEAR / 2,
        "until": NOW - YEAR / 2 + timedelta(days=1),
    }
    yield "a day half a year ago", Wanted(**day)
    yield "a day half a year ago + outcome", Wanted(**day, outcome="failed")
    yield "20 accounts", Wanted(account_ids=range(1, 21))
    yield "20 accounts + outcome", Wanted(account_ids=range(1, 21), outcome="failed")
    yield "100 accounts", Wanted(account_ids=range(1, 101))
    yield "succeeded", Wanted(outcome="succeeded")
    yield "state error", Wanted(state="error")
    yield "stopped, of an account", Wanted(outcome="cancelled", account_ids=[7])
    yield "running, and there is none", Wanted(state="labeling")
    yield "a code that there is not", Wanted(error_code="tls_failed")
    yield "of an account that was removed", Wanted(email_address="gone@example.org")


def _page(session: Session, wanted: Wanted, **beside: str) -> None:
    for run in page_of(session, wanted, limit=ROWS, **beside).runs:
        run_json(run)


def _run_page(session: Session, runs: int) -> None:
    run = get_run(session, f"run-{runs // 2}")
    assert run is not None  # it was written
    run_json(run)
    around(session, run)
    list_messages(session, limit=ROWS, run_id=run.run_id)


def _timed(
    sessions: Sessions, do: Callable[[Session], Any], rounds: int
) -> tuple[list[float], float]:
    """Milliseconds of each round, in a session of its own, and of work in the mean.

    Work is what the processors did for it, here and in the server; it does not depend
    on how busy the machine is.
    """
    took = []
    with sessions() as session:
        server = _server(session)
        do(session)
    worked = -_worked(server)
    for _ in range(rounds):
        with sessions() as session:
            session.connection()
            begun = time.perf_counter()
            do(session)
            took.append(1000 * (time.perf_counter() - begun))
    worked += _worked(server)
    return took, 1000 * worked / rounds


def _server(session: Session) -> int | None:
    """The process of PostgreSQL that serves the one connection of the pool."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    return int(session.scalar(sa.text("SELECT pg_backend_pid()")) or 0)


def _worked(server: int | None) -> float:
    return time.process_time() + (machine.cpu_seconds(server) if server else 0)


# The made up history, by statements: a million rows from here would take minutes

SERIES = {
    "postgresql": "SELECT n FROM generate_series(1, :runs) AS series (n)",
    "sqlite": "WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 "
    "FROM series WHERE n < :runs) SELECT n FROM series",
}
# Seconds after :first, as the database writes a time.
TIME = {
    "postgresql": "to_timestamp(:first + {})",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', :first + {}, 'unixepoch')",
}
FAST = {
    "postgresql": "SET LOCAL session_replication_role = replica; "
    "SET LOCAL statement_timeout = 0",
    "sqlite": "PRAGMA defer_foreign_keys = on",
}
RUNS = """
INSERT INTO processing_runs (id, run_id, account_id, email_address, start_time,
  end_time, updated_at, state, outcome, error_code, error_message, emails_found,
  emails_processed, worker, attempt, seq)
SELECT n, 'run-' || n, n % :accounts + 1,
  'user' || (n % :accounts + 1) || '@example.org',
  {start}, {end}, {end},
  CASE WHEN dice < 20 OR dice = 21 THEN 'error' ELSE 'completed' END,
  CASE WHEN dice < 20 THEN 'failed' WHEN dice = 20 THEN 'cancelled'
    WHEN dice = 21 THEN 'interrupted' ELSE 'succeeded' END,
  CASE WHEN dice < 5 THEN 'auth_failed' WHEN dice < 15 THEN 'connect_failed'
    WHEN dice < 20 THEN 'server_busy' END,
  CASE WHEN dice < 20 THEN 'The server did not answer. Nothing was lost.' END,
  5, 5, 'celery@worker-1.example.org', 1, 9
FROM (SELECT n, n * 1619 / 13 % 1000 AS dice FROM ({series}) AS numbers) AS diced
"""
PHASES = """
INSERT INTO run_phases (run_row_id, state, start_time, end_time)
SELECT id, phase, start_time, end_time FROM processing_runs
CROSS JOIN (SELECT 'connecting' AS phase UNION ALL SELECT 'fetching'
  UNION ALL SELECT 'labeling') AS states
"""


def _filled(url: str, runs: int) -> Sessions:
    key = Fernet.generate_key().decode("ascii")
    fill(url, ACCOUNTS, secret_key=key, port=993, now=NOW, next_run_at=lambda _: NOW)
    engine = create_engine(url, secret_keys=[key])
    name = engine.dialect.name
    apart = YEAR.total_seconds() / (runs + 1)
    given = {
        "runs": runs,
        "accounts": ACCOUNTS,
        "first": int((NOW - YEAR).timestamp()),
    }
    run_rows = RUNS.format(
        series=SERIES[name],
        start=TIME[name].format(f"n * {apart}"),
        end=TIME[name].format(f"n * {apart} + 1"),
    )
    with engine.begin() as connection:
        connection.execute(sa.text(FAST[name]))
        connection.execute(sa.text(run_rows), given)
        connection.execute(sa.text(PHASES))
        messages = [_message(n, runs) for n in range(MESSAGES)]
        connection.execute(table_of(MessageRow).insert(), messages)
    with engine.connect() as connection:
        apart_from = connection.execution_options(isolation_level="AUTOCOMMIT")
        if name == "postgresql":  # which does it by itself in time
            apart_from.execute(sa.text("VACUUM ANALYZE"))
    return create_sessions(engine)


def _message(n: int, runs: int) -> dict[str, Any]:
    at = NOW - YEAR / 2
    return {
        "account_id": runs // 2 % ACCOUNTS + 1,
        "mailbox": "INBOX",
        "uid_validity": 1,
        "uid": n + 1,
        "key": f"{n:064}",
        "run_id": f"run-{runs // 2}",
        "state": "applied",
        "category_id": 2,
        "label": "Mailbeat/Receipts",
        "confidence": 0.9,
        "layer": "facts",
        "evidence": "The domain sends receipts, and the subject names an order",
        "sender": "shop@shop.example",
        "sender_domain": "shop.example",
        "received_at": at,
        "decided_at": at,
        "applied_at": at,
    }


def _print_sizes(sessions: Sessions) -> None:
    with sessions() as session:
        question = SIZES[session.get_bind().dialect.name]
        sizes: dict[str, int] = dict(iter(session.execute(sa.text(question))))
    for table in (table_of(Run), table_of(RunPhase)):
        indexes = sorted(str(index.name) for index in table.indexes)
        for name in (table.name, *indexes):
            print(f"  {name:<40}{sizes[name] / 2**20:>8.1f} MiB")


if __name__ == "__main__":
    main()
