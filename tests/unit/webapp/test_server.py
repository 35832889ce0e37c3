"""gunicorn's worker, turned by hand: who is served, and who is let go."""

import math
import os
import selectors
import socket
import threading
import time
from contextlib import ExitStack

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import errors

from webapp import server
from webapp.live.adoption import take_over
from webapp.security import HEADERS
from webapp.server import Phase, Worker, plain_answer, status_of

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Served:
    """A worker with its listener; each `turn` is one of its loop."""

    def __init__(self, app, **settings):
        cfg = Config()
        settings = {"threads": 2, "worker_connections": 40, "keepalive": 100} | settings
        for name, value in settings.items():
            cfg.set(name, value)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.listener.settimeout(0)
        self.worker = Worker(
            0, os.getpid(), [self.listener], None, 30, cfg, Logger(cfg)
        )
        self.worker.wsgi = app
        self.worker.tpool = self.worker.get_thread_pool()
        self.worker.poller = selectors.DefaultSelector()
        queue = self.worker.method_queue
        queue.init()
        self.worker.poller.register(
            queue.fileno(), selectors.EVENT_READ, queue.run_callbacks
        )
        self.worker.set_accept_enabled(True)

    def turn(self):
        self.worker.wait_for_and_dispatch_events(0.01)
        self.worker._looked_at = float("-inf")
        self.worker.murder_keepalived()

    def turn_until(self, true, timeout=10):
        end = time.monotonic() + timeout
        while not true():
            assert time.monotonic() < end, "it did not come true"
            self.turn()

    def connections(self, phase):
        return [one for one in self.worker._connections if one.phase is phase]

    def stop(self):
        self.worker.tpool.shutdown()
        for conn in list(self.worker._connections):
            self.worker._drop(conn)
        self.worker.poller.close()
        self.worker.method_queue.close()
        self.worker.tmp.close()
        self.listener.close()


def hello(environ, start_response):
    body = environ["wsgi.input"].read() or b"hello"
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def serve():
    with ExitStack() as stack:

        def serve(app=hello, **settings):
            served = Served(app, **settings)
            stack.callback(served.stop)
            return served

        yield serve


@pytest.fixture
def dial():
    with ExitStack() as stack:

        def dial(served, said=b""):
            sock = stack.enter_context(
                socket.create_connection(served.listener.getsockname(), timeout=5)
            )
            sock.sendall(said)
            sock.settimeout(0)
            return sock

        yield dial


def read(served, sock, until=lambda seen: seen):
    """Turn the worker until the client has read what is wanted, or the end."""
    seen = bytearray()

    def enough():
        try:
            data = sock.recv(65536)
        except BlockingIOError:
            return False
        seen.extend(data)
        return not data or until(seen)

    served.turn_until(enough)
    return bytes(seen)


def read_all(served, sock):
    return read(served, sock, until=lambda _: False)


def test_a_request_is_answered_and_its_connection_kept(serve, dial):
    served = serve()
    sock = dial(served, GET)

    first = read(served, sock, until=lambda seen: b"hello" in seen)
    served.turn_until(lambda: served.connections(Phase.IDLE))
    sock.sendall(GET)
    second = read(served, sock, until=lambda seen: b"hello" in seen)

    assert first.startswith(b"HTTP/1.1 200")
    assert second.startswith(b"HTTP/1.1 200")
    assert served.worker.nr_conns == 1


def test_no_thread_has_a_request_before_all_of_it_is_there(serve, dial):
    served = serve()
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
    sock = dial(served, post + b"ab")

    served.turn_until(lambda: served.connections(Phase.READING))
    served.turn()
    assert not served.connections(Phase.WORKING)
    sock.sendall(b"cd")

    assert read(served, sock, until=lambda seen: b"abcd" in seen)


