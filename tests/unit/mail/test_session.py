"""Signing in and out, and what every failure on the way becomes."""

import gc
import time
import traceback

import pytest

from mailbeat.mail import session as sessions
from mailbeat.mail.deadline import Deadline
from mailbeat.mail.errors import (
    AuthFailed,
    ConnectFailed,
    MailError,
    ServerBusy,
    Throttled,
    TLSFailed,
)
from mailbeat.mail.mailbox import Security
from mailbeat.mail.session import Session
from tests.servers.rude_imap import HANG_UP, rude_imap

NO_PLAIN = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"}


def sign_in(server, password="a password", **changes):  # nobody's
    session = Session(server.login(password, **changes), "INBOX", Deadline(5))
    try:
        session.sign_in()
    finally:
        session.close()
    return session


def test_signed_in_the_capabilities_are_those_of_afterwards():
    answers = {
        "CAPABILITY": [
            b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done\r\n",
            b"* CAPABILITY IMAP4rev1 X-GM-EXT-1\r\n{tag} OK done\r\n",
        ]
    }

    with rude_imap(answers) as server:
        assert sign_in(server).offers("X-GM-EXT-1")


def test_a_server_that_wants_to_know_is_told_who_we_are():
    told = b"{tag} OK [CAPABILITY IMAP4rev1 ID] done\r\n"

    with rude_imap({"AUTHENTICATE": told}) as server:
        sign_in(server)

    assert server.commands[-1] == 'ID ("name" "Mailbeat")'


@pytest.mark.parametrize(
    ("answers", "greeting", "expected"),
    [
        ({}, b"", ConnectFailed),
        ({}, b"* BYE [UNAVAILABLE] later\r\n", ServerBusy),
        ({}, b"* BYE Too many connections\r\n", Throttled),
        ({}, b"HTTP/1.1 400 Bad Request\r\n\r\n", ServerBusy),
        ({}, b"* PREAUTH welcome\r\n", ServerBusy),
        ({"CAPABILITY": HANG_UP}, b"* OK\r\n", ConnectFailed),
        ({"CAPABILITY": b"{tag} OK\r\n"}, b"* OK\r\n", ServerBusy),
        (
            {"CAPABILITY": b"* CAPABILITY POP3\r\n{tag} OK x\r\n"},
            b"* OK\r\n",
            ServerBusy,
        ),
        ({"AUTHENTICATE": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"}, None, AuthFailed),
        ({"AUTHENTICATE": b"{tag} NO [UNAVAILABLE] no\r\n"}, None, ServerBusy),
        ({"AUTHENTICATE": b"* BYE\r\n" + HANG_UP}, None, ServerBusy),
        ({"AUTHENTICATE": HANG_UP}, None, ConnectFailed),
        ({"AUTHENTICATE": b"{tag} BAD what\r\n"}, None, ServerBusy),
        (
            {**NO_PLAIN, "LOGIN": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"},
            None,
            AuthFailed,
        ),
        ({**NO_PLAIN, "LOGIN": b"\xff\xfe{tag}\r\n"}, None, ServerBusy),
    ],
)
def test_a_failure_is_one_of_our_errors(answers, greeting, expected):
    greeting = b"* OK hello\r\n" if greeting is None else greeting

    with rude_imap(answers, greeting=greeting) as server, pytest.raises(expected) as e:
        sign_in(server)

    assert str(e.value).startswith("127.0.0.1 ")


@pytest.mark.parametrize("plain", [{}, NO_PLAIN], ids=["PLAIN", "LOGIN"])
@pytest.mark.parametrize(
    "password", ["CANARY", "CANÄRY", "CANARY\r\nA1 NOOP", "CANARY\0", 'CANARY"\\']
)
def test_a_refused_password_is_in_no_error(plain, password):
    """Nor in an error behind the error: some tools print those too."""
    echo = b"{tag} NO [AUTHENTICATIONFAILED] no CANARY CAN\xc3\x84RY\r\n"
    answers = plain | {"AUTHENTICATE": echo, "LOGIN": echo}

    with rude_imap(answers) as server, pytest.raises(MailError) as caught:
        sign_in(server, password)

    assert isinstance(caught.value, AuthFailed)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    shown = "".join(traceback.format_exception(caught.value))
    assert "CANARY" not in shown.replace("CANARY\\", "")
    assert "CANÄRY" not in shown


def test_a_password_with_a_line_end_is_never_sent():
    with rude_imap() as server, pytest.raises(AuthFailed):
        sign_in(server, "a\r\nA2 DELETE INBOX")

    assert not [line for line in server.commands if "DELETE" in line]


def test_without_starttls_no_password_is_sent():
    with (
        rude_imap() as server,
        pytest.raises(TLSFailed, match="does not offer STARTTLS"),
    ):
        sign_in(server, security=Security.STARTTLS)

    assert server.commands == ["CAPABILITY"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"{tag} NO later\r\n", ServerBusy),
        (b"{tag} OK go\r\n" + HANG_UP, ConnectFailed),
    ],
)
def test_a_broken_starttls_ends_the_call(answer, expected):
    answers = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done\r\n",
        "STARTTLS": answer,
    }

    with rude_imap(answers) as server, pytest.raises(expected):
        sign_in(server, security=Security.STARTTLS)

    assert server.commands[:2] == ["CAPABILITY", "STARTTLS"]
    assert not any(line.startswith(("LOGIN", "AUTH")) for line in server.commands)


def test_signing_out_waits_for_no_silent_server(monkeypatch):
    monkeypatch.setattr(sessions, "LOGOUT_SECONDS", 0.1)
    with rude_imap({"LOGOUT": b"* wait"}) as server:
        session = Session(server.login(), "INBOX", Deadline(5))
        session.sign_in()
        start = time.monotonic()

        session.sign_out()

        assert time.monotonic() - start < 2


def test_no_socket_stays_open_after_a_failure():
    """An open one would warn when it is collected, and warnings are errors here."""
    with rude_imap({"AUTHENTICATE": HANG_UP}) as server, pytest.raises(ConnectFailed):
        sign_in(server)

    gc.collect()
