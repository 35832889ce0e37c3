"""How long a newcomer waits: from `mailbeat demo` to ready, and to the first label.

    python benchmarks/first_label.py             the demo, and its second start
    python benchmarks/first_label.py --clone     from `git clone` through `make demo`

The floor in the same run is a Python that imports what a worker needs and exits: below
that nothing of ours could begin.
"""

import argparse
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GIVE_UP = 300.0  # seconds
LABELS = "SELECT count(*) FROM messages WHERE state = 'applied'"
RUNS = "SELECT count(*) FROM processing_runs WHERE state = 'completed'"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def count(database: Path, query: str) -> int:
    """The number that a query returns; 0 while there is no such table."""
    if not database.exists():
        return 0
    path = f"file:{database}?mode=ro"
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(path, uri=True)) as connection,
    ):
        return int(connection.execute(query).fetchone()[0])
    return 0


def measure(command: list[str], cwd: Path, directory: Path, *, first: bool) -> None:
    """Start it, print when each thing was so, and end it."""
    database, said = directory / "mailbeat.db", directory.parent / "said"
    runs = count(database, RUNS)
    wanted: dict[str, Callable[[], bool]] = {
        "start to ready": lambda: "Mailbeat runs at" in said.read_text(),
        "start to first completed run": lambda: count(database, RUNS) > runs,
    }
    if first:
        wanted["start to first label"] = lambda: count(database, LABELS) > 0
    with said.open("w") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": str(cwd)},
            stdout=output,
            start_new_session=True,
        )
        try:
            wait_for(wanted, process, began)
        finally:
            began = time.perf_counter()
            # As a terminal does it: make passes no SIGINT on to its child.
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)
            show("Ctrl-C to the last process gone", began)


def wait_for(
    wanted: Mapping[str, Callable[[], bool]],
    process: subprocess.Popen[bytes],
    began: float,
) -> None:
    left = dict(wanted)
    while left:
        for what in [what for what, is_so in left.items() if is_so()]:
            show(what, began)
            del left[what]
        if process.poll() is not None or time.perf_counter() - began > GIVE_UP:
            sys.exit(f"Never seen: {', '.join(left)}")
        time.sleep(0.02)


def show(what: str, began: float) -> None:
    print(f"{what:45} {time.perf_counter() - began:8.2f} s", flush=True)


def show_floor() -> None:
    began = time.perf_counter()
    modules = (
        "celery, kombu.transport.redis, sqlalchemy.orm, redis, cryptography.fernet"
    )
    subprocess.run([sys.executable, "-c", f"import {modules}"], check=True)
    show("floor: a Python that imports a worker's parts", began)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clone", action="store_true", help="through make demo")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mailbeat-") as folder:
        directory = Path(folder) / "var"
        options = ["--port", str(free_port()), "--dir", str(directory)]
        command, cwd = [sys.executable, "-m", "mailbeat.cli", "demo", *options], ROOT
        if args.clone:
            cwd = Path(folder) / "clone"
            began = time.perf_counter()
            subprocess.run(["git", "clone", "-q", str(ROOT), str(cwd)], check=True)
            subprocess.run(["make", "--silent", "install"], cwd=cwd, check=True)
            show("git clone and make install", began)
            command = ["make", "--silent", "demo", f"ARGS={' '.join(options)}"]
        show_floor()
        for first in (True, False):
            print("First start:" if first else "Second start:", flush=True)
            measure(command, cwd, directory, first=first)


if __name__ == "__main__":
    main()
