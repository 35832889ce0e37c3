"""The rules: which facts are trouble, in words that say what to do. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailbeat.language import IN_ENGLISH, N_, Tongue

SILENT = timedelta(seconds=30)  # without a sign of life: that is no restart any more
GRACE = timedelta(seconds=45)  # that the rest may take to start after the one who looks
DEAF = timedelta(seconds=15)
MISSED_INTERVALS = 3
LATE_AT_LEAST = timedelta(minutes=3)
GROWING_FROM = 20  # messages that wait
GROWING_FOR = timedelta(minutes=5)
JUMP_RUNS, JUMP_ACCOUNTS = 10, 3
JUMP_SHARE, JUMP_RISE, JUMP_OVER = 0.5, 0.3, 0.3  # of the runs
DISK_SHARE, DISK_BYTES = 0.05, 5 * 1024**3  # less than both


@dataclass(frozen=True, slots=True)
class Rule:
    """`one` and `many` are headlines; `todo` is what a person does next.

    It opens when the trouble was there for `settle`, it is over when that was gone for
    `calm`, and nothing is opened that follows from what one of `causes` tells.
    """

    name: str
    one: str
    many: str
    todo: str
    is_severe: bool = True
    settle: timedelta = timedelta()
    calm: timedelta = timedelta(seconds=15)
    causes: frozenset[str] = frozenset()

    def headline(self, count: int, tongue: Tongue = IN_ENGLISH) -> str:
        said = tongue.gettext(self.one if count == 1 else self.many)
        return said.format(count=count)


_STANDSTILL = frozenset(
    {"no_worker", "no_beat", "beat_stuck", "feed_deaf", "database_failing"}
)
_RULES = (
    Rule(
        "database_failing",
        N_("The database fails"),
        N_("The database fails"),
        N_(
            "Check that the database runs and that its disk has room. Nothing is lost: "
            "runs go on by themselves when it is back. `mailbeat doctor` says more."
        ),
    ),
    Rule(
        "feed_deaf",
        N_("The broker cannot be reached"),
        N_("The broker cannot be reached"),
        N_(
            "Check that Redis (or RabbitMQ) runs, and REDIS_URL or BROKER_URL. No run "
            "starts until it is back; what was due then runs by itself."
        ),
    ),
    Rule(
        "no_beat",
        N_("Celery beat does not run"),
        N_("Celery beat does not run"),
        N_(
            "Start it: `celery -A tasks beat`, or the Procfile's beat. What was due "
            "meanwhile runs then."
        ),
    ),
    Rule(
        "beat_stuck",
        N_("Celery beat sends nothing"),
        N_("Celery beat sends nothing"),
        N_(
            "Beat lives, and cannot send. Check that the broker runs and takes "
            "messages; beat's log says which error it meets."
        ),
        causes=frozenset({"feed_deaf", "database_failing"}),
    ),
    Rule(
        "no_worker",
        N_("No worker runs"),
        N_("No worker runs"),
        N_(
            "Start one: `celery -A tasks worker`, or the Procfile's worker. What waits "
            "is then done at once."
        ),
    ),
    Rule(
        "disk_full",
        N_("A disk is almost full"),
        N_("The disks of {count} hosts are almost full"),
        N_("Make room there, or lower RUN_DAYS and MESSAGE_DAYS."),
        calm=timedelta(minutes=1),
    ),
    Rule(
        "needs_person",
        N_("An account needs you"),
        N_("{count} accounts need you"),
        N_(
            "Open the account's page and store a new password, or correct what it "
            "names. It does not run until then."
        ),
        calm=timedelta(),
    ),
    Rule(
        "account_failing",
        N_("An account keeps failing"),
        N_("{count} accounts keep failing"),
        N_(
            "It is tried again by itself, less and less often. When it stays like "
            "this, check the server and the account's settings."
        ),
        is_severe=False,
        calm=timedelta(),
    ),
    Rule(
        "not_run",
        N_("An account was not run"),
        N_("{count} accounts were not run"),
        N_(
            "Look at /workers: are there workers enough, and does one hang? A worker "
            "that is started again takes over what another left."
        ),
        is_severe=False,
        settle=timedelta(seconds=60),
        calm=timedelta(),
        causes=_STANDSTILL,
    ),
    Rule(
        "queue_growing",
        N_("The queue grows"),
        N_("The queue grows"),
        N_(
            "More is due than the workers do. Start another worker, raise "
            "WORKER_CONCURRENCY, or lengthen the interval."
        ),
        is_severe=False,
        calm=timedelta(minutes=1),
        causes=_STANDSTILL,
    ),
    Rule(
        "errors_jump",
        N_("Many runs fail"),
        N_("Many runs fail"),
        N_(
            "Several accounts began to fail together: is it one mail server, or this "
            "machine's network? /runs?outcome=failed shows the errors."
        ),
        calm=timedelta(minutes=1),
        causes=frozenset({"database_failing"}),
    ),
)
RULES: Mapping[str, Rule] = {rule.name: rule for rule in _RULES}


@dataclass(frozen=True, slots=True)
class Process:
    """A process of ours, and when it last gave a sign of life."""

    kind: str
    host: str
    seen_at: datetime
    deaf_since: datetime | None = None
    disk_free: int | None = None  # bytes
    disk_size: int | None = None


@dataclass(frozen=True, slots=True)
class TroubledAccount:
    """An account about which something may be to say."""

    account_id: int
    email_address: str
    failures: int = 0
    is_paused: bool = False
    needs_person: bool = False
    last_run_at: datetime | None = None  # or when it was added
    interval: timedelta = timedelta(minutes=5)
    is_waiting_on_purpose: bool = False
    is_running: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Failures:
    """How many of the newest runs failed, and how many of those before them."""

    runs: int = 0
    failed: int = 0
    accounts: int = 0  # that failed
    runs_before: int = 0
    failed_before: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    now: datetime
    looking_since: datetime  # when who looks was started
    has_accounts: bool
    is_all_paused: bool = False
    beat_ticked_at: datetime | None = None
    processes: Sequence[Process] = ()
    accounts: Sequence[TroubledAccount] = ()
    waiting: Sequence[tuple[datetime, int]] = ()  # messages in queues, oldest first
    failures: Failures = field(default_factory=Failures)
    is_open: AbstractSet[tuple[str, str]] = frozenset()  # rule and subject
    failing_runs: int = 3  # in a row, from which on an account is told


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a rule found. `subject` is empty where the installation is meant."""

    rule: str
    detail: str
    subject: str = ""
    account_id: int | None = None


