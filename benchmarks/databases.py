"""Databases with accounts in them, on SQLite and on a real PostgreSQL."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet

from mailbeat.db.models import Account
from mailbeat.db.schema import migrate
from mailbeat.db.session import create_engine
from mailbeat.mail.mailbox import Security

AT_ONCE = 5000  # rows

# The accounts' table, its password as it lies there: encrypting 100,000 takes a while.
_ACCOUNTS = sa.Table(
    "accounts",
    sa.MetaData(),
    *(
        sa.Column(column.name, sa.Text() if column.name == "password" else column.type)
        for column in Account.__table__.columns
    ),
)


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, Callable[[], str]]]:
    """By its title, what makes a new, migrated database and returns its URL."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        from tests.servers.postgres import PostgresServer

        postgres = PostgresServer(folder / "postgres")
    made = iter(range(1000))

    def sqlite() -> str:
        url = f"sqlite:///{folder}/bench{next(made)}.db"
        migrate(url)
        return url

    try:
        yield {
            "PostgreSQL": lambda: postgres.migrated_database(migrate),
            "SQLite": sqlite,
        }
    finally:
        postgres.stop()


def fill(
    url: str,
    n: int,
    *,
    secret_key: str,
    port: int,
    now: datetime,
    next_run_at: Callable[[int], datetime],
) -> None:
    """Store `n` accounts of a mail server on this machine; their ids are 1 to `n`."""
    password = Fernet(secret_key).encrypt(b"a password").decode("ascii")
    engine = create_engine(url)
    with engine.begin() as connection:
        for start in range(1, n + 1, AT_ONCE):
            ids = range(start, min(start + AT_ONCE, n + 1))
            rows = [
                {
                    "id": account_id,
                    "email_address": f"user{account_id}@example.org",
                    "host": "127.0.0.1",
                    "port": port,
                    "security": str(Security.NONE),
                    "username": f"user{account_id}@example.org",
                    "password": password,
                    "mailbox": "INBOX",
                    "label_prefix": "Mailbeat",
                    "created_at": now,
                    "next_run_at": next_run_at(account_id),
                    "failures_in_a_row": 0,
                    "interruptions_in_a_row": 0,
                }
                for account_id in ids
            ]
            connection.execute(_ACCOUNTS.insert(), rows)
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            vacuuming = connection.execution_options(isolation_level="AUTOCOMMIT")
            vacuuming.execute(sa.text("VACUUM ANALYZE accounts"))
    engine.dispose()
