"""One question over HTTP, to whoever answers."""

import socket
import threading
import time
import tracemalloc
from contextlib import ExitStack, contextmanager

import pytest

from mailbeat.mail import net
from mailbeat.mail.deadline import Deadline, Stopped
from mailbeat.mail.errors import ConnectFailed, DeadlineExceeded, MailError, TLSFailed
from mailbeat.mail.https import MAX_BYTES, UnreadableAnswer, ask, fetch
from tests.servers.certificates import Authority
from tests.servers.imap import LOOPBACK
from tests.servers.process import free_port


@contextmanager
def answering(*answers, context=None):
    """Say one answer to each who connects, and hang up; yield the port and what came.

    An answer is bytes, or a function that is given the connection.
    """
    heard = []
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def serve():
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    if context is not None:
                        try:
                            connection = context.wrap_socket(
                                connection, server_side=True
                            )
                        except OSError:
                            continue
                    try:
                        heard.append(connection.recv(65_536))
                        if callable(answer):
                            answer(connection)
                        else:
                            connection.sendall(answer)
                    except OSError:
                        pass
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join(5)


def on(port, path="/", **options):
    options.setdefault("networks", LOOPBACK)
    return fetch(f"http://127.0.0.1:{port}{path}", Deadline(5), **options)


def test_an_answer_with_a_length_is_read():
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello") as (
        port,
        heard,
    ):
        answer = on(port, "/a?b=c")

    assert (answer.status, answer.body) == (200, b"hello")
    assert heard[0].startswith(b"GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1")
    assert b"\r\nConnection: close\r\n" in heard[0]


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
        ),
    ],
)
def test_an_answer_without_a_length_is_read(raw):
    with answering(raw) as (port, _):
        assert on(port).body == b"hello"


def test_nobody_has_to_hang_up():
    def stay(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        connection.recv(1)  # until the client has enough

    with answering(stay) as (port, _):
        began = time.monotonic()
        assert on(port).body == b"ok"

    assert time.monotonic() - began < 2


def test_a_form_is_posted():
    with answering(b"HTTP/1.1 204 No\r\n\r\n") as (port, heard):
        url = f"http://127.0.0.1:{port}/token"
        answer = ask(url, Deadline(5), form=b"a=b", networks=LOOPBACK)

    assert answer.status == 204
    assert heard[0].startswith(b"POST /token ")
    assert heard[0].endswith(b"\r\nContent-Length: 3\r\n\r\na=b")


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 302 F\r\nLocation: http://[::1\r\n\r\n",
        b"HTTP/1.1 302 F\r\nLocation: http://h:99999/\r\n\r\n",
        b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n",
        b"HTTP/1.1 302 F\r\nLocation: https://127.0.0.1/\r\n\r\n",
        b"HTTP/1.1 302 F\r\nLocation: /a b\x01\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_an_error_of_ours(raw):
    with answering(raw) as (port, _), pytest.raises(UnreadableAnswer) as caught:
        on(port)

    assert "nonsense" not in str(caught.value)
    assert "passwd" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_server_that_hangs_up_is_away():
    with answering(b"") as (port, _), pytest.raises(ConnectFailed):
        on(port)


def test_a_huge_answer_is_not_read_to_its_end():
    def flood(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    tracemalloc.start()
    try:
        with answering(flood) as (port, _), pytest.raises(UnreadableAnswer):
            on(port)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 20 * MAX_BYTES


def test_a_dribbling_server_has_until_the_deadline():
    def dribble(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    with answering(dribble) as (port, _):
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            fetch(f"http://127.0.0.1:{port}/", Deadline(0.5), networks=LOOPBACK)

    assert time.monotonic() - began < 3


def test_a_silent_server_is_left_when_one_is_to_stop():
    stop = threading.Event()

    def silence(_connection):
        stop.set()
        time.sleep(0.8)

    deadline = Deadline(30, is_stopped=stop.is_set)
    with answering(silence) as (port, _), pytest.raises(Stopped):
        fetch(f"http://127.0.0.1:{port}/", deadline, networks=LOOPBACK)


def test_redirects_are_followed_a_few_times():
    there = [f"HTTP/1.1 302 F\r\nLocation: /{n}\r\n\r\n".encode() for n in range(3)]
    last = b"HTTP/1.1 200 OK\r\n\r\nhere"
    with answering(*there, last) as (port, heard):
        assert on(port).body == b"here"
    assert [one.split(b" ")[1] for one in heard] == [b"/", b"/0", b"/1", b"/2"]

    with answering(*there, there[0]) as (port, _), pytest.raises(UnreadableAnswer):
        on(port)


def test_ask_follows_no_redirect():
    with answering(b"HTTP/1.1 307 T\r\nLocation: /b\r\n\r\n") as (port, _):
        url = f"http://127.0.0.1:{port}/a"
        answer = ask(url, Deadline(5), form=b"secret", networks=LOOPBACK)

    assert (answer.status, answer.location) == (307, f"http://127.0.0.1:{port}/b")


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "[::1]", "localhost"])
def test_a_private_address_is_not_dialled(host):
    with pytest.raises(ConnectFailed):
        fetch(f"https://{host}/", Deadline(5))


def test_a_redirect_into_a_private_network_is_not_followed():
    inside = free_port()
    raw = f"HTTP/1.1 302 F\r\nLocation: http://127.0.0.2:{inside}/\r\n\r\n".encode()
    only = (net.ip_network("127.0.0.1/32"),)
    with socket.create_server(("127.0.0.2", inside)) as other:
        other.settimeout(0.2)
        with answering(raw) as (port, _), pytest.raises(MailError):
            on(port, networks=only)
        with pytest.raises(TimeoutError):
            other.accept()


def test_nobody_there_is_an_error_of_ours():
    with pytest.raises(ConnectFailed):
        on(free_port())


def test_the_certificate_is_checked(tmp_path, monkeypatch):
    import ssl

    authority = Authority(tmp_path)
    issued = authority.issue("127.0.0.1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(issued.certificate, issued.key)
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    with (
        answering(ok, context=server) as (port, _),
        pytest.raises(TLSFailed),
    ):
        fetch(f"https://127.0.0.1:{port}/", Deadline(5), networks=LOOPBACK)

    trusting = ssl.create_default_context(cafile=authority.certificate)
    monkeypatch.setattr(net, "tls_context", lambda: trusting)
    with answering(ok, context=server) as (port, heard):
        url = f"https://127.0.0.1:{port}/"
        assert fetch(url, Deadline(5), networks=LOOPBACK).body == b"ok"
    assert len(heard) == 1
