"""The runner with real supervisord and real, small children."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mailbeat.demo.processes import Process, Runner, procfile

ROOT = Path(__file__).parents[3]
STUBBORN = "trap '' TERM; while :; do sleep 0.1; done"
PROGRAM = f"""
import sys
from pathlib import Path
from mailbeat.demo.processes import Process, Runner

here = Path(sys.argv[1])
processes = [
    Process("first", "exec sleep 60", serves=True),
    Process("second", "echo 100%; exec sleep 60"),
    Process("stubborn", {STUBBORN!r}),
]
runner = Runner(
    here,
    processes,
    root=here,
    env={{"PATH": "/usr/bin:/bin", "PYTHONPATH": {str(ROOT)!r}}},
    say=lambda text: print(text, flush=True),
)
sys.exit(runner.run(lambda: print("started", flush=True)))
"""


def wait_until(is_true, seconds=10.0):
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.02)


def runs(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


class Program:
    def __init__(self, directory):
        self._log = directory / "logs" / "supervisord.log"
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(directory)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: len(self.pids) == 3)

    @property
    def pids(self):
        """The newest process of each child."""
        text = self._log.read_text() if self._log.exists() else ""
        found = re.findall(r"spawned: '(\w+)' with pid (\d+)", text)
        return {name: int(pid) for name, pid in found}

    @property
    def supervisord(self):
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        return int(Path(children).read_text())

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(5)
        self.process.stdout.close()


@pytest.fixture
def program(tmp_path):
    program = Program(tmp_path)
    yield program
    program.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_child_within_5_seconds_even_a_stubborn_one(
    program, number
):
    pids = program.pids
    began = time.monotonic()

    program.process.send_signal(number)

    assert program.process.wait(10) == 0
    assert time.monotonic() - began < 5
    assert not [pid for pid in pids.values() if runs(pid)]


def test_a_child_that_died_is_started_again_and_one_line_says_so(program):
    died = program.pids["second"]

    os.kill(died, signal.SIGKILL)

    lines = iter(program.process.stdout.readline, "")
    assert next(lines) == "started\n"
    ended = next(lines)
    assert ended.startswith("second ended (terminated by SIGKILL) and is started again")
    again = re.fullmatch(r"second runs again, as process (\d+)\.\n", next(lines))
    assert again
    assert int(again[1]) != died
    assert runs(again[1])


def test_nothing_is_left_when_we_are_killed(program):
    pids = [program.supervisord, *program.pids.values()]

    program.process.kill()

    wait_until(lambda: not [pid for pid in pids if runs(pid)])


def test_nothing_is_left_when_the_supervisor_is_killed(program):
    pids = program.pids

    os.kill(program.supervisord, signal.SIGKILL)

    assert program.process.wait(10) == 1
    assert "The supervisor ended" in program.process.stdout.read()
    wait_until(lambda: not [pid for pid in pids.values() if runs(pid)])


def test_a_percent_sign_and_quotes_reach_the_shell(program, tmp_path):
    wait_until(lambda: (tmp_path / "logs" / "second.log").read_text() == "100%\n")


def test_the_procfile_is_read_as_it_stands():
    commands = procfile(ROOT)

    assert commands["web"].startswith("exec gunicorn")
    assert "'webapp:create_app()'" in commands["web"]


def test_the_configuration_is_its_owners_alone(tmp_path):
    Runner(tmp_path, [Process("x", "true")], root=ROOT, env={}, say=print)

    assert (tmp_path / "supervisord.conf").stat().st_mode & 0o777 == 0o600
