"""The web is gone within 2 s of SIGTERM, whatever its requests wait for."""

import os
import signal
import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mailbeat.db.session import create_engine, create_sessions, transaction
from tests.servers.dashboard import Dashboard

ENDS_WITHIN = 2  # seconds


def master_alone(master):
    return [master]


def everybody(master):
    """As a Procfile host does it, which signals the process group."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text()
    return [master, *map(int, children.split())]


@contextmanager
def ending(dashboard, signalled=master_alone, number=signal.SIGTERM):
    """Signal the web, and see to it that it ends in time, and well."""
    began = time.monotonic()
    for pid in signalled(dashboard._process.pid):
        os.kill(pid, number)
    yield
    code = dashboard._process.wait(30)
    assert time.monotonic() - began < ENDS_WITHIN
    assert code == 0


@contextmanager
def writing(dashboard):
    """A request that writes: the web has begun with it when the block begins."""
    with socket.create_connection(("127.0.0.1", dashboard.port), timeout=10) as sock:
        sock.sendall(
            b"POST /api/processing/pause HTTP/1.1\r\nHost: x\r\n"
            b"Content-Type: application/json\r\nContent-Length: 2\r\n"
            b"Expect: 100-continue\r\n"
            b"X-API-Key: " + dashboard.key.encode() + b"\r\n\r\n"
        )
        assert sock.recv(100).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"{}")
        yield sock


@contextmanager
def on_sqlite(request):
    """A web, and what makes its database hang."""
    make, url = map(request.getfixturevalue, ("make_dashboard", "redis_url"))
    dashboard = make(url)
    dashboard.start()
    yield dashboard, transaction(dashboard.sessions)
    dashboard.stop()


@contextmanager
def on_postgres(request):
    names = ("postgres_url", "redis_url", "secret_keys")
    url, redis_url, keys = map(request.getfixturevalue, names)
    engine = create_engine(url, secret_keys=keys)
    dashboard = Dashboard(
        sessions=create_sessions(engine),
        redis_url=redis_url,
        DATABASE_URL=url,
        MAILBEAT_SECRET_KEYS=",".join(keys),
    )
    dashboard.start()
    yield dashboard, paused(request.getfixturevalue("postgres_server"))
    dashboard.stop()
    engine.dispose()


@contextmanager
def paused(server):
    server.pause()
    try:
        yield
    finally:
        server.resume()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("signalled", [master_alone, everybody])
@pytest.mark.parametrize("database", [on_sqlite, on_postgres])
def test_a_request_that_hangs_on_the_database_does_not_hold_the_web(
    request, listen, database, signalled, number
):
    with ExitStack() as stack:
        dashboard, hang = stack.enter_context(database(request))
        browsers = [listen(dashboard) for _ in range(3)]
        for browser in browsers:
            browser.welcome()
        stack.enter_context(hang)
        stack.enter_context(writing(dashboard))

        with ending(dashboard, signalled, number):
            codes = {browser.close_code() for browser in browsers}

    assert codes == {1001}


def test_a_request_that_takes_less_than_a_second_gets_its_answer(request):
    with ExitStack() as stack:
        dashboard, lock = stack.enter_context(on_sqlite(request))
        held = stack.enter_context(ExitStack())
        held.enter_context(lock)
        asked = stack.enter_context(writing(dashboard))

        with ending(dashboard):
            threading.Timer(0.6, held.close).start()
            answer = asked.recv(100)

    assert answer.startswith(b"HTTP/1.1 200 ")
