"""A life made up by chance, whose counted days are compared with the truth."""

import random
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import select, update

from mailbeat.db import (
    accounts,
    busy_hours,
    corrections,
    daily_messages,
    deciders,
    run_stats,
    runs,
    stats,
    takeover,
)
from mailbeat.db.accounts import NewAccount
from mailbeat.db.categories import enabled_category
from mailbeat.db.corrections import Choice
from mailbeat.db.ledger import SQLLedger
from mailbeat.db.models import Account, Correction, MessageRow, Run, StatisticsState
from mailbeat.db.session import transaction
from mailbeat.labeling.categorizer import Decision
from mailbeat.labeling.pipeline import Plan
from mailbeat.labeling.progress import Outcome, Progress, RunState
from mailbeat.mail.mailbox import Security
from tests.factories import make_message

LAYERS = ("facts", "rule", "learned", "none")
ERRORS = ("connect_failed", "deadline", None)
TTL = timedelta(minutes=5)
SENDERS = [f"sender{n}@shop{n % 3}.example" for n in range(7)] + [""]


def say_counted(sessions, now):
    with transaction(sessions) as session:
        session.execute(update(StatisticsState).values(counted_at=now))


@contextmanager
def reading_the_ledger(monkeypatch):
    with monkeypatch.context() as patched:
        for module in (daily_messages, run_stats):
            patched.setattr(module, "is_counted", lambda *_: False)
        yield


def answers(session, *, since, now, account_id=None):
    """All that pages and the API ask of whole days, but how long runs took."""
    of = {"since": since, "account_id": account_id}
    found = {"totals": stats.totals(session, now=now, **of)}
    found["categories"] = {
        one.slug: one.count for one in stats.by_category(session, **of)
    }
    for step in ("day", "week"):
        over = {**of, "until": now, "step": step}
        found[f"by {step}"] = stats.trend(session, **over)
        found[f"runs by {step}"] = [
            (one.start, one.runs)
            for one in run_stats.durations_over_time(session, **over, sample=10**6)
        ]
    for what in ("sender", "domain"):
        found[what] = sorted(stats.most_frequent(session, what, **of, limit=1000))
    zone = busy_hours.zone_named("Europe/Berlin")
    found["hours"] = busy_hours.by_hour_of_week(session, **of, zone=zone)
    found["layers"] = deciders.by_layer(session, **of)
    found["errors"] = sorted(run_stats.errors(session, **of), key=str)
    speed = stats.performance(session, **of)
    found["speed"] = speed.runs, speed.messages
    return found


