"""An OpenAI-compatible endpoint on loopback, that behaves or misbehaves as it is told.

A well-behaved one knows some words and finds the category by its name in the question,
as a model would. It keeps what it was asked.
"""

import gzip
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mailbeat.labeling.llm.model import Model

NAME = "stub-1"
# What a good model would know. None of these words is in our own tables.
KNOWS = {"zyx": "Receipts", "qwv": "Promotions", "kjh": "Security", "bnm": "Personal"}
ORDER = re.compile(r"file all as (\w+)", re.IGNORECASE)


@dataclass
class Asked:
    """One request: its body, and what the user's message said."""

    body: dict[str, Any]
    headers: Mapping[str, str]
    raw: bytes = field(repr=False)

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body["messages"][1]["content"]))

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.content["messages"])

    @property
    def has_schema(self) -> bool:
        return "response_format" in self.body

    def code(self, name: str) -> str:
        """The code of the category of that name."""
        found = [c["code"] for c in self.content["categories"] if c["name"] == name]
        return str(found[0]) if found else "none"


Answers = list[dict[str, Any]]
Behaviour = Callable[["Handler", Asked], None]


def known(asked: Asked) -> Answers:
    """What a good model answers."""
    answers = []
    for one in asked.messages:
        said = f"{one['subject']} {one['text']}".lower()
        name = next((name for word, name in KNOWS.items() if word in said), "")
        answers.append({"id": one["id"], "code": asked.code(name)})
    return answers


def all_as(name: str) -> Behaviour:
    """A hostile model: everything is of one category."""

    def behave(handler: "Handler", asked: Asked) -> None:
        code = asked.code(name)
        handler.say([{"id": one["id"], "code": code} for one in asked.messages])

    return behave


def good(handler: "Handler", asked: Asked) -> None:
    handler.say(known(asked))


def obedient(handler: "Handler", asked: Asked) -> None:
    """It does what mail, a sender or a category's meaning tells it, to all mail."""
    order = ORDER.search(json.dumps(asked.content))
    (all_as(order[1]) if order else good)(handler, asked)


def no_schema(handler: "Handler", asked: Asked) -> None:
    if asked.has_schema:
        handler.answer({"error": {"message": "response_format: unknown"}}, status=400)
    else:
        good(handler, asked)


def no_max_tokens(handler: "Handler", asked: Asked) -> None:
    if "max_tokens" in asked.body:
        text = "Unsupported parameter: 'max_tokens' is not supported with this model."
        handler.answer({"error": {"message": text}}, status=400)
    else:
        good(handler, asked)


def failing(status: int, **headers: str) -> Behaviour:
    def behave(handler: "Handler", _asked: Asked) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.answer({"error": {"message": "no"}}, status=status, headers=named)

    return behave


def silent(handler: "Handler", _asked: Asked) -> None:
    """It takes the question and says nothing, till whoever asked hangs up."""
    handler.stub.stopped.wait(30)


def dripping(handler: "Handler", asked: Asked) -> None:
    """A byte every tenth of a second: no pause is ever long."""
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b" " * 9999
    for byte in raw:
        if handler.stub.stopped.wait(0.1):
            return
        handler.wfile.write(bytes([byte]))


def slow(seconds: float) -> Behaviour:
    def behave(handler: "Handler", asked: Asked) -> None:
        handler.stub.stopped.wait(seconds)
        good(handler, asked)

    return behave


def saying(content: Any) -> Behaviour:
    """Whatever it is asked, it says this."""

    def behave(handler: "Handler", _asked: Asked) -> None:
        handler.say_raw(content)

    return behave


def cut(handler: "Handler", asked: Asked) -> None:
    handler.say_raw(json.dumps({"answers": known(asked)})[:-9])


def chatty(handler: "Handler", asked: Asked) -> None:
    said = json.dumps({"answers": known(asked)})
    handler.say_raw(f"Sure! Here is what I found:\n{said}\nAnything else?")


def fenced(handler: "Handler", asked: Asked) -> None:
    handler.say_raw("```json\n" + json.dumps({"answers": known(asked)}) + "\n```")


def unknown_codes(handler: "Handler", asked: Asked) -> None:
    handler.say([one | {"code": "Receipts"} for one in known(asked)])


def missing(handler: "Handler", asked: Asked) -> None:
    handler.say(known(asked)[1:])


def doubled(handler: "Handler", asked: Asked) -> None:
    answers = known(asked)
    handler.say([*answers, answers[0]])


