"""A long line to a server: every byte takes its time, and everything is counted.

It delays and does nothing else: no loss, no limit of throughput, and TCP's own
handshake costs nothing. What is sent one after the other stays together on its way, so
that a client who pipelines pays for one round trip.

    python -m tests.servers.line PORT --round-trip 0.04

runs it as a process of its own, for a client whose CPU time is measured.
"""

import argparse
import json
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

AT_ONCE = 256 * 1024  # bytes of one read


@dataclass
class Count:
    """What passed; `turns` is how often a client spoke after it had heard something.

    The first words of a connection are a turn, too.
    """

    turns: int = 0
    bytes_up: int = 0  # from clients
    bytes_down: int = 0  # to clients
    connections: int = 0


class _Way:
    """One direction of a connection: a reader, a queue with due times, a writer."""

    def __init__(self, source: socket.socket, sink: socket.socket, delay: float):
        self._source, self._sink, self._delay = source, sink, delay
        self._queue: deque[tuple[float, bytes]] = deque()
        self._filled = threading.Condition()

    def read(self, seen) -> None:
        """Queue what comes till the end, which is queued as nothing."""
        data = b"."
        while data:
            try:
                data = self._source.recv(AT_ONCE)
            except OSError:
                data = b""
            seen(data)
            with self._filled:
                self._queue.append((time.monotonic() + self._delay, data))
                self._filled.notify()

    def write(self, seen) -> None:
        while data := self._next():
            seen(data)
            try:
                self._sink.sendall(data)
            except OSError:
                break
        with suppress(OSError):
            self._sink.shutdown(socket.SHUT_WR)

    def _next(self) -> bytes:
        with self._filled:
            while not self._queue:
                self._filled.wait()
            due, data = self._queue.popleft()
        time.sleep(max(0.0, due - time.monotonic()))
        return data


class _Pair:
    """A client's connection and ours to the server."""

    def __init__(self, client: socket.socket, server: socket.socket, line: "Line"):
        self._sockets = (client, server)
        self._line = line
        self._heard = True  # the greeting may come, or not
        delay = line.round_trip / 2
        up, down = _Way(client, server, delay), _Way(server, client, delay)
        work = (
            (up.read, self._spoke),
            (up.write, lambda _data: None),
            (down.read, lambda _data: None),
            (down.write, self._was_told),
        )
        self._threads = [
            threading.Thread(target=job, args=(seen,), daemon=True)
            for job, seen in work
        ]

    def run(self) -> None:
        """Forward till both sides are done."""
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()
        for sock in self._sockets:
            sock.close()

    def cut(self) -> None:
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _spoke(self, data: bytes) -> None:
        if not data:
            return
        with self._line.lock:
            self._line.count.bytes_up += len(data)
            self._line.count.turns += self._heard
            self._heard = False

    def _was_told(self, data: bytes) -> None:
        """It counts what the client got, when it got it."""
        with self._line.lock:
            self._line.count.bytes_down += len(data)
            self._heard = True


class Line:
    """Forwards to `port` of this machine; `round_trip` is in seconds."""

    def __init__(self, port: int, *, round_trip: float = 0.04) -> None:
        self.round_trip = round_trip
        self.count = Count()
        self.lock = threading.Lock()
        self._target = port
        self._pairs: list[_Pair] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    turns = property(lambda self: self.count.turns)
    bytes_up = property(lambda self: self.count.bytes_up)
    bytes_down = property(lambda self: self.count.bytes_down)
    connections = property(lambda self: self.count.connections)

    def reset(self) -> Count:
        """Return what was counted, and count anew."""
        with self.lock:
            count, self.count = self.count, Count()
        return count

    def end(self) -> None:
        """Cut every connection, for good."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for pair in list(self._pairs):
            pair.cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            for sock in (client, server):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.count.connections += 1
            pair = _Pair(client, server, self)
            threading.Thread(target=self._run, args=(pair,), daemon=True).start()

    def _run(self, pair: _Pair) -> None:
        self._pairs.append(pair)
        pair.run()
        self._pairs.remove(pair)


class LineProcess:
    """A line that takes no time from the process that measures."""

    def __init__(self, port: int, *, round_trip: float = 0.04) -> None:
        command = [sys.executable, "-m", "tests.servers.line", str(port)]
        self._process = subprocess.Popen(
            [*command, "--round-trip", str(round_trip)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def reset(self) -> Count:
        """Return what was counted, and count anew."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("reset\n")
        self._process.stdin.flush()
        return Count(**json.loads(self._process.stdout.readline()))

    def end(self) -> None:
        self._process.communicate(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()


def main() -> None:
    """Print the port; then, for each line of stdin, what was counted since the last."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--round-trip", type=float, default=0.04)
    arguments = parser.parse_args()
    with Line(arguments.port, round_trip=arguments.round_trip) as line:
        sys.stdout.write(f"{line.port}\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            sys.stdout.write(json.dumps(asdict(line.reset())) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
