"""What `publish` costs a run, whatever the broker does.

    python benchmarks/reporter.py [--threads 8] [--rate 100] [--seconds 5]

Each thread is a run that tells `rate` steps a second, while Redis is alive, killed, or
hanging (SIGSTOP) for all of `seconds`. Then how long `close()` takes in that state with
steps waiting, and, with Redis back, when the last word of every run is told. The peers
in the same run are Celery's own calls with their defaults, made by as many threads;
`nothing` is an empty call, whose worst is the machine's own.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from celery import Celery
from cryptography.fernet import Fernet

from benchmarks.machine import describe, percentile
from mailbeat.labeling.progress import Outcome, Progress, RunState, RunStep
from tasks.reporter import Reporter
from tests.servers.redis import RedisServer

TOTAL = 1_000_000  # messages of a run; `processed` tells its steps apart
TOLD_WITHIN = 20.0  # seconds
LONGEST_CALL = 30.0  # seconds; a peer that waits longer is given up

States = {
    "alive": (lambda _server: None, lambda _server: None),
    "killed": (RedisServer.kill, RedisServer.start),
    "hanging": (RedisServer.pause, RedisServer.resume),
}


@dataclass
class Calls:
    """Seconds that calls took, and how many raised."""

    taken: list[float] = field(default_factory=list)
    raised: int = 0

    def ms(self, share: float) -> float:
        return 1000 * percentile(self.taken, share)


@dataclass(frozen=True, slots=True)
class Ours:
    calls: Calls
    close: float  # seconds, with steps waiting
    told_after: float | None  # seconds, with Redis back; None: not within TOLD_WITHIN


class Run:
    """One run's steps, each telling of one message more."""

    def __init__(self) -> None:
        self.run_id = str(uuid4())
        self._seq = 0
        self._started = datetime.now(UTC)

    def next_step(self, *, is_last: bool = False) -> RunStep:
        self._seq += 1
        state = RunState.COMPLETED if is_last else RunState.LABELING
        return RunStep(
            run_id=self.run_id,
            account_id=1,
            seq=self._seq,
            started_at=self._started,
            at=datetime.now(UTC),
            progress=Progress(state, found=TOTAL, processed=self._seq),
            outcome=Outcome.SUCCEEDED if is_last else None,
        )


def call_at_rate(
    call: Callable[[RunStep], object], run: Run, rate: float, seconds: float
) -> Calls:
    calls = Calls()
    begin = time.perf_counter()
    while (now := time.perf_counter()) < begin + seconds:
        step = run.next_step()
        start = time.perf_counter()
        try:
            call(step)
        except Exception:  # noqa: BLE001 # counted
            calls.raised += 1
        calls.taken.append(time.perf_counter() - start)
        time.sleep(max(now + 1 / rate - time.perf_counter(), 0))
    return calls


def call_from_threads(
    call: Callable[[RunStep], object], runs: list[Run], rate: float, seconds: float
) -> Calls:
    done: list[Calls] = []
    threads = [
        threading.Thread(
            target=lambda run=run: done.append(call_at_rate(call, run, rate, seconds)),
            daemon=True,
        )
        for run in runs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + LONGEST_CALL)
    calls = Calls()
    for one in done:
        calls.taken += one.taken
        calls.raised += one.raised
    return calls


def measure_ours(
    state: str, server: RedisServer, threads: int, rate: float, seconds: float
) -> Ours:
    app = Celery("bench", set_as_current=False)
    app.config_from_object("celeryconfig")  # ours, as a worker has it
    first, second = Reporter(app), Reporter(app)
    runs, others = ([Run() for _ in range(threads)] for _ in range(2))
    call_from_threads(lambda step: tell(first, step), runs, rate, 0.5)  # warm
    strike, heal = States[state]
    strike(server)
    calls = call_from_threads(lambda step: tell(first, step), runs, rate, seconds)
    call_from_threads(lambda step: tell(second, step), others, rate, 0.5)
    start = time.perf_counter()
    second.close()
    close = time.perf_counter() - start
    for run in runs:
        tell(first, run.next_step(is_last=True))
    heal(server)
    told_after = wait_until_told(app, [run.run_id for run in runs])
    first.close()
    app.close()
    return Ours(calls, close, told_after)


