"""Taking a socket out of the hands of the web server.

flask-sock has routed the request and shaken hands; from here on the socket belongs to
the hub's one thread. The server keeps its own socket object, which it will shut down
and close as after any request, so that object is left with a dead stand-in: `dup2`
puts one end of a closed pair under its file number. It works where the server hands
out a plain socket that it reads with a thread: gunicorn's gthread and sync workers
and werkzeug.
"""

import os
import socket
import ssl
from collections.abc import Mapping
from typing import Any

# What waits in the kernel for a slow reader is already old. With the default of some
# megabytes the hub would never notice that a client lags, and could not merge.
SEND_BUFFER = 64 * 1024  # bytes


class CannotAdopt(Exception):
    """This server's sockets cannot be taken over; the text says why."""


def socket_of(environ: Mapping[str, Any]) -> socket.socket:
    """Return the socket of a request.

    Raises:
        CannotAdopt: the server hides it, or it is not a plain one.
    """
    found = environ.get("werkzeug.socket") or environ.get("gunicorn.socket")
    if isinstance(found, ssl.SSLSocket):
        raise CannotAdopt(
            "This server speaks TLS itself, and its sockets cannot be handed over. "
            "Let a proxy in front speak TLS, and set PUBLIC_URL and TRUSTED_PROXY_HOPS."
        )
    if not isinstance(found, socket.socket) or type(found) is not socket.socket:
        raise CannotAdopt(
            "This server does not give out a plain socket, so there can be no live "
            "feed. Start the web with `gunicorn -c gunicorn.conf.py`."
        )
    return found


def take_over(sock: socket.socket) -> socket.socket:
    """Return the connection as a socket of our own; `sock` is dead afterwards."""
    ours = socket.socket(fileno=os.dup(sock.fileno()))
    try:
        stand_in, other = socket.socketpair()
        with stand_in, other:
            os.dup2(stand_in.fileno(), sock.fileno(), inheritable=False)
        ours.settimeout(0)
        if ours.family in {socket.AF_INET, socket.AF_INET6}:
            ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    except OSError:
        ours.close()
        raise
    return ours


class NoThread:
    """In place of the library's reading thread: the hub reads."""

    name = "(_thread)"  # the library edits it

    def __init__(self, *_args: object, **_options: object) -> None:
        pass

    def start(self) -> None:
        pass
