"""What serves the clients of live.py: our web behind Celery, and the floor.

Both are told the same: event `k` is the next message of account `k % accounts + 1`.
The floor is `websockets.broadcast` of frames of the same size, which it makes itself:
below that no Python server could be.
"""

import asyncio
import json
import logging
import os
import resource
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

import psutil
import websockets
from celery import Celery
from cryptography.fernet import Fernet
from websockets.asyncio.server import broadcast

from benchmarks.databases import fill
from benchmarks.other_process import OtherProcess
from mailbeat.db import accounts, runs
from mailbeat.db.schema import migrate
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.labeling.progress import Progress, RunState, RunStep
from tasks.events import event_fields, event_type
from tests.servers import process
from tests.servers.redis import RedisServer

ROOT = Path(__file__).parents[1]
TOTAL = 1_000_000  # messages of each run; `current` tells the events apart
BESIDE = 60  # places beside those of the clients


@dataclass(frozen=True, slots=True)
class Server:
    """Something that serves the feed on loopback; `publisher` has a `publish`."""

    port: int
    key: str
    processes: Sequence[psutil.Process]
    publisher: OtherProcess
    beside: Sequence[psutil.Process] = ()  # the broker and so on


@dataclass(frozen=True, slots=True)
class Web:
    """Our web as gunicorn runs it."""

    child: subprocess.Popen[bytes]
    port: int
    key: str
    database: str = ""  # its URL
    secret: str = ""  # that its passwords are encrypted with

    @property
    def processes(self) -> list[psutil.Process]:
        master = psutil.Process(self.child.pid)
        return [master, *master.children(recursive=True)]


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    server = RedisServer(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


@contextmanager
def web(
    folder: Path,
    redis_url: str,
    *,
    clients: int,
    count: int,
    run_ids: Sequence[str],
    url: str | None = None,
    secret: str = "",
) -> Iterator[Web]:
    """Gunicorn as in the Procfile, with `count` accounts of which the first run.

    With a `url` it is on that database, as that is; `secret` encrypts its passwords.
    """
    port, api_key = process.free_port(), token_urlsafe(24)
    secret = secret or Fernet.generate_key().decode()
    if url is None:
        url = f"sqlite:///{folder}/{uuid4()}.db"
        migrate(url)
        now = datetime.now(UTC)
        later = now + timedelta(hours=1)
        fill(
            url, count, secret_key=secret, port=1, now=now, next_run_at=lambda _n: later
        )
        start_runs(url, secret, run_ids)
    environment = {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "MAILBEAT_SECRET_KEYS": secret,
        "MAILBEAT_API_KEY": api_key,
        "WS_MAX_CLIENTS": str(clients + BESIDE),
        "WS_MAX_CLIENTS_PER_KEY": str(clients + BESIDE),
        "LOG_LEVEL": "error",
    }
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"),
            *("--log-level", "error", "--bind", f"127.0.0.1:{port}"),
            "webapp:create_app()",
        ],
        cwd=ROOT,
        env=os.environ | environment,
    )
    try:
        process.wait_for_port(server, port)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20):
            pass  # the worker was forked, and not only its master listens
        yield Web(server, port, api_key, url, secret)
    finally:
        process.stop(server)


