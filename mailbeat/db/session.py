"""Engines, and the one way to write: `with transaction(sessions) as session`."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE_BUSY = 30  # seconds that a writer waits for another

Sessions = sessionmaker[Session]

_TURNS: dict[str, threading.Lock] = {}  # by file, for all engines of this process


def create_engine(
    url: str, *, secret_keys: Sequence[str] = (), connections: int = 12
) -> Engine:
    """Return an engine for SQLite or PostgreSQL that can read our encrypted columns.

    `secret_keys` are Fernet keys, the encrypting one first; `connections` is how many
    there are at most. What a statement was given is in no exception's text and in no
    log: it may be a password that could not be encrypted.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(url, parsed.database)
    else:
        engine = _postgres_engine(url, connections)
    if secret_keys:
        cipher = MultiFernet([Fernet(key) for key in secret_keys])
        engine.dialect.mailbeat_cipher = cipher  # type: ignore[attr-defined] # read by EncryptedText
    return engine


def create_sessions(engine: Engine) -> Sessions:
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Session]:
    """Read and write, and commit at the end; any exception rolls everything back.

    On SQLite the transaction takes the write lock at its beginning (BEGIN IMMEDIATE):
    one that first reads and then writes would fail with "database is locked" when
    another writer came between, however long it is willing to wait.
    """
    with _turn(sessions), sessions() as session, session.begin():
        session.connection(execution_options={"mailbeat_write": True})
        yield session


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """Read only; each statement sees what is committed when it begins.

    On PostgreSQL nothing is begun, so nothing is to be rolled back: two round trips
    less, and psycopg keeps the statements that it has prepared. It deallocates them
    all after each ROLLBACK.
    """
    with sessions() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield session


@contextmanager
def _turn(sessions: Sessions) -> Iterator[None]:
    """On SQLite, let the threads of this process write one after the other.

    SQLite itself makes a writer look again after pauses of up to 100 ms, so that 200
    runs that end together would mostly sleep.
    """
    bind = sessions.kw["bind"]
    turn = getattr(bind and bind.dialect, "mailbeat_turn", None)
    if turn is None:
        yield
        return
    has_turn = turn.acquire(timeout=SQLITE_BUSY)
    try:
        yield
    finally:
        if has_turn:
            turn.release()


# Everything outside the process has a time limit. A worker that stands still in the
# middle of a transaction must not keep others from its rows for longer than they wait.
POSTGRES_LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "5s",
}
# A network that drops packets, or a host that is gone, is noticed in 9 s: two tries at
# renewing a lease fit into its 15 s.
NETWORK_LIMITS = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 9000,  # milliseconds
}


POOL_TIMEOUT = 30  # seconds; as long as a statement may take
RESTED = 1.0  # seconds without use


def _postgres_engine(url: str, connections: int) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in POSTGRES_LIMITS.items())
    engine = sa.create_engine(
        url,
        pool_size=connections,
        # One beyond the pool would be opened for one use, for more than that costs.
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        hide_parameters=True,
        connect_args={**NETWORK_LIMITS, "options": options},
    )
    _ping_what_rested(engine)
    return engine


def _ping_what_rested(engine: Engine) -> None:
    """Look whether a connection still works before it is used, if it is long ago.

    `pool_pre_ping` does so each time, which is a fifth of what a run asks.
    """

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _checkout(connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
        used_at = record.info.get("used_at")
        if used_at is None or time.monotonic() - used_at < RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another


def _host_now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _sqlite_engine(url: str, path: str | None) -> Engine:
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": SQLITE_BUSY, "check_same_thread": False},
    )
    turn = _TURNS.setdefault(path or "", threading.Lock())
    engine.dialect.mailbeat_turn = turn  # type: ignore[attr-defined] # read by _turn

    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection: Any, _record: ConnectionPoolEntry) -> None:
        dbapi_connection.isolation_level = None  # we say BEGIN ourselves
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        # 16 MB of log rather than 4: a page that is written again and again is copied
        # into the file, and waited for, a quarter as often.
        cursor.execute("PRAGMA wal_autocheckpoint=4000")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()
        dbapi_connection.create_function("clock_timestamp", 0, _host_now)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("mailbeat_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