class Life:
    """Things that happen, one after the other, by chance; time goes on between them."""

    def __init__(self, sessions, start, seed):
        self.sessions, self.now = sessions, start
        self.chance = random.Random(seed)
        self.open = {}  # by account: its run and its ledger
        self.numbers = iter(range(1, 100_000))
        for _ in range(3):
            self.add_account()

    def go_on(self):
        if self.chance.random() < 0.1:
            self.now += timedelta(hours=self.chance.uniform(1, 60))
        self.now += timedelta(seconds=self.chance.uniform(0, 600))
        weights = {
            self.begin: 6,
            self.plan: 8,
            self.apply: 8,
            self.end: 5,
            self.die: 1,
            self.correct: 5,
            self.undo: 3,
            self.relabel: 1,
            self.add_account: 0.3,
            self.remove_account: 0.3,
        }
        self.chance.choices(list(weights), list(weights.values()))[0]()

    # What may happen

    def add_account(self):
        name = f"user{next(self.numbers)}@example.org"
        new = NewAccount(name, "h.example", 993, Security.TLS, name, "pw")
        with transaction(self.sessions) as session:
            accounts.add_account(session, new, now=self.now)

    def remove_account(self):
        account_id = self.some_account()
        self.open.pop(account_id, None)
        if account_id is not None:
            with transaction(self.sessions) as session:
                accounts.remove_account(session, account_id, now=self.now)

    def begin(self):
        account_id = self.some_account()
        if account_id is None or account_id in self.open:
            return
        run_id = f"run-{next(self.numbers)}"
        with transaction(self.sessions) as session:
            account = accounts.lock_account(session, account_id)
            takeover.take_over(session, account, now=self.now)
            if not accounts.lease(session, account, run_id, now=self.now, ttl=TTL):
                return
            runs.start_run(session, account, run_id, now=self.now)
        ledger = SQLLedger(
            self.sessions,
            account_id=account_id,
            mailbox="INBOX",
            run_id=run_id,
            subject_days=0,
            clock=lambda: self.now,
        )
        ledger.opened(1)
        self.open[account_id] = run_id, ledger

    def plan(self):
        _, _, ledger = self.some_open()
        if ledger is not None:
            ledger.plan([self.some_plan() for _ in range(self.chance.randint(1, 6))])

    def some_plan(self):
        uid = next(self.numbers)
        message = make_message(uid, sender=self.chance.choice(SENDERS))
        is_odd = self.chance.random() < 0.1  # a server may say any time
        ago = timedelta(days=900) if is_odd else timedelta(hours=30)
        received = self.now - ago * self.chance.random()
        object.__setattr__(message, "received_at", received)
        category_id = self.chance.choice((None, 1, 2, 3))
        decision = Decision(category_id, 0.9, self.chance.choice(LAYERS), "why")
        failed = self.chance.random() < 0.1
        label = f"L{category_id}" if category_id and not failed else None
        return Plan(message, decision, label, failed=failed)

    def apply(self):
        account_id, _, ledger = self.some_open()
        if ledger is None:
            return
        with self.sessions() as session:
            uids = session.scalars(
                select(MessageRow.uid)
                .where(MessageRow.account_id == account_id)
                .where(
                    (MessageRow.state == "planned")
                    | ((MessageRow.state == "failed") & MessageRow.label.is_not(None))
                )
                .order_by(MessageRow.uid)
            ).all()
        some = [uid for uid in uids if self.chance.random() < 0.7]
        failed = [uid for uid in some if self.chance.random() < 0.2]
        done = [uid for uid in some if uid not in failed]
        ledger.applied(done, failed=failed, watermark=0)

    def end(self):
        account_id, run_id, _ = self.some_open()
        if run_id is None:
            return
        del self.open[account_id]
        outcome = self.chance.choice(
            (Outcome.SUCCEEDED, Outcome.SUCCEEDED, Outcome.FAILED, Outcome.CANCELLED)
        )
        done = Progress(RunState.COMPLETED, 9, self.chance.randint(0, 9))
        with transaction(self.sessions) as session:
            accounts.lock_account(session, account_id)
            accounts.release_lease(
                session, account_id, run_id, now=self.now, interval_seconds=300
            )
            runs.finish_run(
                session,
                run_id,
                done,
                5,
                outcome=outcome,
                error_code=self.chance.choice(ERRORS)
                if outcome is Outcome.FAILED
                else None,
                now=self.now,
            )

    def die(self):
        """A worker is killed: nothing of its run is written any more."""
        account_id, _, _ = self.some_open()
        self.open.pop(account_id, None)
        self.now += 2 * TTL

    def correct(self):
        message_id = self.some_id(MessageRow)
        if message_id is not None:
            with transaction(self.sessions) as session:
                corrections.correct(
                    session,
                    message_id,
                    self.chance.choice((None, 1, 2, 3)),
                    source="dashboard",
                    actor="ada",
                    now=self.now,
                )

    def undo(self):
        correction_id = self.some_id(Correction)
        try:
            if correction_id is not None:
                with transaction(self.sessions) as session:
                    corrections.undo(session, correction_id, now=self.now)
        except corrections.CannotUndo:
            pass  # a newer one stands on it, or it was undone

    def relabel(self):
        ids = {self.some_id(MessageRow) for _ in range(5)} - {None}
        with transaction(self.sessions) as session:
            rows = corrections.lock_messages(session, ids)
            category = enabled_category(session, 4)
            choice = Choice(category, 0.8, "rule", "a new rule")
            corrections.decide_again(
                session,
                [(row, choice) for row in rows],
                source="relabel",
                actor="cli",
                now=self.now,
            )

    # By chance

    def some_account(self):
        return self.some_id(Account)

    def some_open(self):
        if not self.open:
            return None, None, None
        account_id = self.chance.choice(sorted(self.open))
        return account_id, *self.open[account_id]

    def some_id(self, model):
        with self.sessions() as session:
            ids = session.scalars(select(model.id).order_by(model.id)).all()
        return self.chance.choice(ids) if ids else None

    def first_day(self):
        with self.sessions() as session:
            return session.scalar(select(Run.start_time).order_by(Run.id).limit(1))
