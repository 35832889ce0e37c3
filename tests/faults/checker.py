"""What must hold after any faults, whatever their order. Each finding is a sentence."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from operator import attrgetter

from tests.faults.records import RunRecord, Span, Story, Wish

WORKER_KILLS = ("kill -9 worker", "kill -9 all workers")
WORKER_LOSSES = (*WORKER_KILLS, "SIGSTOP worker")
PATIENCE = timedelta(seconds=30)  # beyond the interval and what was down
STOPS_WITHIN = {"worker": 20.0, "beat": 2.0, "web": 2.0}  # seconds
# A wish is fulfilled within this time, beyond what was down: a run may have to be taken
# over first.
WISH_PATIENCE = timedelta(seconds=30)
CANCEL_PATIENCE = timedelta(seconds=5)
# A run that just began when the pause came learns of it when its lease is renewed.
PAUSE_PATIENCE = timedelta(seconds=1)


def findings(story: Story) -> list[str]:
    checks = (
        *(overlaps, endless, waits, labels, lost_mail),
        *(run_wishes, cancel_wishes, pause_wishes, stops, audit),
    )
    return [finding for check in checks for finding in check(story)]


def _by_account(story: Story) -> Iterator[tuple[int, list[RunRecord]]]:
    ordered = sorted(story.runs, key=lambda run: (run.account_id, run.start))
    for account_id, runs in groupby(ordered, key=attrgetter("account_id")):
        yield account_id, list(runs)


def overlaps(story: Story) -> Iterator[str]:
    for account_id, runs in _by_account(story):
        for before, after in pairwise(runs):
            if before.end is None or before.end > after.start:
                yield (
                    f"account {account_id}: run {after.run_id} began at {after.start} "
                    f"while {before.run_id} went on until {before.end}"
                )


def endless(story: Story) -> Iterator[str]:
    for run in story.runs:
        if run.end is None or run.outcome is None:
            yield f"account {run.account_id}: run {run.run_id} never ended"


def outages(story: Story) -> list[Span]:
    """When something was down that every account needs, merged."""
    spans = sorted(
        (Span(f.at, f.until) for f in story.faults if f.is_outage),
        key=attrgetter("start"),
    )
    merged: list[Span] = []
    for span in spans:
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _down(spans: Sequence[Span], run: Span) -> timedelta:
    return sum((span.overlap(run.start, run.end) for span in spans), timedelta())


def paused(story: Story, account_id: int) -> list[Span]:
    """When an account, or everything, was paused by a person."""
    spans = []
    for is_mine in (
        lambda entry: entry.target == f"account {account_id}",
        lambda entry: not entry.target.startswith(("account", "run")),
    ):
        since = None
        for entry in filter(is_mine, story.audit):
            if entry.action.endswith(".pause"):
                since = since or entry.at
            elif entry.action.endswith(".resume") and since is not None:
                spans.append(Span(since, entry.at))
                since = None
        if since is not None:
            spans.append(Span(since, story.ended))
    return spans


def distance(runs: Sequence[RunRecord], interval: timedelta) -> timedelta:
    """How much further away the next run is because of how the last ones ended."""
    failed = interrupted = 0
    for run in reversed(runs):
        if run.outcome == "interrupted" and run.ended_itself:
            continue  # it neither counts nor makes up for others
        if run.outcome == "failed" and not interrupted:
            failed += 1
        elif run.outcome == "interrupted" and not failed:
            interrupted += 1
        else:
            break
    further = timedelta()
    if failed > 1:
        further = interval * (2 ** (failed - 1) - 1)
    if interrupted >= 3:
        further = timedelta(minutes=2 ** (interrupted - 3))
    return further


def longest_waits(story: Story) -> list[tuple[timedelta, int, Span, timedelta]]:
    """Each account's waits: how long, whose, when, and what is allowed."""
    down = outages(story)
    runs_of = dict(_by_account(story))
    found = []
    for account_id in story.accounts:
        runs = runs_of.get(account_id, [])
        moments = [story.began, *(run.start for run in runs), story.ended]
        excused = [*down, *paused(story, account_id)]
        for number, (start, end) in enumerate(pairwise(moments)):
            gap = Span(start, end)
            allowed = story.interval + PATIENCE + _down(excused, gap)
            allowed += distance(runs[:number], story.interval)
            found.append((end - start, account_id, gap, allowed))
    return found


def waits(story: Story) -> Iterator[str]:
    for wait, account_id, gap, allowed in longest_waits(story):
        if wait > allowed:
            yield (
                f"account {account_id} waited {wait.total_seconds():.1f} s from "
                f"{gap.start}; allowed were {allowed.total_seconds():.1f} s"
            )


