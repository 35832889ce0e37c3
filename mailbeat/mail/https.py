"""One HTTP request to a server that is not trusted: bounded in time and in size.

The host is checked and dialled by `net.py`, so that a name which leads into a private
network is not followed there. Nothing of an answer gets into an error.
"""

import http.client
import io
import selectors
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import cast
from urllib.parse import SplitResult, urljoin, urlsplit

from mailbeat.mail.deadline import Deadline
from mailbeat.mail.errors import ConnectFailed, ServerBusy
from mailbeat.mail.mailbox import Login, Security
from mailbeat.mail.net import dial

MAX_BYTES = 64 * 1024  # of an answer, its head included
MAX_REDIRECTS = 3
_CHUNK = 16 * 1024  # bytes

Networks = Sequence[IPv4Network | IPv6Network]


class UnreadableAnswer(ServerBusy):
    """It is no HTTP, or too large."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`location` is where a redirect leads, as an absolute address."""

    status: int
    body: bytes
    location: str | None = None


def ask(
    url: str,
    deadline: Deadline,
    *,
    form: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    networks: Networks = (),
) -> Answer:
    """Send GET, or POST with a form, and return the answer; redirects are not followed.

    `http://` is for `networks` only, which may be dialled though they are private.

    Raises:
        MailError: the host was not reached, or what came is no answer.
        DeadlineExceeded: or `Stopped`: one may wait no longer.
    """
    parts = _split(url)
    request = _request(parts, form, headers or {})
    with closing(dial(_login(parts, networks), deadline)) as sock:
        try:
            _send(sock, request, deadline)
            raw = _receive(sock, deadline, parts)
        except OSError:
            raise _silent(parts) from None
    return _parse(raw, url, parts, "GET" if form is None else "POST")


def fetch(url: str, deadline: Deadline, *, networks: Networks = ()) -> Answer:
    """GET, and follow a few redirects; never to another scheme.

    Raises:
        MailError: as `ask`, or there were too many redirects.
    """
    scheme = urlsplit(url).scheme
    for _ in range(MAX_REDIRECTS + 1):
        answer = ask(url, deadline, networks=networks)
        if answer.location is None:
            return answer
        url = answer.location
        if urlsplit(url).scheme != scheme:
            break
    raise _unreadable(_split(url))


def _split(url: str) -> SplitResult:
    """Take an address apart.

    Raises:
        UnreadableAnswer: it is none, as it may be where a redirect leads.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        good = False
    if not good or not parts.hostname or not url.isascii() or not url.isprintable():
        raise UnreadableAnswer("A server named an address that is none.")
    return parts


def _login(parts: SplitResult, networks: Networks) -> Login:
    is_plain = parts.scheme == "http"
    return Login(
        host=parts.hostname or "",
        port=parts.port or (80 if is_plain else 443),
        security=Security.NONE if is_plain else Security.TLS,
        username="",
        password="",
        allowed_networks=tuple(networks),
    )


def _request(
    parts: SplitResult, form: bytes | None, headers: Mapping[str, str]
) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {
        "Host": parts.netloc.rpartition("@")[2],
        "User-Agent": "Mailbeat",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }
    if form is not None:
        sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        sent["Content-Length"] = str(len(form))
    method = "GET" if form is None else "POST"
    lines = [f"{method} {path.replace(' ', '%20')} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in sent.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (form or b"")


def _send(sock: socket.socket, request: bytes, deadline: Deadline) -> None:
    sock.settimeout(0)
    rest = memoryview(request)
    while rest:
        try:
            rest = rest[sock.send(rest) :]
        except (BlockingIOError, ssl.SSLWantWriteError):
            _wait(sock, selectors.EVENT_WRITE, deadline)
        except ssl.SSLWantReadError:
            _wait(sock, selectors.EVENT_READ, deadline)


def _receive(sock: socket.socket, deadline: Deadline, parts: SplitResult) -> bytes:
    """Read until the server hangs up, or the answer is whole by its own length."""
    raw = bytearray()
    while not _is_whole(raw):
        try:
            chunk = sock.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            _wait(sock, selectors.EVENT_READ, deadline)
            continue
        except ssl.SSLWantWriteError:
            _wait(sock, selectors.EVENT_WRITE, deadline)
            continue
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            break  # what is missing is noticed by its length
        deadline.left(0)
        if not chunk:
            break
        raw += chunk
        if len(raw) > MAX_BYTES:
            raise _unreadable(parts)
    if not raw:
        raise _silent(parts)
    return bytes(raw)


def _is_whole(raw: bytearray) -> bool:
    """Whether a server that keeps the connection open has said all of it."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    if not gap:
        return False
    for line in head.lower().split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name == b"content-length" and value.strip().isdigit():
            return len(body) >= int(value[:20])
    return body.endswith(b"0\r\n\r\n") and b"\r\ntransfer-encoding:" in head.lower()


def _wait(sock: socket.socket, event: int, deadline: Deadline) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, event)
        while not selector.select(deadline.left(0.5)):
            pass


class _Recorded:
    """What `http.client` takes for a socket."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._raw)


def _parse(raw: bytes, url: str, parts: SplitResult, method: str) -> Answer:
    response = http.client.HTTPResponse(
        cast("socket.socket", _Recorded(raw)), method=method
    )
    try:
        response.begin()
        body = response.read()
        location = response.getheader("Location")
        where = urljoin(url, location) if location else None
    except (http.client.HTTPException, ValueError, OSError):
        raise _unreadable(parts) from None
    moved = response.status in {301, 302, 303, 307, 308}
    return Answer(response.status, body, where if moved else None)


def _silent(parts: SplitResult) -> ConnectFailed:
    return ConnectFailed(f"{parts.hostname} hung up or did not answer.")


def _unreadable(parts: SplitResult) -> UnreadableAnswer:
    return UnreadableAnswer(f"{parts.hostname} answered what Mailbeat cannot read.")
