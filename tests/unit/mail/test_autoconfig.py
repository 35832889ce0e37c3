"""Finding the server of a domain of one's own, of which anybody may be the owner."""

import socket
import threading
import time

import pytest

from mailbeat.mail import autoconfig
from mailbeat.mail.autoconfig import find_server, server_in
from mailbeat.mail.mailbox import Security
from mailbeat.mail.names import Names
from tests.servers.dns import name_server
from tests.servers.imap import LOOPBACK
from tests.unit.mail.test_https import answering

OWN = "ada@own.example.org"
FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="own.example.org">
    <incomingServer type="pop3">
      <hostname>pop.example.net</hostname><port>995</port><socketType>SSL</socketType>
    </incomingServer>
    <incomingServer type="imap">
      <hostname>plain.example.net</hostname><port>143</port>
      <socketType>plain</socketType>
    </incomingServer>
    <incomingServer type="imap">
      <hostname>Mail.Example.net</hostname><port>143</port>
      <socketType>STARTTLS</socketType>
    </incomingServer>
  </emailProvider>
</clientConfig>"""
OK = b"HTTP/1.1 200 OK\r\n\r\n" + FILE


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    """No name leads anywhere, and no domain says where its mail goes."""

    def resolve(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(autoconfig, "_names", Names(resolve))
    with name_server({}) as resolver:
        yield resolver


def find(address=OWN, *, resolver, port=None):
    urls = [f"http://127.0.0.1:{port}/{{domain}}?{{address}}"] if port else []
    return find_server(address, networks=LOOPBACK, resolver=resolver, urls=urls)


def test_nobody_is_asked_for_a_well_known_provider():
    assert find_server("ada@gmail.com", urls=["nonsense"]).host == "imap.gmail.com"


@pytest.mark.parametrize(
    ("record", "host"),
    [
        ("10 aspmx.l.google.com.", "imap.gmail.com"),
        ("0 own-example.mail.protection.outlook.com.", "outlook.office365.com"),
    ],
)
def test_whoever_takes_the_mail_in_has_it(record, host):
    mx = {"own.example.org": ["50 mx.example.net.", record]}
    with name_server(mx) as resolver:
        assert find(resolver=resolver) == (host, 993, Security.TLS)


def test_the_file_of_the_domain_tells(nowhere):
    with answering(OK) as (port, heard):
        found = find(resolver=nowhere, port=port)

    assert found == ("mail.example.net", 143, Security.STARTTLS)
    assert heard[0].startswith(b"GET /own.example.org?ada%40own.example.org HTTP/1.1")


def test_a_domain_of_other_letters_is_asked_for_by_its_name_in_ascii(nowhere):
    with answering(OK) as (port, heard):
        find("ada@bücher.example", resolver=nowhere, port=port)

    assert b"GET /xn--bcher-kva.example?ada%40b" in heard[0]


def test_the_usual_name_is_the_last_that_is_tried(nowhere, monkeypatch):
    asked = []

    def resolve(host, port, **_options):
        asked.append(host)
        return [(0, 0, 0, "", ("93.184.215.14", port))]

    monkeypatch.setattr(autoconfig, "_names", Names(resolve))

    found = find(resolver=nowhere)

    assert found == ("imap.own.example.org", 993, Security.TLS)
    assert asked == ["imap.own.example.org"]


def test_a_usual_name_that_leads_inside_is_none(nowhere, monkeypatch):
    inside = Names(lambda _host, port, **_: [(0, 0, 0, "", ("10.0.0.1", port))])
    monkeypatch.setattr(autoconfig, "_names", inside)

    assert find(resolver=nowhere) is None


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 No\r\n\r\n" + FILE,
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b"HTTP/1.1 302 F\r\nLocation: https://10.0.0.1/\r\n\r\n",
        b"HTTP/1.1 302 F\r\nLocation: ftp://example.net/\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + FILE + b" " * 100_000,
        b"nonsense",
        b"",
    ],
)
def test_a_domain_that_answers_something_else_has_none(answer, nowhere):
    with answering(answer) as (port, _):
        assert find(resolver=nowhere, port=port) is None


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "ada@",
        "ada@localhost",
        "ada@127.0.0.1/x",
        "ada@-a.example",
        "ada@a..example",
        "ada@a b.example",
        "ada@" + "a" * 64 + ".example",
        "ada@x.example:80",
        "ada@x.example#",
    ],
)
def test_nobody_is_asked_for_what_is_no_domain(address):
    assert find_server(address, urls=["http://127.0.0.1:1/"], networks=LOOPBACK) is None


def test_it_ends_in_time_whatever_others_do(monkeypatch):
    """The name server is silent, both web servers dribble, and so does the resolver."""
    end = threading.Event()

    def hang(*_args, **_options):
        end.wait(20)
        return []

    def dribble(connection):
        while not end.is_set():
            connection.sendall(b"H")
            time.sleep(0.05)

    monkeypatch.setattr(autoconfig, "_names", Names(hang))
    with (
        name_server({}, silent=True) as resolver,
        answering(dribble) as (one, _),
        answering(dribble) as (other, _),
    ):
        urls = [f"http://127.0.0.1:{port}/" for port in (one, other)]
        began = time.monotonic()
        found = find_server(OWN, networks=LOOPBACK, resolver=resolver, urls=urls)
        took = time.monotonic() - began
        end.set()

    assert found is None
    assert took < autoconfig.WITHIN + 1


# The file


def changed(old, new):
    assert old in FILE
    return FILE.replace(old, new)


def test_a_file_without_a_server_that_we_can_use_has_none():
    assert server_in(changed(b"STARTTLS", b"plain")) is None
    assert server_in(changed(b"Mail.Example.net", b"%EMAILDOMAIN%")) is None
    assert server_in(changed(b"Mail.Example.net", b"a b\r\n")) is None


@pytest.mark.parametrize("port", [b"0", b"65536", b"1e3", b"\xd9\xa3", b"", b"9" * 99])
def test_a_port_that_is_none(port):
    second = FILE.rindex(b"<port>143")
    config = FILE[:second] + b"<port>" + port + FILE[second + len(b"<port>143") :]

    assert server_in(config) is None


@pytest.mark.parametrize(
    "config",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">\n',
    ],
)
def test_a_file_with_a_dtd_is_not_read(config):
    body = FILE.split(b"?>\n", 1)[1]

    assert server_in(body) is not None
    assert server_in(config + body) is None


@pytest.mark.parametrize(
    "config",
    [
        b"",
        b"<",
        b"\0",
        FILE[:-9],
        b"<a>" * 50_000,
        b'<?xml version="1.0" encoding="zz"?><a/>',
    ],
    ids=range(6),
)
def test_a_broken_file_has_none(config):
    assert server_in(config) is None
