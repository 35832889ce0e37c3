"""What a worker counts of its runs, for /metrics; its pulse adds it to the totals."""

from datetime import datetime

from sqlalchemy import func, select

from mailbeat.db.models import Account, CategoryRow, MessageRow
from mailbeat.db.session import Sessions
from mailbeat.db.totals import (
    MAIL_ERRORS,
    MESSAGES,
    PHASE_BOUNDS,
    PHASE_SECONDS,
    RUN_BOUNDS,
    RUN_SECONDS,
    RUNS,
    Meter,
)
from mailbeat.labeling.progress import RunState, RunStep
from mailbeat.mail.providers import provider_of_host

OTHER = "other"  # a host that no preset names, a category beyond the first
MOST_CATEGORIES = 50
NO_CATEGORY = "none"

meter = Meter()  # of this process


class RunMeter:
    """Counts one run. To and fro between phases is one time in each."""

    def __init__(self, sessions: Sessions, meter: Meter) -> None:
        self._sessions = sessions
        self._meter = meter
        self._phases: dict[RunState, float] = {}  # seconds
        self._in: tuple[RunState, datetime] | None = None

    def step(self, step: RunStep) -> None:
        if self._in is not None:
            state, since = self._in
            seconds = max((step.at - since).total_seconds(), 0.0)
            self._phases[state] = self._phases.get(state, 0.0) + seconds
        self._in = (step.progress.state, step.at)
        if step.outcome is not None:
            self._end(step)

    def _end(self, step: RunStep) -> None:
        add, observe = self._meter.add, self._meter.observe
        add(RUNS, str(step.outcome))
        seconds = max((step.at - step.started_at).total_seconds(), 0.0)
        observe(RUN_SECONDS, value=seconds, bounds=RUN_BOUNDS)
        for state, spent in self._phases.items():
            if state.is_running:
                observe(PHASE_SECONDS, str(state), value=spent, bounds=PHASE_BOUNDS)
        if step.error_code is not None:
            add(MAIL_ERRORS, str(step.error_code), self._host(step.account_id))
        if step.progress.processed:
            self._count_messages(step.run_id)

    def _host(self, account_id: int) -> str:
        """The mail server, if it is a known provider's: other names are unbounded."""
        with self._sessions() as session:
            host = session.scalar(select(Account.host).where(Account.id == account_id))
        known = provider_of_host(host or "")
        return known.host if known else OTHER

    def _count_messages(self, run_id: str) -> None:
        with self._sessions() as session:
            rows = session.execute(
                select(CategoryRow.slug, CategoryRow.id, MessageRow.state, func.count())
                .select_from(MessageRow)
                .outerjoin(CategoryRow, CategoryRow.id == MessageRow.category_id)
                .where(MessageRow.run_id == run_id)
                .group_by(CategoryRow.slug, CategoryRow.id, MessageRow.state)
            ).all()
        for slug, category_id, state, number in rows:
            named = slug if (category_id or 0) <= MOST_CATEGORIES else OTHER
            self._meter.add(
                MESSAGES, named or NO_CATEGORY, _outcome(slug, state), by=number
            )


def _outcome(slug: str | None, state: str) -> str:
    if state != "applied":
        return state  # planned: its label is not on the server yet; failed
    return "skipped" if slug is None else "labeled"
