"""What comes in, what is kept, and whom we dial."""

import base64
import socket
import sqlite3
from contextlib import closing
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from mailbeat.db import api_keys, sign_in
from mailbeat.db.accounts import find_account, set_password
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.db.types import SecretUnreadable
from mailbeat.mail import net
from mailbeat.mail.deadline import Deadline
from mailbeat.mail.errors import ConnectFailed
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.labels import keyword
from mailbeat.mail.mailbox import Login, Security
from mailbeat.mail.names import Names
from tests.servers.rude_imap import rude_imap
from tests.unit.mail.test_net import make_login, resolving_to

BREAKS = ["x\r\na1 LOGOUT", "x\ny", "x\0y"]
FIELDS = ["email_address", "password", "username", "mailbox", "host"]


@pytest.mark.parametrize("text", BREAKS)
@pytest.mark.parametrize("field", FIELDS)
def test_asvs_1_3_11_no_line_end_and_no_nul_is_taken_in(admin, field, text):
    sent = {"email_address": "ada@example.org", "password": "x", field: text}

    by_api = admin.post("/api/accounts", json=sent)
    by_form = admin.post("/accounts", data=sent)

    assert by_api.status_code == by_form.status_code == 422
    assert admin.get("/api/accounts").json["items"] == []


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a{3}b", 'a" b\\c {3+}', "ä&ö"])
def test_asvs_1_3_11_no_name_ends_the_string_that_it_is_sent_in(name):
    gmail = {"CAPABILITY": b"* CAPABILITY IMAP4rev1 X-GM-EXT-1\r\n{tag} OK done\r\n"}
    with (
        rude_imap(gmail) as server,
        open_mailbox(server.login(), name, deadline=10) as mailbox,
    ):
        mailbox.relabel([1], add=name)

    starts = 'SELECT "', 'UID STORE 1 +X-GM-LABELS ("'
    for start in starts:
        (sent,) = [one for one in server.commands if one.startswith(start)]
        inside = sent.removeprefix(start).removesuffix(")").removesuffix('"')
        assert inside.isascii()
        assert '"' not in inside.replace("\\\\", "").replace('\\"', "")
    assert not set(keyword(name)) & set('"\\{ ()')


PRIVATE = [
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "0.0.0.0"),
    *("169.254.169.254", "10.0.0.1", "192.168.0.1", "::1", "::ffff:127.0.0.1"),
    *("64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1", "fc00::1", "localhost"),
]


@pytest.mark.parametrize("host", PRIVATE)
def test_asvs_1_3_6_no_spelling_of_a_private_address_is_dialled(host):
    with capture_logs() as lines, pytest.raises(ConnectFailed):
        net.dial(make_login(host), Deadline(5))

    assert [one["event"] for one in lines] == ["host_refused"]


def test_asvs_1_3_6_a_name_that_changes_its_address_gains_nothing(monkeypatch):
    asked = []

    def rebinding(host, port, **options):
        asked.append(host)
        address = "127.0.0.2" if len(asked) == 1 else "127.0.0.1"
        return resolving_to(address)(host, port)

    monkeypatch.setattr(net, "_names", Names(rebinding))
    with socket.create_server(("127.0.0.1", 0)) as private:
        private.settimeout(0.2)
        port = private.getsockname()[1]
        allowed = (ip_network("127.0.0.2/32"),)
        login = Login("a.example", port, Security.NONE, "ada", "x", allowed)
        with pytest.raises(ConnectFailed):
            net.dial(login, Deadline(5))
        with pytest.raises(TimeoutError):
            private.accept()

    assert asked == ["a.example"]


def test_asvs_14_2_4_a_dump_holds_no_secret(add, sessions, browser, now, sqlite_url):
    add(password="canary of an account")
    with transaction(sessions) as session:
        _, key = api_keys.issue_key(
            session, name="CI", scope=api_keys.Scope.ADMIN, now=now
        )
        ticket = sign_in.issue_ticket(
            session,
            purpose="websocket",
            key_id="bootstrap",
            scope="read",
            now=now,
            ttl=timedelta(seconds=30),
        )
    secrets = {
        "password": "canary of an account",
        "key": key.split("_", 2)[2],  # which may hold one itself
        "ticket": ticket,
        "session": browser.get_cookie("mailbeat").value,
    }

    path = Path(make_url(sqlite_url).database)
    with closing(sqlite3.connect(path)) as connection:
        dump = "\n".join(connection.iterdump()).encode()
    files = [one.read_bytes() for one in path.parent.glob(f"{path.name}*")]

    for name, secret in secrets.items():
        plain = secret.encode()
        forms = (plain, plain.hex().encode(), base64.b64encode(plain).rstrip(b"="))
        found = [form for form in forms for text in (dump, *files) if form in text]
        assert found == [], name


def test_asvs_11_2_2_a_new_key_encrypts_and_the_old_one_still_reads(
    add, sessions, sqlite_url, secret_keys, now
):
    old, new = add("old@example.org"), add("new@example.org")
    new_key = Fernet.generate_key().decode()

    def engine_with(*keys):
        return create_engine(sqlite_url, secret_keys=keys)

    both, alone = engine_with(new_key, *secret_keys), engine_with(new_key)
    with transaction(create_sessions(both)) as session:
        read = find_account(session, old).password
        set_password(session, new, "written now", now=now)
    with create_sessions(alone)() as session:
        written = find_account(session, new).password
        with pytest.raises(SecretUnreadable):
            _ = find_account(session, old).password
    both.dispose()
    alone.dispose()

    assert (read, written) == ("open sesame", "written now")
