"""Processes that pytest-celery takes for Docker containers.

Its nodes ask a container for a few things only: attrs, id, name, status, logs, and to
be killed and restarted. A process can do all of that, without Docker.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

STARTS_WITHIN = 60.0  # seconds


class ProcessContainer:
    """Looks like `docker.models.containers.Container` to pytest-celery."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        directory: Path,
        ready: str,
    ) -> None:
        self.id = uuid4().hex
        self.name = f"{Path(command[0]).name}-{self.id[:6]}"
        self.attrs: dict[str, Any] = {
            "Config": {"Hostname": "127.0.0.1", "Env": []},
            "NetworkSettings": {"Networks": {}, "Ports": {}},
            "HostConfig": {"PortBindings": {}},
        }
        self._command, self._env, self._ready = list(command), dict(env), ready
        self._log = directory / f"{self.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command,
                env=os.environ | self._env,
                cwd=Path(__file__).parents[2],
                stdout=log,
                stderr=log,
            )
        self._wait_for(self._ready)

    @property
    def status(self) -> str:
        return "running" if self._running().poll() is None else "exited"

    def reload(self) -> None:
        self._running().poll()

    def logs(self, **_: Any) -> bytes:
        return self._log.read_bytes()

    def kill(self, signal: str | int | None = "SIGKILL") -> None:  # Docker's name
        number = _number(signal)
        self._running().send_signal(number)
        if number == 9:
            self._running().wait(10)

    def stop(self, timeout: float = 10) -> None:
        process = self._running()
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)

    def restart(self, timeout: float = 10) -> None:
        self.stop(timeout)
        self.start()

    def wait(self, timeout: float = 20) -> int:
        """Wait for its end and return its exit code."""
        return self._running().wait(timeout)

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None
        return self.process

    def _wait_for(self, text: str) -> None:
        pause = threading.Event()
        for _ in range(int(STARTS_WITHIN / 0.02)):
            if text.encode() in self.logs():
                return
            if self.status == "exited":
                break
            pause.wait(0.02)
        raise RuntimeError(f"{self.name} never said {text!r}: {self.logs()[-2000:]!r}")


def _number(name: str | int | None) -> int:
    if isinstance(name, str):
        return int(getattr(signal, name))
    return int(name or signal.SIGKILL)
