"""One run over one account: lease, mailbox, pipeline, record.

The Celery task and `mailbeat run` are this generator with something different done
at each step.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import IPv4Network, IPv6Network

import structlog
from sqlalchemy import exc
from sqlalchemy.orm import Session

from mailbeat.db import accounts, audit, runs, takeover
from mailbeat.db.categories import enabled_categories
from mailbeat.db.clock import Stopwatch
from mailbeat.db.installation import standing
from mailbeat.db.knowledge import AccountCategorizer
from mailbeat.db.ledger import LeaseLost, SQLLedger, note_good_run
from mailbeat.db.llm import Asking
from mailbeat.db.models import Account
from mailbeat.db.noticed import LabelNotes
from mailbeat.db.session import Sessions, transaction
from mailbeat.db.types import SecretUnreadable
from mailbeat.db.waiting import SQLWaiting
from mailbeat.labeling.categorizer import Decision
from mailbeat.labeling.layers import Layer
from mailbeat.labeling.pipeline import label_new_messages
from mailbeat.labeling.progress import Outcome, Progress, RunState, RunStep
from mailbeat.lease import Hold, LeaseKeeper, StopReason
from mailbeat.mail.deadline import Stopped
from mailbeat.mail.errors import (
    AuthFailed,
    ErrorCode,
    MailboxMissing,
    MailError,
    SignInRefused,
)
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import Mailbox
from mailbeat.mail.message import Message
from mailbeat.mail.oauth import Clients
from mailbeat.noticing import notice_changes
from mailbeat.signing_in import Access, opened

# A run's end is tried again this often while its database is away.
END_AGAIN_AFTER = 0.5  # seconds
END_WITHIN = 60.0  # seconds; then its lease, which nobody renews, brings it back
# Runs in a row that a server did not let in, without a reason, till a person is asked.
SIGN_IN_TRIES = 3
# Trying again cures neither; the account waits for a person.
NEEDS_PERSON = (AuthFailed, MailboxMissing)
# A connection is broken, refused, was ended by the server, or is not to be had.
DATABASE_AWAY = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
    exc.TimeoutError,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunOptions:
    scan_interval: int  # seconds, where an account has no interval of its own
    process_hours: int  # looked back where there is no watermark
    deadline: float  # seconds for the whole run
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    subject_days: int = 0
    oauth_clients: Clients = field(default_factory=dict)
    llm: Asking | None = None

    @property
    def access(self) -> Access:
        return Access(self.oauth_clients, self.allowed_networks)


def run_account(
    sessions: Sessions,
    account_id: int,
    run_id: str,
    *,
    options: RunOptions,
    leases: LeaseKeeper,
    worker: str | None = None,
) -> Generator[RunStep, None, None]:
    """Run over an account, and yield after each real step.

    `worker` is the name of who does it, for the history.
    The end is in `processing_runs` before its step is yielded; a phase soon after.
    Yields nothing when the account is gone, paused or run by another, when it has to
    wait because its runs kill their workers, and for a run that ended before; ends
    without an end when another took over. What is wrong with the mail server ends the
    run as an error; only a database that fails raises.
    """
    run = _Run(sessions, account_id, run_id, options=options, leases=leases)
    run.worker = worker
    if leases.is_shutting_down or not run.begin():
        return  # the account still waits for this run, if it did, and it is sent again
    with leases.hold(run_id, taken_at=run.taken_at) as hold:
        try:
            yield from run.steps(hold)
        finally:
            run.let_go()


def preview_account(
    sessions: Sessions,
    account_id: int,
    *,
    options: RunOptions,
    limit: int = 20,
) -> Iterator[tuple[Message, Decision]]:
    """Decide about an account's newest messages; label and remember nothing.

    No model is asked: its answers would have to be paid twice.

    Raises:
        MailError: the mailbox could not be read.
    """
    with sessions() as session:
        account = accounts.find_account(session, account_id)
        categorizer = AccountCategorizer(
            sessions, account.id, enabled_categories(session)
        )
    messages = newest_messages(sessions, account, options=options, limit=limit)
    yield from zip(messages, categorizer.decide(messages), strict=True)


def newest_messages(
    sessions: Sessions, account: Account, *, options: RunOptions, limit: int
) -> list[Message]:
    """Read what a first run would find, the newest of it, by ascending UID.

    Raises:
        MailError: the mailbox could not be read.
    """
    since = datetime.now(UTC) - timedelta(hours=options.process_hours)
    opening = partial(
        open_mailbox, name=account.mailbox, deadline=options.deadline, since=since
    )
    with opened(sessions, account, opening, access=options.access) as mailbox:
        uids = mailbox.new_uids(after=0, since=since)[-limit:]
        return sorted(mailbox.fetch(uids), key=lambda message: message.uid)


class _Run:
    """The state of one call of `run_account`."""

    def __init__(
        self,
        sessions: Sessions,
        account_id: int,
        run_id: str,
        *,
        options: RunOptions,
        leases: LeaseKeeper,
    ) -> None:
        self.sessions = sessions
        self.account_id = account_id
        self.run_id = run_id
        self.options = options
        self.leases = leases
        self.worker: str | None = None
        self.progress = Progress(RunState.CONNECTING)
        self.seq = 0
        self.has_ended = False

    # The story

    def begin(self) -> bool:
        """Take the lease and write the run's row; False when it is not ours to run."""
        with transaction(self.sessions) as session:
            account = accounts.lock_account_to_run(session, self.account_id)
            if account is None or not self._is_next(session, account):
                return False
            # Read after the lock: not before the run that had the account has ended.
            self.taken_at = time.monotonic()
            found = standing(session)
            if found.paused_at is not None:
                return False
            self.started_at = now = found.now
            if takeover.take_over(session, account, now=now) is not None:
                account.wanted_run_id = account.queued_until = None
                return False
            is_wanted = account.wanted_run_id == self.run_id
            if not accounts.lease(
                session, account, self.run_id, now=now, ttl=self.leases.ttl
            ):
                return False
            self.categories = found.categories
            self.clock = Stopwatch(now)
            self.account = account
            self._read_login(account)
            self.interval = account.interval_seconds or self.options.scan_interval
            due_at = account.due_at if is_wanted else None
            self.seq = runs.start_run(
                session,
                account,
                self.run_id,
                worker=self.worker,
                due_at=due_at,
                now=now,
            )
        return True

    def _read_login(self, account: Account) -> None:
        self._login_data: tuple[object, ...] | None = None
        try:
            accounts.read_secrets(account)
            self._login_data = accounts.login_of(account)
        except SecretUnreadable as error:
            self._unreadable = error

    def _is_next(self, session: Session, account: Account) -> bool:
        """Whether the account waits for this run, or for none and it is a new one.

        Any other is a further copy of a message, or one that a pause made void.
        """
        if account.wanted_run_id is not None:
            return account.wanted_run_id == self.run_id
        return takeover.may_run_unasked(account) and not runs.is_known(
            session, self.run_id
        )

    def steps(self, hold: Hold) -> Iterator[RunStep]:
        self.hold = hold
        yield self._step()
        try:
            with closing(self._progress(hold)) as progress:
                for self.progress in progress:
                    self._count()
                    yield self._step()
                    if hold.stop_reason is not None:
                        break
        except MailError as error:
            yield from self._failed(error)
        except Stopped:  # while it waited for the server
            yield from self._ended(hold.stop_reason)
        except LeaseLost:
            yield from self._ended(StopReason.LOST)
        except SecretUnreadable as error:
            yield from self._broken(str(error))
        except DATABASE_AWAY as error:
            log.warning("run without its database", error=type(error).__name__)
            yield from self._interrupted(
                "The database failed in the middle of this run. The next one goes on "
                "where it stopped.",
                hand_over=False,
            )
        except Exception:
            log.exception("run failed", run_id=self.run_id, account_id=self.account_id)
            yield from self._broken(
                "Something went wrong inside Mailbeat; the mailbox is as it was. The "
                f"worker's log says more under run {self.run_id}. The next run tries "
                "again."
            )
        else:
            yield from self._ended(hold.stop_reason)

    def let_go(self) -> None:
        """End a run that was dropped in the middle, and free its account."""
        if not self.has_ended:
            for _ in self._interrupted(takeover.MESSAGE):
                pass

    # Its details

    def _progress(self, hold: Hold) -> Generator[Progress, None, None]:
        if self._login_data is None:
            raise self._unreadable
        name = self.account.mailbox
        ledger = SQLLedger(
            self.sessions,
            account_id=self.account_id,
            mailbox=name,
            run_id=self.run_id,
            subject_days=self.options.subject_days,
            clock=self.clock,
            is_careful=self.account.interruptions_in_a_row > 0,
        )
        since = ledger.since(
            self.clock(), self.account.look_back_hours or self.options.process_hours
        )
        opening = partial(
            open_mailbox,
            name=name,
            deadline=self.options.deadline,
            label_prefix=self.account.label_prefix,
            moves=self.account.moves_mail,
            last_seen=ledger.last_seen,
            counts_changes=self.account.learns_from_mailbox,
            since=since,
            is_stopped=hold.is_stopped,
        )
        with opened(
            self.sessions,
            self.account,
            opening,
            access=self.options.access,
            run_id=self.run_id,
            now=self.clock,
            is_stopped=hold.is_stopped,
        ) as mailbox:
            ledger.opened(mailbox.uid_validity)
            if self.account.learns_from_mailbox:
                self._notice_changes(mailbox, ledger)
            yield from label_new_messages(
                mailbox,
                AccountCategorizer(
                    self.sessions,
                    self.account_id,
                    self.categories,
                    llm=self._llm(hold),
                ),
                ledger,
                since=since,
                labels={category.id: category.label for category in self.categories},
                waiting=self._waiting(ledger, mailbox.uid_validity),
            )
            if mailbox.throttled is not None:  # all is done, and there is time to rest
                raise mailbox.throttled

    def _notice_changes(self, mailbox: Mailbox, ledger: SQLLedger) -> None:
        notes = LabelNotes(self.sessions, ledger, run_id=self.run_id, clock=self.clock)
        categories = {category.label: category.id for category in self.categories}
        if notice_changes(mailbox, notes, categories):
            ledger.has_corrections = True  # perhaps: ours is to go where two are

    def _waiting(self, ledger: SQLLedger, uid_validity: int) -> SQLWaiting | None:
        if not ledger.has_corrections:
            return None
        return SQLWaiting(
            self.sessions,
            account_id=self.account_id,
            mailbox=self.account.mailbox,
            uid_validity=uid_validity,
            run_id=self.run_id,
            clock=self.clock,
        )

    def _llm(self, hold: Hold) -> Layer | None:
        """The layer of a model, if there is one and the account wants it asked."""
        if self.options.llm is None or not self.account.asks_llm:
            return None
        return self.options.llm.layer(
            self.sessions,
            self.account_id,
            self.categories,
            deadline=self.options.deadline,
            is_stopped=hold.is_stopped,
        )

    def _ended(self, reason: StopReason | None) -> Iterator[RunStep]:
        match reason:
            case None:
                yield from self._finish(_End(Outcome.SUCCEEDED))
            case StopReason.CANCELLED:
                yield from self._finish(_End(Outcome.CANCELLED))
            case StopReason.SHUTDOWN:
                yield from self._interrupted(
                    "The worker was stopped in the middle of this run. The next one "
                    "goes on where it stopped."
                )
            case StopReason.LOST:
                log.info("run lost its lease")
                # If nobody has taken it: a worker that stood still did so for a reason.
                yield from self._interrupted(
                    "The worker or the database stood still in the middle of this run. "
                    "The next one goes on where it stopped.",
                    hand_over=False,
                    counts=not self.leases.is_database_away,
                )

    def _interrupted(
        self, message: str, *, hand_over: bool = True, counts: bool = False
    ) -> Iterator[RunStep]:
        yield from self._finish(
            _End(
                Outcome.INTERRUPTED,
                message=message,
                hand_over=hand_over,
                counts=counts,
            )
        )

    def _failed(self, error: MailError) -> Iterator[RunStep]:
        tries = self.account.failures_in_a_row + 1
        if isinstance(error, SignInRefused) and tries >= SIGN_IN_TRIES:
            error = AuthFailed(str(error))
        yield from self._finish(
            _End(
                Outcome.FAILED,
                code=error.code,
                message=str(error),
                needs_person=isinstance(error, NEEDS_PERSON),
            )
        )

    def _broken(self, message: str) -> Iterator[RunStep]:
        yield from self._finish(
            _End(Outcome.FAILED, code=ErrorCode.INTERNAL, message=message)
        )

    def _finish(self, end: "_End") -> Iterator[RunStep]:
        """Commit the end, then tell of it: who re-reads on the last event finds it.

        Does nothing when the account is not ours any more: whoever took it has ended
        this run.
        """
        end = replace(end, marks=tuple(self.hold.take_marks()))
        given_up = time.monotonic() + END_WITHIN
        is_again = False
        while True:
            try:
                told = self._commit(end, self.clock())
                if told is None and is_again:
                    told = self._committed_unheard(end)
                break
            except DATABASE_AWAY:
                is_lost = self.hold.stop_reason is StopReason.LOST
                if is_lost or time.monotonic() > given_up:
                    raise
                is_again = True
                time.sleep(END_AGAIN_AFTER)
        self.has_ended = True
        if told is not None:
            yield told

    def _commit(self, end: "_End", now: datetime) -> RunStep | None:
        with transaction(self.sessions) as session:
            if end.outcome is Outcome.SUCCEEDED:
                return self._succeed(session, end, now)
            account = accounts.lock_account(session, self.account_id)
            if account is None or account.lease_run_id != self.run_id:
                return None
            if account.cancel_run_id == self.run_id:
                end = end.as_cancelled()
            elif end.outcome is Outcome.CANCELLED:
                # A pause stopped it. If that is over by now, the account is due.
                end = replace(end, hand_over=True)
            if end.outcome is Outcome.FAILED and self._login_was_changed(account):
                # A person was faster: this failure is of the past.
                end = replace(end, hand_over=True)
            else:
                end = self._note(session, account, end, now)
            accounts.release_lease(
                session,
                self.account_id,
                self.run_id,
                now=now,
                interval_seconds=self.interval,
                hand_over=end.hand_over,
            )
            return self._write_end(session, end, now)

    def _committed_unheard(self, end: "_End") -> RunStep | None:
        """The end, if it was committed by the try whose answer was lost."""
        with self.sessions() as session:
            row = runs.get_run(session, self.run_id)
        if row is None or row.end_time is None or row.seq != self.seq + 1:
            return None
        return (
            self._last_step(end, row.end_time) if row.outcome == end.outcome else None
        )

    def _succeed(self, session: Session, end: "_End", now: datetime) -> RunStep | None:
        if not accounts.succeed(
            session,
            self.account_id,
            self.run_id,
            started_at=self.started_at,
            now=now,
            interval_seconds=self.interval,
        ):
            return None
        note_good_run(session, self.account_id, self.account.mailbox, now=now)
        return self._write_end(session, end, now)

    def _write_end(self, session: Session, end: "_End", now: datetime) -> RunStep:
        step = self._last_step(end, now)
        runs.finish_run(
            session,
            self.run_id,
            step.progress,
            step.seq,
            outcome=end.outcome,
            error_code=end.code,
            error_message=end.message,
            marks=end.marks,
            now=now,
        )
        return step

    def _login_was_changed(self, account: Account) -> bool:
        try:
            if self._login_data is not None:  # our own renewed tokens are no change
                self._login_data = accounts.login_of(self.account)
            return accounts.login_of(account) != self._login_data
        except SecretUnreadable:
            return False

    def _note(
        self, session: Session, account: Account, end: "_End", now: datetime
    ) -> "_End":
        """Count what the end means for its account; may change what it says."""
        if end.code is ErrorCode.DEADLINE and self._got_on():
            accounts.note_success(account)  # there is only much to do
        elif end.outcome is Outcome.FAILED:
            accounts.note_failure(
                account,
                now=now,
                interval_seconds=self.interval,
                is_throttled=end.code is ErrorCode.THROTTLED,
            )
            if end.needs_person and end.code is not None:
                accounts.pause_account(session, account.id, reason=end.code, now=now)
                target = f"account {account.id}"
                audit.record(
                    session, "worker", "account.pause", target, end.code, now=now
                )
        elif end.outcome is Outcome.CANCELLED:
            accounts.note_survival(account)
        elif end.counts:
            back_off = takeover.note_interruption(account, now=now)
            if back_off is not None:
                return replace(end, message=back_off.message)
        return end

    def _got_on(self) -> bool:
        done = self.progress
        return done.labeled + done.skipped + done.failed > 0

    def _count(self) -> None:
        """Count the step, and have it written down."""
        self.seq += 1
        now = self.clock()
        self.hold.note(runs.Mark(self.progress, self.seq, since=now, at=now))

    def _last_step(self, end: "_End", now: datetime) -> RunStep:
        return replace(
            self._step(),
            seq=self.seq + 1,
            at=now,
            progress=replace(self.progress, state=end.state),
            outcome=end.outcome,
            error_code=end.code,
            error_message=end.message,
        )

    def _step(self) -> RunStep:
        return RunStep(
            run_id=self.run_id,
            account_id=self.account_id,
            seq=self.seq,
            started_at=self.started_at,
            at=self.clock(),
            progress=self.progress,
        )


@dataclass(frozen=True, slots=True)
class _End:
    """How a run ends, and what becomes of its account."""

    outcome: Outcome
    code: ErrorCode | None = None
    message: str | None = None
    needs_person: bool = False
    hand_over: bool = False  # the account is due at once
    counts: bool = False  # as one that its mailbox may have interrupted
    marks: tuple[runs.Mark, ...] = ()  # phases that are not written down yet

    @property
    def state(self) -> RunState:
        is_fine = self.outcome in {Outcome.SUCCEEDED, Outcome.CANCELLED}
        return RunState.COMPLETED if is_fine else RunState.ERROR

    def as_cancelled(self) -> "_End":
        """The same end, but that a person's wish came before a worker's."""
        if self.outcome is not Outcome.INTERRUPTED:
            return self
        return _End(Outcome.CANCELLED, marks=self.marks)
