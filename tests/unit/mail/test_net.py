"""Which hosts are dialled, and what becomes of a call that fails."""

import socket
import ssl
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_network

import pytest
from structlog.testing import capture_logs

from mailbeat.mail import net
from mailbeat.mail.deadline import Deadline, Stopped
from mailbeat.mail.errors import (
    ConnectFailed,
    DeadlineExceeded,
    HostRefused,
    TLSFailed,
)
from mailbeat.mail.mailbox import Login, Security
from mailbeat.mail.names import Names
from mailbeat.mail.net import checked_addresses, dial, tls_context
from tests.servers.certificates import Authority
from tests.servers.process import free_port

LOOPBACK = (ip_network("127.0.0.0/8"),)


def make_login(host="imap.example.org", port=993, security=Security.TLS, allowed=()):
    return Login(host, port, security, "ada", "a password", tuple(allowed))


def resolving_to(*addresses):
    def resolve(_host, port, **_options):
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    return resolve


# Addresses


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1"])
def test_a_public_address_is_dialled(address):
    found = checked_addresses(make_login(), resolve=resolving_to(address))

    assert [str(one) for one in found] == [address]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.168.1.1",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::10.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2001:0:4136:e378::1",
        "2001:db8::1",
        "2002:a00:1::1",
        "fc00::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_refused(address):
    with (
        capture_logs() as logs,
        pytest.raises(ConnectFailed, match="IMAP_ALLOWED_NETWORKS"),
    ):
        checked_addresses(make_login(), resolve=resolving_to(address))

    assert [one["event"] for one in logs] == ["host_refused"]


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    """Else the second of two answers would be dialled when the first fails."""
    resolve = resolving_to("93.184.215.14", "10.0.0.1")

    with pytest.raises(ConnectFailed):
        checked_addresses(make_login(), resolve=resolve)


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3"])
def test_an_allowed_network_is_dialled(address):
    login = make_login(allowed=[ip_network("10.0.0.0/8")])

    found = checked_addresses(login, resolve=resolving_to(address))

    assert [str(one) for one in found] == ["10.1.2.3"]


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "017700000001"]
)
def test_other_spellings_of_this_machine_are_refused_too(host):
    with capture_logs() as logs, pytest.raises(ConnectFailed):
        checked_addresses(make_login(host))

    assert [one["event"] for one in logs] == ["host_refused"]


def test_without_encryption_only_allowed_networks_are_dialled():
    login = make_login(security=Security.NONE, allowed=LOOPBACK)

    with pytest.raises(HostRefused, match="without encryption"):
        checked_addresses(login, resolve=resolving_to("93.184.215.14"))


@pytest.mark.parametrize(
    "host", ["nowhere.invalid", "a" * 300, "a..b", ".", "a\0b", "xn--\u00fc", "a b"]
)
def test_a_name_that_nobody_has_is_not_found(host):
    with pytest.raises(ConnectFailed, match="did not answer on port"):
        checked_addresses(make_login(host))


def trouble_with(resolve, **changes):
    with pytest.raises(ConnectFailed) as caught:
        checked_addresses(make_login(**changes), resolve=resolve)
    return str(caught.value)


@pytest.mark.parametrize("security", list(Security))
def test_what_is_unknown_and_what_is_not_dialled_are_not_told_apart(security):
    """Else the names of the operator's network could be tried out."""
    unknown = trouble_with(resolving_to(), security=security)
    blocked = trouble_with(resolving_to("10.0.0.1"), security=security)

    assert unknown == blocked


def test_what_is_not_dialled_and_what_does_not_answer_are_not_told_apart():
    port = free_port()
    with pytest.raises(ConnectFailed) as closed:
        dial(make_login("127.0.0.1", port, allowed=LOOPBACK), Deadline(5))

    blocked = trouble_with(resolving_to("10.0.0.1"), host="127.0.0.1", port=port)

    assert blocked == str(closed.value)


# Calls


def test_a_port_where_nobody_listens_is_not_reached():
    login = make_login("127.0.0.1", free_port(), Security.NONE, LOOPBACK)

    with pytest.raises(ConnectFailed, match="did not answer on port"):
        dial(login, Deadline(5))


