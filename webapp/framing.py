"""Where one HTTP request ends in what has arrived of it (RFC 9112, 6).

Only that: whether it is a good one is for the server's own parser to say. Whatever is
unclear is called not whole, and its connection closed after the answer, so that no
byte of it can ever be taken for another request.
"""

import re

MAX_HEAD = 32 * 1024  # bytes: request line and headers
MAX_LINE = 4094  # bytes: the request line, as gunicorn's limit_request_line
MAX_BODY = 64 * 1024  # bytes
MAX_CHUNKED = 2 * MAX_BODY  # bytes of a chunked body as it is sent

_HEAD_ENDS = re.compile(rb"\r\n\r\n|\n\n")  # the second is wrong, and answered at once
_DIGITS = re.compile(rb"[0-9]{1,15}")
_HEX = re.compile(rb"[0-9A-Fa-f]{1,15}")


class TooLarge(Exception):
    """What has arrived can become no request that is served; with the status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Framing:
    """One request while it arrives.

    `is_whole` is true when all of its body was found. `waits_for_continue`: the client
    sends the body when it is told to (RFC 9110, 10.1.1).
    """

    def __init__(self) -> None:
        self.head = 0  # bytes, with the blank line; 0: it has not arrived
        self.is_whole = True
        self.waits_for_continue = False
        self._searched = 0
        self._body: int | None = 0  # bytes; None: chunked
        self._chunk_at = 0

    def length(self, data: bytearray) -> int | None:
        """Return how many bytes the request has, or None while more must come.

        `data` is what has arrived so far, from the first byte of the request on.

        Raises:
            TooLarge: no more of it is taken.
        """
        if not self.head and not self._find_head(data):
            return None
        if not self.is_whole:
            return self.head
        if self._body is None:
            return self._end_of_chunks(data)
        end = self.head + self._body
        return end if len(data) >= end else None

    def _find_head(self, data: bytearray) -> bool:
        found = _HEAD_ENDS.search(data, max(0, self._searched - 3))
        self._searched = len(data)
        if found is None or found.end() > MAX_HEAD:
            if len(data) > MAX_HEAD:
                raise TooLarge(431 if b"\n" in data[:MAX_LINE] else 414)
            return False
        self.head = found.end()
        self._read_head(bytes(data[: self.head]))
        return True

    def _read_head(self, head: bytes) -> None:
        lengths, codings = [], []
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            name, value = name.lower(), value.strip(b" \t")
            if name == b"content-length":
                lengths.append(value)
            elif name == b"transfer-encoding":
                codings.append(value.lower())
            elif name == b"expect":
                self.waits_for_continue = value.lower() == b"100-continue"
        if codings == [b"chunked"] and not lengths:
            self._body, self._chunk_at = None, self.head
        elif not codings and len(lengths) == 1 and _DIGITS.fullmatch(lengths[0]):
            self._body = int(lengths[0])
            # The app refuses it unread.
            self.is_whole = self._body <= MAX_BODY
        else:
            self.is_whole = not codings and not lengths
        self.is_whole = self.is_whole and head.endswith(b"\r\n\r\n")

    def _end_of_chunks(self, data: bytearray) -> int | None:
        """Walk from chunk to chunk; what was walked over is not looked at again."""
        while (line := data.find(b"\r\n", self._chunk_at)) >= 0:
            size = bytes(data[self._chunk_at : line]).partition(b";")[0].strip(b" \t")
            if not _HEX.fullmatch(size):
                self.is_whole = False
                return len(data)  # the parser says what is wrong with it
            if int(size, 16) == 0:
                # An empty line, after any trailers: the one that ends this line is
                # also the start of the two that end the trailers.
                end = data.find(b"\r\n\r\n", line)
                if end >= 0:
                    return end + 4
                break
            self._chunk_at = line + 2 + int(size, 16) + 2
        if len(data) - self.head > MAX_CHUNKED:
            raise TooLarge(413)
        return None
