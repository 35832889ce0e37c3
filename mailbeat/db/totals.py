"""Counts since the beginning, of all processes together: what only ever rises.

Rows are counted and forgotten; a total is not. Each process adds what it counted since
it added last, so a scrape reads few rows however many runs there were.
"""

import json
import threading
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailbeat.db.models import Total, table_of

# Of each, its labels' names are in webapp/metrics.py.
RUNS = "runs"  # outcome
RUN_SECONDS = "run_seconds"  # a distribution
PHASE_SECONDS = "phase_seconds"  # a distribution; phase
MESSAGES = "messages"  # category, outcome
MAIL_ERRORS = "mail_errors"  # code, host
LLM_CALLS, LLM_FAILURES, LLM_TOKENS = "llm_calls", "llm_failures", "llm_tokens"
LLM_MESSAGES = "llm_messages"
LLM_COST = "llm_cost"  # currency
SOCKETS_STALLED = "sockets_stalled"
EVENTS_REFUSED = "events_refused"

RUN_BOUNDS = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
PHASE_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
MOST_LABELS = 300  # characters of all of a total's

Key = tuple[str, tuple[str, ...]]  # a name, and the values of its labels
Amounts = Mapping[Key, float]
_TOTALS = table_of(Total)


class Meter:
    """What this process counted and did not add yet. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._amounts: dict[Key, float] = {}

    def add(self, name: str, *labels: str, by: float = 1) -> None:
        if by:
            self.put_back({(name, labels): by})

    def observe(
        self, name: str, *labels: str, value: float, bounds: Sequence[float]
    ) -> None:
        """Count a value into its bucket: the first bound that it does not exceed."""
        place = bisect_left(bounds, value)
        bucket = str(bounds[place]) if place < len(bounds) else "+Inf"
        self.add(f"{name}_bucket", *labels, bucket)
        self.add(f"{name}_sum", *labels, by=value)

    def take(self) -> dict[Key, float]:
        """What there is; who takes it adds it, or puts it back."""
        with self._lock:
            taken, self._amounts = self._amounts, {}
        return taken

    def put_back(self, amounts: Amounts) -> None:
        with self._lock:
            for key, amount in amounts.items():
                self._amounts[key] = self._amounts.get(key, 0.0) + amount


def add_totals(session: Session, amounts: Amounts) -> None:
    """Add to totals. Those who add to the same wait, and do not lock each other."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    rows = [
        {"name": name, "labels": json.dumps(labels), "value": float(amount)}
        for (name, labels), amount in sorted(amounts.items())
    ]
    rows = [row for row in rows if len(str(row["labels"])) <= MOST_LABELS]
    if not rows:
        return
    adding = insert(_TOTALS)
    session.execute(
        adding.on_conflict_do_update(
            index_elements=["name", "labels"],
            set_={"value": _TOTALS.c.value + adding.excluded.value},
        ),
        rows,
    )


def read_totals(session: Session) -> dict[str, dict[tuple[str, ...], float]]:
    """All totals: by name, then by the values of their labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for name, labels, value in session.execute(select(_TOTALS)):
        found.setdefault(name, {})[tuple(json.loads(labels))] = value
    return found
