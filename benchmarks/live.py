"""From an event on Celery's stream to the frame at each of 50 clients.

    python benchmarks/live.py [--clients 50] [--rate 100] [--seconds 5]

Real parts: Redis, Celery's event dispatcher, gunicorn with our receiver, board and hub.
The floor in the same run is `websockets.broadcast` of frames of the same size, without
Celery: below that no Python server could be.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from uuid import uuid4

import websockets
from celery import Celery
from cryptography.fernet import Fernet
from websockets.asyncio.server import broadcast

from mailbeat.db import accounts, runs
from mailbeat.db.schema import migrate
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.labeling.progress import Progress, RunState, RunStep
from mailbeat.mail.mailbox import Security
from tasks.events import event_fields, event_type
from tests.servers import process
from tests.servers.redis import RedisServer

ROOT = Path(__file__).parents[1]
ACCOUNTS = 20
TOTAL = 1_000_000  # messages of each run; `current` tells the events apart


@dataclass
class Times:
    """Seconds from sending to receiving, of all clients."""

    sent: dict[tuple[int, int], float] = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)
    events: int = 0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.taken)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def running_accounts(url: str, key: str) -> list[str]:
    """Accounts that are being run, as a worker would leave them; their runs' ids."""
    migrate(url)
    engine = create_engine(url, secret_keys=[key])
    now, run_ids = datetime.now(UTC), []
    with transaction(create_sessions(engine)) as session:
        for n in range(ACCOUNTS):
            address = f"bench{n}@example.org"
            new = accounts.NewAccount(
                address, "imap.example.org", 993, Security.TLS, address, "none"
            )
            account = accounts.add_account(session, new, now=now)
            run_ids.append(str(uuid4()))
            accounts.take_lease(
                session, account.id, run_ids[-1], now=now, ttl=timedelta(hours=1)
            )
            runs.start_run(session, account, run_ids[-1], now=now)
    engine.dispose()
    return run_ids


@contextmanager
def web(folder: Path, redis_url: str, clients: int) -> Iterator[tuple[int, str, list]]:
    """Gunicorn as in the Procfile; yields its port, a key, and the runs' ids."""
    port, api_key = process.free_port(), token_urlsafe(24)
    secret = Fernet.generate_key().decode()
    url = f"sqlite:///{folder}/bench.db"
    run_ids = running_accounts(url, secret)
    environment = {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "MAILBEAT_SECRET_KEYS": secret,
        "MAILBEAT_API_KEY": api_key,
        "WS_MAX_CLIENTS": str(clients),
        "WS_MAX_CLIENTS_PER_KEY": str(clients),
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
        yield port, api_key, run_ids
    finally:
        process.stop(server)


def publish(redis_url: str, run_ids: list[str], times: Times, *, rate: float, n: int):
    """Send `n` events at `rate` a second, through a dispatcher as our reporter's."""
    app = Celery("bench", broker=redis_url)
    started = datetime.now(UTC)
    with app.connection_for_write() as connection:
        dispatcher = app.events.Dispatcher(connection, buffer_while_offline=False)
        begin = time.perf_counter()
        for k in range(n):
            which, current = k % ACCOUNTS, k // ACCOUNTS + 1
            step = RunStep(
                run_id=run_ids[which],
                account_id=which + 1,
                seq=current + 1,
                started_at=started,
                at=datetime.now(UTC),
                progress=Progress(RunState.LABELING, found=TOTAL, processed=current),
            )
            pause = begin + k / rate - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            times.sent[which + 1, current] = time.perf_counter()
            dispatcher.send(event_type(step), **event_fields(step))
    times.events = n


async def listen(socket: websockets.ClientConnection, times: Times) -> None:
    async for text in socket:
        now = time.perf_counter()
        frame = json.loads(text)
        data = frame.get("data")
        if frame["type"] == "status_update" and data and data["progress"]:
            sent = times.sent.get((data["account_id"], data["progress"]["current"]))
            if sent is not None:
                times.taken.append(now - sent)


async def measure_ours(clients: int, rate: float, n: int, folder: Path) -> Times:
    redis = RedisServer(folder)
    redis.start()
    times = Times()
    try:
        with web(folder, redis.url, clients) as (port, key, run_ids):
            sockets = [
                await websockets.connect(
                    f"ws://127.0.0.1:{port}/ws/status",
                    additional_headers={"X-API-Key": key},
                    compression=None,
                )
                for _ in range(clients)
            ]
            readers = [asyncio.create_task(listen(one, times)) for one in sockets]
            await asyncio.sleep(1.5)  # the receiver subscribes meanwhile
            await asyncio.to_thread(publish, redis.url, run_ids, times, rate=rate, n=n)
            await asyncio.sleep(0.5)
            for one in sockets:
                await one.close()
            await asyncio.gather(*readers, return_exceptions=True)
    finally:
        redis.stop()
    return times


async def measure_floor(clients: int, rate: float, n: int) -> Times:
    times, connected = Times(), set()

    async def serve(socket: websockets.ServerConnection) -> None:
        connected.add(socket)
        await socket.wait_closed()

    async with websockets.serve(serve, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        sockets = [
            await websockets.connect(f"ws://127.0.0.1:{port}", compression=None)
            for _ in range(clients)
        ]
        readers = [asyncio.create_task(listen(one, times)) for one in sockets]
        begin = time.perf_counter()
        for k in range(n):
            account, current = k % ACCOUNTS + 1, k // ACCOUNTS + 1
            data = {"account_id": account, "progress": {"current": current}}
            frame = {"type": "status_update", "data": data, "filler": "x" * 380}
            await asyncio.sleep(max(begin + k / rate - time.perf_counter(), 0))
            times.sent[account, current] = time.perf_counter()
            broadcast(connected, json.dumps(frame))
        await asyncio.sleep(0.5)
        for one in sockets:
            await one.close()
        await asyncio.gather(*readers, return_exceptions=True)
    times.events = n
    return times


def main(clients: int, rate: float, seconds: float) -> None:
    n = int(rate * seconds)
    with tempfile.TemporaryDirectory() as name:
        ours = asyncio.run(measure_ours(clients, rate, n, Path(name)))
    floor = asyncio.run(measure_floor(clients, rate, n))
    print(f"machine: {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{clients} clients, {ACCOUNTS} accounts, {rate:.0f} events/s, {n} events")
    print("                          p50 ms   p99 ms   frames at clients")
    for title, times in (
        ("ours, through Celery", ours),
        ("websockets.broadcast", floor),
    ):
        share = len(times.taken) / (times.events * clients)
        p50, p99 = times.percentile(0.5), times.percentile(0.99)
        print(f"  {title:22} {p50:7.1f}  {p99:7.1f}   {100 * share:5.1f} % of events")
    ratios = [ours.percentile(s) / floor.percentile(s) for s in (0.5, 0.99)]
    print(f"  ratio                  {ratios[0]:7.1f}  {ratios[1]:7.1f}")
    print("  aim: p50 10 ms, p99 50 ms; the specification allows 2000 ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    main(options.clients, options.rate, options.seconds)
