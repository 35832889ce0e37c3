"""Runs that are killed at random points, and whether anything shows of it.

The categorizer answers at random, so a message that is decided about anew gets another
label: two labels on one, or another on the server than in the ledger, cannot stay
unseen. Each run is a process of its own that gets a real SIGKILL; a killed run's lease
ends in the next one's clock.
"""

import multiprocessing
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from benchmarks.mail_peers import LOOPBACK, Place
from benchmarks.mail_samples import make_samples
from benchmarks.mail_site import Site
from mailbeat import run as product
from mailbeat.db import session as database
from mailbeat.db.ledger import APPLIED, PLANNED, counts
from mailbeat.db.models import MessageRow, Run
from mailbeat.db.session import Sessions, create_engine, create_sessions
from mailbeat.labeling.categorizer import Decision
from mailbeat.labeling.category import Category
from mailbeat.lease import LeaseKeeper
from mailbeat.mail.message import Message
from tests.servers.line import LineProcess

SIZES = (30, 60, 120, 200)  # messages of a mailbox
KILLS_IN_A_ROW = 2  # a third one would have the account wait
ROUND_TRIP = 0.01  # seconds
LATER = timedelta(minutes=1)  # than the run before: its lease is over
GIVEN_UP = 120  # seconds
OPTIONS = product.RunOptions(
    scan_interval=300, process_hours=48, deadline=60, allowed_networks=LOOPBACK
)


# The killed


class RandomCategorizer:
    """Never answers the same twice, and writes down about what it was asked."""

    def __init__(self, categories: Sequence[Category], journal: Path) -> None:
        self._answers = [None, *(category.id for category in categories)]
        self._journal = journal

    def decide(self, messages: Sequence[Message]) -> list[Decision]:
        with self._journal.open("a") as file:
            file.write(" ".join(str(message.uid) for message in messages) + "\n")
        chance = random.SystemRandom()
        return [
            Decision(chance.choice(self._answers), 0.9, "facts", "By chance.")
            for _ in messages
        ]


def run_once(place: Place, attempt: int, journal: Path, pipe: Connection) -> None:
    """Run over the account, in a process that may be killed at any moment."""

    def at_random(
        _sessions: Sessions,
        _account_id: int,
        categories: Sequence[Category],
        **_options: object,
    ) -> RandomCategorizer:
        return RandomCategorizer(categories, journal)

    def later() -> str:
        now = datetime.now(UTC) + attempt * LATER
        return now.replace(tzinfo=None).isoformat(" ", "microseconds")

    vars(product)["AccountCategorizer"] = at_random
    vars(database)["_host_now"] = later  # SQLite's clock
    sessions = create_sessions(
        create_engine(place.database, secret_keys=[place.secret_key])
    )
    leases = LeaseKeeper(sessions)
    pipe.send("began")
    outcome = "not run"
    for step in product.run_account(
        sessions, 1, str(uuid4()), options=OPTIONS, leases=leases
    ):
        outcome = str(step.outcome)
    pipe.send(outcome)


# The killing


@dataclass(slots=True)
class Tally:
    """What was found after all the kills. `lost` has a number for each kill."""

    kills: int = 0
    trials: int = 0
    in_between: int = 0  # kills after which something was planned and unfinished
    wrong: int = 0  # messages
    doubled: int = 0  # messages
    wrong_counts: int = 0  # trials
    lost: list[int] = field(default_factory=list)  # messages decided, not planned
    over_a_batch: int = 0  # kills that lost more than a batch
    again: int = 0  # messages that were decided about once more
    again_needlessly: int = 0  # messages, of these, whose decision was not lost
    failed_runs: list[str] = field(default_factory=list)


