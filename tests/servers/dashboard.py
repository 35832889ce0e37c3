"""Our web on a real gunicorn, and a worker that does what a test tells it."""

import os
import subprocess
import sys
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from celery import Celery
from sqlalchemy import delete

from mailbeat.db.accounts import find_account, release_lease, take_lease
from mailbeat.db.models import Account, MessageRow, Run, RunPhase, SignInSession
from mailbeat.db.runs import finish_run, record_step, start_run
from mailbeat.db.session import Sessions, transaction
from mailbeat.labeling.progress import Outcome, Progress, RunState, RunStep
from mailbeat.mail.errors import ErrorCode
from tests.servers import process

ROOT = Path(__file__).parents[2]


class Dashboard:
    """The web on one port of this machine, that a test may stop and start again.

    `sessions` is its database, `redis_url` where it hears events.
    """

    key = "a key for the browser 0815"

    def __init__(
        self,
        *,
        sessions: Sessions,
        redis_url: str,
        app: str = "webapp:create_app()",
        **environment: str,
    ) -> None:
        self.sessions = sessions
        self.redis_url = redis_url
        self.app = app
        self.port = process.free_port()
        self.environment = {
            "REDIS_URL": redis_url,
            "MAILBEAT_API_KEY": self.key,
            "LOG_LEVEL": "warning",
            # A browser that opens page after page in a test is no flood of handshakes.
            "WS_MAX_CLIENTS": "1000",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"]
        command += ["--log-level", "warning", "--bind", f"127.0.0.1:{self.port}"]
        self._process = process.start(
            [*command, self.app],
            self.port,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **self.environment},
        )

    def stop(self) -> None:
        if self._process is not None:
            process.stop(self._process)

    def look(self) -> None:
        """Have it read its database now: every control of the API does."""
        request = urllib.request.Request(
            f"{self.url}/api/processing/resume",
            method="POST",
            data=b"{}",
            headers={"X-API-Key": self.key, "Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()

    def empty(self) -> None:
        """Forget all accounts, runs and sessions, as if nothing had been."""
        with transaction(self.sessions) as session:
            for table in (MessageRow, RunPhase, Run, Account, SignInSession):
                session.execute(delete(table))
        self.start()
        self.look()


class Worker:
    """Takes an account through a run step by step: rows first, then Celery's event."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.sessions = dashboard.sessions
        self._celery = Celery("test", broker=dashboard.redis_url, set_as_current=False)
        self._connection = self._celery.connection_for_write()
        self._dispatcher = self._celery.events.Dispatcher(
            self._connection, hostname="celery@test"
        )

    def begin(self, account_id: int) -> "ToldRun":
        run = ToldRun(self, account_id)
        run.begin()
        return run

    def tell(self, step: RunStep) -> None:
        # Not at the top: with our tasks comes Celery's default app, which pytest's own
        # plugins look at, and which then wants its settings.
        from tasks.events import event_fields, event_type

        self._dispatcher.send(event_type(step), **event_fields(step))

    def close(self) -> None:
        with suppress(OSError):
            self._dispatcher.close()
        self._connection.release()


class ToldRun:
    def __init__(self, worker: Worker, account_id: int) -> None:
        self.worker = worker
        self.account_id = account_id
        self.run_id = str(uuid4())
        self.seq = 1
        self.started_at = datetime.now(UTC)

    def begin(self) -> None:
        now = self.started_at
        with transaction(self.worker.sessions) as session:
            ttl = timedelta(minutes=5)
            take_lease(session, self.account_id, self.run_id, now=now, ttl=ttl)
            account = find_account(session, self.account_id)
            start_run(session, account, self.run_id, now=now)
        self._tell(Progress(RunState.CONNECTING))

    def step(self, state: RunState, processed: int = 0, found: int | None = 20) -> None:
        progress = Progress(state, found, processed, labeled=processed)
        self.seq += 1
        with transaction(self.worker.sessions) as session:
            now = datetime.now(UTC)
            record_step(session, self.run_id, progress, self.seq, now=now)
        self._tell(progress)

    def end(self, found: int = 20) -> None:
        self._end(Progress(RunState.COMPLETED, found, found, labeled=found))

    def fail(self, code: ErrorCode, message: str) -> None:
        progress = Progress(RunState.ERROR)
        self._end(progress, Outcome.FAILED, error_code=code, error_message=message)

    def _end(
        self, progress: Progress, outcome: Outcome = Outcome.SUCCEEDED, **error: Any
    ) -> None:
        self.seq += 1
        now = datetime.now(UTC)
        with transaction(self.worker.sessions) as session:
            finish_run(
                session,
                self.run_id,
                progress,
                self.seq,
                outcome=outcome,
                now=now,
                **error,
            )
            release_lease(
                session, self.account_id, self.run_id, now=now, interval_seconds=300
            )
        self._tell(progress, outcome=outcome, **error)

    def _tell(self, progress: Progress, **end: Any) -> None:
        self.worker.tell(
            RunStep(
                run_id=self.run_id,
                account_id=self.account_id,
                seq=self.seq,
                started_at=self.started_at,
                at=datetime.now(UTC),
                progress=progress,
                **end,
            )
        )
