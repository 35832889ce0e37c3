"""The one clock of an installation: its database's.

The clocks of hosts differ. Who is due and whose lease has ended must not depend on who
looks, so these times come from the database, and a run counts on from there.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

# Tells the time inside a transaction.
Clock = Callable[[Session], datetime]


def database_now(session: Session) -> datetime:
    """Return the database's time. SQLite's is that of the host which holds the file."""
    if session.get_bind().dialect.name == "postgresql":
        now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return now.astimezone(UTC)
    return datetime.now(UTC)


class Stopwatch:
    """Counts on from a moment, whatever happens to this host's clock."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)
