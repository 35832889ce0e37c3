"""One run over one account: lease, mailbox, pipeline, record.

The Celery task and `mailbeat run` are this generator with something different done
at each step.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network

import structlog
from sqlalchemy.orm import Session

from mailbeat.db import accounts, audit, runs
from mailbeat.db.categories import enabled_categories
from mailbeat.db.clock import Clock, Stopwatch, database_now
from mailbeat.db.ledger import LeaseLost, SQLLedger, note_good_run
from mailbeat.db.models import Account
from mailbeat.db.session import Sessions, transaction
from mailbeat.db.types import SecretUnreadable
from mailbeat.labeling.categorizer import Decision
from mailbeat.labeling.pipeline import label_new_messages
from mailbeat.labeling.progress import Outcome, Progress, RunState, RunStep
from mailbeat.labeling.rules import RuleCategorizer
from mailbeat.lease import Hold, LeaseKeeper, StopReason
from mailbeat.mail.deadline import Stopped
from mailbeat.mail.errors import AuthFailed, ErrorCode, MailboxMissing, MailError
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import Login, Security
from mailbeat.mail.message import Message

# Inside a phase the row is brought up to date at most this often; every change of
# phase is written at once.
RECORD_SECONDS = 0.5
# Trying again cures neither; the account waits for a person.
NEEDS_PERSON = (AuthFailed, MailboxMissing)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunOptions:
    scan_interval: int  # seconds, where an account has no interval of its own
    process_hours: int  # looked back where there is no watermark
    deadline: float  # seconds for the whole run
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    subject_days: int = 0


def run_account(
    sessions: Sessions,
    account_id: int,
    run_id: str,
    *,
    options: RunOptions,
    leases: LeaseKeeper,
    clock: Clock = database_now,
) -> Generator[RunStep, None, None]:
    """Run over an account, and yield after each real step.

    A phase is in `processing_runs` before its step is yielded, and so is the end.
    Yields nothing when the account is gone, paused or run by another, when it has to
    wait because its runs kill their workers, and for a run that ended before; ends
    without an end when another took over. What is wrong with the mail server ends the
    run as an error; only a database that fails raises.
    """
    run = _Run(
        sessions, account_id, run_id, options=options, ttl=leases.ttl, clock=clock
    )
    if not run.begin():
        return
    with leases.hold(run_id) as hold:
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

    Raises:
        MailError: the mailbox could not be read.
    """
    with sessions() as session:
        account = accounts.find_account(session, account_id)
        login = _login(account, options)
        categorizer = RuleCategorizer(enabled_categories(session))
    since = datetime.now(UTC) - timedelta(hours=options.process_hours)
    with open_mailbox(login, account.mailbox, deadline=options.deadline) as mailbox:
        uids = mailbox.new_uids(after=0, since=since)[-limit:]
        messages = sorted(mailbox.fetch(uids), key=lambda message: message.uid)
    yield from zip(messages, categorizer.decide(messages), strict=True)


