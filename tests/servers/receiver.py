"""An HTTP server on loopback that keeps what is posted to it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Posted:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`statuses` are the next answers; after them comes 204."""

    port: int = 0
    posts: list[Posted] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/a-token-0815"

    def wait_for(self, number: int, timeout: float = 30) -> list[Posted]:
        with self.arrived:
            came = self.arrived.wait_for(lambda: len(self.posts) >= number, timeout)
            assert came, f"{len(self.posts)} came, not {number}"
            return list(self.posts)


@contextmanager
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            status = kept.statuses.pop(0) if kept.statuses else 204
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            with kept.arrived:
                headers = {k.lower(): v for k, v in self.headers.items()}
                kept.posts.append(Posted(self.path, headers, body))
                kept.arrived.notify_all()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
