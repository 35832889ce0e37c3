"""The socket of one connection: lines in, bytes out, TLS and DEFLATE in between."""

import select
import socket
import ssl
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress

MAX_LINE = 64 * 1024  # bytes


class HungUp(Exception):
    """The other side is gone, or what it says is no command."""


class Wire:
    def __init__(
        self,
        sock: socket.socket,
        *,
        came: Callable[[int], None],
        went: Callable[[int], None],
        cut_after: int | None = None,
    ) -> None:
        self._sock = sock
        self._came, self._went = came, went
        self.cut_after = cut_after  # bytes
        self._sent = 0
        self._buffer = bytearray()
        self._inflate = self._deflate = None
        self._closing = threading.Lock()

    # In

    def read_line(self) -> bytes:
        """Return a line without its end."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_LINE:
                raise HungUp
            self._fill()
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\n").removesuffix(b"\r")

    def read(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._fill()
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def has_line(self, seconds: float) -> bool:
        """Whether one can be read, after waiting so long at most."""
        if b"\n" in self._buffer:
            return True
        if self._waits(seconds):
            self._fill()
        return b"\n" in self._buffer

    @property
    def holds_more(self) -> bool:
        """Whether the client said more than was read yet."""
        return bool(self._buffer)

    def _waits(self, seconds: float) -> bool:
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True
        try:
            return bool(select.select([self._sock], [], [], seconds)[0])
        except (OSError, ValueError):
            raise HungUp from None

    def _fill(self) -> None:
        try:
            data = self._sock.recv(64 * 1024)
        except (OSError, ValueError):
            raise HungUp from None
        if not data:
            raise HungUp
        self._came(len(data))
        try:
            self._buffer += self._inflate.decompress(data) if self._inflate else data
        except zlib.error:
            raise HungUp from None

    # Out

    def send(self, data: bytes) -> None:
        if self._deflate:
            data = self._deflate.compress(data)
            data += self._deflate.flush(zlib.Z_SYNC_FLUSH)
        self.send_raw(data)

    def send_raw(self, data: bytes) -> None:
        """As it is, whatever was agreed on; no more than `cut_after` in all."""
        left = len(data) if self.cut_after is None else self.cut_after - self._sent
        try:
            self._sock.sendall(data[:left])
        except (OSError, ValueError):
            raise HungUp from None
        self._sent += len(data)
        self._went(len(data))
        if left < len(data):
            self.hang_up()
            raise HungUp

    def drain(self) -> None:
        """Read till the other side hangs up."""
        while True:
            self._buffer.clear()
            self._fill()

    # Changes

    def start_tls(self, context: ssl.SSLContext) -> None:
        self._buffer.clear()
        try:
            self._sock.settimeout(10)
            self._sock = context.wrap_socket(self._sock, server_side=True)
            self._sock.settimeout(None)
        except (OSError, ValueError):
            raise HungUp from None

    def compress(self) -> None:
        """Raw DEFLATE both ways (RFC 4978)."""
        self._inflate = zlib.decompressobj(-15)
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        rest, self._buffer = bytes(self._buffer), bytearray()
        self._buffer += self._inflate.decompress(rest)

    def hang_up(self) -> None:
        """Wake whoever reads; any thread may."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self._sock.close()
