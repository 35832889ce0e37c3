"""Signing in and out, and what every failure on the way becomes."""

import base64
import gc
import logging
import time
import traceback
from contextlib import contextmanager

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
from mailbeat.mail.refusal import Step
from mailbeat.mail.session import Session, UnreadableAnswer
from tests.servers.rude_imap import HANG_UP, rude_imap

NO_PLAIN = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"}


DONE = b"{tag} OK done\r\n"


@contextmanager
def signed_in(answers, capability=b"", **options):
    greeting = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n"
    told = b"{tag} OK [CAPABILITY IMAP4rev1 %b] done\r\n" % capability
    with rude_imap({"AUTHENTICATE": told, **answers}, greeting=greeting) as server:
        session = Session(server.login(), "INBOX", Deadline(20), **options)
        session.server = server
        session.sign_in()
        try:
            yield session
        finally:
            session.close()


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


def test_capabilities_of_the_greeting_are_not_asked_for_again():
    greeting = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n"
    told = {"AUTHENTICATE": b"{tag} OK [CAPABILITY IMAP4rev1 ID] done\r\n"}

    with rude_imap(told, greeting=greeting) as server:
        session = sign_in(server)

    assert session.capabilities == {"IMAP4REV1", "ID"}
    assert [line.split()[0] for line in server.commands] == ["AUTHENTICATE"]


@pytest.mark.parametrize("at_once", [b"", b" SASL-IR"])
@pytest.mark.parametrize("password", ["a password", 'p"a\\s', "pässwörd", "p\u202ew"])
def test_plain_carries_any_password(at_once, password):
    greeting = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN%b] hello\r\n" % at_once

    with rude_imap(greeting=greeting) as server:
        sign_in(server, password)

    (sent,) = said_words(server, "AUTHENTICATE PLAIN")
    assert base64.b64decode(sent).decode() == f"\0ada\0{password}"


def said_words(server, start):
    """What was said after these words, in the same line or the next."""
    lines = iter(server.commands)
    for line in lines:
        if line.startswith(start):
            yield line.removeprefix(start).strip() or next(lines)


def test_login_quotes_name_and_password():
    with rude_imap(NO_PLAIN) as server:
        sign_in(server, 'p"a\\s', username='a" b')

    assert server.commands[1] == r'LOGIN "a\" b" "p\"a\\s"'


@pytest.mark.parametrize("capability", [b"", b" LITERAL+"])
def test_login_sends_other_letters_as_literals(capability):
    greeting = b"* OK [CAPABILITY IMAP4rev1%b] hello\r\n" % capability

    with rude_imap(greeting=greeting) as server:
        sign_in(server, "pässwörd")

    (line,) = said_words(server, "LOGIN")
    plus = "+" if capability else ""
    assert line == f"{{3{plus}}} ada {{10{plus}}} pässwörd"


XOAUTH2 = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2%b] hello\r\n"


def test_where_no_password_is_taken_none_is_sent():
    told = b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n" + DONE
    with (
        rude_imap({"CAPABILITY": told}) as server,
        pytest.raises(AuthFailed, match="takes no passwords any more, or not over"),
    ):
        sign_in(server)

    assert not any("a password" in command for command in server.commands)


@pytest.mark.parametrize("at_once", [b"", b" SASL-IR"])
def test_a_token_is_used_instead_of_the_password(at_once):
    with rude_imap(greeting=XOAUTH2 % at_once) as server:
        sign_in(server, access_token="a-token")

    (sent,) = said_words(server, "AUTHENTICATE XOAUTH2")
    assert base64.b64decode(sent) == b"user=ada\1auth=Bearer a-token\1\1"


def test_a_refused_token_is_refused_after_its_reason_was_heard():
    reason = base64.b64encode(b'{"status":"400","schemes":"Bearer"}')
    refused = b"+ %b\r\n<wait>{tag} NO [AUTHENTICATIONFAILED] no\r\n" % reason
    greeting = XOAUTH2 % b" SASL-IR"

    with (
        rude_imap({"AUTHENTICATE": refused}, greeting=greeting) as server,
        pytest.raises(AuthFailed),
    ):
        sign_in(server, access_token="a-token")

    assert server.commands[-1] == ""


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
    "password",
    ["CANARY", "CANÄRY", "CANARY\r\nA1 NOOP", "CANARY\0", 'CANARY"\\', "CANARY\ud800"],
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


