"""Signing in at the Gmail-dialect server, and what is switched on there."""

import base64
import json
import ssl
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.factories import make_raw
from tests.servers import process
from tests.servers.gmail import Dialect, GmailServer
from tests.servers.speaker import Speaker

ROOT = Path(__file__).parents[3]
ADA = "ada@example.org"


def test_a_wrong_password_is_refused_as_gmail_does(server):
    with Speaker(server.port) as speaker:
        *_, end = speaker.ask(f"LOGIN {ADA} wrong")

    assert end == b"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"
    assert (server.logins, server.refused) == (0, 1)


@pytest.mark.parametrize("password", ["ä ö", 'a"b\\c', " "])
def test_any_password_may_come_as_a_literal(server, password):
    server.add_user("bob@example.org", password)
    raw = password.encode()

    with Speaker(server.port) as speaker:
        assert speaker.ask(f"LOGIN bob@example.org {{{len(raw)}}}") == [b"+ go ahead"]
        speaker.send(raw + b"\r\n")
        *_, end = speaker.answer(b"a1")

    assert end.startswith(b"OK ")


def xoauth2(token):
    return base64.b64encode(f"user={ADA}\1auth=Bearer {token}\1\1".encode()).decode()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_good_token_signs_in(server, at_once):
    with Speaker(server.port) as speaker:
        if at_once:
            *_, end = speaker.ask(f"AUTHENTICATE XOAUTH2 {xoauth2('good')}")
        else:
            assert speaker.ask("AUTHENTICATE XOAUTH2") == [b"+ "]
            speaker.send(xoauth2("good").encode() + b"\r\n")
            *_, end = speaker.answer(b"a1")

    assert end == b"OK ada@example.org authenticated (Success)"


@pytest.mark.parametrize(("answer", "complains"), [(b"", False), (b"AQ==", True)])
def test_a_bad_token_is_told_why_and_wants_an_empty_answer(server, answer, complains):
    with Speaker(server.port) as speaker:
        (challenge,) = speaker.ask(f"AUTHENTICATE XOAUTH2 {xoauth2('bad')}")
        speaker.send(answer + b"\r\n")
        *_, end = speaker.answer(b"a1")

    assert json.loads(base64.b64decode(challenge[2:]))["status"] == "400"
    assert end.startswith(b"BAD" if complains else b"NO [AUTHENTICATIONFAILED]")
    assert bool(server.complaints) is complains


def test_imapclient_signs_in_with_a_token(server):
    with IMAPClient("127.0.0.1", port=server.port, ssl=False) as client:
        client.oauth2_login(ADA, "good")

        assert client.has_capability("COMPRESS=DEFLATE")


def test_an_initial_response_is_bad_where_it_is_not_offered():
    with GmailServer(dialect=Dialect().without("SASL-IR")) as server:
        server.add_user(ADA, tokens=["good"])
        with Speaker(server.port) as speaker:
            *_, end = speaker.ask(f"AUTHENTICATE XOAUTH2 {xoauth2('good')}")

    assert end.startswith(b"BAD")


@pytest.mark.parametrize("how", ["untagged", "code", "not"])
@pytest.mark.parametrize("greeting_tells", [True, False])
def test_capabilities_are_told_where_the_dialect_says(how, greeting_tells):
    dialect = replace(Dialect(), sign_in_tells=how, greeting_tells=greeting_tells)
    with GmailServer(dialect=dialect) as server:
        server.add_user(ADA)
        with Speaker(server.port) as speaker:
            lines = speaker.ask(f'LOGIN {ADA} "a password"')
            asked = speaker.ask("CAPABILITY")

    assert (b"SASL-IR" in speaker.greeting) is greeting_tells
    assert [line.split()[0] for line in lines] == (
        [b"*", b"OK"] if how == "untagged" else [b"OK"]
    )
    assert (b"[CAPABILITY" in lines[-1]) is (how == "code")
    assert b"UIDPLUS" in asked[0]


