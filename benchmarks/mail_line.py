"""A line with a delay before a server, which counts what passes: turns and bytes.

In a process of its own, so that it takes no time from the program that is measured. It
delays and loses nothing: what was sent together arrives together, in order, half a
round trip later, so pipelining stays pipelining. The handshake of TCP itself costs no
delay here and is no turn, for no method.
"""

import asyncio
import json
import subprocess
import sys
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[1]


@dataclass
class Count:
    """What passed; `turns` is how often a client had to hear before it could go on.

    What it sends within one round trip belongs to the same turn: nothing of it can be
    an answer to what came of that turn.
    """

    turns: int = 0
    bytes_up: int = 0  # from clients
    bytes_down: int = 0  # to clients


class LineProcess:
    """Forwards connections from a port of its own to `port`, on loopback."""

    def __init__(self, port: int, *, round_trip: float = 0.04) -> None:
        words = [sys.executable, "-m", "benchmarks.mail_line"]
        self._process = subprocess.Popen(
            [*words, str(port), str(round_trip)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def reset(self) -> Count:
        """Return what was counted, and count anew."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"reset\n")
        self._process.stdin.flush()
        return Count(**json.loads(self._process.stdout.readline()))

    def end(self) -> None:
        """Cut every connection, for good."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


# The process


class _Way:
    """One direction: bytes leave in the order in which they came, each delayed."""

    def __init__(self, delay: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._delay = delay
        self._waiting: deque[tuple[float, bytes | None]] = deque()
        self._to: asyncio.Transport | None = None

    def open(self, to: asyncio.Transport) -> None:
        self._to = to
        self._flush()

    def pass_on(self, data: bytes | None) -> None:
        """Send later; None is the end."""
        self._waiting.append((self._loop.time() + self._delay, data))
        if self._to is None:
            return
        if not self._delay:
            self._flush()
        elif len(self._waiting) == 1:
            self._loop.call_at(self._waiting[0][0], self._flush)

    def _flush(self) -> None:
        assert self._to is not None
        now = self._loop.time()
        while self._waiting and self._waiting[0][0] <= now:
            _, data = self._waiting.popleft()
            if data is None:
                self._to.close()
            elif not self._to.is_closing():  # a killed client hears nothing any more
                self._to.write(data)
        if self._waiting:
            self._loop.call_at(self._waiting[0][0], self._flush)


class _Client(asyncio.Protocol):
    def __init__(self, line: "_Line") -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self.up, self.down = _Way(line.round_trip / 2), _Way(line.round_trip / 2)
        self._turn_began = float("-inf")
        self._was_answered = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.down.open(transport)
        self._connecting = self._loop.create_task(
            self._loop.create_connection(
                lambda: _Server(self), "127.0.0.1", self._line.port
            )
        )

    def data_received(self, data: bytes) -> None:
        self._line.count.bytes_up += len(data)
        now = self._loop.time()
        if self._was_answered and now - self._turn_began >= self._line.round_trip:
            self._line.count.turns += 1
            self._turn_began, self._was_answered = now, False
        self.up.pass_on(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self.up.pass_on(None)

    def answered(self, data: bytes) -> None:
        self._was_answered = True
        self._line.count.bytes_down += len(data)
        self.down.pass_on(data)


class _Server(asyncio.Protocol):
    def __init__(self, client: _Client) -> None:
        self._client = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._client.up.open(transport)

    def data_received(self, data: bytes) -> None:
        self._client.answered(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self._client.down.pass_on(None)


class _Line:
    def __init__(self, port: int, round_trip: float) -> None:
        self.port, self.round_trip = port, round_trip
        self.count = Count()


async def serve(port: int, round_trip: float) -> None:
    """Print the port; then, for each line of stdin, what was counted since the last."""
    line = _Line(port, round_trip)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Client(line), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    questions = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(questions), sys.stdin
    )
    while await questions.readline():
        count, line.count = line.count, Count()
        print(json.dumps(asdict(count)), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
