"""A TCP proxy before a server, with a gate that stops the answers."""

import socket
import threading
import time
from contextlib import suppress


class _Pair:
    """A client's connection and ours to the server; closed when both ways ended."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self._lock = threading.Lock()
        self._ways = 2

    def cut(self) -> None:
        with self._lock:
            for sock in (self.client, self.server):
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def end_one_way(self) -> None:
        self.cut()
        with self._lock:
            self._ways -= 1
            if not self._ways:
                self.client.close()
                self.server.close()

    @property
    def has_ended(self) -> bool:
        return not self._ways


class Gate:
    """Forwards to `port`; while closed, what the server says is held back.

    `latency` is how many seconds every answer takes on its way.
    """

    def __init__(self, port: int, *, latency: float = 0.0) -> None:
        self._target = port
        self._latency = latency
        self._open = threading.Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[_Pair] = []
        self.passed = 0  # bytes of answers
        self.stop_after: int | None = None  # close by itself after so many bytes
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self.stop_after = None
        self._open.set()

    @property
    def is_holding(self) -> bool:
        return not self._open.is_set()

    def cut(self) -> int:
        """Cut every connection there is, and say how many; new ones are welcome."""
        pairs = [pair for pair in self._pairs if not pair.has_ended]
        for pair in pairs:
            pair.cut()
        return len(pairs)

    def end(self) -> None:
        """Cut every connection, for good."""
        self.open()
        self._listener.close()
        self.cut()

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
            pair = _Pair(client, server)
            self._pairs = [one for one in self._pairs if not one.has_ended] + [pair]
            for way in (self._ask, self._answer):
                threading.Thread(
                    target=self._run, args=(way, pair), daemon=True
                ).start()

    def _run(self, way, pair: _Pair) -> None:
        try:
            with suppress(OSError):
                way(pair)
        finally:
            pair.end_one_way()

    def _ask(self, pair: _Pair) -> None:
        while data := pair.client.recv(4096):
            pair.server.sendall(data)

    def _answer(self, pair: _Pair) -> None:
        while data := pair.server.recv(4096):
            self.passed += len(data)
            if self.stop_after is not None and self.passed > self.stop_after:
                self.close()
            self._open.wait()
            time.sleep(self._latency)
            pair.client.sendall(data)