class _Run:
    """The state of one call of `run_account`."""

    def __init__(
        self,
        sessions: Sessions,
        account_id: int,
        run_id: str,
        *,
        options: RunOptions,
        ttl: timedelta,
        clock: Clock,
    ) -> None:
        self.sessions = sessions
        self.account_id = account_id
        self.run_id = run_id
        self.options = options
        self.ttl = ttl
        self._database_now = clock
        self.progress = Progress(RunState.CONNECTING)
        self.seq = 0
        self._phase = RunState.CONNECTING  # the last that is in the row
        self._recorded = float("-inf")

    # The story

    def begin(self) -> bool:
        """Take the lease and write the run's row; False when it is not ours to run."""
        with transaction(self.sessions) as session:
            now = self._database_now(session)
            if accounts.everything_paused_since(session) is not None:
                return False
            if runs.has_ended(session, self.run_id):
                return False  # a second copy of the message
            taken = accounts.take_lease(
                session, self.account_id, self.run_id, now=now, ttl=self.ttl
            )
            if not taken:
                return False
            # Not before the run that held the account until now has ended.
            self.started_at = now = self._database_now(session)
            self.clock = Stopwatch(now)
            self.account = accounts.find_account(session, self.account_id)
            self.interval = self.account.interval_seconds or self.options.scan_interval
            if self._must_wait(session, now):
                self._release(session, now, hand_over=False)
                return False
            row = runs.start_run(session, self.account, self.run_id, now=now)
            self.seq = row.seq
        return True

    def _must_wait(self, session: Session, now: datetime) -> bool:
        """End the runs whose worker died; True when the account must wait for that."""
        dead = runs.interrupt_runs(session, self.account_id, but=self.run_id, now=now)
        if not dead:
            return False
        back_off = accounts.note_interruption(session, self.account_id, now=now)
        if back_off is None:
            return False
        runs.tell_of_back_off(session, dead, back_off)
        log.warning(
            "account backs off",
            account_id=self.account_id,
            dead_runs=back_off.interruptions,
            minutes=back_off.wait.total_seconds() / 60,
        )
        return True

    def steps(self, hold: Hold) -> Iterator[RunStep]:
        yield self._step()
        try:
            with closing(self._progress(hold)) as progress:
                for self.progress in progress:
                    self._record()
                    yield self._step()
                    if hold.stop_reason is not None:
                        break
        except MailError as error:
            yield from self._failed(error)
        except Stopped:  # while it waited for the server
            yield from self._ended(hold.stop_reason)
        except LeaseLost:
            log.info("run lost its lease", run_id=self.run_id)
        except SecretUnreadable as error:
            yield from self._broken(str(error))
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
        """Free the account, if the run's end has not done so."""
        with transaction(self.sessions) as session:
            self._release(session, self.clock(), hand_over=True)

    def _release(self, session: Session, now: datetime, *, hand_over: bool) -> None:
        accounts.release_lease(
            session,
            self.account_id,
            self.run_id,
            now=now,
            interval_seconds=self.interval,
            hand_over=hand_over,
        )

    # Its details

    def _progress(self, hold: Hold) -> Generator[Progress, None, None]:
        with self.sessions() as session:
            categories = enabled_categories(session)
        login = _login(self.account, self.options)
        name = self.account.mailbox
        with open_mailbox(
            login,
            name,
            deadline=self.options.deadline,
            label_prefix=self.account.label_prefix,
            is_stopped=hold.is_stopped,
        ) as mailbox:
            ledger = SQLLedger(
                self.sessions,
                account_id=self.account_id,
                mailbox=name,
                uid_validity=mailbox.uid_validity,
                run_id=self.run_id,
                subject_days=self.options.subject_days,
                clock=self.clock,
            )
            yield from label_new_messages(
                mailbox,
                RuleCategorizer(categories),
                ledger,
                since=ledger.since(self.clock(), self.options.process_hours),
                labels={category.id: category.label for category in categories},
            )

    def _ended(self, reason: StopReason | None) -> Iterator[RunStep]:
        match reason:
            case None:
                yield from self._finish(RunState.COMPLETED, Outcome.SUCCEEDED)
            case StopReason.CANCELLED:
                yield from self._finish(RunState.COMPLETED, Outcome.CANCELLED)
            case StopReason.SHUTDOWN:
                yield from self._finish(
                    RunState.ERROR,
                    Outcome.INTERRUPTED,
                    message="The worker was stopped in the middle of this run. The "
                    "next one goes on where it stopped.",
                )
            case StopReason.LOST:
                log.info("run lost its lease", run_id=self.run_id)

    def _failed(self, error: MailError) -> Iterator[RunStep]:
        yield from self._finish(
            RunState.ERROR,
            Outcome.FAILED,
            code=error.code,
            message=str(error),
            needs_person=isinstance(error, NEEDS_PERSON),
        )

    def _broken(self, message: str) -> Iterator[RunStep]:
        yield from self._finish(
            RunState.ERROR, Outcome.FAILED, code=ErrorCode.INTERNAL, message=message
        )

    def _finish(
        self,
        state: RunState,
        outcome: Outcome,
        *,
        code: ErrorCode | None = None,
        message: str | None = None,
        needs_person: bool = False,
    ) -> Iterator[RunStep]:
        """Commit the end, then tell of it: who re-reads on the last event finds it."""
        self.progress = replace(self.progress, state=state)
        self.seq += 1
        now = self.clock()
        with transaction(self.sessions) as session:
            ended = runs.finish_run(
                session,
                self.run_id,
                self.progress,
                self.seq,
                outcome=outcome,
                error_code=code,
                error_message=message,
                now=now,
            )
            if ended:
                self._note(session, outcome, code, needs_person=needs_person, now=now)
                handed = outcome is Outcome.INTERRUPTED
                self._release(session, now, hand_over=handed)
        if ended:
            yield self._step(outcome, code, message, at=now)

    def _note(
        self,
        session: Session,
        outcome: Outcome,
        code: ErrorCode | None,
        *,
        needs_person: bool,
        now: datetime,
    ) -> None:
        if outcome is Outcome.SUCCEEDED:
            accounts.note_success(session, self.account_id)
            note_good_run(session, self.account_id, self.account.mailbox, now=now)
        elif outcome is Outcome.FAILED:
            accounts.note_failure(
                session, self.account_id, now=now, interval_seconds=self.interval
            )
            if needs_person and code is not None:
                accounts.pause_account(session, self.account_id, reason=code, now=now)
                target = f"account {self.account_id}"
                audit.record(session, "worker", "account.pause", target, code, now=now)
        elif outcome is Outcome.CANCELLED:
            accounts.note_survival(session, self.account_id)

    def _record(self) -> None:
        """Count the step, and write it down if it is a new phase or long ago."""
        self.seq += 1
        moment = time.monotonic()
        same_phase = self.progress.state == self._phase
        if same_phase and moment - self._recorded < RECORD_SECONDS:
            return
        self._phase, self._recorded = self.progress.state, moment
        with transaction(self.sessions) as session:
            recorded = runs.record_step(
                session, self.run_id, self.progress, self.seq, now=self.clock()
            )
        if not recorded:
            raise LeaseLost

    def _step(
        self,
        outcome: Outcome | None = None,
        code: ErrorCode | None = None,
        message: str | None = None,
        *,
        at: datetime | None = None,
    ) -> RunStep:
        return RunStep(
            run_id=self.run_id,
            account_id=self.account_id,
            seq=self.seq,
            started_at=self.started_at,
            at=at or self.clock(),
            progress=self.progress,
            outcome=outcome,
            error_code=code,
            error_message=message,
        )


def _login(account: Account, options: RunOptions) -> Login:
    return Login(
        host=account.host,
        port=account.port,
        security=Security(account.security),
        username=account.username,
        password=account.password or "",
        allowed_networks=options.allowed_networks,
    )
