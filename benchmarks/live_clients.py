"""Clients of the live feed that cost little, so that the server is what is measured.

No frame is decoded as JSON. What many clients receive is the same bytes, so it is
looked through once; and most of 2,000 clients read only now and then, as the kernel
keeps for them what came. Only the `timed` ones read at once and look at the clock.
"""

import base64
import http.client
import os
import re
import select
import socket
import time
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

READ = 256 * 1024  # bytes at once
READ_EVERY = 0.1  # seconds, of clients that are not timed
TAIL = 48 * 1024  # bytes; the last frames of 20 accounts have 10,000
PONG_EVERY = 15.0  # seconds; one that nobody asked for is a sign of life too
PONG = b"\x8a\x80\0\0\0\0"
SERVED_WITHIN = 30.0  # seconds
LOST = 1006  # RFC 6455, 7.1.5: closed without a Close frame

_SNAPSHOT = b'{"type":"snapshot"'
_STATUS = b'{"type":"status_update"'
_STATE = re.compile(
    rb'"account_id":(\d+),"email_address"[^{}]*"progress":\{"current":(\d+)'
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What some bytes told: `(account's id, current)` of each state, and so on."""

    states: tuple[tuple[int, int], ...]
    rest: bytes  # of a frame that is not whole
    has_snapshot: bool = False
    snapshot_bytes: int = 0
    frames: int = 0  # of type status_update
    frame_bytes: int = 0  # of those
    close: int | None = None


def hear(data: bytes) -> Heard:
    """Walk through the frames of a server, which are not masked."""
    frames, rest = _split(data)
    states: list[tuple[int, int]] = []
    snapshots = [len(text) for opcode, text in frames if _is(_SNAPSHOT, opcode, text)]
    updates = [len(text) for opcode, text in frames if _is(_STATUS, opcode, text)]
    closes = [int.from_bytes(text[:2]) for opcode, text in frames if opcode == 8]
    for opcode, text in frames:
        if opcode == 1:
            states += _states(text)
    return Heard(
        tuple(states),
        rest,
        has_snapshot=bool(snapshots),
        snapshot_bytes=sum(snapshots),
        frames=len(updates),
        frame_bytes=sum(updates),
        close=closes[0] if closes else None,
    )


def _is(kind: bytes, opcode: int, text: bytes) -> bool:
    return opcode == 1 and text.startswith(kind)


def _states(text: bytes) -> list[tuple[int, int]]:
    return [(int(one), int(current)) for one, current in _STATE.findall(text)]


def _split(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The whole frames, each with its opcode, and what is left."""
    frames, at = [], 0
    while len(data) - at >= 2:
        size, start = data[at + 1], at + 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            size, start = int.from_bytes(data[start : start + wide]), start + wide
        if len(data) < start + size:
            break
        frames.append((data[at] & 0x0F, data[start : start + size]))
        at = start + size
    return frames, data[at:]


@dataclass(eq=False, slots=True)
class Client:
    sock: socket.socket
    newest: list[int]  # by the account's id
    rest: bytes = b""  # not looked at yet: the answer's head, or half a frame
    tail: bytes = b""
    is_up: bool = False  # the handshake is done
    is_served: bool = False  # it has a snapshot
    close: int | None = None


@dataclass(slots=True)
class Totals:
    """Of the timed clients; bytes are those of all."""

    taken: array = field(default_factory=lambda: array("d"))  # seconds
    frames: int = 0
    frame_bytes: int = 0
    received: int = 0  # bytes


class Clients:
    """`sent` holds when the event was published that made an account's `current`."""

    def __init__(
        self,
        port: int,
        key: str,
        *,
        sent: Sequence[float],
        accounts: int,
        timed: bool,
    ) -> None:
        self._port, self._key = port, key
        self._sent, self._accounts = sent, accounts
        self._timed = timed
        self._poll = select.epoll()
        self._clients: dict[int, Client] = {}  # by file number; the open ones
        self._closed: list[Client] = []
        self._known: dict[bytes, Heard] = {}
        self._totals = Totals()
        self._first = 0  # of the events that count
        self._snapshot_bytes = 0
        self._pong_at = time.monotonic() + PONG_EVERY

    # Called from outside

    def open(self, number: int) -> float:
        """Open so many at once; returns after how many seconds all were served."""
        began = time.perf_counter()
        new = [self._dial() for _ in range(number)]
        while not all(one.is_served for one in new):
            for fd, _ in self._poll.poll(0.05, maxevents=10_000):
                self._read(self._clients[fd])
            if time.perf_counter() - began > SERVED_WITHIN or any(
                one.close for one in new
            ):
                served = sum(one.is_served for one in new)
                raise SystemExit(f"only {served} of {number} clients were served")
        return time.perf_counter() - began

    def close(self) -> None:
        """Close all as a browser does that goes away."""
        for client in self._clients.values():
            client.sock.close()
        self._clients.clear()
        self._poll.close()
        self._poll = select.epoll()

    def count_from(self, first: int) -> None:
        """What was measured so far does not count, nor what comes of older events."""
        self._totals, self._first = Totals(), first

    def totals(self) -> Totals:
        return self._totals

    def snapshot_bytes(self) -> int:
        return self._snapshot_bytes

    def number_at(self, newest: dict[int, int]) -> int:
        """How many clients have this state of every account, or a newer one."""
        return sum(self._is_at(one, newest) for one in self._clients.values())

    def closes(self, within: float) -> list[int]:
        """Wait until all are closed; the codes."""
        end = time.monotonic() + within
        while self._clients and time.monotonic() < end:
            self.turn()
        return [one.close or LOST for one in (*self._closed, *self._clients.values())]

    # Between calls

    def turn(self) -> None:
        if self._timed:
            ready = self._poll.poll(0.02)
        else:
            time.sleep(READ_EVERY)
            ready = self._poll.poll(0, maxevents=10_000)
        for fd, _ in ready:
            self._read(self._clients[fd])
        if time.monotonic() > self._pong_at:
            self._pong_at = time.monotonic() + PONG_EVERY
            for client in self._clients.values():
                with suppress(OSError):
                    client.sock.send(PONG)

    def _dial(self) -> Client:
        sock = dial(self._port, self._key)
        sock.settimeout(0)
        client = Client(sock, [0] * (self._accounts + 1))
        self._clients[sock.fileno()] = client
        self._poll.register(sock, select.EPOLLIN)
        return client

    def _read(self, client: Client) -> None:
        try:
            data = client.sock.recv(READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        now = time.perf_counter()
        if not data:
            self._end(client, client.close or LOST)
            return
        self._totals.received += len(data)
        if client.is_served and not self._timed:
            client.tail = (client.tail + data)[-TAIL:]
            return
        if client.rest:
            data = client.rest + data
        if not client.is_up:
            data = self._take_head(client, data)
        heard = self._known.get(data) or self._hear(data)
        client.rest = heard.rest
        client.is_served = client.is_served or heard.has_snapshot
        self._note(client, heard, now)
        if heard.close is not None:
            with suppress(OSError):
                client.sock.send(b"\x88\x82\0\0\0\0" + heard.close.to_bytes(2))
            self._end(client, heard.close)

    def _take_head(self, client: Client, data: bytes) -> bytes:
        """The bytes after the handshake's answer; while it is not whole, none."""
        head, end, frames = data.partition(b"\r\n\r\n")
        if not end:
            client.rest = data
            return b""
        if b" 101 " not in head.partition(b"\r\n")[0]:
            raise SystemExit(f"refused: {head.decode(errors='replace')}")
        client.is_up, client.rest = True, b""
        return frames

    def _hear(self, data: bytes) -> Heard:
        if len(self._known) > 64:
            self._known.clear()
        heard = self._known[data] = hear(data)
        self._snapshot_bytes = heard.snapshot_bytes or self._snapshot_bytes
        return heard

    def _note(self, client: Client, heard: Heard, now: float) -> None:
        """A frame shows its own state, and that others before it are over."""
        totals, newest, sent = self._totals, client.newest, self._sent
        totals.frames += heard.frames
        totals.frame_bytes += heard.frame_bytes
        for account, current in heard.states:
            for one in range(newest[account] + 1, current + 1):
                k = (one - 1) * self._accounts + account - 1
                if k >= self._first:
                    totals.taken.append(now - sent[k])
            newest[account] = max(newest[account], current)

    def _is_at(self, client: Client, newest: dict[int, int]) -> bool:
        for account, current in _states(client.tail):
            client.newest[account] = max(client.newest[account], current)
        return all(client.newest[one] >= current for one, current in newest.items())

    def _end(self, client: Client, code: int) -> None:
        client.close = code
        self._closed.append(client)
        del self._clients[client.sock.fileno()]
        self._poll.unregister(client.sock)
        client.sock.close()


def dial(port: int, key: str, *, receive_buffer: int | None = None) -> socket.socket:
    """A socket that has asked for the feed and read nothing yet."""
    sock = socket.socket()
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.connect(("127.0.0.1", port))
    nonce = base64.b64encode(os.urandom(16)).decode()
    sock.sendall(
        f"GET /ws/status HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-API-Key: {key}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {nonce}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return sock


class Laggards:
    """Clients that never read, and clients that read `bytes_per_second`."""

    def __init__(self, port: int, key: str, bytes_per_second: int) -> None:
        self._port, self._key = port, key
        self._portion = max(1, int(bytes_per_second * READ_EVERY))
        self._slow: list[socket.socket] = []
        self._stalled: list[socket.socket] = []

    def open(self, stalled: int, slow: int) -> None:
        small = 4096  # bytes, that the server's side fills early
        for number, sockets in ((stalled, self._stalled), (slow, self._slow)):
            for _ in range(number):
                sockets.append(dial(self._port, self._key, receive_buffer=small))
                sockets[-1].settimeout(0)

    def close(self) -> None:
        for sock in (*self._slow, *self._stalled):
            sock.close()
        self._slow, self._stalled = [], []

    def turn(self) -> None:
        time.sleep(READ_EVERY)
        for sock in self._slow:
            with suppress(OSError):
                sock.recv(self._portion)


class Visitor:
    """Asks for a page again and again, on one connection."""

    def __init__(self, port: int, key: str, path: str) -> None:
        self._web = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._key, self._path = key, path

    def visit(self, seconds: float, per_second: float) -> list[float]:
        """Seconds that each answer took."""
        taken = []
        begin = time.perf_counter()
        while (now := time.perf_counter()) < begin + seconds:
            self._web.request("GET", self._path, headers={"X-API-Key": self._key})
            response = self._web.getresponse()
            response.read()
            if response.status != 200:
                raise SystemExit(f"{self._path} answered {response.status}")
            taken.append(time.perf_counter() - now)
            time.sleep(max(now + 1 / per_second - time.perf_counter(), 0))
        return taken
