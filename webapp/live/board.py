"""The newest state of every account, from events and from the database.

An event is a hint: it may come late, twice, or never. Newer is what has the higher
`(row of the run, seq)`; the order of arrival and the workers' clocks say nothing.
"""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from mailbeat.db.accounts import SETTING_UP
from mailbeat.db.models import Account, Run
from mailbeat.db.status import RECENT, Standing
from mailbeat.labeling.progress import RunState
from tasks.events import StatusEvent
from webapp.api.schemas import iso, iso_or_none, run_json
from webapp.live.journal import Journal
from webapp.live.messages import AccountStatus, message, status_json
from webapp.live.pace import Pace

# For so long an event is believed against a database that does not confirm it.
BELIEVED = 20.0  # seconds
# `null` (nothing runs any more) waits for a moment: a client that shows one account
# at a time would else never show how the last run ended.
IDLE_AFTER = 1.5  # seconds
IN_SNAPSHOT = 5  # recent runs
ANNOUNCED = 2000  # ids of runs that were told to be finished

FindRun = Callable[[str], tuple[Run, Account | None] | None]

ABANDONED = (
    "Its worker stopped in the middle of the run. Another one takes over; nothing is "
    "lost or labelled twice."
)
UNFINISHED = "Its set-up is not finished"


@dataclass(slots=True)
class _Entry:
    status: AccountStatus
    seq: int = 0
    row_id: int | None = None  # of the run; None: no run, or one without a row
    heard_at: float = -math.inf  # monotonic: the last event that was believed
    changed_at: int = 0  # the board's seq
    pace: Pace = field(default_factory=Pace)


