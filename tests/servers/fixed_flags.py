r"""A TCP proxy that makes an IMAP server one that keeps no keywords, as Outlook is."""

from contextlib import suppress

from tests.servers.gate import Gate

_START = b"* OK [PERMANENTFLAGS "


class FixedFlags(Gate):
    r"""Takes `\*` out of what the server says that it keeps.

    Once an answer has `cut_at` in it, that is not passed on and the connection is cut:
    the server did what was asked, and the client never hears of it.
    """

    cut_at: bytes | None = None

    def _answer(self, pair) -> None:
        rest = b""
        while data := pair.server.recv(4096):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if self.cut_at is not None and self.cut_at in line:
                    with suppress(OSError):
                        pair.cut()
                    return
                pair.client.sendall(_fixed(line) + b"\n")


def _fixed(line: bytes) -> bytes:
    return line.replace(b" \\*)", b")") if line.startswith(_START) else line
