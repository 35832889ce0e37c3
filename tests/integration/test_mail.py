"""One contract for every mailbox: the one in memory, pymap and Dovecot."""

import itertools
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db.ledger import SQLLedger, counts
from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.layers import build_categorizer
from mailbeat.labeling.pipeline import label_new_messages
from mailbeat.labeling.progress import RunState
from mailbeat.mail.errors import AuthFailed, MailboxMissing, TLSFailed
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import Security
from mailbeat.mail.net import tls_context
from tests.factories import make_account, make_raw, parse_raw
from tests.fakes import FakeMailbox
from tests.servers.certificates import Authority
from tests.servers.dovecot import DovecotServer
from tests.servers.gate import Gate

RUN = "run-1"
addresses = (f"ada@box{number}.example.org" for number in itertools.count(1))


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def dovecot_server(authority):
    if not DovecotServer.is_installed():
        pytest.skip("Dovecot is not installed (apt-get install dovecot-imapd)")
    server = DovecotServer(authority.issue("localhost"))
    server.start()
    yield server
    server.stop()


class ServerBox:
    """The INBOX of a new user of a real server, written and read back by IMAPClient."""

    def __init__(self, server, password="a password"):
        self.server = server
        self.address = next(addresses)
        server.add_user(self.address, password)

    def deliver(self, *messages, received_at=None):
        self.server.append(self.address, *messages, received_at=received_at)

    def open(self, name="INBOX", **changes):
        login = replace(self.server.login(self.address), **changes)
        return open_mailbox(login, name, deadline=30)

    @contextmanager
    def client(self):
        with self.server.client(self.address) as client:
            client.select_folder("INBOX")
            yield client

    def flags(self):
        """All flags by UID, as another program sees them."""
        with self.client() as client:
            rows = client.get_flags(client.search("ALL"))
        return {uid: {flag.decode() for flag in flags} for uid, flags in rows.items()}

    def remove(self, uid):
        with self.client() as client:
            client.delete_messages([uid])
            client.expunge()


class FakeBox:
    def __init__(self):
        self.mailbox = FakeMailbox()

    def deliver(self, *messages, received_at=None):
        for raw in messages:
            message = parse_raw(raw, self.mailbox.uid_next)
            when = received_at or datetime.now(UTC)
            self.mailbox.deliver(replace(message, received_at=when))

    def open(self):
        return nullcontext(self.mailbox)

    def flags(self):
        return self.mailbox.labels

    def remove(self, uid):
        self.mailbox.remove(uid)


@pytest.fixture(params=["imap_server", "dovecot_server"])
def box(request):
    return ServerBox(request.getfixturevalue(request.param))


@pytest.fixture(params=["fake", "imap_server", "dovecot_server"])
def any_box(request):
    if request.param == "fake":
        return FakeBox()
    return ServerBox(request.getfixturevalue(request.param))


def hour_ago():
    return datetime.now(UTC) - timedelta(hours=1)


def all_uids(mailbox):
    return mailbox.new_uids(after=0, since=datetime.now(UTC) - timedelta(days=999))


def keywords(flags):
    return {uid: {one for one in some if one[0] != "\\"} for uid, some in flags.items()}


# What holds for every mailbox


def test_new_are_the_messages_above_the_last_uid(any_box):
    any_box.deliver(*map(make_raw, range(4)))

    with any_box.open() as mailbox:
        uids = all_uids(mailbox)
        assert uids == sorted(uids)
        assert mailbox.new_uids(after=uids[1], since=hour_ago()) == uids[2:]
        assert mailbox.new_uids(after=uids[-1], since=hour_ago()) == []
        assert mailbox.uid_next > uids[-1]


def test_in_an_empty_mailbox_nothing_is_new(any_box):
    with any_box.open() as mailbox:
        assert mailbox.new_uids(after=0, since=hour_ago()) == []
        assert mailbox.new_uids(after=7, since=hour_ago()) == []
        assert list(mailbox.fetch([1, 2])) == []
        mailbox.relabel([1, 2], add="Receipts")


