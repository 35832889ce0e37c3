"""gunicorn's worker: no client can hold one of its threads by being slow.

gunicorn's own gives a connection to a thread as soon as a byte has come, and the thread
then waits for the rest without limit: as many half requests as there are threads, and
nobody else is served. Here the poller takes in the whole request, and the thread gets
it when it is there; nothing that a thread does reads from a socket.
"""

import errno
import math
import socket
import time
from collections import Counter
from contextlib import suppress
from enum import Enum
from functools import partial
from http import HTTPStatus
from secrets import token_hex
from selectors import EVENT_READ
from typing import Any

import structlog
from flask import Flask
from gunicorn.http import (  # type: ignore[import-untyped] # gunicorn has no types
    RequestParser,
    errors,
)
from gunicorn.workers import gthread  # type: ignore[import-untyped] # as above

from webapp.framing import Framing, TooLarge
from webapp.parts import parts_of
from webapp.security import HEADERS, STAY_ON_HTTPS

HEAD_WITHIN = 10.0  # seconds from the first byte, or the connection, to the blank line
REQUEST_WITHIN = 30.0  # seconds from the first byte to the last of the body
ANSWER_WITHIN = 30.0  # seconds from then to the last byte that the client takes
# The one long answer: everything as a file, for an admin only. Whoever may not have it
# gets a short one, and holds no thread by being slow.
EXPORT = "/settings/export"  # webapp/dashboard/export_page.py
EXPORT_WITHIN = 900.0  # seconds
LEAVE_WITHIN = 2.0  # seconds for the client to close after us
LOOK_EVERY = 0.25  # seconds between two looks for who is overdue
TELL_EVERY = 1.0  # seconds between two log lines of closing connections for others
READ = 64 * 1024  # bytes at once
MAX_DRAINED = 1024 * 1024  # bytes that are thrown away after the answer
# What fits in here is sent at once, and no thread waits for who reads slowly.
SEND_BUFFER = 256 * 1024  # bytes
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

log = structlog.get_logger(__name__)


class Phase(Enum):
    READING = "its request arrives"
    WORKING = "a thread has it"
    IDLE = "kept alive between two requests"
    LEAVING = "answered, and waiting for the client to close"