def test_who_waits_to_be_told_to_go_on_is_told_once(serve, dial):
    served = serve()
    sock = dial(
        served,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
        b"Expect: 100-continue\r\n\r\n",
    )

    told = read(served, sock)
    sock.sendall(b"abcd")
    answered = read(served, sock)

    assert told == server.CONTINUE
    assert answered.startswith(b"HTTP/1.1 200")


def test_a_body_that_was_not_taken_in_is_never_the_next_request(serve, dial):
    served = serve()
    length = 10**6
    sock = dial(
        served,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length + GET,
    )

    seen = read_all(served, sock)

    assert seen.count(b"HTTP/1.1 ") == 1
    assert b"Connection: close" in seen


def test_a_late_request_is_told_so(serve, dial, monkeypatch):
    monkeypatch.setattr(server, "HEAD_WITHIN", 0.05)
    served = serve()

    seen = read_all(served, dial(served, b"GET / HTTP/1.1\r\n"))

    assert seen.startswith(b"HTTP/1.1 408")
    served.turn_until(lambda: not served.worker.nr_conns)


def test_a_body_has_its_own_time(serve, dial, monkeypatch):
    monkeypatch.setattr(server, "HEAD_WITHIN", 60)
    monkeypatch.setattr(server, "REQUEST_WITHIN", 0.05)
    served = serve()
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"

    assert read_all(served, dial(served, post)).startswith(b"HTTP/1.1 408")


def test_who_says_nothing_is_let_go_without_a_word(serve, dial, monkeypatch):
    monkeypatch.setattr(server, "HEAD_WITHIN", 0.05)
    served = serve()

    assert read_all(served, dial(served)) == b""


def test_who_does_not_take_the_answer_is_cut_off(serve, dial, monkeypatch):
    monkeypatch.setattr(server, "ANSWER_WITHIN", 0.2)

    def much(_environ, start_response):
        start_response("200 OK", [("Content-Length", str(10**8))])
        return [bytes(10**8)]

    served = serve(much)
    dial(served, GET)

    served.turn_until(lambda: served.connections(Phase.WORKING))
    served.turn_until(lambda: not served.worker.nr_conns)


def test_who_does_not_close_after_the_answer_is_let_go(serve, dial, monkeypatch):
    monkeypatch.setattr(server, "LEAVE_WITHIN", 0.05)
    served = serve()
    dial(served, b"GET / HTTP/1.0\r\n\r\n")

    served.turn_until(lambda: served.connections(Phase.LEAVING))
    served.turn_until(lambda: not served.worker.nr_conns)


@pytest.fixture
def adopting():
    """An app that takes sockets over, and waits before it gives its thread back."""
    adopted, may_end = [], threading.Event()

    def app(environ, _start_response):
        adopted.append(take_over(environ["gunicorn.socket"]))
        may_end.wait(10)
        raise StopIteration  # how flask-sock tells gunicorn that it is done

    yield app, adopted, may_end
    may_end.set()
    for sock in adopted:
        sock.close()


def test_a_socket_that_was_taken_over_is_none_of_the_worker_s(serve, dial, adopting):
    app, adopted, may_end = adopting
    may_end.set()
    served = serve(app)
    sock = dial(served, GET)

    served.turn_until(lambda: adopted and not served.worker.nr_conns)
    adopted[0].send(b"still here")

    assert read(served, sock) == b"still here"


def test_a_socket_that_was_taken_over_outlives_the_deadline_of_its_request(
    serve, dial, adopting, monkeypatch
):
    monkeypatch.setattr(server, "ANSWER_WITHIN", 0.05)
    app, adopted, may_end = adopting
    served = serve(app)
    sock = dial(served, GET)
    served.turn_until(lambda: adopted)
    (conn,) = served.worker._connections

    served.turn_until(lambda: conn.timeout == math.inf)  # it was shut down
    may_end.set()
    served.turn_until(lambda: not served.worker.nr_conns)
    adopted[0].send(b"still here")

    assert read(served, sock) == b"still here"