def tell(reporter: Reporter, step: RunStep) -> None:
    reporter.publish(step, hostname="celery@bench")


def wait_until_told(app: Celery, run_ids: list[str]) -> float | None:
    """Until the state of each run, told after its event, is the last one."""
    start = time.perf_counter()
    while time.perf_counter() < start + TOLD_WITHIN:
        if all(app.AsyncResult(one).state == "COMPLETED" for one in run_ids):
            return time.perf_counter() - start
        time.sleep(0.02)
    return None


def measure_peers(
    state: str, server: RedisServer, threads: int, rate: float, seconds: float
) -> dict[str, Calls]:
    app = Celery("peer", broker=server.url, backend=server.url, set_as_current=False)

    @app.task(name="peer.work")
    def work() -> None:
        """Only for its two methods."""

    def update_state(step: RunStep) -> None:
        done = {"current": step.seq, "total": TOTAL}
        work.update_state(task_id=step.run_id, state="LABELING", meta=done)

    def send_event(step: RunStep) -> None:
        work.send_event("task-labeling", current=step.seq, total=TOTAL)

    found = {}
    for title, call in (("update_state", update_state), ("send_event", send_event)):
        runs = [Run() for _ in range(threads)]
        call_from_threads(call, runs, rate, 0.5)  # warm
        strike, heal = States[state]
        strike(server)
        # A call with no time limit ends when Redis is back.
        healing = threading.Timer(seconds, heal, (server,))
        healing.start()
        found[title] = call_from_threads(call, runs, rate, seconds)
        healing.join()
    app.close()
    return found


def main(threads: int, rate: float, seconds: float) -> None:
    print(describe())
    print(f"{threads} threads, each {rate:.0f} steps/s for {seconds:.0f} s\n")
    print("Redis      call              p50 ms     p99 ms      worst ms    raised")
    closings = []
    with tempfile.TemporaryDirectory() as name:
        server = RedisServer(Path(name))
        os.environ["REDIS_URL"] = server.url
        os.environ["MAILBEAT_SECRET_KEYS"] = Fernet.generate_key().decode()
        server.start()
        try:
            for state in States:
                ours = measure_ours(state, server, threads, rate, seconds)
                closings.append((state, ours))
                rows = {"publish (ours)": ours.calls}
                rows |= measure_peers(state, server, threads, rate, seconds)
                rows["nothing"] = call_from_threads(
                    lambda _step: None, [Run() for _ in range(threads)], rate, seconds
                )
                show(state, rows)
        finally:
            server.stop()
    print("  aim: worst publish < 5 ms\n")
    print("Redis      close() with steps waiting   the last word of each run is told")
    for state, ours in closings:
        told = "NOT TOLD" if ours.told_after is None else f"{ours.told_after:.2f} s"
        print(f"{state:10} {ours.close:9.2f} s {'':17} {told} after it is back")
    print("  aim: close() <= 1 s")


def show(state: str, rows: dict[str, Calls]) -> None:
    for title, calls in rows.items():
        print(
            f"{state:10} {title:14} {calls.ms(0.5):9.3f}  {calls.ms(0.99):9.2f}  "
            f"{calls.ms(1):12.2f}  {calls.raised:4} of {len(calls.taken)}"
        )
    ours, *peers, _ = rows.values()
    nearest = min(peer.ms(1) for peer in peers)
    print(f"{state:10} the nearest peer's worst is {nearest / ours.ms(1):.0f} x ours")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    main(options.threads, options.rate, options.seconds)
