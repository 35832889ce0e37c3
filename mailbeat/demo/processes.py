"""Keeps child processes alive with supervisord, and ends them all with us."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from mailbeat.demo.private_files import private_directory, write_private

CHILD_STOPS_WITHIN = 3  # seconds; then it is killed
ALL_STOP_WITHIN = 4.5  # seconds; then supervisord is killed, and its children with it

# A child that lived shorter starts again after a pause, one second longer each time.
STEADY = 5  # seconds
LOG_BYTES = "5MB"

_EXITED = re.compile(r" exited: (\S+) \((.*?)(?:; (?:not )?expected)?\)$")
_SPAWNED = re.compile(r" spawned: '(\S+)' with pid (\d+)")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    command: str  # for the shell
    serves: bool = False  # the others need it: it starts first and ends last


def procfile(root: Path) -> dict[str, str]:
    """Return the command of each process of the project's Procfile."""
    lines = (root / "Procfile").read_text(encoding="utf-8").splitlines()
    named = (line.partition(":") for line in lines if line.strip())
    return {name.strip(): command.strip() for name, _, command in named}


class Runner:
    """Children in `directory`: their logs, and the configuration of supervisord."""

    def __init__(
        self,
        directory: Path,
        processes: Sequence[Process],
        *,
        root: Path,
        env: Mapping[str, str],
        say: Say,
    ) -> None:
        self._logs = private_directory(directory / "logs").resolve()
        self._file = directory.resolve() / "supervisord.conf"
        self._root = root
        self._env = env
        self._say = say
        self._stopping = False
        self._ended: set[str] = set()
        self._supervisord: subprocess.Popen[str] | None = None
        write_private(self._file, self._configuration(processes))

    def run(self, started: Callable[[], None]) -> int:
        """Start all, call `started`, and stay until SIGINT or SIGTERM.

        Return 0 after one of those, 1 when supervisord ended by itself. Only the main
        thread can call this: it handles the signals, and the children are bound to it.
        """
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
        before = {number: signal.getsignal(number) for number in numbers}
        for number in numbers[:3]:
            signal.signal(number, self._stop)
        signal.signal(signal.SIGALRM, self._kill)
        try:
            return self._supervise(started)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _supervise(self, started: Callable[[], None]) -> int:
        # Its own session: a Ctrl-C at the terminal reaches us alone, and we decide.
        with subprocess.Popen(  # noqa: S603 # our own program
            self._command(),
            cwd=self._root,
            env=dict(self._env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as self._supervisord:
            if self._stopping:  # the signal came before there was a process
                self._supervisord.terminate()
            started()
            for line in self._supervisord.stdout or ():
                self._tell(line.rstrip())
        if self._stopping:
            return 0
        self._say(f"The supervisor ended. See {self._logs / 'supervisord.log'}")
        return 1

    def _command(self) -> list[str]:
        module = "mailbeat.demo.supervise"
        return [sys.executable, "-m", module, str(self._file), str(os.getpid())]

    def stop(self) -> None:
        """End all children; `run` returns when the last is gone."""
        self._stopping = True
        if self._supervisord is not None and self._supervisord.poll() is None:
            self._supervisord.terminate()
            signal.setitimer(signal.ITIMER_REAL, ALL_STOP_WITHIN)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if not self._stopping:
            self.stop()

    def _kill(self, _number: int, _frame: FrameType | None) -> None:
        if self._supervisord is not None:
            self._supervisord.kill()

    def _tell(self, line: str) -> None:
        """Say on the terminal what a reader wants to know of supervisord's line."""
        if self._stopping:
            return
        if found := _EXITED.search(line):
            name, how = found.groups()
            self._ended.add(name)
            log = self._logs / f"{name}.log"
            self._say(f"{name} ended ({how}) and is started again. Its log: {log}")
        elif (found := _SPAWNED.search(line)) and found[1] in self._ended:
            self._ended.remove(found[1])
            self._say(f"{found[1]} runs again, as process {found[2]}.")

    def _configuration(self, processes: Sequence[Process]) -> str:
        head = {
            "nodaemon": "true",
            "logfile": str(self._logs / "supervisord.log"),
            "logfile_maxbytes": "1MB",
            "logfile_backups": "1",
            "pidfile": str(self._file.with_suffix(".pid")),
            "childlogdir": str(self._logs),
        }
        sections = [_section("supervisord", head)]
        # The last group ends first, and all of a group at once: a run in hand still
        # finds the servers that it talks to.
        for number, serves in enumerate((True, False)):
            names = [p.name for p in processes if p.serves is serves]
            if names:
                group = {"programs": ",".join(names), "priority": str(number + 1)}
                sections.append(_section(f"group:{number}", group))
        sections += [
            _section(f"program:{process.name}", self._program(process))
            for process in processes
        ]
        return "\n".join(sections)

    def _program(self, process: Process) -> dict[str, str]:
        return {
            "command": f"/bin/sh -c {shlex.quote(process.command)}",
            "directory": str(self._root),
            "autorestart": "true",
            "startsecs": str(STEADY),
            "startretries": "1000000",
            "stopwaitsecs": str(CHILD_STOPS_WITHIN),
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": str(self._logs / f"{process.name}.log"),
            "stdout_logfile_maxbytes": LOG_BYTES,
            "stdout_logfile_backups": "2",
        }


def _section(name: str, values: Mapping[str, str]) -> str:
    """Supervisord reads `%` as the beginning of a variable."""
    lines = (f"{key}={value.replace('%', '%%')}\n" for key, value in values.items())
    return f"[{name}]\n{''.join(lines)}"
