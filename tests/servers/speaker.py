"""A client that says to a server exactly what a test wants, one byte as well as all."""

import socket
import zlib
from types import TracebackType
from typing import Self


class Speaker:
    """Speaks to a port of this machine. Nothing is understood but tags and literals."""

    def __init__(self, port: int, *, greets: bool = True) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._buffer = b""
        self._inflate = self._deflate = None
        self._number = 0
        self.greeting = self.line() if greets else b""

    def send(self, data: bytes) -> None:
        if self._deflate:
            data = self._deflate.compress(data)
            data += self._deflate.flush(zlib.Z_SYNC_FLUSH)
        self._sock.sendall(data)

    def line(self) -> bytes:
        """Return the next answer without its end; its literals are part of it."""
        line = b""
        while True:
            line += self._until(b"\r\n")
            if not line.endswith(b"}\r\n"):
                return line[:-2]
            size = int(line[line.rindex(b"{") + 1 : -3])
            while len(self._buffer) < size:
                self._fill()
            line, self._buffer = line + self._buffer[:size], self._buffer[size:]

    def ask(self, command: str | bytes) -> list[bytes]:
        """Say a command; return the answers, the last one without its tag."""
        self._number += 1
        tag = b"a%d" % self._number
        raw = command.encode() if isinstance(command, str) else command
        self.send(tag + b" " + raw + b"\r\n")
        return self.answer(tag)

    def answer(self, tag: bytes) -> list[bytes]:
        lines = []
        while True:
            line = self.line()
            if line.startswith(tag + b" "):
                return [*lines, line.removeprefix(tag + b" ")]
            lines.append(line)
            if line.startswith(b"+"):
                return lines

    def rest(self) -> bytes:
        """What comes till the other side hangs up."""
        data = self._buffer
        while piece := self._sock.recv(65536):
            data += piece
        return data

    def compress(self) -> None:
        self._inflate = zlib.decompressobj(-15)
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -15)

    def _until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            self._fill()
        found, _, self._buffer = self._buffer.partition(end)
        return found + end

    def _fill(self) -> None:
        data = self._sock.recv(65536)
        if not data:
            raise EOFError
        self._buffer += self._inflate.decompress(data) if self._inflate else data

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sock.close()