def troubles(facts: Facts) -> list[Trouble]:
    """Everything that is wrong, causes first. What follows from one is left out."""
    found: list[Trouble] = []
    for trouble in (*_machinery(facts), *_accounts(facts), *_load(facts)):
        causes = RULES[trouble.rule].causes
        if not any(other.rule in causes for other in found):
            found.append(trouble)
    return found


def _lives(facts: Facts, kind: str) -> bool:
    return any(
        one.kind == kind and facts.now - one.seen_at <= SILENT
        for one in facts.processes
    )


def _machinery(facts: Facts) -> Iterator[Trouble]:
    now = facts.now
    webs = [one for one in facts.processes if now - one.seen_at <= SILENT]
    deaf = [one.deaf_since for one in webs if one.deaf_since is not None]
    if deaf and now - min(deaf) >= DEAF:
        yield Trouble(
            "feed_deaf",
            f"No event was heard since {_clock(min(deaf))}: the broker is silent.",
        )
    if facts.has_accounts:
        yield from _missing(facts)
    for one in webs:
        if one.disk_free is None or not one.disk_size:
            continue
        share = one.disk_free / one.disk_size
        if share < DISK_SHARE and one.disk_free < DISK_BYTES:
            yield Trouble(
                "disk_full",
                f"{one.disk_free // 1024**2} MiB are free on {one.host} "
                f"({share:.1%} of the disk).",
                f"host {one.host}"[:100],
            )