class StatusBoard:
    """Thread-safe. `find_run` asks the database, outside of the lock."""

    def __init__(
        self,
        find_run: FindRun,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find_run = find_run
        self._clock = clock
        self._lock = threading.RLock()
        self._entries: dict[int, _Entry] = {}
        self._recent: deque[dict[str, Any]] = deque(maxlen=RECENT)
        self._last: dict[int, Run] = {}  # the newest finished run of each account
        self._announced: OrderedDict[str, None] = OrderedDict()
        self._paused_since: datetime | None = None
        self._workers: int | None = None
        self._feed_down_since: datetime | None = None
        self._nothing_since: float | None = math.inf  # inf: it was said
        self._loaded = False
        self._journal = Journal(self._snapshot)
        self.wants_resync = False

    # Events

    def apply(self, event: StatusEvent) -> bool:
        """Take in what a worker told; False when it was no news."""
        entry = self._entries.get(event.account_id)
        if entry is None:
            self.wants_resync = True  # a new account, or nonsense
            return False
        known = event.run_id == entry.status.run_id
        if known and event.seq <= entry.seq:
            return False
        if not known and event.run_id in self._announced:
            return False  # its row was read at its end: no event knows more
        found = self._find_run(event.run_id) if event.is_last or not known else None
        before = None if known else self._find_unended(entry.status)
        with self._lock:
            if before is not None and before.end_time is not None:
                self._announce(before)
            return self._apply(event, found)

    def _find_unended(self, status: AccountStatus) -> Run | None:
        """Look up the run that is shown without an end, as another one begins.

        Its worker died, and whoever took over ended it: nobody sends an event of that.
        """
        if status.run_id is None or status.run_id in self._announced:
            return None
        if not (status.state.is_running or status.error_message == ABANDONED):
            return None
        found = self._find_run(status.run_id)
        return None if found is None else found[0]

    def _apply(
        self, event: StatusEvent, found: tuple[Run, Account | None] | None
    ) -> bool:
        entry = self._entries.get(event.account_id)
        if entry is None:
            return False
        run, account = found or (None, None)
        if run is not None and run.account_id != event.account_id:
            return False
        status = entry.status if account is None else _of(account, entry.status)
        if run is not None and run.end_time is not None:
            return self._finish(entry, run, status)
        if not _is_newer(event, run, entry):
            return False
        if event.run_id != entry.status.run_id:
            entry.pace = Pace()
            entry.row_id = None if run is None else run.id
        entry.seq = event.seq
        entry.heard_at = self._clock()
        entry.pace.note(event.at, event.processed)
        self._show(entry, _from_event(event, status, entry.pace))
        if event.is_last:
            self.wants_resync = True  # only the row says why a run failed
        return True

    def _finish(self, entry: _Entry, run: Run, status: AccountStatus) -> bool:
        """Take in the row of a run that has ended."""
        older = entry.row_id is not None and run.id < entry.row_id
        if not older:
            entry.row_id, entry.seq = run.id, run.seq
            entry.heard_at = self._clock()
            self._show(entry, _from_run(run, status))
        return self._announce(run) or not older

    def _announce(self, run: Run) -> bool:
        self._note_last(run)
        if run.run_id in self._announced:
            return False
        self._announced[run.run_id] = None
        if len(self._announced) > ANNOUNCED:
            self._announced.popitem(last=False)
        if self._loaded:
            as_json = run_json(run)
            self._recent.appendleft(as_json)
            self._journal.finished(as_json)
        return True

    def _note_last(self, run: Run) -> None:
        if run.account_id not in self._entries:
            return
        known = self._last.get(run.account_id)
        if known is None or known.id < run.id:
            self._last[run.account_id] = run

    def _show(self, entry: _Entry, status: AccountStatus) -> None:
        if status == entry.status and entry.changed_at:
            return
        entry.status = status
        if status.state.is_running:
            self._nothing_since = None
            self._journal.busy()
        self._journal.status(status)
        entry.changed_at = self._journal.seq

    # The database

    def load(self, standing: Standing) -> bool:
        """Bring everything in line with one reading; True when something changed."""
        with self._lock:
            before = self._journal.seq
            self.wants_resync = False
            if self._paused_since != standing.paused_since:
                self._paused_since = standing.paused_since
                self._journal.changed_as_a_whole()
            self._forget_all_but({account.id for account in standing.accounts})
            for account in standing.accounts:
                self._load_account(account, standing)
            for run in standing.last.values():
                self._note_last(run)
            for run in reversed(standing.recent):
                self._announce(run)
            self._recent = deque(map(run_json, standing.recent), maxlen=RECENT)
            self._loaded = True
            return self._journal.seq != before

    def _forget_all_but(self, account_ids: set[int]) -> None:
        for account_id in self._entries.keys() - account_ids:
            del self._entries[account_id]
            self._last.pop(account_id, None)
            self._journal.removed(account_id)

    def _load_account(self, account: Account, standing: Standing) -> None:
        entry = self._entries.get(account.id)
        if entry is None:
            entry = self._entries[account.id] = _Entry(_idle(account))
        run = standing.running.get(account.id)
        abandoned = standing.abandoned.get(account.id)
        newest = run or abandoned or standing.last.get(account.id)
        status = _of(account, entry.status)
        if newest is not None and newest.run_id == entry.status.run_id:
            entry.row_id = newest.id  # it could not be read when the run began
        if not self._stands(entry, newest, abandoned):
            entry.row_id = None if newest is None else newest.id
            entry.seq = 0 if newest is None else newest.seq
            if newest is None:
                status = _idle(account)
            elif abandoned is not None:
                status = _lost(abandoned, status)
            else:
                status = _from_run(newest, status)
        self._show(entry, status)

    def _stands(self, entry: _Entry, run: Run | None, abandoned: Run | None) -> bool:
        """Whether an entry that events made is newer than what was read."""
        fresh = self._clock() - entry.heard_at < BELIEVED
        if run is None or entry.row_id is None:
            return fresh
        if run is abandoned and run.id == entry.row_id:
            return False
        if run.end_time is not None and run.id == entry.row_id:
            return run.seq < entry.seq and fresh
        return (entry.row_id, entry.seq) >= (run.id, run.seq) and (
            fresh or run.end_time is None
        )

    def is_quiet(self, seconds: float) -> bool:
        """Whether something runs of which nothing was heard for so long."""
        with self._lock:
            long_ago = self._clock() - seconds
            return any(entry.heard_at <= long_ago for entry in self._running())

    # What holds for all

    def workers_online(self, number: int | None) -> bool:
        """Note how many workers are online; None: unknown."""
        with self._lock:
            if number == self._workers:
                return False
            self._workers = number
            self._journal.changed_as_a_whole()
            return True

    def feed_down(self, since: datetime | None) -> bool:
        """Note since when no event can arrive; None: they arrive."""
        with self._lock:
            if since == self._feed_down_since:
                return False
            self._feed_down_since = since
            self._journal.changed_as_a_whole()
            return True

    def tick(self) -> bool:
        """Say that nothing runs any more, a moment after the last run ended."""
        with self._lock:
            if not self._loaded or self._running():
                return False
            now = self._clock()
            if self._nothing_since is None:
                self._nothing_since = now
            if now - self._nothing_since < IDLE_AFTER:  # always so when it was said
                return False
            self._nothing_since = math.inf
            self._journal.idle()
            return True

    # Reading

    def snapshot(self) -> dict[str, Any]:
        """The body of `GET /api/processing/current-status`."""
        with self._lock:
            return self._snapshot()

    def _snapshot(self) -> dict[str, Any]:
        running = self._running()
        return {
            "current_processing": status_json(running[-1].status) if running else None,
            "recent_runs": list(self._recent)[:IN_SNAPSHOT],
            "timestamp": iso(datetime.now(UTC)),
            "accounts": [
                status_json(self._entries[account_id].status)
                for account_id in sorted(self._entries)
            ],
            "paused": self._paused_since is not None,
            "workers": {"online": self._workers},
            "feed_down_since": iso_or_none(self._feed_down_since),
            "epoch": self._journal.epoch,
            "seq": self._journal.seq,
        }

    def status(self, account_id: int) -> tuple[dict[str, Any] | None, bool]:
        """The AccountStatus of one account, and whether everything is paused."""
        with self._lock:
            entry = self._entries.get(account_id)
            status = None if entry is None else status_json(entry.status)
            return status, self._paused_since is not None

    def recent_runs(self, limit: int) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._recent)[:limit]

    def last_runs(
        self, account_ids: Collection[int] | None = None
    ) -> dict[int, dict[str, Any]]:
        """The newest finished run of each account, or of those asked for."""
        with self._lock:
            wanted = self._last if account_ids is None else account_ids
            found = [self._last[one] for one in wanted if one in self._last]
        return {run.account_id: run_json(run) for run in found if run.account_id}

    def _running(self) -> list[_Entry]:
        """Those that run, what changed last at the end."""
        running = [e for e in self._entries.values() if e.status.state.is_running]
        return sorted(running, key=lambda entry: entry.changed_at)

    # For the hub: frames

    def position(self) -> tuple[str, int]:
        with self._lock:
            return self._journal.epoch, self._journal.seq

    def since(self, seq: int) -> tuple[int, bytes]:
        """Where the board is, and the frames that lead there from `seq`."""
        with self._lock:
            frames = self._journal.since(seq)
            if frames is None:
                frames = self._welcome()
            return self._journal.seq, frames

    def welcome(self) -> tuple[int, bytes]:
        """Where the board is, and the frames for one who knows nothing."""
        with self._lock:
            return self._journal.seq, self._welcome()

    def whole(self) -> tuple[int, bytes]:
        """Where the board is, and a snapshot of it."""
        with self._lock:
            return self._journal.seq, self._journal.whole()

    def knows(self, epoch: object, seq: object) -> bool:
        with self._lock:
            return self._journal.knows(epoch, seq)

    def recent_frame(self, limit: int, request_id: object) -> bytes:
        with self._lock:
            runs = list(self._recent)[:limit]
            seq = self._journal.seq
        return message("recent_runs", runs, seq=seq, beside={"request_id": request_id})

    def _welcome(self) -> bytes:
        return self._journal.welcome(
            lambda: [status_json(entry.status) for entry in self._running()]
        )


