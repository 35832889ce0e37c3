"""What telling the world costs a run: 500 messages with and without reporting.

    python benchmarks/overhead.py [--messages 500] [--rounds 5]

Real parts: pymap as the mail server, SQLite, Redis, our reporter. Both kinds of run
alternate over the same mailbox, whose ledger is emptied before each.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from celery import Celery
from cryptography.fernet import Fernet

from mailbeat.db import accounts
from mailbeat.db.models import MailboxState, MessageRow
from mailbeat.db.schema import migrate
from mailbeat.db.session import Sessions, create_engine, create_sessions, transaction
from mailbeat.lease import LeaseKeeper
from mailbeat.mail.mailbox import Security
from mailbeat.run import RunOptions, run_account
from tasks.reporter import Reporter
from tests.servers.imap import LOOPBACK, IMAPServer
from tests.servers.redis import RedisServer

ADDRESS = "bench@example.org"
OPTIONS = RunOptions(
    scan_interval=300, process_hours=24, deadline=600, allowed_networks=LOOPBACK
)


def message(n: int) -> bytes:
    return (
        f"From: Corner Shop <shop@corner.example.com>\r\nTo: {ADDRESS}\r\n"
        f"Subject: Your order no. {n} and its invoice\r\n"
        f"Message-ID: <order-{n}@corner.example.com>\r\n\r\n"
        f"Thank you for your order. Total paid: {n}.50 EUR.\r\n"
    ).encode()


@contextmanager
def mail_server(messages: int) -> Iterator[IMAPServer]:
    server = IMAPServer()
    server.start()
    server.add_user(ADDRESS)
    with server.client(ADDRESS) as client:
        for start in range(0, messages, 100):
            part = range(start, min(start + 100, messages))
            client.multiappend("INBOX", [message(n) for n in part])
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def installation(folder: Path, server: IMAPServer) -> Iterator[tuple[Sessions, int]]:
    url = f"sqlite:///{folder}/bench.db"
    migrate(url)
    engine = create_engine(url, secret_keys=[Fernet.generate_key().decode()])
    sessions = create_sessions(engine)
    new = accounts.NewAccount(
        email_address=ADDRESS,
        host=server.host,
        port=server.port,
        security=Security.NONE,
        username=ADDRESS,
        password=server.passwords[ADDRESS],
    )
    with transaction(sessions) as session:
        account_id = accounts.add_account(session, new, now=datetime.now(UTC)).id
    yield sessions, account_id
    engine.dispose()


def one_run(
    sessions: Sessions, account_id: int, leases: LeaseKeeper, reporter: Reporter | None
) -> tuple[float, int]:
    """Run over all messages; return the seconds and the messages labelled."""
    with transaction(sessions) as session:
        session.execute(sa.delete(MessageRow))
        session.execute(sa.delete(MailboxState))
    began = time.perf_counter()
    steps = run_account(
        sessions, account_id, str(uuid4()), options=OPTIONS, leases=leases
    )
    labeled = 0
    for step in steps:
        if reporter is not None:
            reporter.publish(step, hostname="celery@bench")
        labeled = step.progress.labeled
    return time.perf_counter() - began, labeled


def measure(messages: int, rounds: int) -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        mail_server(messages) as server,
        installation(Path(name), server) as (sessions, account_id),
    ):
        redis = RedisServer(Path(name))
        redis.start()
        app = Celery("bench", broker=redis.url, backend=redis.url)
        reporter = Reporter(app)
        leases = LeaseKeeper(sessions)
        one_run(sessions, account_id, leases, reporter)  # warm
        without, reported = [], []
        for _ in range(rounds):
            for times, told in ((without, None), (reported, reporter)):
                seconds, labeled = one_run(sessions, account_id, leases, told)
                if labeled != messages:
                    raise SystemExit(f"only {labeled} of {messages} were labelled")
                times.append(seconds)
        reporter.close()
        leases.close()
        redis.stop()
    floor, told = statistics.median(without), statistics.median(reported)
    print(f"machine: {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"a run of {messages} messages, median of {rounds}, in seconds")
    print(f"  without reporting  {floor:.3f}  ({messages / floor:.0f} messages/s)")
    print(f"  with reporting     {told:.3f}  ({messages / told:.0f} messages/s)")
    spread = (max(without) - min(without)) / floor
    print(f"  overhead           {100 * (told / floor - 1):+.1f} %  (aim: within 1 %;")
    print(f"                     the runs without differ by {100 * spread:.1f} %)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    measure(options.messages, options.rounds)
