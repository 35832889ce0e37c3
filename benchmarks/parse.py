"""How long reading a message takes, and what the worst one costs.

    python benchmarks/parse.py [--mutations 100000] [--seed 7] [--show 4711]

Ours reads what a server would send of a message, the named fields and 5.5 KiB; the
standard library, by two of its policies, the whole one. All of them give sender,
subject and text. Messages are those of tests/odd_mail.py, and the shared ones where
they are beside the project. Times are of the processor.
"""

import argparse
import csv
import gc
import sys
import tarfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

from benchmarks.machine import describe, percentile
from mailbeat.mail import parse
from tests.odd_mail import CASES, as_fetched, mutations

SHARED = Path(__file__).parents[2] / "shared" / "mail"
NOW = datetime.now(UTC)
SLOW = 0.05  # seconds: what one message may take


def ours(fields: bytes, body: bytes) -> None:
    """Read what a server would have sent, and let exceptions out."""
    parse.read_message(uid=1, fields=fields, body=body, received_at=NOW, size=len(body))


def compat32(raw: bytes) -> None:
    message = message_from_bytes(raw)
    parseaddr(str(message["From"]))
    str(make_header(decode_header(str(message["Subject"] or ""))))
    for part in message.walk():
        if part.get_content_type() in {"text/plain", "text/html"}:
            data = part.get_payload(decode=True)
            if isinstance(data, bytes):
                data.decode(part.get_content_charset() or "utf-8", "replace")
            return


def default(raw: bytes) -> None:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    str(message["From"])
    str(message["Subject"])
    body = message.get_body(("plain", "html"))
    if body is not None:
        body.get_content()


def cpu_seconds(work: Callable[[], None]) -> tuple[float, bool]:
    """Return what the work took, and whether it raised."""
    began = time.thread_time()
    try:
        work()
    except Exception:  # noqa: BLE001 # to count them is what this is for
        return time.thread_time() - began, True
    return time.thread_time() - began, False


def shared(folder: str, index: str) -> list[bytes]:
    if not (SHARED / folder).exists():
        return []
    with (SHARED / folder / index).open(encoding="utf-8", newline="") as rows:
        known = {row["path"] for row in csv.DictReader(rows)}
    with tarfile.open(SHARED / folder / "messages.tar.gz") as archive:
        files = [archive.extractfile(m) for m in archive if m.name in known]
        return [file.read() for file in files if file]


def compare(name: str, messages: Sequence[bytes]) -> None:
    fetched = [as_fetched(raw) for raw in messages]
    kinds = {
        "ours": [lambda one=one: ours(*one) for one in fetched],
        "compat32": [lambda raw=raw: compat32(raw) for raw in messages],
        "policy.default": [lambda raw=raw: default(raw) for raw in messages],
    }
    for kind, works in kinds.items():
        results = [cpu_seconds(work) for work in works]
        micros = [seconds * 1e6 for seconds, _ in results]
        raised = sum(raised for _, raised in results)
        print(
            f"| {name} ({len(messages):,}) | {kind} | {sum(micros) / len(micros):,.0f}"
            f" | {percentile(micros, 0.5):,.0f} | {percentile(micros, 0.99):,.0f}"
            f" | {max(micros):,.0f} | {raised} |",
            flush=True,
        )


def mutate(originals: Sequence[bytes], count: int, seed: int) -> None:
    """Read mutations, each as a server would send it and as a file."""
    parse.parse_message = parse.read_message  # its net would hide what is raised
    worst: list[tuple[float, int]] = []
    raised: list[int] = []
    total = 0.0
    for number, raw in mutations(originals, count, seed):
        fields, body = as_fetched(raw)
        for work in (
            lambda fields=fields, body=body: ours(fields, body),
            lambda raw=raw: parse.message_from_bytes(raw) and None,
        ):
            seconds, has_raised = cpu_seconds(work)
            if seconds > SLOW / 5:  # a pause of the machine's, or the message's own?
                seconds = min(seconds, cpu_seconds(work)[0], cpu_seconds(work)[0])
            total += seconds
            worst = sorted([(seconds, number), *worst], reverse=True)[:5]
            raised += [number] if has_raised else []
    print(
        f"{count:,} mutations (seed {seed}) of {len(originals):,} messages, each as"
        f" fetched and as a file: {len(raised)} raised,"
        f" {total / count / 2 * 1e6:,.0f} µs in the mean"
    )
    for seconds, number in worst:
        print(f"  {seconds * 1e3:.1f} ms: --seed {seed} --show {number}")
    for number in raised[:5]:
        print(f"  raised: --seed {seed} --show {number}")


def show(originals: Sequence[bytes], number: int, seed: int) -> None:
    for at, raw in mutations(originals, number + 1, seed, first=number):
        print(f"mutation {at}, {len(raw):,} bytes", file=sys.stderr)
        sys.stdout.buffer.write(raw)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutations", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", type=int, help="write this mutation to stdout")
    options = parser.parse_args()
    built = [odd.raw for odd in CASES.values()]
    malformed = shared("malformed", "index.csv")
    originals = built + malformed
    if options.show is not None:
        show(originals, options.show, options.seed)
        return
    print(describe())
    gc.freeze()  # what was loaded is not looked through again in between
    print("| messages | by | µs mean | p50 | p99 | worst | raised |")
    print("| --- | --- | --: | --: | --: | --: | --: |")
    compare("built", built)
    if malformed:
        compare("malformed", malformed)
        compare("corpus", shared("corpus", "labels.csv"))
    mutate(originals, options.mutations, options.seed)


if __name__ == "__main__":
    main()
