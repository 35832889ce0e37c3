"""The task: one run over one account. Its id is the run's."""

from contextlib import closing
from typing import Any

import structlog

from mailbeat.labeling.progress import Outcome
from mailbeat.run import run_account
from tasks.celery import app
from tasks.metering import RunMeter, meter
from tasks.pulse import counts
from tasks.wiring import parts

log = structlog.get_logger(__name__)


@app.task(bind=True, name="tasks.account.process_account")
def process_account(self: Any, account_id: int) -> None:
    """Run over an account, and tell each step.

    A second copy of the message finds the lease taken and leaves; what goes wrong with
    the mail server is the run's end, not the task's.
    """
    run_id, hostname = self.request.id, self.request.hostname
    built = parts()
    with structlog.contextvars.bound_contextvars(run_id=run_id, account_id=account_id):
        steps = run_account(
            built.sessions,
            account_id,
            run_id,
            options=built.options,
            leases=built.leases,
            worker=hostname,
        )
        counted = RunMeter(built.sessions, meter)
        with closing(steps):
            for step in steps:
                counted.step(step)
                built.reporter.publish(step, hostname=hostname)
                if step.outcome is Outcome.FAILED:
                    counts.broke()
                if step.outcome is not None:
                    log.info(
                        "run ended",
                        outcome=str(step.outcome),
                        error_code=step.error_code and str(step.error_code),
                        found=step.progress.found,
                        labeled=step.progress.labeled,
                        seconds=round((step.at - step.started_at).total_seconds(), 3),
                    )
