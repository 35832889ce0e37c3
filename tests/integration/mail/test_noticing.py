"""A person changes labels in another program, and the next run learns from it."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from mailbeat.db import accounts
from mailbeat.db.accounts import NewAccount
from mailbeat.db.models import Correction, LearnedExample, MailboxState, MessageRow
from mailbeat.db.noticed import LABELLED, REMOVED
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import Outcome
from mailbeat.lease import LeaseKeeper
from mailbeat.mail.mailbox import Security
from mailbeat.run import RunOptions, run_account
from tests.factories import make_raw
from tests.servers.boxes import Box
from tests.servers.dovecot import DovecotServer
from tests.servers.gmail import Dialect, GmailServer
from tests.servers.imap import LOOPBACK, IMAPServer
from tests.servers.line import Line

OPTIONS = RunOptions(
    scan_interval=300,
    process_hours=24,
    deadline=60,
    allowed_networks=LOOPBACK,
    subject_days=30,
)
DIALECTS = {
    "gmail": Dialect(),
    "gmail-without-count": Dialect().without("CONDSTORE"),
    "keywords": Dialect().without("X-GM-EXT-1"),
}


@pytest.fixture(params=[*DIALECTS, "pymap", "dovecot"])
def box(request, authority):
    if request.param in DIALECTS:
        with GmailServer(dialect=DIALECTS[request.param]) as server:
            yield Box(server)
            assert server.complaints == []
    elif request.param == "pymap":
        yield Box(request.getfixturevalue("imap_server"))
    else:
        if not DovecotServer.is_installed():
            pytest.skip("Dovecot is not installed (apt-get install dovecot-imapd)")
        server = DovecotServer(authority.issue("localhost"))
        server.start()
        yield Box(server)
        server.stop()


@pytest.fixture
def leases(sessions):
    keeper = LeaseKeeper(sessions, renew_seconds=3600)
    yield keeper
    keeper.close()


class Runs:
    """Runs of one account that learns from its mailbox."""

    def __init__(self, sessions, leases, box, *, learns=True, port=None):
        self.sessions, self.leases, self.box = sessions, leases, box
        login = box.login()
        new = NewAccount(
            email_address=box.address,
            host="127.0.0.1",
            port=port or login.port,
            security=Security.NONE,
            username=login.username,
            password=login.password,
        )
        with transaction(sessions) as session:
            account = accounts.add_account(session, new, now=datetime.now(UTC))
            account.learns_from_mailbox = learns
            self.account_id = account.id

    def __call__(self):
        steps = run_account(
            self.sessions,
            self.account_id,
            str(uuid4()),
            options=OPTIONS,
            leases=self.leases,
        )
        *_, last = steps
        assert last.outcome is Outcome.SUCCEEDED, last.error_message
        return last.progress

    def said(self):
        """Category, evidence and whether corrected, of each message."""
        with self.sessions() as session:
            rows = session.scalars(select(MessageRow).order_by(MessageRow.uid))
            return [
                (row.category_id, row.evidence) if row.corrected_at else None
                for row in rows
            ]

    def count(self, table):
        with self.sessions() as session:
            return len(session.scalars(select(table)).all())


@pytest.fixture
def runs(sessions, leases, box):
    return Runs(sessions, leases, box)


def invoice(number):
    return make_raw(
        number,
        sender="Corner Shop <shop@corner.example.com>",
        subject=f"Your order no. {1000 + number} and its invoice",
        text=f"Thank you for your order. Order number {1000 + number}. "
        "Total paid: 12.50 EUR. Your invoice is attached.",
    )


LIST = {
    "List-Id": "Our list <ours.lists.example.org>",
    "List-Post": "<mailto:ours@lists.example.org>",
}


def test_what_a_person_changed_is_learned_and_not_fought_over(box, runs):
    box.deliver(*map(invoice, range(4)))
    assert runs().labeled == 4
    first, second, third, _ = (look.uid for look in box.look())
    runs()
    assert runs.said() == [None] * 4, "our own labels are no corrections"

    box.change(first, remove="Receipts")
    box.change(second, remove="Receipts", add="Finance")
    box.change(third, add="Social")
    with box.client() as client:  # what is no label of ours is no word for us
        client.select_folder("INBOX")
        client.add_flags([third + 1], [b"\\Flagged", b"\\Seen"])
    box.deliver(make_raw(9, headers=LIST))
    runs()

    assert runs.said() == [(None, REMOVED), (3, LABELLED), (9, LABELLED), None, None]
    labels = box.labels()
    assert (labels[:2], labels[3:]) == (
        [set(), {"Finance"}],
        [{"Receipts"}, {"Forums"}],
    )
    assert labels[2] == {"Social"}, "there is one label of ours on a message"
    assert runs.count(LearnedExample) == 5

    runs()

    assert box.labels()[:2] == [set(), {"Finance"}]
    assert runs.count(Correction) == 3


def test_a_message_that_is_deleted_or_moved_is_no_correction(box, runs):
    box.deliver(*map(invoice, range(3)))
    runs()
    first, second, _ = (look.uid for look in box.look())

    box.remove(first)
    box.make_folder("Archive")
    with box.client() as client:
        client.select_folder("INBOX")
        client.move([second], "Archive")
    runs()
    runs()

    assert runs.count(Correction) == 0


def test_a_program_that_takes_labels_off_and_puts_them_on_is_no_correction(box, runs):
    box.deliver(invoice(1))
    runs()
    (uid,) = (look.uid for look in box.look())

    box.change(uid, remove="Receipts")
    box.change(uid, add="Receipts")
    runs()

    assert runs.count(Correction) == 0


def test_an_account_that_does_not_learn_sees_nothing(sessions, leases, box):
    runs = Runs(sessions, leases, box, learns=False)
    box.deliver(invoice(1))
    runs()
    (uid,) = (look.uid for look in box.look())

    box.change(uid, remove="Receipts")
    runs()

    assert runs.count(Correction) == 0
    with sessions() as session:
        assert session.scalar(select(MailboxState.modseq)) is None


def test_a_run_without_news_costs_at_most_one_turn_more(sessions, leases, box):
    """None where the server counts changes, and nothing changed."""
    turns = {}
    with Line(box.login().port, round_trip=0.001) as line:
        runs = Runs(sessions, leases, box, port=line.port)
        box.deliver(*map(invoice, range(3)))
        runs()
        for name in ("one look", "off", "on", "changed"):
            with transaction(sessions) as session:
                account = accounts.find_account(session, runs.account_id)
                account.learns_from_mailbox = name != "off"
            if name == "changed":
                box.change(box.look()[0].uid, add="Receipts", remove="Receipts")
            line.reset()
            runs()
            turns[name] = line.reset().turns

    with sessions() as session:
        counts = session.scalar(select(MailboxState.modseq)) is not None
    assert turns["on"] - turns["off"] == (0 if counts else 1)
    assert turns["changed"] - turns["off"] == 1


def test_where_labels_are_folders_nothing_is_seen_and_nothing_breaks(sessions, leases):
    server = IMAPServer(keeps_keywords=False)
    server.start()
    box = Box(server)
    runs = Runs(sessions, leases, box)
    box.deliver(*map(invoice, range(2)))
    runs()
    with box.client() as client:
        client.select_folder("Mailbeat/Receipts")
        client.delete_messages([1])
        client.expunge()

    runs()
    server.stop()

    assert runs.count(Correction) == 0