def _missing(facts: Facts) -> Iterator[Trouble]:
    ticked = facts.beat_ticked_at
    if (ticked is None or facts.now - ticked > SILENT) and _may_blame(facts, ticked):
        since = "ever" if ticked is None else f"since {_clock(ticked)}"
        if _lives(facts, "beat"):
            yield Trouble("beat_stuck", f"It sent nothing {since}.")
        else:
            yield Trouble("no_beat", f"It gave no sign of life {since}.")
    seen = [one.seen_at for one in facts.processes if one.kind == "worker"]
    last = max(seen, default=None)
    if not _lives(facts, "worker") and _may_blame(facts, last):
        since = f"since {_clock(last)}" if last else "yet"
        yield Trouble("no_worker", f"None gave a sign of life {since}.")


def _may_blame(facts: Facts, seen_at: datetime | None) -> bool:
    """Whether it had time to start, or was there already since who looks is."""
    was_there = seen_at is not None and seen_at >= facts.looking_since
    return was_there or facts.now - facts.looking_since >= GRACE


def _accounts(facts: Facts) -> Iterator[Trouble]:
    for one in facts.accounts:
        subject = f"account {one.account_id}"
        reason = f" {one.error}" if one.error else ""
        known = (("account_failing", subject) in facts.is_open) and one.failures > 0
        if one.needs_person:
            text = f"{one.email_address} is paused and needs you.{reason}"
            yield Trouble("needs_person", text, subject, one.account_id)
        elif one.is_paused:
            continue
        elif one.failures >= facts.failing_runs or known:
            times = "once" if one.failures == 1 else f"{one.failures} times in a row"
            text = f"{one.email_address} failed {times}.{reason}"
            yield Trouble("account_failing", text, subject, one.account_id)
        if _is_late(one, facts):
            text = f"{one.email_address} was not run since {_clock(one.last_run_at)}."
            yield Trouble("not_run", text, subject, one.account_id)


def late_after(interval: timedelta) -> timedelta:
    """How long ago the newest run of an account may be."""
    return max(MISSED_INTERVALS * interval, LATE_AT_LEAST)


def _is_late(one: TroubledAccount, facts: Facts) -> bool:
    if facts.is_all_paused or one.is_paused or one.needs_person:
        return False
    if one.is_running or one.is_waiting_on_purpose or one.last_run_at is None:
        return False
    wait = late_after(one.interval)
    return facts.now - one.last_run_at > wait


def _load(facts: Facts) -> Iterator[Trouble]:
    history = [one for one in facts.waiting if facts.now - one[0] <= GROWING_FOR]
    if history and _grows(facts, history):
        yield Trouble(
            "queue_growing",
            f"{history[-1][1]} messages wait for a worker; "
            f"{history[0][1]} did at {_clock(history[0][0])}.",
        )
    found = facts.failures
    share = found.failed / found.runs if found.runs else 0.0
    before = found.failed_before / found.runs_before if found.runs_before else 0.0
    if ("errors_jump", "") in facts.is_open:
        jumped = share >= JUMP_OVER and found.runs > 0
    else:
        jumped = (
            found.runs >= JUMP_RUNS
            and found.accounts >= JUMP_ACCOUNTS
            and share >= max(JUMP_SHARE, before + JUMP_RISE)
        )
    if jumped:
        yield Trouble(
            "errors_jump",
            f"{found.failed} of the last {found.runs} runs failed, of "
            f"{found.accounts} accounts. Before it were {before:.0%}.",
        )


def _grows(facts: Facts, history: Sequence[tuple[datetime, int]]) -> bool:
    """Whether it is long, and was shorter in each third of the time before."""
    if facts.now - history[-1][0] > SILENT:
        return False  # nobody looks at it any more
    newest = history[-1][1]
    if ("queue_growing", "") in facts.is_open:
        return newest >= GROWING_FROM // 2 and newest >= max(n for _, n in history) / 2
    is_whole = history[-1][0] - history[0][0] >= GROWING_FOR * 0.8
    third = len(history) // 3
    if not is_whole or third == 0 or newest < GROWING_FROM:
        return False
    first, middle, last = (
        [count for _, count in part]
        for part in (history[:third], history[third:-third], history[-third:])
    )
    return max(first) < min(last) and sum(first) / third < sum(middle) / len(middle)


def _clock(at: datetime | None) -> str:
    return "its beginning" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"