def test_when_all_places_are_taken_those_that_waited_longest_go(serve, dial):
    served = serve(worker_connections=40)
    silent = [dial(served) for _ in range(60)]

    served.turn_until(lambda: not socket_waits(served.listener))

    assert served.worker.nr_conns < 40
    assert read(served, dial(served, GET)).startswith(b"HTTP/1.1 200")
    assert silent[0].recv(1) == b""
    with pytest.raises(BlockingIOError):
        silent[-1].recv(1)


def socket_waits(listener):
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        return bool(selector.select(0.05))


def test_the_address_with_the_most_connections_gives_them_up(serve):
    served = serve(worker_connections=40)
    pairs = [socket.socketpair() for _ in range(6)]
    made = [
        server.Connection(served.worker.cfg, sock, (address, 1), None)
        for (sock, _), address in zip(pairs, "abbbbc", strict=True)
    ]
    served.worker._connections.update(made)
    served.worker.nr_conns = len(made)

    served.worker._make_room()

    left = {conn.address for conn in served.worker._connections}
    assert left == {"a", "b", "c"}
    assert made[1] not in served.worker._connections
    for _, other in pairs:
        other.close()


def test_an_app_that_fails_is_answered_for_in_fixed_words(serve, dial):
    def fails(_environ, _start_response):
        raise RuntimeError("hunter2 is the password")

    served = serve(fails)

    seen = read_all(served, dial(served, GET))

    assert seen.startswith(b"HTTP/1.1 500")
    assert b"hunter2" not in seen


def test_a_stopping_worker_waits_for_nobody_who_waits(serve, dial):
    served = serve()
    dial(served, b"GET / HTTP")
    dial(served)
    served.turn_until(lambda: served.worker.nr_conns == 2)

    served.worker.alive = False
    served.worker._cap_keepalive(time.monotonic())
    served.turn()

    assert served.worker.nr_conns == 0


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidRequestLine("x"), 400),
        (errors.InvalidHeader("x"), 400),
        (errors.LimitRequestLine(1, 2), 414),
        (errors.LimitRequestHeaders("x"), 431),
        (errors.UnsupportedTransferCoding("x"), 501),
        (errors.ExpectationFailed("x"), 417),
        (errors.InvalidResponseHeader("x"), 500),
        (RuntimeError("x"), 500),
    ],
)
def test_each_refusal_has_its_status(error, status):
    assert status_of(error) == status


@pytest.mark.parametrize("is_https", [True, False])
def test_an_answer_without_a_request_has_our_headers(is_https):
    head, _, body = plain_answer(431, request_id="abc", is_https=is_https).partition(
        b"\r\n\r\n"
    )
    lines = head.decode().split("\r\n")

    assert lines[0] == "HTTP/1.1 431 Request Header Fields Too Large"
    for name, value in HEADERS.items():
        assert f"{name}: {value}" in lines
    assert f"Content-Length: {len(body)}" in lines
    assert "Cache-Control: no-store" in lines
    assert "X-Request-Id: abc" in lines
    assert is_https == ("Strict-Transport-Security: max-age=63072000" in lines)
    assert b"abc" in body


def test_the_one_long_answer_has_more_time(serve, dial):
    seen = {}

    def note(environ, start_response):
        (conn,) = served.worker._connections
        seen[environ["PATH_INFO"]] = conn.timeout - time.monotonic()
        return hello(environ, start_response)

    served = serve(note)
    for path in ("/settings", server.EXPORT):
        sock = dial(served, GET.replace(b"/ ", path.encode() + b" ", 1))
        read(served, sock, until=lambda seen: b"hello" in seen)
        sock.close()
        served.turn_until(lambda: not served.worker._connections)

    assert seen["/settings"] <= server.ANSWER_WITHIN
    assert seen[server.EXPORT] > server.EXPORT_WITHIN - 60


def test_the_path_of_the_long_answer_is_that_of_the_export(app):
    adapter = app.url_map.bind("localhost")

    assert adapter.match(server.EXPORT, "POST")[0] == "pages.settings_export"
