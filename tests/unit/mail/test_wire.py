"""The bytes, against a server that says what the test wants."""

import base64
import logging
from contextlib import contextmanager

import pytest

from mailbeat.mail import wire as wires
from mailbeat.mail.deadline import Deadline
from mailbeat.mail.errors import DeadlineExceeded
from mailbeat.mail.net import dial
from mailbeat.mail.wire import MAX_LITERAL, TooMuch, Wire
from tests.servers.rude_imap import rude_imap


@contextmanager
def connected(server, seconds=5.0):
    login, deadline = server.login(), Deadline(seconds)
    wire = Wire(dial(login, deadline), login, deadline)
    try:
        wire.greet()
        yield wire
    finally:
        wire.shutdown()


def test_capabilities_of_the_greeting_are_not_asked_for_again():
    greeting = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN ID] hello\r\n"

    with rude_imap(greeting=greeting) as server, connected(server) as wire:
        assert wire.capabilities == ("IMAP4REV1", "AUTH=PLAIN", "ID")
        assert server.commands == []


@pytest.mark.parametrize("password", ["a password", 'p"a\\s', "pässwörd", "p\u202ew"])
def test_plain_carries_any_password(password):
    with rude_imap() as server, connected(server) as wire:
        wire.sign_in("ada", password)

    sent = base64.b64decode(server.commands[-1]).decode()
    assert sent == f"\0ada\0{password}"


def test_login_quotes_name_and_password():
    only_login = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"}

    with rude_imap(only_login) as server, connected(server) as wire:
        wire.sign_in('a" b', 'p"a\\s')

    assert server.commands[-1] == r'LOGIN "a\" b" "p\"a\\s"'


def test_a_refusal_is_remembered_until_the_next_command():
    answers = {"UID SEARCH": b"{tag} NO [LIMIT] slow down\r\n"}

    with rude_imap(answers) as server, connected(server) as wire:
        wire.sign_in("ada", "x")
        wire.select('"INBOX"')
        assert wire.uid("SEARCH", "ALL")[0] == "NO"
        assert wire.refusal == ("NO", b"[LIMIT] slow down")

        wire.uid("STORE", "1", "+FLAGS", "(x)")
        assert wire.refusal is None


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (BODY[TEXT] {%d}\r\n" % (MAX_LITERAL + 1),
        b"* 1 FETCH (BODY[TEXT] {99999999999}\r\n",
        b"* SEARCH " + b"1 " * 3_000_000,
        (b"* 1 FETCH (FLAGS (%b))\r\n" % (b"x " * 5_000)) * 1_000,
    ],
    ids=["long literal", "endless literal", "endless line", "endless answer"],
)
def test_an_answer_without_measure_is_not_read_to_its_end(answer):
    with rude_imap({"UID SEARCH": answer}) as server, connected(server, 60) as wire:
        wire.sign_in("ada", "x")
        wire.select('"INBOX"')

        with pytest.raises(TooMuch):
            wire.uid("SEARCH", "ALL")


def test_a_silent_server_is_waited_for_until_the_deadline():
    with (
        rude_imap({"UID SEARCH": b"* SEARCH"}) as server,
        connected(server, 0.3) as wire,
    ):
        wire.sign_in("ada", "x")
        wire.select('"INBOX"')

        with pytest.raises(DeadlineExceeded):
            wire.uid("SEARCH", "ALL")


def test_a_silent_server_is_not_waited_for_longer_than_a_read_may_take(monkeypatch):
    monkeypatch.setattr(wires, "READ_SECONDS", 0.1)
    with (
        rude_imap({"UID SEARCH": b"* SEARCH"}) as server,
        connected(server, 60) as wire,
    ):
        wire.sign_in("ada", "x")
        wire.select('"INBOX"')

        with pytest.raises(TimeoutError):
            wire.uid("SEARCH", "ALL")


def test_nothing_of_the_conversation_is_logged_or_kept(caplog):
    caplog.set_level(logging.DEBUG)

    with rude_imap() as server, connected(server) as wire:
        wire.sign_in("ada", "CANARY")
        kept = repr(vars(wire))

    assert "CANARY" not in caplog.text
    assert "CANARY" not in kept
    assert base64.b64encode(b"\0ada\0CANARY").decode() not in kept