class Connection(gthread.TConn):  # type: ignore[misc] # gunicorn has no types
    """A connection and what has arrived of its next request."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        self.initialized = True  # the parser is made by us, for each request anew
        self.phase = Phase.READING
        self.since = self.began = time.monotonic()
        self.timeout = self.began + HEAD_WITHIN
        self.received = bytearray()
        self.framing = Framing()
        self.is_watched = False
        self.is_whole = True  # the request that the thread has
        self.drained = 0  # bytes

    @property
    def address(self) -> str:
        return str(self.client[0]) if isinstance(self.client, tuple) else ""

    @property
    def is_waiting(self) -> bool:
        """Whether it can be closed without taking an answer from anybody."""
        return self.phase is not Phase.WORKING

    def take_request(self, length: int) -> bytes:
        taken = bytes(self.received[:length])
        del self.received[:length]
        self.is_whole = self.framing.is_whole
        self.framing = Framing()
        return taken


class Worker(gthread.ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Everything but `handle*` runs in the main thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections: set[Connection] = set()
        self._looked_at = self._told_at = -math.inf

    # Connections come

    def accept(self, listener: socket.socket) -> None:
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                self._make_room()
            elif error.errno not in {errno.EAGAIN, errno.ECONNABORTED}:
                raise
            return
        conn = Connection(self.cfg, sock, client, listener.getsockname())
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self.nr_conns += 1
        self._connections.add(conn)
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        if conn in self._connections:
            self._read(conn)

    def _make_room(self) -> None:
        """Close those that waited longest, of the address that has the most.

        Behind a proxy all come from one address, and the oldest go.
        """
        waiting = [conn for conn in self._connections if conn.is_waiting]
        if not waiting:
            return
        (busiest, number), *_ = Counter(conn.address for conn in waiting).most_common(1)
        now = time.monotonic()
        if now - self._told_at >= TELL_EVERY:
            self._told_at = now
            log.warning("connections_closed_for_others", address=busiest, had=number)
        theirs = [conn for conn in waiting if conn.address == busiest]
        theirs.sort(key=lambda conn: conn.since)
        # Some at once: each look costs as much as there are connections.
        for conn in theirs[: max(1, self.worker_connections // 20)]:
            self._drop(conn)

    # Requests arrive

    def _readable(self, conn: Connection, _sock: object) -> None:
        if conn not in self._connections:
            return  # closed for another one since the poller looked
        if conn.phase is Phase.LEAVING:
            self._drain(conn)
        else:
            self._read(conn)

    def _read(self, conn: Connection) -> None:
        try:
            data = conn.sock.recv(READ)
        except BlockingIOError:
            self._watch(conn)
            return
        except OSError:
            data = b""
        if not data:
            self._drop(conn)
            return
        if conn.phase is Phase.IDLE:
            self._begin(conn)
        conn.received += data
        self._go_on(conn)

    def _begin(self, conn: Connection) -> None:
        """The first byte of another request on a connection that was kept."""
        self.keepalived_conns.remove(conn)
        conn.phase = Phase.READING
        conn.began = time.monotonic()
        conn.timeout = conn.began + HEAD_WITHIN

    def _go_on(self, conn: Connection) -> None:
        """Hand the request to a thread if all of it is there."""
        try:
            length = conn.framing.length(conn.received)
        except TooLarge as error:
            self._refuse(conn, error.status)
            return
        if length is None:
            self._wait_for_more(conn)
            return
        self._unwatch(conn)
        taken = conn.take_request(length)
        conn.parser = RequestParser(self.cfg, iter((taken,)), conn.client)
        conn.phase = Phase.WORKING
        conn.timeout = time.monotonic() + ANSWER_WITHIN
        self.enqueue_req(conn)

    def _wait_for_more(self, conn: Connection) -> None:
        if conn.framing.head:
            conn.timeout = conn.began + REQUEST_WITHIN
            if conn.framing.waits_for_continue:
                conn.framing.waits_for_continue = False
                with suppress(OSError):
                    conn.sock.send(CONTINUE)
        self._watch(conn)

    # In a thread

    def handle_request(self, req: Any, conn: Connection) -> Any:
        req._expected_100_continue = False  # noqa: SLF001 # it was told, or is refused
        if not conn.is_whole:
            req.force_close()
        if req.path == EXPORT:
            conn.timeout = time.monotonic() + EXPORT_WITHIN
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:  # noqa: ARG002 # gunicorn's signature
        """Answer what gunicorn's parser refuses in our words, with our headers."""
        status = status_of(exc)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("request_failed", exc_info=exc)
        # Never the text: it quotes the header, which may hold a key.
        answer = self._answer(status, addr, reason=type(exc).__name__)
        with suppress(OSError):
            client.sendall(answer)

    def _answer(self, status: int, addr: Any, *, reason: str) -> bytes:
        request_id = token_hex(8)
        log.warning(
            "request_refused",
            status=int(status),
            address=addr[0] if addr else "",
            reason=reason,
            request_id=request_id,
        )
        app = self.wsgi
        public = parts_of(app).settings.public_url if isinstance(app, Flask) else None
        is_https = (public or "").startswith("https://")
        return plain_answer(status, request_id=request_id, is_https=is_https)

    # Connections go

    def finish_request(self, conn: Connection, fs: Any) -> None:
        try:
            keep = not fs.cancelled() and bool(fs.result())
            conn.sock.settimeout(0)
        except Exception:  # noqa: BLE001 # the loop serves all others too
            keep = False
        if not keep:
            self._leave(conn)
            return
        conn.phase = Phase.IDLE
        conn.since = time.monotonic()
        conn.timeout = conn.since + self._linger(self.cfg.keepalive)
        self.keepalived_conns.append(conn)
        if conn.received:  # it did not wait for the answer
            self._begin(conn)
            self._go_on(conn)
        else:
            self._watch(conn)

    def _refuse(self, conn: Connection, status: int) -> None:
        reason = "late" if status == HTTPStatus.REQUEST_TIMEOUT else "too large"
        answer = self._answer(status, conn.client, reason=reason)
        with suppress(OSError):
            conn.sock.send(answer)
        self._leave(conn)

    def _leave(self, conn: Connection) -> None:
        """Close as RFC 9112, 9.6 asks for, or the client may never see the answer."""
        self._unwatch(conn)
        try:
            conn.sock.settimeout(0)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        conn.phase = Phase.LEAVING
        conn.timeout = time.monotonic() + self._linger(LEAVE_WITHIN)
        conn.received.clear()
        self._drain(conn)

    def _linger(self, seconds: float) -> float:
        """How long a client is waited for; a worker that stops has no time."""
        return seconds if self.alive else min(seconds, gthread.STOP_KEEPALIVE_LINGER)

    def _drain(self, conn: Connection) -> None:
        try:
            data = conn.sock.recv(READ)
        except BlockingIOError:
            self._watch(conn)
            return
        except OSError:
            data = b""
        conn.drained += len(data)
        if not data or conn.drained > MAX_DRAINED:
            self._drop(conn)
        else:
            self._watch(conn)

    def _drop(self, conn: Connection) -> None:
        self._unwatch(conn)
        if conn in self._connections:
            self._connections.remove(conn)
            self.nr_conns -= 1
        if conn.phase is Phase.IDLE:
            self.keepalived_conns.remove(conn)
        with suppress(OSError):
            conn.sock.close()

    def _watch(self, conn: Connection) -> None:
        if not conn.is_watched:
            conn.is_watched = True
            self.poller.register(conn.sock, EVENT_READ, partial(self._readable, conn))

    def _unwatch(self, conn: Connection) -> None:
        if conn.is_watched:
            conn.is_watched = False
            with suppress(OSError, KeyError, ValueError):
                self.poller.unregister(conn.sock)

    # Time passes

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 # gunicorn's signature
        """See to all that are overdue; with `force`, the end has come for all."""
        now = time.monotonic()
        if self.alive and now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        for conn in list(self._connections):
            if force and conn.is_waiting:
                self._drop(conn)
            elif conn.timeout <= now:
                self._end(conn)

    def _end(self, conn: Connection) -> None:
        if conn.phase is Phase.WORKING:
            # Its thread may wait for the client to take the answer. Of a WebSocket
            # this is the stand-in: see live/adoption.py.
            conn.timeout = math.inf
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RDWR)
        elif conn.phase is Phase.READING and conn.received and self.alive:
            self._refuse(conn, HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """The worker stops: who is not served by then is let go."""
        for conn in self._connections:
            if conn.is_waiting:
                conn.timeout = min(conn.timeout, deadline)


def status_of(error: Exception) -> int:
    """The status that answers what the parser or the app raised."""
    ours = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)
    if isinstance(error, ours) or not isinstance(error, errors.ParseException):
        return HTTPStatus.INTERNAL_SERVER_ERROR
    statuses = {
        errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
        errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
        errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
        errors.ForbiddenProxyRequest: HTTPStatus.FORBIDDEN,
    }
    return statuses.get(type(error), HTTPStatus.BAD_REQUEST)


def plain_answer(status: int, *, request_id: str, is_https: bool) -> bytes:
    """A whole answer to what never became a request: fixed words and our headers."""
    known = HTTPStatus(status)
    body = f"{known.value} {known.phrase}. Request {request_id}.\n".encode()
    headers = {
        **HEADERS,
        **(STAY_ON_HTTPS if is_https else {}),
        "Cache-Control": "no-store",
        "X-Request-Id": request_id,
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {known.value} {known.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
