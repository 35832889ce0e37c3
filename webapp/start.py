"""What gunicorn asks of the web when it starts and stops: see gunicorn.conf.py."""

import os
import resource
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue

from flask import Flask

from mailbeat.alerts.watch import Watch
from mailbeat.settings import SettingsError
from webapp.live.feed import Live
from webapp.parts import parts_of

# A request on its way gets its answer within this time. What has none by then waits
# for a database that hangs, and would hold the process for as long.
LEAVE_AFTER = 1.2  # seconds
WORKER = "webapp.server.Worker"
# Files that a web process opens beside its sockets: database, broker, Redis, logs, and
# two for each socket that is just being taken over.
BESIDE = 200


class StartRefused(Exception):
    """The text says what is wrong and what to do."""


def check_start(worker_class: str, *, tls: bool, connections: int = 0) -> None:
    """Try, before any worker is forked, what would fail in each of them.

    `connections`: how many the server keeps open beside the WebSockets.

    Raises:
        StartRefused: the server cannot carry the live feed, or a setting is wrong.
    """
    if worker_class != WORKER:
        raise StartRefused(
            f"gunicorn's worker class is {worker_class!r}, which cannot hand sockets "
            "over to the live feed, or lets slow clients hold it up. Use our kind of "
            f"gthread, {WORKER}, as gunicorn.conf.py does."
        )
    if tls:
        raise StartRefused(
            "gunicorn speaks TLS itself, and cannot hand such sockets over to the live "
            "feed. Let a proxy in front speak TLS, and set PUBLIC_URL and "
            "TRUSTED_PROXY_HOPS."
        )
    from webapp import create_app

    try:
        app = create_app()
    except SettingsError as error:
        raise StartRefused(str(error)) from None
    parts_of(app).engine.dispose()
    allow_files(parts_of(app).settings.ws_max_clients, connections)


def allow_files(sockets: int, connections: int) -> None:
    """Let this process and its children open as many files as they may need.

    Raises:
        StartRefused: the system does not allow so many WebSockets.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if hard != unlimited and sockets + BESIDE > hard:
        raise StartRefused(
            f"WS_MAX_CLIENTS={sockets} needs {sockets + BESIDE} open files, and this "
            f"system allows {hard}. Raise the limit (ulimit -Hn, LimitNOFILE= of "
            f"systemd, --ulimit nofile= of a container), or set WS_MAX_CLIENTS to "
            f"{max(1, hard - BESIDE)} at most."
        )
    wanted = sockets + connections + BESIDE
    if hard != unlimited:
        wanted = min(wanted, hard)
    if soft != unlimited and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def live_of(app: object) -> Live:
    """The feed of an app that gunicorn has loaded."""
    assert isinstance(app, Flask)  # noqa: S101 # create_app() returns one
    return parts_of(app).live


def watch_of(app: object) -> Watch:
    """The watch of an app that gunicorn has loaded."""
    assert isinstance(app, Flask)  # noqa: S101 # create_app() returns one
    return parts_of(app).watch


def leave_in_time() -> Callable[[], None]:
    """Return what ends this process, `LEAVE_AFTER` its call.

    It may be called by a signal's handler, and twice. The thread that ends the process
    waits from now on: one that a handler starts can lock the process for ever.
    """
    asked: SimpleQueue[None] = SimpleQueue()  # put() is safe where Event.set() is not
    threading.Thread(target=_leave, args=(asked,), name="stopping", daemon=True).start()
    return partial(asked.put, None)


def _leave(asked: SimpleQueue[None]) -> None:
    asked.get()
    threading.Event().wait(LEAVE_AFTER)
    os._exit(0)
