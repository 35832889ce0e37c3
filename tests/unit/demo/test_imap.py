"""The demo's mail server as a client sees it, before and after it was killed."""

import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from mailbeat.demo import ports
from mailbeat.demo.logins import keep_logins
from mailbeat.demo.mail_file import mail_file
from mailbeat.demo.samples import history, people

ADA = people(1)[0]


class Server:
    def __init__(self, directory):
        self.directory = directory
        self.port = ports.choose_port()
        (self.login,) = keep_logins(directory, [ADA.address], port=self.port)
        self.process = None

    def start(self):
        command = [sys.executable, "-m", "mailbeat.demo.imap", "--no-feed"]
        command += ["--dir", str(self.directory), "--port", str(self.port)]
        self.process = subprocess.Popen([*command, "--latency", "0"])
        while not ports.accepts(self.port):
            assert self.process.poll() is None
            time.sleep(0.02)

    def kill(self):
        self.process.kill()
        self.process.wait(5)

    @contextmanager
    def client(self, password=None):
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10) as client:
            client.login(ADA.address, password or self.login.password)
            yield client


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    now = datetime.now(UTC)
    file = mail_file(tmp_path)
    file.deliver(ADA.address, history(ADA, now))
    file.close()
    server.start()
    yield server
    server.kill()


def test_it_promises_that_any_keyword_sticks(server):
    with server.client() as client:
        selected = client.select_folder("INBOX")

        assert rb"\*" in selected[b"PERMANENTFLAGS"]
        assert selected[b"EXISTS"] == len(history(ADA, datetime.now(UTC)))


def test_messages_labels_and_numbers_survive_a_kill(server):
    with server.client() as client:
        before = client.select_folder("INBOX")
        uids = client.search("ALL")
        client.add_flags(uids[:3], ["Receipts"])
        client.append("INBOX", b"Subject: late\r\n\r\nHello\r\n", ["Flag"])
        client.delete_messages(uids[5])
        client.expunge()

    server.kill()
    server.start()

    with server.client() as client:
        after = client.select_folder("INBOX")
        kept = client.search("ALL")
        assert after[b"UIDVALIDITY"] == before[b"UIDVALIDITY"]
        assert kept == [u for u in uids if u != uids[5]] + [uids[-1] + 1]
        assert client.search(["KEYWORD", "Receipts"]) == uids[:3]
        assert client.search(["KEYWORD", "Flag"]) == [kept[-1]]
        body = client.fetch(kept[-1], ["BODY.PEEK[]"])[kept[-1]][b"BODY[]"]
        assert body == b"Subject: late\r\n\r\nHello\r\n"
        assert client.append("INBOX", b"Subject: x\r\n\r\n") is not None
        assert max(client.search("ALL")) == kept[-1] + 1


def test_every_sample_can_be_fetched_and_is_what_was_delivered(server):
    with server.client() as client:
        client.select_folder("INBOX", readonly=True)
        rows = client.fetch(client.search("ALL"), ["BODY.PEEK[]", "INTERNALDATE"])

    assert all(row[b"BODY[]"] for row in rows.values())


def test_a_wrong_password_is_refused(server):
    with pytest.raises(LoginError), server.client("wrong"):
        pass


def test_a_message_moved_to_a_folder_leaves_the_inbox_for_good(server):
    with server.client() as client:
        client.create_folder("Kept")
        client.select_folder("INBOX")
        uids = client.search("ALL")
        client.move(uids[:1], "Kept")
        client.copy(uids[1:2], "Kept")
        assert client.select_folder("Kept")[b"EXISTS"] == 2
        (first, _) = client.search("ALL")
        body = client.fetch(first, ["BODY.PEEK[]"])[first][b"BODY[]"]
        assert body

    server.kill()
    server.start()

    with server.client() as client:
        client.select_folder("INBOX")
        assert client.search("ALL") == uids[1:]


def test_the_mail_and_the_passwords_are_their_owners_alone(server, tmp_path):
    for name, mode in {"imap.url": 0o600, "imap": 0o700, "imap/mail.db": 0o600}.items():
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
