"""One fault run: set up, let it go wrong, let it calm down, and read what is left."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailbeat.db.categories import enabled_categories
from mailbeat.db.models import AuditEntry, MessageRow, Run
from tests.faults import checker
from tests.faults.faults import Chaos
from tests.faults.installation import NAMES, Installation
from tests.faults.mail import Feeder, expected_labels
from tests.faults.records import AuditRecord, MailRecord, RunRecord, Story
from tests.faults.wishes import Person

# What the ledger says of a message, by account and UID: states and labels.
Ledger = defaultdict[tuple[int, int], list[tuple[str, str | None]]]

RATE = 5.0  # messages a second
# What a run says that counts against its mailbox.
COUNTED = ("The worker stopped in the middle", "The worker or the database stood still")
CALM = 60.0  # seconds, at most, until all mail is labelled


def run(
    folder: Path,
    *,
    database: str,
    seconds: float,
    seed: int,
    accounts: int = 100,
    interval: int = 10,
    say: Callable[[str], None] = print,
) -> Story:
    """Have faults for so many seconds, and return what was left behind."""
    installation = Installation(folder, database, accounts=accounts, interval=interval)
    try:
        return _run(installation, seconds=seconds, seed=seed, say=say)
    finally:
        installation.end()


def _run(
    installation: Installation,
    *,
    seconds: float,
    seed: int,
    say: Callable[[str], None],
) -> Story:
    installation.start(*NAMES)
    installation.wait_until_up()
    addresses = list(installation.addresses.values())
    feeder = Feeder(installation.mail, addresses, rate=RATE, seed=seed)
    person = Person(installation, seed=seed)
    chaos = Chaos(installation, seed=seed)
    began = datetime.now(UTC)
    feeder.start()
    person.start()
    say(f"{len(addresses)} accounts are running; now faults, seed {seed}")
    chaos.go_on_for(seconds)
    person.stop()
    feeder.stop()
    say("no more faults; waiting until all is labelled")
    _calm_down(installation)
    ended = datetime.now(UTC)
    stops = chaos.stops + installation.terminate(*NAMES)
    with installation.sessions() as session:
        runs, told, ledger = _runs(session), _audit(session), _ledger(session)
        label_of = expected_labels(enabled_categories(session))
    return Story(
        interval=timedelta(seconds=installation.interval),
        began=began,
        ended=ended,
        accounts=list(installation.addresses),
        runs=runs,
        mail=_mail(installation, ledger, label_of),
        faults=chaos.faults,
        wishes=person.wishes,
        refused=person.refused,
        stops=stops,
        audit=told,
        delivered=feeder.delivered,
    )


def _calm_down(installation: Installation) -> None:
    """Wait for the last labels, and one interval more."""
    end = time.monotonic() + CALM
    time.sleep(installation.interval + 2)
    while time.monotonic() < end and _unfinished(installation):
        time.sleep(1)
    time.sleep(installation.interval)


def _unfinished(installation: Installation) -> int:
    with installation.sessions() as session:
        done = session.scalar(
            sa.select(sa.func.count())
            .select_from(MessageRow)
            .where(MessageRow.state == "applied")
        )
    there = 0
    for address in installation.addresses.values():
        with installation.mail.client(address) as client:
            there += client.folder_status("INBOX", ["MESSAGES"])[b"MESSAGES"]
    return there - (done or 0)


def _runs(session: Session) -> list[RunRecord]:
    return [
        RunRecord(
            run_id=run.run_id,
            account_id=run.account_id or 0,
            start=run.start_time,
            end=run.end_time,
            outcome=run.outcome,
            error_code=run.error_code,
            ended_itself=not (run.error_message or "").startswith(COUNTED),
        )
        for run in session.scalars(sa.select(Run).order_by(Run.id))
    ]


def _audit(session: Session) -> list[AuditRecord]:
    entries = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
    return [AuditRecord(one.at, one.actor, one.action, one.target) for one in entries]


def _ledger(session: Session) -> Ledger:
    ledger: Ledger = defaultdict(list)
    for row in session.scalars(sa.select(MessageRow)):
        ledger[row.account_id, row.uid].append((row.state, row.label))
    return ledger


def _mail(
    installation: Installation, ledger: Ledger, label_of: Callable[[str], str]
) -> list[MailRecord]:
    found = []
    for account_id, address in installation.addresses.items():
        for uid, message_id, labels in installation.mail.messages(address):
            entries = tuple(ledger[account_id, uid])
            found.append(
                MailRecord(
                    account_id, message_id, label_of(message_id), labels, entries
                )
            )
    return found


def report(story: Story) -> str:
    """Figures of a fault run, then what was found wrong."""
    found = checker.findings(story)
    lines = [
        *_figures_of_runs(story),
        *_figures_of_time(story),
        *(f"WRONG: {finding}" for finding in found),
        f"{len(found)} things are wrong" if found else "nothing is wrong",
    ]
    return "\n".join(lines)


def timeline(story: Story) -> str:
    """The faults and the wishes, a line for each, as they came."""
    lines = [
        f"{fault.at:%H:%M:%S.%f} {fault.until:%H:%M:%S.%f} {fault.kind} {fault.detail}"
        for fault in story.faults
    ]
    lines += [
        f"{wish.at:%H:%M:%S.%f} {wish.actor} {wish.action} {wish.target} {wish.run_id}"
        for wish in story.wishes
    ]
    return "\n".join(sorted(lines)) + "\n"


def _figures_of_runs(story: Story) -> Iterator[str]:
    seconds = (story.ended - story.began).total_seconds()
    accounts, mail = len(story.accounts), len(story.mail)
    yield f"{len(story.runs)} runs of {accounts} accounts in {seconds:.0f} s"
    yield f"{mail} messages, {story.delivered} of them acknowledged on arrival"
    yield f"outcomes: {_counts(run.outcome for run in story.runs)}"
    yield f"errors: {_counts(run.error_code for run in story.runs if run.error_code)}"
    yield f"{len(story.faults)} faults: {_counts(fault.kind for fault in story.faults)}"
    yield f"wishes: {_counts(wish.action for wish in story.wishes)}"
    yield f"not promised: {dict(story.refused) or 'none'}"


def _figures_of_time(story: Story) -> Iterator[str]:
    waits = checker.longest_waits(story)
    wait, _, _, allowed = max(waits, key=lambda one: one[0])
    nearest = min(allowed - wait for wait, _, _, allowed in waits)
    yield f"longest wait: {_seconds(wait)}, allowed were {_seconds(allowed)}"
    yield f"the wait nearest to its limit was {_seconds(nearest)} below it"
    takeovers = checker.takeovers(story)
    yield f"taken over after kill -9 (aim: p95 <= 20 s): {_spread(takeovers)}"
    yield f"run now, no fault near: {_spread(checker.run_delays(story))}"
    for kind in sorted({stop.name.partition("-")[0] for stop in story.stops}):
        times = sorted(s.seconds for s in story.stops if s.name.startswith(kind))
        yield f"{kind} after SIGTERM: {_spread(times)}"


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.1f} s"


def _spread(values: Sequence[float]) -> str:
    p50, p95, longest = (checker.percentile(values, p) for p in (0.5, 0.95, 1))
    return f"{len(values)} times, p50 {p50:.2f}, p95 {p95:.2f}, longest {longest:.2f} s"


def _counts(names: Iterable[str | None]) -> str:
    found = Counter(names).most_common()
    return ", ".join(f"{name} {number}" for name, number in found) or "none"
