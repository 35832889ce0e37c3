"""How long the list of accounts takes: with its filters, counts, search and orders.

    python benchmarks/account_list.py --accounts 10000

Each account has some runs behind it; some are paused, fail or are late. The pages are
asked of the app itself, without a network, on SQLite. The floor is what the database
needs to count the rows of accounts and to read 50 of them.
"""

import random
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet

from benchmarks import machine
from mailbeat.db.models import Account, Run, table_of
from mailbeat.db.schema import migrate
from mailbeat.db.session import Sessions, create_engine, create_sessions, transaction
from mailbeat.settings import Settings
from webapp import create_app

KEY = "a key for the benchmark 0815"
AT_ONCE = 5000  # rows
PATHS = {
    "first page": "/accounts",
    "needs you": "/accounts?state=needs",
    "failing": "/accounts?state=failing",
    "search": "/accounts?q=a77",
    "next run": "/accounts?sort=next",
    "longest silent": "/accounts?sort=quiet",
    "API, needs you": "/api/accounts?state=needs",
}


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--runs", type=int, default=10, help="of each account")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    print(machine.describe())
    for number in asked.accounts:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), number, asked.runs, asked.rounds)


def measure(folder: Path, number: int, runs: int, rounds: int) -> None:
    key = Fernet.generate_key().decode()
    url = f"sqlite:///{folder}/mailbeat.db"
    engine = create_engine(url, secret_keys=[key])
    migrate(url)
    sessions = create_sessions(engine)
    fill(sessions, number, runs)
    values = {
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "MAILBEAT_API_KEY": KEY,
        "MAILBEAT_SECRET_KEYS": key,
    }
    client = create_app(Settings.model_validate(values)).test_client()
    client.environ_base["HTTP_X_API_KEY"] = KEY
    print(f"\n{number:,} accounts, {runs} runs each: best of {rounds}, ms")
    print(f"  {'floor':<16}{best(lambda: floor(sessions), rounds):>8.1f}")
    for name, path in PATHS.items():

        def ask(path: str = path) -> None:
            assert client.get(path).status_code == 200

        print(f"  {name:<16}{best(ask, rounds):>8.1f}")


def best(do: Callable[[], Any], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        do()
        took.append(time.perf_counter() - start)
    return 1000 * min(took)


def floor(sessions: Sessions) -> None:
    with sessions() as session:
        session.scalar(sa.select(sa.func.count()).select_from(Account))
        session.execute(sa.select(Account.id, Account.email_address).limit(50)).all()


def fill(sessions: Sessions, number: int, runs: int) -> None:
    chance = random.Random(7)  # the same accounts each time
    now = datetime.now(UTC)
    accounts = [one_account(chance, each, now) for each in range(1, number + 1)]
    rows = [
        one_run(one, each, now - timedelta(minutes=5 * (runs - each)))
        for each in range(runs)
        for one in accounts
    ]
    with transaction(sessions) as session:
        for start in range(0, number, AT_ONCE):
            session.execute(
                sa.insert(table_of(Account)), accounts[start : start + AT_ONCE]
            )
        for start in range(0, len(rows), AT_ONCE):
            session.execute(sa.insert(table_of(Run)), rows[start : start + AT_ONCE])


def one_account(chance: random.Random, number: int, now: datetime) -> dict[str, Any]:
    reason = chance.choices([None, "user", "auth_failed"], [94, 3, 3])[0]
    return {
        "id": number,
        "email_address": f"a{number}@example.org",
        "host": "imap.example.org",
        "port": 993,
        "security": "tls",
        "username": f"a{number}",
        "password": "a password",
        "mailbox": "INBOX",
        "label_prefix": "Mailbeat",
        "created_at": now,
        "next_run_at": now + timedelta(seconds=chance.randint(-90, 300)),
        "paused_at": now if reason else None,
        "pause_reason": reason,
        "failures_in_a_row": int(chance.random() < 0.05),  # a share
        "interruptions_in_a_row": 0,
    }


def one_run(account: dict[str, Any], number: int, at: datetime) -> dict[str, Any]:
    failed = bool(account["failures_in_a_row"])
    return {
        "run_id": f"{account['id']}-{number}",
        "account_id": account["id"],
        "email_address": account["email_address"],
        "due_at": at - timedelta(seconds=1),
        "start_time": at,
        "end_time": at + timedelta(seconds=4),
        "updated_at": at,
        "created_at": at,
        "state": "error" if failed else "completed",
        "outcome": "failed" if failed else "succeeded",
        "error_code": "connect_failed" if failed else None,
        "emails_found": 7,
        "emails_processed": 7,
        "emails_labeled": 7,
        "attempt": 1,
        "seq": 5,
    }


if __name__ == "__main__":
    main()