def test_without_a_last_uid_new_are_those_since_a_time(any_box):
    any_box.deliver(make_raw(1), received_at=hour_ago() - timedelta(minutes=5))
    any_box.deliver(make_raw(2), received_at=hour_ago() + timedelta(minutes=5))

    with any_box.open() as mailbox:
        young = mailbox.new_uids(after=0, since=hour_ago())
        (message,) = mailbox.fetch(young)

    assert message.message_id == "<2@example.org>"


def test_a_message_is_read(any_box):
    arrived = hour_ago().replace(microsecond=0)
    raw = make_raw(1, sender="Ädä <ada@example.org>", subject="Grüße", text="Tschüß\n")
    any_box.deliver(raw, received_at=arrived)

    with any_box.open() as mailbox:
        (message,) = mailbox.fetch(all_uids(mailbox))

    assert message.readable
    assert (message.sender, message.sender_name) == ("ada@example.org", "Ädä")
    assert (message.subject, message.text) == ("Grüße", "Tschüß")
    assert message.received_at == arrived


def test_a_message_that_vanished_is_left_out(any_box):
    any_box.deliver(*map(make_raw, range(3)))
    with any_box.open() as mailbox:
        uids = all_uids(mailbox)
    any_box.remove(uids[1])

    with any_box.open() as mailbox:
        assert [message.uid for message in mailbox.fetch(uids)] == [uids[0], uids[2]]
        mailbox.relabel(uids, add="Receipts")

    assert keywords(any_box.flags()) == {uids[0]: {"Receipts"}, uids[2]: {"Receipts"}}


def test_a_label_is_put_on_and_taken_off_and_twice_is_once(any_box):
    any_box.deliver(*map(make_raw, range(3)))

    with any_box.open() as mailbox:
        first, second, third = all_uids(mailbox)
        for _ in range(2):
            mailbox.relabel([first, second], add="Receipts")
            mailbox.relabel([second], add="Finance", remove="Receipts")
            mailbox.relabel([third], add=None, remove="Receipts")

    assert keywords(any_box.flags()) == {
        first: {"Receipts"},
        second: {"Finance"},
        third: set(),
    }


# What holds for real servers


def test_reading_and_labelling_marks_nothing_as_read(box):
    box.deliver(make_raw())

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        list(mailbox.fetch(uids))
        mailbox.relabel(uids, add="Receipts")

    assert [flags - {"\\Recent"} for flags in box.flags().values()] == [{"Receipts"}]


def test_a_label_with_any_letters_sticks(box):
    box.deliver(make_raw())

    with box.open() as mailbox:
        mailbox.relabel(all_uids(mailbox), add="Meine Bücher (neu)")

    assert list(keywords(box.flags()).values()) == [{"Meine_B&APw-cher__neu"}]


@pytest.mark.parametrize("password", ["wrong", "wröng", 'wr"ong\\', "", " "])
def test_a_wrong_password_is_refused(box, password):
    with pytest.raises(AuthFailed), box.open(password=password):
        pass


@pytest.mark.parametrize("server_name", ["imap_server", "dovecot_server"])
def test_a_password_may_have_any_letters(request, server_name):
    box = ServerBox(request.getfixturevalue(server_name), password='pä"ß\\wörd €')
    with (
        open_mailbox(box.server.login(box.address), deadline=30) as mailbox,
    ):
        assert mailbox.uid_validity > 0


def test_a_mailbox_that_is_not_there_is_missing(box):
    with pytest.raises(MailboxMissing, match="Nowhere"), box.open("Nowhere"):
        pass


