"""How gunicorn serves the web: one process whose sockets one thread owns.

The address is on the command line: see Procfile.
"""

import gc
import signal
import sys
from types import FrameType
from typing import Any

from gunicorn.workers import gthread

worker_class = "webapp.server.Worker"  # gthread, but no client is waited for
# One, in the open: hosts that set WEB_CONCURRENCY would start several, and one carries
# some thousand browsers. With more, each has the threads, connections and open files
# named here for itself. Wrong keys, handshakes and WebSockets are counted over all of
# them together while they share a Redis; without one, each counts its own.
workers = 1
threads = 16  # requests at once; an open WebSocket holds none of them
worker_connections = 1000
keepalive = 100  # seconds: more than the 90 that routers in front keep theirs
graceful_timeout = 2  # seconds; a worker leaves before: see webapp/start.py
timeout = 60
max_requests = 0  # a worker that retires would throw its sockets out
accesslog = None  # an address in a log may hold a ticket
control_socket_disable = True
# Who may say that a request came over https is TRUSTED_PROXY_HOPS' matter alone.
forwarded_allow_ips = ""

# A stopping worker would wait for 2 s on kept-alive connections, so every restart
# would take as long. Half a second is enough for a request on its way.
if hasattr(gthread, "STOP_KEEPALIVE_LINGER"):
    gthread.STOP_KEEPALIVE_LINGER = 0.5


def on_starting(server: Any) -> None:
    """Refuse what the live feed cannot work with, and settings that are wrong."""
    from webapp.start import StartRefused, check_start

    try:
        check_start(
            server.cfg.worker_class_str,
            tls=server.cfg.is_ssl,
            connections=server.cfg.worker_connections,
        )
    except StartRefused as error:
        sys.exit(str(error))
    # What was imported for that is there for good. Looked through at the end, it would
    # keep the master for another half a second.
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Start the live feed and the watch; at the end say goodbye to clients at once."""
    from webapp.start import leave_in_time, live_of, watch_of

    live = live_of(worker.wsgi)
    ask_to_leave = leave_in_time()

    def end_by(number: int) -> None:
        before = signal.getsignal(number)

        def leave(number: int, frame: FrameType | None) -> None:
            ask_to_leave()
            live.hub.close_all()
            if callable(before):
                before(number, frame)

        signal.signal(number, leave)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        end_by(number)
    live.start()
    watch_of(worker.wsgi).start()


def worker_exit(_server: Any, worker: Any) -> None:
    """Wait for the last goodbyes to be out."""
    from webapp.start import live_of, watch_of

    if getattr(worker, "wsgi", None) is not None:
        watch_of(worker.wsgi).stop()
        live_of(worker.wsgi).stop()
