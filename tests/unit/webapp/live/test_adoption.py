"""A socket changes hands, and whoever had it before can do it no harm."""

import socket
import ssl

import pytest

from webapp.live.adoption import (
    SEND_BUFFER,
    CannotAdopt,
    NoThread,
    socket_of,
    take_over,
)


@pytest.fixture
def connection():
    """Both ends of a TCP connection: the server's and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = socket.create_connection(listening.getsockname())
        server, _ = listening.accept()
    client.settimeout(5)
    with client, server:
        yield server, client


def test_what_the_new_owner_writes_arrives(connection):
    server, client = connection

    with take_over(server) as ours:
        ours.send(b"hello")

        assert client.recv(10) == b"hello"


def test_the_old_owner_can_write_and_close_without_harm(connection):
    server, client = connection

    with take_over(server) as ours:
        with pytest.raises(BrokenPipeError):
            server.send(b"HTTP/1.1 200 OK")
        server.settimeout(1)
        assert server.recv(1) == b""  # at once: it waits for no goodbye
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        ours.send(b"still here")

        assert client.recv(100) == b"still here"


def test_the_new_owner_reads_what_the_client_says(connection):
    server, client = connection

    with take_over(server) as ours:
        client.send(b"hello")
        ours.settimeout(5)

        assert ours.recv(10) == b"hello"


def test_little_waits_in_the_kernel_and_nothing_blocks(connection):
    with take_over(connection[0]) as ours:
        # Linux reports twice what was asked for.
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * SEND_BUFFER
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert ours.gettimeout() == 0


def test_a_hundred_times_leave_no_file_open():
    def next_number():
        with socket.socket() as one:
            return one.fileno()

    before = next_number()
    for _ in range(100):
        one, other = socket.socketpair()
        with one, other:
            take_over(one).close()

    assert next_number() == before


@pytest.mark.parametrize("name", ["werkzeug.socket", "gunicorn.socket"])
def test_a_plain_socket_is_found(connection, name):
    assert socket_of({name: connection[0]}) is connection[0]


@pytest.mark.parametrize("environ", [{}, {"gunicorn.socket": object()}])
def test_a_server_that_hides_it_is_refused(environ):
    with pytest.raises(CannotAdopt, match=r"gunicorn\.conf\.py"):
        socket_of(environ)


def test_a_socket_that_speaks_tls_is_refused():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    one, other = socket.socketpair()
    wrapped = context.wrap_socket(one, server_side=True, do_handshake_on_connect=False)

    with other, wrapped, pytest.raises(CannotAdopt, match="proxy"):
        socket_of({"gunicorn.socket": wrapped})


def test_the_library_s_thread_never_starts():
    thread = NoThread(target=lambda: pytest.fail("it ran"))
    thread.name = thread.name.replace("(", "[")

    thread.start()
