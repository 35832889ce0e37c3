"""Clients that are slow, silent or wrong take nothing away from the others."""

import socket
import time
from contextlib import ExitStack

import pytest

from webapp.security import HEADERS

MANY = 40  # more than twice the threads
HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"


@pytest.fixture(scope="module")
def web(make_dashboard):
    dashboard = make_dashboard("redis://127.0.0.1:1/0")
    dashboard.start()
    yield dashboard
    dashboard.stop()


@pytest.fixture
def dial(web):
    """Open a connection, and say something on it."""
    with ExitStack() as stack:

        def dial(said=b""):
            sock = socket.create_connection(("127.0.0.1", web.port), timeout=20)
            stack.enter_context(sock)
            sock.sendall(said)
            return sock

        yield dial


def answer(sock, file=None):
    """Read one answer, and return its status, its headers and its body."""
    file = file or sock.makefile("rb")
    status = int(file.readline().split()[1])
    headers = {}
    while (line := file.readline().strip()) != b"":
        name, _, value = line.decode().partition(": ")
        headers[name.lower()] = value
    return status, headers, file.read(int(headers.get("content-length", 0)))


def answered_within(dial, seconds):
    began = time.monotonic()
    status, _, _ = answer(dial(HEAD + b"\r\n"))
    took = time.monotonic() - began
    return status == 200 and took < seconds


def test_half_requests_hold_nobody_up(dial):
    for _ in range(MANY):
        dial(HEAD)
        dial(POST + b"Content-Length: 100\r\n\r\nkey=")
        dial(POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nkey=\r\n")

    assert all(answered_within(dial, 1) for _ in range(5))


def test_bodies_that_are_announced_too_long_hold_nobody_up(dial):
    for _ in range(MANY):
        dial(POST + b"Content-Length: 1000000\r\n\r\nkey=")

    assert all(answered_within(dial, 1) for _ in range(5))


def test_who_does_not_close_after_the_answer_holds_nobody_up(dial):
    left = [dial(HEAD + b"Connection: close\r\n\r\n") for _ in range(MANY)]

    assert all(answered_within(dial, 1) for _ in range(5))
    assert {answer(sock)[0] for sock in left} == {200}


def test_who_never_reads_holds_nobody_up(web, dial):
    asked = b"GET /runs HTTP/1.1\r\nHost: x\r\nX-API-Key: " + web.key.encode()
    for _ in range(MANY):
        dial((asked + b"\r\n\r\n") * 5)

    assert all(answered_within(dial, 1) for _ in range(5))


def test_half_a_head_is_given_up_after_a_while(dial):
    begun = time.monotonic()

    status, headers, _ = answer(dial(HEAD))

    assert status == 408
    assert headers["connection"] == "close"
    assert 9 < time.monotonic() - begun < 15


def test_a_request_that_drips_in_is_answered(dial):
    sock = dial()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    for byte in POST + b"Content-Length: 9\r\n\r\nkey=wrong":
        sock.sendall(bytes([byte]))

    assert answer(sock)[0] in {401, 429}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"nonsense mb_canary\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX-API-Key mb_canary\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: mb_canary\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: mb_canary\n\n", 400),
        (b"GET /" + 9000 * b"a" + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /" + 40000 * b"a", 414),
        (HEAD + b"X-API-Key: " + 9000 * b"a" + b"\r\n\r\n", 431),
        (HEAD + 200 * b"a: mb_canary\r\n" + b"\r\n", 431),
        (HEAD + 40000 * b"a", 431),
        (HEAD + b"Transfer-Encoding: mb_canary\r\n\r\n", 501),
        (HEAD + b"Expect: mb_canary\r\n\r\n", 417),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + 30000 * b"1\r\na\r\n", 413),
    ],
)
def test_what_is_no_request_is_refused_in_our_words(dial, said, status):
    answered, headers, body = answer(dial(said))

    assert answered == status
    for name in HEADERS:
        assert headers[name.lower()] == HEADERS[name]
    assert headers["cache-control"] == "no-store"
    assert headers["x-request-id"].encode() in body
    assert b"canary" not in body


FORM = (
    b"POST /login HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)


def test_a_body_in_chunks_is_read(web, dial):
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(part), part)
        for part in (b"key=", web.key.replace(" ", "+").encode(), b"&next=/runs")
    )

    sock = dial(FORM + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    sock.sendall(b"0\r\n\r\n")

    status, headers, _ = answer(sock)
    assert (status, headers["location"]) == (303, "/runs")


@pytest.mark.parametrize("expect", [b"", b"Expect: 100-continue\r\n"])
def test_a_body_too_long_is_refused_by_the_app_and_read_to_its_end(dial, expect):
    length = 100_000
    sock = dial(FORM + expect + b"Content-Length: %d\r\n\r\n" % length)
    sock.sendall(bytes(length))

    status, headers, _ = answer(sock)

    assert (status, headers["connection"]) == (413, "close")


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"[::1",
        b"]",
        b"a b",
        b"a/b",
        b"a@b:c",
        b"\xff\xfe",
        b"[v1.x]:80",
        b"1::",
        b"x:99999999",
        b"x" * 5000,
        b"{}<>",
    ],
)
def test_a_host_that_is_none_breaks_nothing(dial, host):
    for path in (b"/healthz", b"/login", b"/nowhere"):
        asked = b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (path, host)

        status, headers, _ = answer(dial(asked))

        assert status in {200, 303, 400}, path
        assert headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


def test_two_requests_at_once_are_both_answered(dial):
    sock = dial(2 * (HEAD + b"\r\n"))

    with sock.makefile("rb") as file:
        assert [answer(sock, file)[0] for _ in range(2)] == [200, 200]