def test_there_is_no_call_after_the_deadline():
    login = make_login("127.0.0.1", free_port(), Security.NONE, LOOPBACK)

    with pytest.raises(DeadlineExceeded):
        dial(login, Deadline(0))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusted(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    tls_context.cache_clear()
    yield authority
    tls_context.cache_clear()


@contextmanager
def answering(answer):
    """A server that calls `answer` with its one connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            answer(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(5)


def tls_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)

    def answer(connection):
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.sendall(b"hello")
            tls.recv(1)

    return answering(answer)


def test_a_certificate_of_a_known_authority_for_the_name_is_accepted(trusted):
    with tls_server(trusted.issue("localhost")) as port:
        login = make_login("localhost", port, allowed=LOOPBACK)
        with dial(login, Deadline(5)) as sock:
            assert sock.recv(5) == b"hello"


@pytest.mark.parametrize(
    ("host", "options", "sentence"),
    [
        ("other.example", {}, "is for another host name"),
        ("localhost", {"self_signed": True}, "is self-signed"),
        ("localhost", {"valid": (-9, -5)}, "has expired"),
        ("localhost", {"valid": (5, 9)}, "is not valid yet"),
    ],
)
def test_a_bad_certificate_ends_the_call_and_says_what_is_wrong(
    trusted, host, options, sentence
):
    with (
        tls_server(trusted.issue(host, **options)) as port,
        pytest.raises(TLSFailed, match=sentence),
    ):
        dial(make_login("localhost", port, allowed=LOOPBACK), Deadline(5))


def test_an_authority_that_nobody_knows_is_not_trusted(authority):
    with (
        tls_server(authority.issue("localhost")) as port,
        pytest.raises(TLSFailed, match="authority that this machine does not know"),
    ):
        dial(make_login("localhost", port, allowed=LOOPBACK), Deadline(5))


def test_a_server_without_tls_is_told_apart_from_one_that_is_away():
    with (
        answering(lambda connection: connection.sendall(b"* OK hello\r\n" * 9)) as port,
        pytest.raises(TLSFailed, match="does not speak TLS"),
    ):
        dial(make_login("localhost", port, allowed=LOOPBACK), Deadline(5))


def test_a_hang_up_in_the_handshake_is_no_certificate_fault():
    with (
        answering(lambda connection: connection.recv(1)) as port,
        pytest.raises(ConnectFailed),
    ):
        dial(make_login("localhost", port, allowed=LOOPBACK), Deadline(5))


def test_a_server_that_is_silent_in_the_handshake_costs_no_more_than_the_deadline():
    with (
        answering(
            lambda connection: connection.recv(99999) and connection.recv(1)
        ) as port,
        pytest.raises(DeadlineExceeded),
    ):
        dial(make_login("localhost", port, allowed=LOOPBACK), Deadline(0.2))


def after(seconds):
    """A stop that comes while one waits."""
    end = time.monotonic() + seconds
    return Deadline(600, is_stopped=lambda: time.monotonic() >= end)


@contextmanager
def soon():
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 2


def test_a_stop_is_seen_in_a_silent_handshake():
    with (
        answering(
            lambda connection: connection.recv(99999) and connection.recv(1)
        ) as port,
        soon(),
        pytest.raises(Stopped),
    ):
        dial(make_login("localhost", port, allowed=LOOPBACK), after(0.2))


@contextmanager
def deaf_port():
    """A port that answers no call: its queue of calls is full."""
    with socket.socket() as listener, ExitStack() as callers:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            caller = callers.enter_context(socket.socket())
            caller.settimeout(0)
            caller.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def test_a_stop_is_seen_while_nobody_answers_the_call():
    with deaf_port() as port, soon(), pytest.raises(Stopped):
        dial(make_login("127.0.0.1", port, Security.NONE, LOOPBACK), after(0.2))


def test_a_call_that_nobody_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(net, "CONNECT_SECONDS", 0.2)

    with deaf_port() as port, pytest.raises(ConnectFailed, match="did not answer"):
        dial(make_login("127.0.0.1", port, Security.NONE, LOOPBACK), Deadline(60))


def test_a_call_that_nobody_answers_costs_no_more_than_the_deadline():
    with deaf_port() as port, pytest.raises(DeadlineExceeded):
        dial(make_login("127.0.0.1", port, Security.NONE, LOOPBACK), Deadline(0.2))


def test_a_handshake_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(net, "TLS_SECONDS", 0.2)

    with (
        answering(
            lambda connection: connection.recv(99999) and connection.recv(1)
        ) as port,
        pytest.raises(ConnectFailed, match="did not answer"),
    ):
        dial(make_login("localhost", port, allowed=LOOPBACK), Deadline(60))


def test_the_second_address_is_dialled_when_the_first_does_not_answer(monkeypatch):
    with answering(lambda connection: connection.sendall(b"hello")) as port:
        monkeypatch.setattr(
            net, "_names", Names(resolving_to("127.0.0.9", "127.0.0.1"))
        )
        login = make_login("imap.example.org", port, Security.NONE, LOOPBACK)
        with dial(login, Deadline(5)) as sock:
            assert sock.recv(5) == b"hello"


def test_a_port_that_cannot_be_is_not_reached():
    login = make_login("127.0.0.1", 99_999, Security.NONE, LOOPBACK)

    with pytest.raises(ConnectFailed):
        dial(login, Deadline(5))


def test_a_name_server_that_hangs_is_not_waited_for_after_a_stop(monkeypatch):
    answer = threading.Event()
    monkeypatch.setattr(net, "_names", Names(lambda *_, **__: answer.wait(30)))

    with soon(), pytest.raises(Stopped):
        dial(make_login(), after(0.2))

    answer.set()