def labels(story: Story) -> Iterator[str]:
    for mail in story.mail:
        where = f"account {mail.account_id}: {mail.message_id}"
        if not mail.labels:
            yield f"{where} has no label"
        elif mail.labels != {mail.expected}:
            yield f"{where} has {sorted(mail.labels)}, not {mail.expected}"
        if len(mail.ledger) != 1:
            yield f"{where} is {len(mail.ledger)} times in the ledger"
        elif mail.ledger[0] != ("applied", mail.expected):
            yield f"{where} is {mail.ledger[0]} in the ledger"


def lost_mail(story: Story) -> Iterator[str]:
    if len(story.mail) < story.delivered:
        yield f"{story.delivered} messages were delivered, {len(story.mail)} are there"


def run_wishes(story: Story) -> Iterator[str]:
    by_id = {run.run_id: run for run in story.runs}
    for wish in _wishes(story, "run.want"):
        run = by_id.get(wish.run_id or "")
        assert wish.account_id is not None
        breaks = paused(story, wish.account_id)
        if run is not None:
            excused = [*outages(story), *breaks]
            allowed = WISH_PATIENCE + _down(excused, Span(wish.at, run.start))
            yield from _late(wish, run.start, allowed)
        # A pause takes a wish back.
        elif not any(span.end > wish.at - PAUSE_PATIENCE for span in breaks):
            yield f"{_name(wish)}: run {wish.run_id} never was"


def cancel_wishes(story: Story) -> Iterator[str]:
    by_id = {run.run_id: run for run in story.runs}
    for wish in _wishes(story, "run.cancel"):
        run = by_id[wish.run_id or ""]
        end = run.end or story.ended
        # A run that lost its worker too ends when it is taken over.
        lost = run.outcome == "interrupted" or any(
            fault.kind in WORKER_LOSSES and fault.at < end and fault.until > run.start
            for fault in story.faults
        )
        patience = WISH_PATIENCE if lost else CANCEL_PATIENCE
        allowed = patience + _down(outages(story), Span(wish.at, end))
        yield from _late(wish, end, allowed)


def pause_wishes(story: Story) -> Iterator[str]:
    for account_id, runs in _by_account(story):
        for span in paused(story, account_id):
            for run in runs:
                if span.start + PAUSE_PATIENCE < run.start < span.end:
                    yield (
                        f"account {account_id}: run {run.run_id} began at {run.start}, "
                        f"paused from {span.start} to {span.end}"
                    )


def _wishes(story: Story, action: str) -> Iterator[Wish]:
    return (wish for wish in story.wishes if wish.action == action)


def _name(wish: Wish) -> str:
    return f"the wish {wish.action} of {wish.at} for {wish.target}"


def _late(wish: Wish, done: datetime, allowed: timedelta) -> Iterator[str]:
    if done - wish.at > allowed:
        took = (done - wish.at).total_seconds()
        yield f"{_name(wish)} took {took:.1f} s; {allowed.total_seconds():.1f} allowed"


def stops(story: Story) -> Iterator[str]:
    for stop in story.stops:
        limit = STOPS_WITHIN[stop.name.partition("-")[0]]
        if stop.code != 0:
            yield f"{stop.name} ended with {stop.code} after SIGTERM"
        if stop.seconds > limit:
            yield f"{stop.name} took {stop.seconds:.1f} s to stop; {limit} are allowed"


def audit(story: Story) -> Iterator[str]:
    told = Counter((entry.actor, entry.action, entry.target) for entry in story.audit)
    done = Counter((wish.actor, wish.action, wish.target) for wish in story.wishes)
    for entry, times in (done - told).items():
        yield f"the audit log lacks {times} x {' '.join(entry)}"


# Figures


def takeovers(story: Story) -> list[float]:
    """Seconds from a worker's kill -9 until another run had the account."""
    kills = [f for f in story.faults if f.kind in WORKER_KILLS]
    others = [f for f in story.faults if f.is_outage and f not in kills]
    found = []
    for run in story.runs:
        if run.outcome != "interrupted" or run.ended_itself or run.end is None:
            continue
        mine = [f.at for f in kills if run.start <= f.at <= run.end]
        if not mine or any(
            Span(f.at, f.until).overlap(run.start, run.end) for f in others
        ):
            continue
        found.append((run.end - max(mine)).total_seconds())
    return sorted(found)


def run_delays(story: Story) -> list[float]:
    """Seconds from "run now" to the run, where no fault was near."""
    by_id = {run.run_id: run for run in story.runs}
    near = timedelta(seconds=15)
    found = []
    for wish in _wishes(story, "run.want"):
        run = by_id.get(wish.run_id or "")
        if run is not None and not any(
            fault.at < run.start and fault.until > wish.at - near
            for fault in story.faults
        ):
            found.append((run.start - wish.at).total_seconds())
    return sorted(found)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the sorted values do not exceed; 0 without values."""
    if not values:
        return 0.0
    return values[min(int(len(values) * share), len(values) - 1)]
