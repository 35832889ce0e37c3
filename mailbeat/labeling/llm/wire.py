"""httpx over our own connections: checked addresses, one end, and stops that are seen.

httpx counts its time anew with each byte, so a server that sends one a second is never
late, and nobody who waits in it can be stopped. Our deadline counts for the whole call.
Nothing of the environment is read: no proxy and no .netrc comes between.
"""

import selectors
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import httpcore
import httpx

from mailbeat.labeling.llm.model import PRIVATE, Model
from mailbeat.mail.deadline import LOOK_EVERY, Deadline
from mailbeat.mail.mailbox import Login, Security
from mailbeat.mail.net import dial

CONNECT_SECONDS = 3.0  # with the name's look-up and TLS


class Transport(httpx.BaseTransport):
    """One call to one model, within a deadline."""

    def __init__(self, model: Model, deadline: Deadline) -> None:
        # The context is for httpcore's taste only: `dial` has done TLS by then.
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            network_backend=_Backend(model, deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        stream = answer.stream
        assert isinstance(stream, Iterable)  # noqa: S101 # it is the synchronous pool
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(stream)
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, model: Model, deadline: Deadline) -> None:
        self._model = model
        self._deadline = deadline

    def connect_tcp(self, *_where: Any, **_how: Any) -> httpcore.NetworkStream:
        model = self._model
        login = Login(
            host=model.host,
            port=model.port,
            security=Security.TLS if model.is_encrypted else Security.NONE,
            username="",
            password="",
            allowed_networks=(*PRIVATE, *model.networks),
        )
        within = self._deadline.part(CONNECT_SECONDS)
        return _Stream(dial(login, within), self._deadline)


class _Stream(httpcore.NetworkStream):
    """A connected socket, encrypted already where the address says https."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        sock.settimeout(0)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 # the deadline counts
        while True:
            self._deadline.left(LOOK_EVERY)
            try:
                return self._sock.recv(max_bytes)
            except (BlockingIOError, ssl.SSLWantReadError):
                self._wait(selectors.EVENT_READ)
            except ssl.SSLWantWriteError:
                self._wait(selectors.EVENT_WRITE)
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
                return b""
            except OSError as error:
                raise httpcore.ReadError(type(error).__name__) from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 # as above
        rest = memoryview(buffer)
        while rest:
            self._deadline.left(LOOK_EVERY)
            try:
                rest = rest[self._sock.send(rest) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait(selectors.EVENT_WRITE)
            except ssl.SSLWantReadError:
                self._wait(selectors.EVENT_READ)
            except OSError as error:
                raise httpcore.WriteError(type(error).__name__) from None

    def close(self) -> None:
        with suppress(OSError):
            self._sock.close()

    def start_tls(self, *_how: Any, **_more: Any) -> httpcore.NetworkStream:
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._sock if info == "socket" else None

    def _wait(self, event: int) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, event)
            while not selector.select(self._deadline.left(LOOK_EVERY)):
                pass
