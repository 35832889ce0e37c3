"""Accounts, runs and events for the live room, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db.models import Account, Run
from mailbeat.db.status import Standing
from mailbeat.labeling.progress import RunState
from tasks.events import StatusEvent
from webapp.live.board import StatusBoard

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Database:
    """Accounts and runs in memory, read as the real ones are."""

    def __init__(self):
        self.accounts = []
        self.runs = {}
        self.alive = set()  # ids of runs with a lease
        self.asked = 0
        self.paused_since = None

    def add_account(self, account_id=1, **changes):
        values = {
            "id": account_id,
            "email_address": f"user{account_id}@example.org",
            "created_at": NOW,
            "next_run_at": NOW + timedelta(minutes=5),
            "paused_at": None,
        }
        self.accounts.append(Account(**(values | changes)))

    def run(self, run_id, row_id, account_id=1, *, alive=False, **changes):
        values = {
            "id": row_id,
            "run_id": run_id,
            "account_id": account_id,
            "email_address": f"user{account_id}@example.org",
            "start_time": NOW,
            "updated_at": NOW,
            "state": "connecting",
            "seq": 1,
            "emails_found": 0,
            "emails_processed": 0,
            "emails_labeled": 0,
            "emails_skipped": 0,
            "emails_failed": 0,
            "phases": [],
        }
        self.runs[run_id] = Run(**(values | changes))
        if alive:
            self.alive.add(run_id)
        return self.runs[run_id]

    def end(self, run_id, *, state="completed", outcome="succeeded", **changes):
        run = self.runs[run_id]
        values = {"state": state, "outcome": outcome, "seq": run.seq + 1}
        values["end_time"] = NOW + timedelta(seconds=4)
        for name, value in (values | changes).items():
            setattr(run, name, value)
        self.alive.discard(run_id)

    def find_run(self, run_id):
        self.asked += 1
        run = self.runs.get(run_id)
        if run is None:
            return None
        known = [one for one in self.accounts if one.id == run.account_id]
        return run, known[0] if known else None

    def standing(self):
        open_runs = [run for run in self.runs.values() if run.end_time is None]
        ended = sorted(
            (run for run in self.runs.values() if run.end_time), key=lambda run: run.id
        )
        return Standing(
            accounts=list(self.accounts),
            running={r.account_id: r for r in open_runs if r.run_id in self.alive},
            abandoned={
                r.account_id: r for r in open_runs if r.run_id not in self.alive
            },
            last={run.account_id: run for run in ended},
            recent=list(reversed(ended))[:100],
            paused_since=self.paused_since,
        )


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def board(database, clock):
    return StatusBoard(database.find_run, clock=clock)


@pytest.fixture
def event():
    """Make an event of a run."""

    def event(run_id="one", seq=2, state="labeling", account_id=1, **changes):
        values = {
            "run_id": run_id,
            "account_id": account_id,
            "seq": seq,
            "state": RunState(state),
            "current": seq,
            "total": 20,
            "found": 20,
            "processed": seq,
            "labeled": seq,
            "failed": 0,
            "skipped": 0,
            "started_at": NOW,
            "at": NOW + timedelta(seconds=seq),
        }
        return StatusEvent(**(values | changes))

    return event