def new_run_ids(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


def start_runs(url: str, secret: str, run_ids: Sequence[str]) -> None:
    """Have accounts run, as a worker would leave them."""
    engine = create_engine(url, secret_keys=[secret])
    now, ttl = datetime.now(UTC), timedelta(hours=1)
    with transaction(create_sessions(engine)) as session:
        for account_id, run_id in enumerate(run_ids, start=1):
            account = accounts.find_account(session, account_id)
            accounts.take_lease(session, account_id, run_id, now=now, ttl=ttl)
            runs.start_run(session, account, run_id, now=now)
    engine.dispose()


@contextmanager
def ours(
    folder: Path, sent: Any, *, clients: int, count: int, running: bool = True
) -> Iterator[Server]:
    """Our web and a publisher, on a Redis of their own; all accounts run, or none."""
    run_ids = new_run_ids(count if running else 0)
    with (
        redis_server(folder) as redis_url,
        web(folder, redis_url, clients=clients, count=count, run_ids=run_ids) as one,
    ):
        publisher = OtherProcess(Publisher, redis_url, run_ids, sent)
        me = psutil.Process()
        redis = [child for child in me.children() if child.name() == "redis-server"]
        try:
            yield Server(one.port, one.key, one.processes, publisher, redis)
        finally:
            publisher.end()


@contextmanager
def floor(
    sent: Any, *, count: int, frame_bytes: int, snapshot_bytes: int
) -> Iterator[Server]:
    server = OtherProcess(Floor, sent, count, frame_bytes, snapshot_bytes)
    try:
        port = server.call("start")
        yield Server(port, "none", [server.process], server)
    finally:
        server.end()


def steps(run_ids: list[str], first: int, number: int) -> Iterator[RunStep]:
    """Events `first` and so on, as a worker that labels tells them."""
    started = datetime.now(UTC)
    for k in range(first, first + number):
        which, current = k % len(run_ids), k // len(run_ids) + 1
        yield RunStep(
            run_id=run_ids[which],
            account_id=which + 1,
            seq=current + 1,
            started_at=started,
            at=datetime.now(UTC),
            progress=Progress(RunState.LABELING, found=TOTAL, processed=current),
        )


def newest_after(events: int, accounts: int) -> dict[int, int]:
    """What is then `current` of each account."""
    return {n + 1: (events - 1 - n) // accounts + 1 for n in range(accounts)}


def paced(number: int, rate: float) -> Iterator[int]:
    """0, 1, ... each when it is due."""
    begin = time.perf_counter()
    for k in range(number):
        pause = begin + k / rate - time.perf_counter()
        if pause > 0:
            time.sleep(pause)
        yield k


class Publisher:
    """Tells events through a dispatcher, as our reporter does."""

    def __init__(self, redis_url: str, run_ids: list[str], sent: Any) -> None:
        app = Celery("bench", broker=redis_url, set_as_current=False)
        self._dispatcher = app.events.Dispatcher(
            app.connection_for_write(), buffer_while_offline=False
        )
        self._run_ids, self._sent = run_ids, sent

    def publish(self, first: int, number: int, rate: float) -> float:
        """Publish events `first` and so on; returns the seconds that it took."""
        began = time.perf_counter()
        events = steps(self._run_ids, first, number)
        for k, step in zip(paced(number, rate), events, strict=True):
            self._sent[first + k] = time.perf_counter()
            self._dispatcher.send(event_type(step), **event_fields(step))
        return time.perf_counter() - began


class Floor:
    """The library's server, in an event loop that a thread owns."""

    def __init__(
        self, sent: Any, count: int, frame_bytes: int, snapshot_bytes: int
    ) -> None:
        self._sent, self._count = sent, count
        self._frame_bytes = frame_bytes
        self._snapshot = _padded({"type": "snapshot"}, snapshot_bytes)
        self._connected: set[websockets.ServerConnection] = set()
        self._loop = asyncio.new_event_loop()

    def start(self) -> int:
        """Serve, and return the port."""
        # When it is given up as too slow, frames for clients that left are still due.
        logging.getLogger("asyncio").setLevel(logging.ERROR)
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        return asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    async def _listen(self) -> int:
        # Many come at once, as they may to gunicorn.
        server = await websockets.serve(
            self._serve,
            *("127.0.0.1", 0),
            compression=None,
            ping_interval=None,
            backlog=2048,
        )
        return int(next(iter(server.sockets)).getsockname()[1])

    async def _serve(self, client: websockets.ServerConnection) -> None:
        await client.send(self._snapshot)
        self._connected.add(client)
        await client.wait_closed()
        self._connected.discard(client)

    def publish(self, first: int, number: int, rate: float) -> float:
        """As the other's; an event waits for the loop as if it came from elsewhere."""
        began = time.perf_counter()
        for k in paced(number, rate):
            text = self._frame(first + k)
            self._sent[first + k] = time.perf_counter()
            self._loop.call_soon_threadsafe(broadcast, self._connected, text)
        return time.perf_counter() - began

    def _frame(self, k: int) -> str:
        data = {
            "account_id": k % self._count + 1,
            "email_address": "",
            "progress": {"current": k // self._count + 1},
        }
        return _padded({"type": "status_update", "data": data}, self._frame_bytes)


def _padded(frame: dict[str, Any], size: int) -> str:
    bare = len(json.dumps(frame | {"filler": ""}, separators=(",", ":")))
    padded = frame | {"filler": "x" * max(0, size - bare)}
    return json.dumps(padded, separators=(",", ":"))
