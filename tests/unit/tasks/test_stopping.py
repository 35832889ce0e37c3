"""The end of a worker; tests/integration/cluster sends a real one its SIGTERM."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

# A process of its own, for it is to end.
PROGRAM = """
import time
from tasks import stopping

stopping.LEAVE_AFTER = 0.2
stopping.wait_for_the_end()
time.sleep(0.5)
print("still here", flush=True)
stopping.stop_at_the_next_message()
time.sleep(20)
print("never got here", flush=True)
"""


def test_a_worker_whose_runs_do_not_stop_leaves_in_time(
    monkeypatch, sqlite_url, secret_keys
):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("MAILBEAT_SECRET_KEYS", secret_keys[0])

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=15,
        check=True,
    )

    assert done.stdout.splitlines()[0] == "still here"
    assert "never got here" not in done.stdout


BEAT = """
import os, signal, sqlite3, sys
from tasks import stopping

stopping.BEAT_LEAVES_AFTER = 0.2
stopping.end_beat_in_time()
holder, waiter = (sqlite3.connect(sys.argv[1], timeout=20) for _ in range(2))
holder.execute("BEGIN IMMEDIATE")
print("waiting in C", flush=True)
waiter.execute("BEGIN IMMEDIATE")
"""


def test_a_beat_that_waits_in_c_is_ended_from_a_thread(tmp_path, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    beat = subprocess.Popen(
        [sys.executable, "-c", BEAT, str(tmp_path / "locked.db")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )

    with beat:
        assert beat.stdout.readline() == "waiting in C\n"
        beat.terminate()

        assert beat.wait(10) == 0  # SQLite would go on waiting for 20 s
