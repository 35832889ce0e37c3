"""What deciding costs: time, memory, and what a correction adds."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from benchmarks.decisions_mail import Mail, some_of_each
from benchmarks.decisions_peers import Ours, can_learn, example_of
from benchmarks.machine import percentile
from mailbeat.labeling.categorizer import Categorizer
from mailbeat.mail.parse import parse_message
from tests.odd_mail import as_fetched

ROUNDS = 3
NOW = datetime.now(UTC)

_IMPORT = """
import re, time

def rss():
    status = open("/proc/self/status").read()
    return int(re.search(r"VmRSS:\\s+(\\d+)", status)[1]) / 1024

before = rss()
began = time.process_time()
import mailbeat.labeling.layers
took = time.process_time() - began
from mailbeat.labeling.category import STARTING_CATEGORIES
mailbeat.labeling.layers.build_categorizer(STARTING_CATEGORIES)
print(took, rss() - before)
"""


def measure(corpus: Sequence[Mail]) -> None:
    print("\nSpeed, by processor time of one core")
    fetched = [(i, *as_fetched(mail.raw)) for i, mail in enumerate(corpus)]
    bare = [_pass(None, fetched) for _ in range(ROUNDS)]
    ours = Ours().categorizer
    whole = [_pass(ours, fetched) for _ in range(ROUNDS)]
    _print_pass("parsing alone", bare)
    _print_pass("parsing and deciding, cold", whole)
    took, memory = _fresh_process()
    print(f"  import {took * 1e3:.0f} ms; with what it builds {memory:.1f} MiB")
    if can_learn():
        _taught(corpus, fetched)


Fetched = tuple[int, bytes, bytes]


def _pass(categorizer: Categorizer | None, fetched: Sequence[Fetched]) -> list[float]:
    """Return the seconds of each message, decided one by one."""
    seconds = []
    for uid, fields, body in fetched:
        began = time.thread_time()
        message = parse_message(
            uid=uid, fields=fields, body=body, received_at=NOW, size=len(body)
        )
        if categorizer is not None:
            categorizer.decide([message])
        seconds.append(time.thread_time() - began)
    return seconds


def _print_pass(name: str, rounds: Sequence[Sequence[float]]) -> None:
    best = min(rounds, key=sum)
    millis = [1e3 * one for one in best]
    print(
        f"  {name:28}{len(best) / sum(best):>8,.0f} messages/s, a message"
        f" p50 {percentile(millis, 0.5):.2f}, p99 {percentile(millis, 0.99):.1f},"
        f" worst {max(millis):.0f} ms"
    )


def _fresh_process() -> tuple[float, float]:
    """Return seconds of the import and MiB in a process that did nothing else."""
    results = []
    for _ in range(ROUNDS):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _IMPORT],
            check=True,
            capture_output=True,
            text=True,
        )
        took, memory = done.stdout.split()
        results.append((float(took), float(memory)))
    return min(results)


def _taught(corpus: Sequence[Mail], fetched: Sequence[Fetched]) -> None:
    ours = Ours()
    some = some_of_each(corpus, 50, seed=0)
    mails = (some * (500 // len(some) + 1))[:500]
    examples = [example_of(mail, ours.ids[mail.label]) for mail in mails]
    one_more = _milliseconds(lambda: example_of(mails[0], ours.ids[mails[0].label]))

    def rebuild() -> None:
        ours.build(examples)
        ours.answer(mails[:1])

    print(f"  what a correction keeps is made in {one_more:.2f} ms")
    print(f"  rebuilt from 500 examples in {_milliseconds(rebuild):.0f} ms")
    whole = [_pass(ours.categorizer, fetched) for _ in range(ROUNDS)]
    _print_pass("parsing and deciding, taught", whole)


def _milliseconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        began = time.thread_time()
        work()
        times.append(1e3 * (time.thread_time() - began))
    return statistics.median(times)