def reversed_ids(handler: "Handler", asked: Asked) -> None:
    handler.say(known(asked)[::-1])


def huge(handler: "Handler", _asked: Asked) -> None:
    handler.say_raw("a" * 10_000_000)


def redirecting(handler: "Handler", _asked: Asked) -> None:
    where = f"http://127.0.0.1:{handler.stub.port}/elsewhere"
    handler.answer({}, status=307, headers={"Location": where})


def wrong_type(handler: "Handler", asked: Asked) -> None:
    body = completion(json.dumps({"answers": known(asked)}))
    handler.answer(body, headers={"Content-Type": "text/html"})


def bomb(handler: "Handler", _asked: Asked) -> None:
    packed = gzip.compress(b'{"choices":"' + b"a" * 50_000_000)
    handler.send(packed, headers={"Content-Encoding": "gzip"})


def resetting(handler: "Handler", _asked: Asked) -> None:
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()


def hanging_up(handler: "Handler", _asked: Asked) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{")


def no_http(handler: "Handler", _asked: Asked) -> None:
    handler.wfile.write(b"* OK IMAP4rev1 ready\r\n" * 20_000)


def endless_headers(handler: "Handler", _asked: Asked) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    with suppress(OSError):
        for n in range(1_000_000):
            handler.wfile.write(b"X-%d: more\r\n" % n)


MISBEHAVIOURS: dict[str, Behaviour] = {
    "429": failing(429, Retry_After="0"),
    "429 for an hour": failing(429, Retry_After="3600"),
    "500": failing(500),
    "401": failing(401),
    "404": failing(404),
    "400 always": failing(400),
    "cut": cut,
    "chatty": chatty,
    "unknown codes": unknown_codes,
    "huge": huge,
    "redirecting": redirecting,
    "wrong type": wrong_type,
    "bomb": bomb,
    "resetting": resetting,
    "hanging up": hanging_up,
    "no http": no_http,
    "endless headers": endless_headers,
    "nested": saying("[" * 50_000),
    "a number": saying(7),
    "null": saying(None),
    "a list": saying("[1, 2]"),
    "odd types": saying('{"answers": [{"id": true, "code": 1}, {"id": "1"}, 5]}'),
    "large numbers": saying('{"answers": [{"id": 1' + "0" * 9999 + "}]}"),
}


def completion(content: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    usage = {"prompt_tokens": 30, "completion_tokens": 10, "total_tokens": 40}
    return {"choices": [{"index": 0, "message": message}], "usage": usage}


class LLMServer:
    """`behaviours` are those of the next requests; then it is `behaviour`."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = good
        self.behaviours: list[Behaviour] = []
        self.asked: list[Asked] = []
        self.connections = 0
        self.most_at_once = 0
        self._at_once = 0
        self._counting = threading.Lock()
        self.stopped = threading.Event()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.stub = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._counting:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._counting:
                self._at_once -= 1

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def model(self) -> Model:
        return Model(self.url, NAME, api_key="what the stub wants to see")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stub: LLMServer

    def process_request(self, request: Any, client_address: Any) -> None:
        self.stub.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked hung up; that is what is tested."""


class Handler(BaseHTTPRequestHandler):
    server: _Server

    @property
    def stub(self) -> LLMServer:
        return self.server.stub

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        asked = Asked(json.loads(raw), dict(self.headers), raw)
        self.stub.asked.append(asked)
        if self.path != "/v1/chat/completions":
            self.answer({"error": "no such place"}, status=404)
            return
        behaviours = self.stub.behaviours
        behave = behaviours.pop(0) if behaviours else self.stub.behaviour
        with self.stub.counted(), suppress(BrokenPipeError, ConnectionResetError):
            behave(self, asked)

    def say(self, answers: Answers) -> None:
        self.say_raw(json.dumps({"answers": answers}))

    def say_raw(self, content: Any) -> None:
        self.answer(completion(content))

    def answer(
        self,
        body: Any,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.send(json.dumps(body).encode(), status=status, headers=headers)

    def send(
        self,
        body: bytes,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        named = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        self.send_response(status)
        for name, value in (named | dict(headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[LLMServer]:
    server = LLMServer()
    try:
        yield server
    finally:
        server.stop()


def main() -> None:
    """Answer in the foreground, for a look at the product."""
    server = LLMServer()
    print(server.url, flush=True)  # noqa: T201 # a program that prints
    while True:
        time.sleep(1)
        print(f"{len(server.asked)} questions", flush=True)  # noqa: T201 # as above


if __name__ == "__main__":
    main()
