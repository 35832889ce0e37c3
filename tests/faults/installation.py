"""The whole product as real processes, each of which can be killed at any time."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from secrets import token_urlsafe

import redis
import sqlalchemy as sa
from cryptography.fernet import Fernet

from mailbeat.db.accounts import NewAccount, add_account, next_slot
from mailbeat.db.schema import migrate
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.demo.processes import procfile
from mailbeat.mail.mailbox import Security
from tests.faults.records import Stop
from tests.servers import process
from tests.servers.gate import Gate
from tests.servers.imap import IMAPServer
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer

ROOT = Path(__file__).parents[2]
WORKERS = ("worker-1", "worker-2")
BEATS = ("beat-1", "beat-2")
NAMES = ("web", *WORKERS, *BEATS)
LATENCY = 0.2  # seconds that the mail server takes for each answer
STOPS_WITHIN = 30.0  # seconds; then a process that was asked to stop is killed


class SQLite:
    """A database that hangs because somebody holds its write lock."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "mailbeat.db"
        self.url = f"sqlite:///{self._path}"
        self._holder: sqlite3.Connection | None = None

    def pause(self) -> None:
        self._holder = sqlite3.connect(
            self._path, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._holder.execute("BEGIN IMMEDIATE")

    def resume(self) -> None:
        if self._holder is not None:
            self._holder.close()
            self._holder = None

    def stop(self) -> None:
        self.resume()


class Postgres:
    def __init__(self, folder: Path) -> None:
        self._server = PostgresServer(folder / "postgres")
        self.url = self._server.new_database()
        self.pause = self._server.pause
        self.resume = self._server.resume
        self.crash = self._server.crash

    def cut(self) -> None:
        """End every connection but our own."""
        engine = sa.create_engine(self.url)
        with engine.connect() as connection:
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        engine.dispose()

    def stop(self) -> None:
        self.resume()
        self._server.stop()


class Installation:
    """Servers, accounts and processes in a folder."""

    def __init__(
        self, folder: Path, database: str, *, accounts: int, interval: int
    ) -> None:
        self.folder = folder
        self.interval = interval
        self.key = token_urlsafe(24)
        self.database = SQLite(folder) if database == "sqlite" else Postgres(folder)
        (folder / "redis").mkdir()
        self.redis = RedisServer(folder / "redis", keeps=True)
        self.mail = IMAPServer()
        self.mail.start()
        self.gate = Gate(self.mail.port, latency=LATENCY)
        self.redis.start()
        migrate(self.database.url)
        secret = Fernet.generate_key().decode()
        self.engine = create_engine(self.database.url, secret_keys=[secret])
        self.sessions = create_sessions(self.engine)
        self.port = process.free_port()
        self._environment = {
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.redis.url,
            "MAILBEAT_SECRET_KEYS": secret,
            "MAILBEAT_API_KEY": self.key,
            "IMAP_ALLOWED_NETWORKS": str(ip_network("127.0.0.0/8")),
            "BACKGROUND_SCAN_INTERVAL": str(interval),
            "BACKGROUND_PROCESS_HOURS": "24",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "LOG_FORMAT": "json",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        }
        self._commands = procfile(ROOT)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.addresses = self._add_accounts(accounts)

    def _add_accounts(self, number: int) -> dict[int, str]:
        addresses = {}
        now = datetime.now(UTC)
        with transaction(self.sessions) as session:
            for n in range(number):
                address = f"user{n}@example.org"
                self.mail.add_user(address)
                account = add_account(session, self._account(address), now=now)
                account.next_run_at = next_slot(account.id, self.interval, now)
                addresses[account.id] = address
        return addresses

    def _account(self, address: str) -> NewAccount:
        return NewAccount(
            email_address=address,
            host="127.0.0.1",
            port=self.gate.port,
            security=Security.NONE,
            username=address,
            password=self.mail.passwords[address],
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # Processes

    def start(self, *names: str) -> None:
        """Start processes, unless they run; each is a group of its own."""
        for name in names:
            running = self._processes.get(name)
            if running is not None and running.poll() is None:
                continue
            kind = name.partition("-")[0]
            command = self._commands[kind]
            if kind == "worker":  # both are on one host here
                command += f" -n {name}@%h"
            with (self.folder / f"{name}.log").open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    ["/bin/sh", "-c", command],
                    cwd=ROOT,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def wait_until_up(self) -> None:
        """Return when the web and the workers have come up."""
        process.wait_for_port(self._processes["web"], self.port)
        for name in WORKERS:
            log, end = self.folder / f"{name}.log", time.monotonic() + 30
            while b" ready." not in log.read_bytes():
                if time.monotonic() > end:
                    raise RuntimeError(f"{name} never was ready; see {log}")
                time.sleep(0.05)

    def kill(self, *names: str) -> None:
        self.signal(signal.SIGKILL, *names)
        for name in names:
            self._processes[name].wait(10)

    def signal(self, number: int, *names: str) -> None:
        """Signal the whole group of each process, as hosts do."""
        for name in names:
            if self._processes[name].poll() is None:
                os.killpg(self._processes[name].pid, number)

    def is_running(self, name: str) -> bool:
        return self._processes[name].poll() is None

    def terminate(self, *names: str) -> list[Stop]:
        """SIGTERM to all at once; how each of them ended.

        But for those that were only just started: Python itself cannot hear it yet.
        """
        running = [name for name in names if self.is_running(name)]
        hearing = {name for name in running if self._hears(name, signal.SIGTERM)}
        began = time.monotonic()
        self.signal(signal.SIGTERM, *running)
        found: dict[str, Stop] = {}
        while len(found) < len(running):
            seconds = time.monotonic() - began
            for name in running:
                code = self._processes[name].poll()
                if name not in found and code is not None:
                    found[name] = Stop(name, code, seconds)
            if seconds > STOPS_WITHIN:
                late = [name for name in running if name not in found]
                self.kill(*late)
                found |= {name: Stop(name, None, seconds) for name in late}
            time.sleep(0.01)
        return [stop for stop in found.values() if stop.name in hearing]

    def _hears(self, name: str, number: int) -> bool:
        """Whether a process has a handler for a signal."""
        status = Path(f"/proc/{self._processes[name].pid}/status").read_text()
        (caught,) = re.findall(r"^SigCgt:\s*([0-9a-f]+)$", status, re.MULTILINE)
        return bool(int(caught, 16) >> (number - 1) & 1)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `mailbeat` on this installation."""
        program = "from mailbeat.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", program, *words],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    # Servers

    def cut_redis(self) -> None:
        with redis.Redis.from_url(self.redis.url) as client:
            for kind in ("pubsub", "normal"):
                client.client_kill_filter(_type=kind, skipme=True)

    def end(self, names: Sequence[str] = NAMES) -> None:
        """Kill what still runs, and the servers."""
        for name in names:
            if name in self._processes and self.is_running(name):
                self.kill(name)
        self.engine.dispose()
        self.gate.end()
        self.mail.stop()
        self.redis.stop()
        with suppress(OSError):
            self.database.stop()