def test_the_sixteenth_connection_of_an_account_is_refused(server):
    speakers = [Speaker(server.port) for _ in range(16)]

    ends = [one.ask(f'LOGIN {ADA} "a password"')[-1] for one in speakers]

    assert [end[:2] for end in ends] == [b"OK"] * 15 + [b"NO"]
    assert ends[-1] == b"NO [ALERT] Too many simultaneous connections. (Failure)"
    assert (server.peak, server.connections) == (16, 16)
    for one in speakers:
        one.__exit__(None, None, None)


def test_a_user_may_be_refused_for_reasons_of_gmail(server):
    user = server.users[ADA]
    user.refusal = "[ALERT] Application-specific password required (Failure)"
    with Speaker(server.port) as speaker:
        assert speaker.ask(f'LOGIN {ADA} "a password"')[-1].startswith(b"NO [ALERT] Ap")
        user.web_login_url = "https://example.org/secret"
        lines = speaker.ask(f'LOGIN {ADA} "a password"')

    assert lines[0] == b"* NO [WEBALERT https://example.org/secret] Web login required."
    assert lines[-1].startswith(b"NO [ALERT]")


def test_no_secret_is_in_what_the_server_remembers(server):
    with Speaker(server.port) as speaker:
        speaker.ask(f'LOGIN {ADA} "hush hush"')
        speaker.ask(f"LOGIN {ADA} hush(hush")
        speaker.ask(f"AUTHENTICATE PLAIN {base64.b64encode(b'hush').decode()}")

    assert server.commands[0] == "LOGIN ***"
    assert "hush" not in str(server.commands + server.complaints)
    assert base64.b64encode(b"hush").decode() not in str(server.commands)


@pytest.mark.parametrize("is_implicit", [True, False])
def test_tls_comes_first_or_by_starttls(authority, is_implicit):
    trust = ssl.create_default_context(cafile=str(authority.certificate))
    with GmailServer(certificate=authority.issue("localhost")) as server:
        server.add_user(ADA)
        port = server.tls_port if is_implicit else server.port
        with IMAPClient(
            "localhost", port=port, ssl=is_implicit, ssl_context=trust
        ) as client:
            if not is_implicit:
                client.starttls(trust)
            client.login(ADA, "a password")
            assert client.select_folder("INBOX")[b"EXISTS"] == 0


def test_deflate_carries_the_same(server, speaker):
    server.append(ADA, make_raw(text="the same word " * 500))
    assert speaker.ask("COMPRESS DEFLATE") == [b"OK Success"]

    speaker.compress()
    speaker.ask("SELECT INBOX")
    before = server.bytes_out
    (line, _) = speaker.ask("UID FETCH 1 BODY.PEEK[TEXT]")

    assert line.count(b"the same word") > 400
    assert server.bytes_out - before < 500
    assert speaker.ask("COMPRESS DEFLATE")[-1].startswith(b"NO [COMPRESSIONACTIVE]")


@pytest.mark.parametrize(
    ("offered", "size", "is_taken"),
    [
        ("", 3, False),
        ("LITERAL-", 3, True),
        ("LITERAL-", 5000, False),
        ("LITERAL+", 5000, True),
    ],
)
def test_a_literal_comes_without_waiting_only_where_offered(offered, size, is_taken):
    dialect = Dialect().without("LITERAL-").offering(*([offered] if offered else []))
    with GmailServer(dialect=dialect) as server:
        server.add_user(ADA)
        with Speaker(server.port) as speaker:
            speaker.send(b'a LOGIN {%d+}\r\n%b ""\r\n' % (size, b"x" * size))
            answer = speaker.line()

    assert answer.startswith(b"a NO" if is_taken else b"* BYE")


def test_wrong_passwords_are_errors_of_imapclient(server):
    with (
        IMAPClient("127.0.0.1", port=server.port, ssl=False) as client,
        pytest.raises(LoginError),
    ):
        client.login(ADA, "wrong")


def test_it_can_be_a_process_of_its_own():
    port = process.free_port()
    command = [sys.executable, "-m", "tests.servers.gmail", "--port", str(port)]
    options = ["--user", "eva:secret", "--messages", "3", "--token", "eva:good"]
    started = process.start([*command, *options], port, cwd=ROOT)
    try:
        with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
            client.oauth2_login("eva", "good")

            assert client.select_folder("INBOX")[b"EXISTS"] == 3
    finally:
        process.stop(started)

    assert started.returncode == 0