class Killing:
    def __init__(self, site: Site, folder: Path, line: LineProcess, seed: int) -> None:
        self._site = site
        self._folder = folder
        self._line = line
        self._chance = random.Random(seed)
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([__name__])
        self._seconds = dict.fromkeys(SIZES, 1.0)  # that a whole run takes
        self.tally = Tally()

    def prepare(self) -> None:
        for size in SIZES:
            samples = make_samples(size, seed=size, mean_bytes=3000)
            self._site.deliver(_mailbox(size), samples)
            self._trial(size, kills=0)  # learns how long it takes

    def trial(self, most: int) -> None:
        """Kill at most so many times, then run to the end and look."""
        size = self._chance.choice(SIZES)
        self._trial(size, kills=min(most, self._chance.randint(1, KILLS_IN_A_ROW)))
        self.tally.trials += 1

    def _trial(self, size: int, kills: int) -> None:
        mailbox = _mailbox(size)
        self._site.forget_labels(mailbox)
        place = self._site.with_account(
            Place(self._line.port, mailbox), self._site.sqlite()
        )
        journals: list[Path] = []
        outcome, lost = "", 0
        for attempt in range(kills + 1):
            journals.append(self._folder / f"{mailbox}.{attempt}")
            journals[-1].write_text("")
            is_last = attempt == kills
            after = None if is_last else self._chance.uniform(0, self._seconds[size])
            outcome = self._run(place, attempt, journals[-1], size, after)
            if outcome:
                break
            lost += self._note_kill(place.database, journals[-1])
        if outcome != "succeeded":
            self.tally.failed_runs.append(outcome)
        self._count_again(journals, lost)
        self._check(place.database, mailbox, size)

    def _run(
        self, place: Place, attempt: int, journal: Path, size: int, after: float | None
    ) -> str:
        """Run; return how it ended, or nothing if it was killed `after` seconds."""
        ours, its = self._processes.Pipe()
        child: BaseProcess = self._processes.Process(
            target=run_once, args=(place, attempt, journal, its)
        )
        child.start()
        its.close()
        try:
            ours.recv()
            began = time.monotonic()
            if not ours.poll(GIVEN_UP if after is None else after):
                child.kill()
                child.join()
                return "stuck" if after is None else ""
            outcome = str(ours.recv())
            if not attempt:
                self._seconds[size] = time.monotonic() - began
        except EOFError:
            outcome = "crashed"
        child.join()
        return outcome

    def _note_kill(self, url: str, journal: Path) -> int:
        """Look what a killed run left; return how many decisions it took with it."""
        engine = create_engine(url)
        with engine.connect() as connection:
            rows = connection.execute(sa.select(MessageRow.uid, MessageRow.state)).all()
        engine.dispose()
        batches = _batches(journal)
        asked = {uid for batch in batches for uid in batch}
        lost = len(asked - {row.uid for row in rows})
        self.tally.kills += 1
        self.tally.in_between += any(row.state == PLANNED for row in rows)
        self.tally.lost.append(lost)
        self.tally.over_a_batch += lost > max(map(len, batches), default=0)
        return lost

    def _count_again(self, journals: Sequence[Path], lost: int) -> None:
        """Count what was decided twice, which must be no more than what was lost."""
        asked = [
            uid for journal in journals for one in _batches(journal) for uid in one
        ]
        again = len(asked) - len(set(asked))
        self.tally.again += again
        self.tally.again_needlessly += max(again - lost, 0)

    def _check(self, url: str, mailbox: str, size: int) -> None:
        labels = self._site.uids(mailbox)
        engine = create_engine(url)
        with create_sessions(engine)() as session:
            rows = {
                uid: (label, state)
                for uid, label, state in session.execute(
                    sa.select(MessageRow.uid, MessageRow.label, MessageRow.state)
                )
            }
            run_ids = list(session.scalars(sa.select(Run.run_id).order_by(Run.id)))
            by_run = [counts(session, run_id) for run_id in run_ids]
            last = session.execute(
                sa.select(
                    Run.emails_processed,
                    Run.emails_labeled,
                    Run.emails_skipped,
                    Run.emails_failed,
                ).where(Run.run_id == run_ids[-1])
            ).one()
        engine.dispose()
        for uid, found in labels.items():
            label, state = rows.get(uid, (None, None))
            self.tally.doubled += len(found) > 1
            self.tally.wrong += state != APPLIED or found != (
                {label} if label else set()
            )
        labeled = sum(1 for found in labels.values() if found)
        counted = tuple(
            sum(getattr(one, name) for one in by_run)
            for name in ("processed", "labeled", "skipped", "failed")
        )
        is_right = counted == (size, labeled, size - labeled, 0)
        is_right &= len(rows) == len(labels) == size
        is_right &= tuple(last) == (
            by_run[-1].processed,
            by_run[-1].labeled,
            by_run[-1].skipped,
            by_run[-1].failed,
        )
        self.tally.wrong_counts += not is_right


def _batches(journal: Path) -> list[list[int]]:
    return [[*map(int, line.split())] for line in journal.read_text().splitlines()]


def _mailbox(size: int) -> str:
    return f"Kills{size}"


def kill_runs(site: Site, folder: Path, kills: int, *, seed: int) -> Tally:
    """Kill runs so often; return what it did."""
    with LineProcess(site.server.port, round_trip=ROUND_TRIP) as line:
        killing = Killing(site, folder, line, seed)
        killing.prepare()
        while killing.tally.kills < kills:
            killing.trial(kills - killing.tally.kills)
    return killing.tally


def show(tally: Tally) -> None:
    rows = (
        ("killed between plan and its end", tally.in_between, ""),
        ("killed between decision and plan", sum(map(bool, tally.lost)), ""),
        ("messages with a wrong label", tally.wrong, "0"),
        ("messages with two labels", tally.doubled, "0"),
        ("mailboxes with wrong counts", tally.wrong_counts, "0"),
        ("messages categorized again", tally.again, ""),
        ("  of them not lost by the kill", tally.again_needlessly, "0"),
        ("kills that lost more than a batch", tally.over_a_batch, "0"),
    )
    print(f"\n{tally.kills} times kill -9, in {tally.trials} mailboxes of {SIZES}")
    for title, value, aim in rows:
        print(f"  {title:36} {value:6}" + (f"  (aim: {aim})" if aim else ""))
    if tally.failed_runs:
        print(f"  RUNS THAT DID NOT SUCCEED: {sorted(set(tally.failed_runs))}")