def _is_newer(event: StatusEvent, run: Run | None, entry: _Entry) -> bool:
    status = entry.status
    if event.run_id == status.run_id:
        return event.seq > entry.seq
    if run is not None and entry.row_id is not None:
        return run.id > entry.row_id
    # Without a row to compare by, the start is all there is.
    return status.start_time is None or event.started_at > status.start_time


def _idle(account: Account) -> AccountStatus:
    return AccountStatus(
        account_id=account.id,
        email_address=account.email_address,
        state=RunState.IDLE,
        current=0,
        total=None,
        start_time=None,
        last_updated=account.created_at,
        error_code=None,
        error_message=None,
        run_id=None,
        eta_seconds=None,
        paused=account.paused_at is not None,
        next_run_at=account.next_run_at,
        setting_up=account.pause_reason == SETTING_UP,
        step=UNFINISHED if account.pause_reason == SETTING_UP else None,
    )


def _of(account: Account, status: AccountStatus) -> AccountStatus:
    return replace(
        status,
        email_address=account.email_address,
        paused=account.paused_at is not None,
        next_run_at=account.next_run_at,
        setting_up=account.pause_reason == SETTING_UP,
    )


def _from_event(event: StatusEvent, status: AccountStatus, pace: Pace) -> AccountStatus:
    eta = None
    if event.state.is_running and event.total is not None:
        eta = pace.seconds_left(event.total - event.current)
    return replace(
        status,
        state=event.state,
        current=event.current,
        total=event.total,
        start_time=event.started_at,
        last_updated=event.at,
        error_code=None,
        error_message=None,
        run_id=event.run_id,
        eta_seconds=eta,
        step=None,
    )


def _from_run(run: Run, status: AccountStatus) -> AccountStatus:
    state = RunState(run.state)
    searching = state in {RunState.CONNECTING, RunState.FETCHING}
    return replace(
        status,
        state=state,
        current=run.emails_processed,
        total=None if searching else run.emails_found,
        start_time=run.start_time,
        last_updated=run.end_time or run.updated_at,
        error_code=run.error_code,
        error_message=run.error_message,
        run_id=run.run_id,
        eta_seconds=None,
        step=None,
    )


def _lost(run: Run, status: AccountStatus) -> AccountStatus:
    """A run whose worker is gone is not shown as if it went on."""
    return replace(
        _from_run(run, status),
        state=RunState.ERROR,
        error_message=ABANDONED,
        step="Its worker stopped; another takes over",
    )
