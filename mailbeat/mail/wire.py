"""The bytes between us and a server: bounded in time and size, and never logged."""

import re
import socket
import time
import zlib

from mailbeat.mail.deadline import LOOK_EVERY, Deadline
from mailbeat.mail.mailbox import Login
from mailbeat.mail.net import start_tls

READ_SECONDS = 60.0  # a throttled Gmail answers late

# We ask for 32 KiB of a header and 5.5 KiB of a body at most. A server that knows no
# partial FETCH sends a message whole; what is too much of it is read and dropped. So is
# all that is told of a message if it is too long, as the structure of 20,000 parts is.
MAX_LITERAL = 256 * 1024  # bytes that are kept
MAX_LITERALS = 10_000  # of one response
MAX_DROPPED = 64 * 1024 * 1024  # bytes of one response
MAX_LINE = 64 * 1024  # bytes
LINE_END = 64  # bytes that are kept of a longer line: a literal is announced there
# A SEARCH answer is one line: 4 MiB hold half a million UIDs.
MAX_SEARCH_LINE = 4 * 1024 * 1024  # bytes
MAX_RESPONSE = 512 * 1024  # bytes of one response, unless it is a SEARCH's
MAX_ANSWER = 64 * 1024 * 1024  # bytes between two answers to commands
CHUNK = 64 * 1024  # bytes that are read, or inflated, at once

_LITERAL = re.compile(rb"~?\{([0-9]{1,20})\+?\}$")
# No literal is in a text for people, whatever it ends with.
_STATUS = re.compile(rb"[^ ]{1,20} (OK|NO|BAD|BYE|PREAUTH)\b|\+", re.IGNORECASE)
_SEARCH = re.compile(rb"\* SEARCH\b", re.IGNORECASE)
_FETCH = re.compile(rb"\* [0-9]{1,10} FETCH\b", re.IGNORECASE)

# One response: a line, a literal, the rest of the line, and so on. Line ends and the
# announcements of literals are left out.
Response = list[bytes]
DROPPED: Response = [b"* 0 FETCH"]  # instead of one that is too long


class Unreadable(Exception):
    """The server sent more than an answer of ours can hold, or what is no IMAP."""


class Lost(Exception):
    """The server hung up, or said nothing for too long."""


class Wire:
    """Lines and literals over a connected socket. Each wait is cut by the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.deadline = deadline
        self._sock = sock
        self._buffer = bytearray()
        self._received = 0  # since the last answer to a command
        self._inflater: zlib._Decompress | None = None
        self._deflater: zlib._Compress | None = None
        self._packed = b""  # received, not inflated yet
        # Of this response:
        self._is_row = self._is_too_long = False
        self._dropped = 0  # bytes

    def send(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            Lost: the server does not take it.
        """
        if self._deflater is not None:
            data = self._deflater.compress(data)
            data += self._deflater.flush(zlib.Z_SYNC_FLUSH)
        try:
            self._sock.settimeout(self.deadline.left(READ_SECONDS))
            self._sock.sendall(data)
        except (OSError, ValueError):
            pass
        else:
            return
        self.deadline.left(0)
        raise Lost

    def read(self) -> Response:
        """Read one response; what is told of a message may be `DROPPED`.

        Raises:
            Lost: it does not come.
            Unreadable: it is too long.
        """
        self._is_row = self._is_too_long = False
        self._dropped = 0
        line = self._line()
        if _STATUS.match(line):
            if not line.startswith((b"*", b"+")):
                self._received = 0
            return [line]
        self._is_row = bool(_FETCH.match(line)) or self._is_too_long
        response, size, literals = [], len(line), 0
        while announced := _LITERAL.search(line):
            literals += 1
            if literals > MAX_LITERALS:
                raise Unreadable
            literal = self._literal(int(announced[1]))
            response += [line[: announced.start()], literal]
            line = self._line()
            size += len(literal) + len(line)
            if size > MAX_RESPONSE:
                self._give_up_response()
                response.clear()
        response.append(line)
        return DROPPED if self._is_too_long else response

    def _line(self) -> bytes:
        looked_at = 0
        while (end := self._buffer.find(b"\n", looked_at)) < 0:
            looked_at = len(self._buffer)
            if looked_at > self._longest_line():
                self._give_up_response()
                self._drop(looked_at - LINE_END)
                looked_at = LINE_END
            self._fill()
        if end > self._longest_line():
            self._give_up_response()
        return self._take(end + 1).rstrip(b"\r\n")

    def _longest_line(self) -> int:
        return MAX_SEARCH_LINE if _SEARCH.match(self._buffer) else MAX_LINE

    def _give_up_response(self) -> None:
        """Drop the rest of a row; anything else that is too long is nonsense."""
        if not (self._is_row or self._is_too_long or _FETCH.match(self._buffer)):
            raise Unreadable
        self._is_too_long = True

    def _literal(self, size: int) -> bytes:
        kept = min(size, MAX_LITERAL)
        left = size - kept
        if self._dropped + left > MAX_DROPPED:
            raise Unreadable
        while len(self._buffer) < kept:
            self._fill()
        literal = self._take(kept)
        while left:
            if not self._buffer:
                self._fill()
            left -= self._drop(min(left, len(self._buffer)))
        return literal

    def _drop(self, size: int) -> int:
        """Drop bytes; they take no memory, but time."""
        del self._buffer[:size]
        self._received -= size
        self._dropped += size
        if self._dropped > MAX_DROPPED:
            raise Unreadable
        return size

    def _take(self, size: int) -> bytes:
        with memoryview(self._buffer) as view:
            taken = bytes(view[:size])
        del self._buffer[:size]
        return taken

    def _fill(self) -> None:
        """Wait for at least one byte more."""
        if self._inflater is None:
            data = self._received_bytes()
        else:
            data = self._inflated(self._inflater)
        self._received += len(data)
        if self._received > MAX_ANSWER:
            raise Unreadable
        self._buffer += data

    def _inflated(self, inflater: "zlib._Decompress") -> bytes:
        data = b""
        while not data:
            packed = self._packed or self._received_bytes()
            try:
                data = inflater.decompress(packed, CHUNK)
            except zlib.error:
                break
            self._packed = inflater.unconsumed_tail
            if inflater.eof:
                break
        if not data:
            raise Unreadable
        return data

    def _received_bytes(self) -> bytes:
        end = time.monotonic() + READ_SECONDS
        data = b""
        while time.monotonic() < end:
            seconds = self.deadline.left(LOOK_EVERY)
            try:
                self._sock.settimeout(seconds)
                data = self._sock.recv(CHUNK)
            except TimeoutError:
                continue
            except (OSError, ValueError):  # ValueError: our side closed it
                pass
            break
        if not data:
            self.deadline.left(0)
            raise Lost
        return data

    def start_tls(self, login: Login) -> None:
        """Change to TLS; what the server said before it is forgotten (RFC 3501, 6.2.1).

        Raises:
            ConnectFailed: it hung up.
            TLSFailed: the certificate, its name or the protocol.
        """
        self._sock = start_tls(self._sock, login, self.deadline)
        self._buffer.clear()

    def compress(self) -> None:
        """From now on both sides speak DEFLATE (RFC 4978)."""
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._deflater = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._packed = self._take(len(self._buffer))

    def close(self) -> None:
        self._sock.close()