def test_commands_are_sent_together_and_may_end_in_any_order():
    answers = {
        "NOOP 1": b"",
        "NOOP 2": b"{tag} NO later\r\n",
        "NOOP 3": b"A2 OK first\r\n{tag} OK third\r\n",
    }
    with signed_in(answers) as session:
        tags = [session.send(b"NOOP %d" % number) for number in (1, 2, 3)]

        ends = [session.wait(tag) for tag in tags]

    assert ends == [("OK", b"first"), ("NO", b"later"), ("OK", b"third")]


def test_commands_that_belong_together_come_as_one():
    with signed_in({}) as session:
        with session.together():
            for command in (b"ONE", b"TWO", b"THREE"):
                session.send(command)
        session.settle()
        heard = session.server.heard[-3:]

    assert len(set(heard)) == 1


def test_what_is_waited_for_is_sent_though_more_belongs_to_it():
    with signed_in({}) as session:
        with session.together():
            answer = session.wait(session.send(b"ONE"))
            later = session.send(b"TWO")

        assert (answer.kind, session.wait(later).kind) == ("OK", "OK")


def test_told_one_thing_at_a_time_the_server_has_answered_before_the_next():
    with signed_in({}, is_pipelined=False) as session:
        first = session.send(b"NOOP 1")
        second = session.send(b"NOOP 2")

        assert list(session._unanswered) == [second]
        assert [session.wait(tag).kind for tag in (first, second)] == ["OK", "OK"]


def test_no_more_is_sent_than_both_ends_can_hold():
    """Else both would wait for the other to read."""
    long = b"NOOP " + b"x" * 1_000
    with signed_in({"NOOP": (b"* 1 FETCH (FLAGS (x))\r\n" * 2_000) + DONE}) as session:
        for tag in [session.send(long) for _ in range(100)]:
            assert session.wait(tag).kind == "OK"


@pytest.mark.parametrize(
    "answer",
    [
        b"A99 OK done\r\n",
        b"{tag} MAYBE done\r\n",
        b"{tag}\r\n",
        b"\r\n",
        b"+ go on\r\n",
    ],
)
def test_an_answer_to_nothing_that_was_asked_is_unreadable(answer):
    with signed_in({"NOOP": answer}) as session, pytest.raises(UnreadableAnswer):
        session.ask(Step.READ, b"NOOP")


@pytest.mark.parametrize("kind", ["OK", "NO"])
def test_compressed_if_the_server_agrees(kind):
    answers = {"COMPRESS": f"{{tag}} {kind} go\r\n".encode()}
    with signed_in(answers, b"COMPRESS=DEFLATE") as session:
        session.compress()

        assert session.wait(session.send(b"NOOP")).kind == "OK"
        session.compress()

    compressed = [line for line in session.server.commands if "COMPRESS" in line]
    assert len(compressed) == (1 if kind == "OK" else 2)


def test_nothing_of_the_conversation_is_logged_or_kept(caplog):
    caplog.set_level(logging.DEBUG)

    with rude_imap() as server:
        session = sign_in(server, "CANARY")
        kept = repr({**vars(session), "login": "", **vars(session._wire)})

    assert "CANARY" not in caplog.text + kept
    assert base64.b64encode(b"\0ada\0CANARY").decode() not in kept


def test_what_is_told_of_folders_is_kept_within_bounds():
    long = b"* LIST () NIL " + b"x" * sessions.MAX_KEPT_SIZE + b"\r\n"
    many = b"* LIST () NIL x\r\n" * (2 * sessions.MAX_KEPT)
    answers = {"LIST": long + many + b"{tag} OK done\r\n"}

    with signed_in(answers) as session:
        session.ask(Step.READ, b'LIST "" x')

    assert session.told == {b"LIST": [[b"* LIST () NIL x"]] * sessions.MAX_KEPT}


def test_settled_every_command_has_ended_and_can_still_be_waited_for():
    with signed_in({}) as session:
        tags = [session.send(b"NOOP"), session.send(b"NOOP")]
        session.settle()

        assert not session._unanswered
        assert [session.wait(tag).kind for tag in tags] == ["OK", "OK"]