ODD = {
    "8 bits in the header": b"From: a@example.org\r\nSubject: Gr\xfc\xdfe\r\n\r\nx\r\n",
    "two senders": b"From: a@example.org\r\nFrom: b@example.org\r\n\r\nx\r\n",
    "a long field": b"From: a@example.org\r\nTo: "
    + b"a@b.example, " * 9000
    + b"\r\n\r\n",
    "a long body": b"From: a@example.org\r\n\r\n" + b"Hello you. " * 9000,
    "no body": b"From: a@example.org\r\nSubject: x\r\n\r\n",
    "a line of quotes": b'From: a@example.org\r\nSubject: "\\" (x {9}\r\n\r\n"\r\n',
    "a cut multipart": (
        b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>Hello"
    ),
    "no field at all": b"Just some text\r\n",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_mail_is_read_as_from_a_file(box, name):
    """What a server makes of it, and what is cut, does not change what we see."""
    box.deliver(ODD[name])

    with box.open() as mailbox:
        (message,) = mailbox.fetch(all_uids(mailbox))

    expected = parse_raw(ODD[name])
    # A server may take for text what stands where fields should be.
    assert message.readable >= expected.readable
    assert (message.sender, message.subject) == (expected.sender, expected.subject)
    if expected.readable:
        assert message.text[:1000] == expected.text[:1000]


# What other programs do while we label


def label_while(box, uids, act):
    """Label messages, and `act` between the STORE and the look at what became of it."""
    gate = Gate(box.server.port)
    with ThreadPoolExecutor(1) as pool, box.open(port=gate.port) as mailbox:
        gate.close()
        labelling = pool.submit(mailbox.relabel, uids, add="Receipts")
        end = time.monotonic() + 20
        while {"Receipts"} not in keywords(box.flags()).values():
            assert time.monotonic() < end
        act()
        gate.open()
        labelling.result(30)
    gate.end()


def test_mail_that_comes_while_a_label_is_put_on_is_no_refusal(box):
    """Servers tell of it in the middle of an answer; it has no label of ours."""
    box.deliver(make_raw(1))
    (uid,) = box.flags()

    label_while(box, [uid], lambda: box.deliver(make_raw(2)))

    assert keywords(box.flags())[uid] == {"Receipts"}


def test_a_label_that_another_program_took_off_at_once_is_no_refusal(box):
    """It was on, as the server said; what a person does to it then is not fought."""
    box.deliver(make_raw(1), make_raw(2))
    first, second = box.flags()

    def overwrite():
        with box.client() as client:
            client.set_flags([first, second], [b"\\Seen"])

    label_while(box, [first, second], overwrite)

    assert keywords(box.flags()) == {first: set(), second: set()}


def test_a_message_that_is_removed_while_a_label_is_put_on_is_no_refusal(box):
    box.deliver(make_raw(1), make_raw(2))
    first, second = box.flags()

    label_while(box, [first, second], lambda: box.remove(first))

    assert keywords(box.flags()) == {second: {"Receipts"}}


# Encryption, which only Dovecot offers


@pytest.fixture
def trusted(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.usefixtures("trusted")
def test_an_encrypted_connection_reads_and_labels(dovecot_server, security):
    box = ServerBox(dovecot_server)
    box.deliver(make_raw())
    login = dovecot_server.login(box.address, security=security)

    with open_mailbox(login, deadline=30) as mailbox:
        mailbox.relabel(all_uids(mailbox), add="Receipts")

    assert list(keywords(box.flags()).values()) == [{"Receipts"}]


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_an_unknown_authority_gets_no_password(dovecot_server, security):
    box = ServerBox(dovecot_server)
    login = dovecot_server.login(box.address, security=security)
    tls_context.cache_clear()

    with pytest.raises(TLSFailed), open_mailbox(login, deadline=30):
        pass


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_gets_no_password(dovecot_server, security):
    box = ServerBox(dovecot_server)
    login = dovecot_server.login(box.address, security=security)

    with (
        pytest.raises(TLSFailed, match="for another"),
        open_mailbox(replace(login, host="127.0.0.1"), deadline=30),
    ):
        pass


# The whole walk, with the ledger


KINDS = (
    {"sender": "shop@example.org", "subject": "Your order #48213"},
    {"sender": "ci@example.org", "subject": "Build failed on main"},
    {"sender": "no-reply@example.org", "subject": "Your verification code is 123456"},
    {"sender": "x@example.org", "subject": "Hm"},
)
EXPECTED = ({"Receipts"}, {"Notifications"}, {"Security"}, set())


def walk(mailbox, sessions, account_id, run_id=RUN):
    ledger = SQLLedger(
        sessions,
        account_id=account_id,
        mailbox="INBOX",
        run_id=run_id,
        subject_days=30,
        clock=lambda: datetime.now(UTC),
    )
    ledger.opened(mailbox.uid_validity)
    return label_new_messages(
        mailbox,
        build_categorizer(STARTING_CATEGORIES),
        ledger,
        since=hour_ago(),
        labels={category.id: category.label for category in STARTING_CATEGORIES},
    )


def deliver_kinds(box, count):
    box.deliver(*(make_raw(n, **KINDS[n % len(KINDS)]) for n in range(count)))


def test_a_run_labels_what_is_new_and_a_second_run_nothing(box, sessions):
    deliver_kinds(box, 24)
    account_id = make_account(sessions, lease_run_id=RUN)

    with box.open() as mailbox:
        last = list(walk(mailbox, sessions, account_id))[-1]
    with box.open() as mailbox:
        again = list(walk(mailbox, sessions, account_id))

    assert (last.found, last.processed, last.labeled, last.skipped) == (24, 24, 18, 6)
    assert again[-1].found == 0
    assert tuple(keywords(box.flags()).values()) == EXPECTED * 6
    with sessions() as session:
        assert counts(session, RUN).labeled == 18


def test_new_mail_in_the_middle_of_a_run_is_found_by_the_next(box, sessions):
    deliver_kinds(box, 6)
    account_id = make_account(sessions, lease_run_id=RUN)
    with box.open() as mailbox:
        run = walk(mailbox, sessions, account_id)
        while next(run).state is not RunState.CATEGORIZING:
            pass
        box.deliver(make_raw(99, **KINDS[0]))
        list(run)

    with box.open() as mailbox:
        last = list(walk(mailbox, sessions, account_id))[-1]

    assert (last.found, last.labeled) == (1, 1)


def test_stopped_anywhere_the_next_runs_finish_it(box, sessions):
    deliver_kinds(box, 24)
    account_id = make_account(sessions, lease_run_id=RUN)
    chance = random.Random(3)

    for _ in range(6):
        with box.open() as mailbox:
            run = walk(mailbox, sessions, account_id)
            for _ in range(chance.randrange(2, 7)):
                next(run, None)
            run.close()
    with box.open() as mailbox:
        list(walk(mailbox, sessions, account_id))

    assert tuple(keywords(box.flags()).values()) == EXPECTED * 6
    with sessions() as session:
        found = counts(session, RUN)
    assert (found.processed, found.labeled, found.skipped) == (24, 18, 6)


def test_a_mailbox_that_was_numbered_anew_is_not_labelled_again(box, sessions):
    """As after a move to another server: all UIDs are new, and the labels are gone."""
    account_id = make_account(sessions, lease_run_id=RUN)
    deliver_kinds(box, 8)
    with box.open() as mailbox:
        list(walk(mailbox, sessions, account_id))
    moved = ServerBox(box.server)
    moved.deliver(make_raw(50, **KINDS[0]))
    deliver_kinds(moved, 8)

    with moved.open() as mailbox:
        mailbox.uid_validity += 1
        last = list(walk(mailbox, sessions, account_id))[-1]

    assert (last.found, last.labeled, last.skipped) == (9, 1, 8)
    with sessions() as session:
        assert counts(session, RUN).processed == 9
