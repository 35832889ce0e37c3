"""The one clock of an installation: its database's.

The clocks of hosts differ. Who is due and whose lease has ended must not depend on who
looks, so these times come from the database, and a run counts on from there.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbeat.db.types import UTCDateTime

# PostgreSQL's own time, not that at which the transaction began. On SQLite it is a
# function of ours (`db/session.py`): the time of the host which holds the file.
CLOCK = func.clock_timestamp(type_=UTCDateTime)
_NOW = select(CLOCK)

# Tells the time inside a transaction.
Clock = Callable[[Session], datetime]


def database_now(session: Session) -> datetime:
    return session.scalars(_NOW).one()


class Stopwatch:
    """Counts on from a moment, whatever happens to this host's clock."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)
