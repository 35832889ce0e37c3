r"""Labels as folders, on servers that keep no keywords: stock pymap, and Dovecot.

Dovecot is behind a proxy that takes `\*` out of its permanent flags, as it is at
Outlook. What is in which folder is read back by IMAPClient.
"""

import itertools
import random
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mailbeat.db.ledger import SQLLedger, counts
from mailbeat.db.models import MailboxState, MessageRow
from mailbeat.labeling.categorizer import Decision
from mailbeat.labeling.pipeline import label_new_messages
from mailbeat.mail.errors import ConnectFailed, LabelRefused
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import Identity
from tests.factories import make_account, make_raw
from tests.servers.certificates import Authority
from tests.servers.dovecot import DovecotServer
from tests.servers.fixed_flags import FixedFlags
from tests.servers.imap import IMAPServer

LABELS = {1: "Receipts", 2: "Meine Bücher"}
WITHOUT_MOVE = "IMAP4rev1 SASL-IR NAMESPACE UIDPLUS"
addresses = (f"ada@file{number}.example.org" for number in itertools.count(1))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority")).issue("localhost")


@contextmanager
def dovecot(certificate, **options):
    if not DovecotServer.is_installed():
        pytest.skip("Dovecot is not installed (apt-get install dovecot-imapd)")
    server = DovecotServer(certificate, **options)
    server.start()
    gate = FixedFlags(server.port)
    yield server, gate
    gate.end()
    server.stop()


@pytest.fixture(scope="session")
def dovecot_server(certificate):
    with dovecot(certificate) as running:
        yield running


@pytest.fixture(scope="session")
def dotted_server(certificate):
    with dovecot(
        certificate, root="INBOX.", capability="IMAP4rev1 NAMESPACE MOVE"
    ) as running:
        yield running


@pytest.fixture(scope="session")
def old_server(certificate):
    with dovecot(certificate, capability=WITHOUT_MOVE) as running:
        yield running


@pytest.fixture(scope="session")
def oldest_server(certificate):
    with dovecot(certificate, capability="IMAP4rev1") as running:
        yield running


@pytest.fixture(scope="session")
def stock_pymap():
    server = IMAPServer(keeps_keywords=False)
    server.start()
    yield server, None
    server.stop()


class Box:
    """The mail of a new user; `root` is what the server puts before our names."""

    def __init__(self, server, gate, *, root="", delimiter="/"):
        self.server, self.gate = server, gate
        self.root, self.delimiter = root, delimiter
        self.address = next(addresses)
        server.add_user(self.address)

    def open(self, *, moves=False):
        login = self.server.login(self.address)
        if self.gate is not None:
            login = replace(login, port=self.gate.port)
        return open_mailbox(login, deadline=30, moves=moves)

    def deliver(self, *messages, received_at=None):
        self.server.append(self.address, *messages, received_at=received_at)

    def folder(self, label):
        return f"{self.root}Mailbeat{self.delimiter}{label}"

    def ids(self, folder="INBOX"):
        """The Message-IDs of a folder, in the order in which they came there."""
        with self.server.client(self.address) as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            field = "BODY[HEADER.FIELDS (MESSAGE-ID)]"
            rows = client.fetch(
                client.search("ALL"), field.replace("BODY", "BODY.PEEK")
            )
        return [
            row[field.encode()].partition(b":")[2].strip().decode()
            for _, row in sorted(rows.items())
        ]

    def filed(self, label):
        return self.ids(self.folder(label))

    def flags(self, folder="INBOX"):
        with self.server.client(self.address) as client:
            client.select_folder(folder, readonly=True)
            found = client.get_flags(client.search("ALL"))
        return [set(flags) - {b"\\Recent"} for _, flags in sorted(found.items())]

    def mark_deleted(self, uid, folder="INBOX"):
        with self.server.client(self.address) as client:
            client.select_folder(folder)
            client.add_flags([uid], [b"\\Deleted"])


@pytest.fixture(params=["stock_pymap", "dovecot_server", "dotted_server", "old_server"])
def box(request):
    running = request.getfixturevalue(request.param)
    dotted = request.param == "dotted_server"
    names = {"root": "INBOX.", "delimiter": "."} if dotted else {}
    return Box(*running, **names)


def ids(*numbers):
    return [f"<{number}@example.org>" for number in numbers]


def all_uids(mailbox):
    return mailbox.new_uids(after=0, since=datetime.now(UTC) - timedelta(days=999))


# Copying


def test_a_label_is_a_folder_with_a_copy(box):
    box.deliver(*map(make_raw, range(3)))

    with box.open() as mailbox:
        first, second, third = all_uids(mailbox)
        refused = mailbox.put_labels({"Receipts": [first, third], "Finance": [second]})

    assert refused == {}
    assert box.filed("Receipts") == ids(0, 2)
    assert box.filed("Finance") == ids(1)
    assert box.ids() == ids(0, 1, 2)
    assert box.flags() == [set(), set(), set()]


def test_the_folder_is_subscribed_to(box):
    box.deliver(make_raw())

    with box.open() as mailbox:
        mailbox.put_labels({"Receipts": all_uids(mailbox)})

    with box.server.client(box.address) as client:
        names = [name for _, _, name in client.list_sub_folders()]
    assert box.folder("Receipts") in names


@pytest.mark.parametrize("label", ["Meine Bücher", "R & D", "日本", 'Say "hi"', "50 %"])
def test_a_folder_may_have_any_letters(box, label):
    box.deliver(make_raw())

    with box.open() as mailbox:
        assert mailbox.put_labels({label: all_uids(mailbox)}) == {}

    kept = label.replace('"', "_").replace("%", "_")
    assert box.filed(kept) == ids(1)


def test_a_label_is_one_folder_whatever_is_in_its_name(box):
    box.deliver(make_raw())

    with box.open() as mailbox:
        mailbox.put_labels({"a/b.c": all_uids(mailbox)})

    assert box.filed("a_b_c" if box.delimiter == "." else "a_b.c") == ids(1)


def test_done_again_there_is_still_one_copy(box):
    box.deliver(*map(make_raw, range(3)))

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        mailbox.put_labels({"Receipts": uids[:2]})
        mailbox.put_labels({"Receipts": uids}, again=uids)
        mailbox.put_labels({"Receipts": uids}, again=uids)

    assert box.filed("Receipts") == ids(0, 1, 2)


def test_a_copy_that_is_marked_as_deleted_is_not_made_again(box):
    """COPY keeps the mark of a message; and of a person's own nothing is fought."""
    box.deliver(*map(make_raw, range(2)))

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        box.mark_deleted(uids[0])
        mailbox.put_labels({"Receipts": uids})
        mailbox.put_labels({"Receipts": uids}, again=uids)

    assert box.filed("Receipts") == ids(0, 1)


def test_messages_without_an_id_that_are_alike_each_have_their_copy(box):
    alike = b"From: a@example.org\r\nSubject: x\r\n\r\nx\r\n"
    box.deliver(alike, alike, alike, received_at=datetime.now(UTC))

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        mailbox.put_labels({"Receipts": uids[:2]})
        mailbox.put_labels({"Receipts": uids[:2]}, again=uids[:2])
        mailbox.put_labels({"Receipts": uids[2:]})

    assert len(box.filed("Receipts")) == 3


def test_a_message_that_vanished_is_left_out(box):
    box.deliver(*map(make_raw, range(2)))
    with box.open() as mailbox:
        uids = all_uids(mailbox)
    with box.server.client(box.address) as client:
        client.select_folder("INBOX")
        client.delete_messages(uids[:1])
        client.expunge()

    with box.open() as mailbox:
        assert mailbox.put_labels({"Receipts": uids}, again=uids) == {}
        assert mailbox.put_labels({"Finance": uids}) == {}

    assert box.filed("Receipts") == box.filed("Finance") == ids(1)


def test_what_is_read_ahead_is_not_mixed_up_with_what_is_in_a_folder(box):
    """The folder's messages have the same numbers, and come in between."""
    box.deliver(*map(make_raw, range(8)))
    with box.open() as mailbox:
        uids = all_uids(mailbox)
        mailbox.put_labels({"Receipts": list(reversed(uids))[:4]})

    with box.open() as mailbox:
        coming = mailbox.fetch(uids[:4])
        first = next(coming)
        mailbox.put_labels({"Receipts": uids[4:]}, again=uids[4:])
        read = [first, *coming, *mailbox.fetch(uids[4:])]

    assert [(one.uid, one.message_id) for one in read] == list(
        zip(uids, ids(*range(8)), strict=True)
    )
    assert sorted(box.filed("Receipts")) == ids(4, 5, 6, 7)


def test_the_mailbox_itself_is_no_folder_of_a_label(box):
    box.deliver(make_raw())
    login = box.server.login(box.address)
    port = box.gate.port if box.gate else login.port

    with open_mailbox(replace(login, port=port), deadline=30, label_prefix="") as one:
        refused = one.put_labels({"Inbox": all_uids(one)}) if not box.root else {"": 1}

    assert len(refused) == 1
    assert box.ids() == ids(1)


# Corrections


@pytest.mark.parametrize(
    "box",
    ["stock_pymap", "dovecot_server", "old_server"],  # all have UIDPLUS
    indirect=True,
)
def test_a_correction_moves_the_copy_and_twice_is_once(box):
    box.deliver(*map(make_raw, range(3)))

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        mailbox.put_labels({"Receipts": uids})
        box.mark_deleted(3, box.folder("Receipts"))  # by the user, who may think again
        for _ in range(2):
            mailbox.relabel(uids[1:2], add="Finance", remove="Receipts")
            mailbox.relabel(uids[:1], add=None, remove="Receipts")

    assert box.filed("Receipts") == ids(2)
    assert box.filed("Finance") == ids(1)
    assert box.ids() == ids(0, 1, 2)


def test_where_single_messages_cannot_be_removed_a_copy_is_only_marked(oldest_server):
    box = Box(*oldest_server)
    box.deliver(*map(make_raw, range(2)))

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        mailbox.put_labels({"Receipts": uids})
        mailbox.relabel(uids[:1], add="Finance", remove="Receipts")
        mailbox.relabel(uids[:1], add="Receipts", remove="Finance")

    assert box.filed("Receipts") == ids(0, 1, 0)
    assert box.flags(box.folder("Receipts")) == [{b"\\Deleted"}, set(), set()]


# Moving


def identities(mailbox, uids):
    return {one.uid: Identity(one.key, one.received_at) for one in mailbox.fetch(uids)}


def test_who_chose_to_move_has_mail_moved(box):
    box.deliver(*map(make_raw, range(3)))

    with box.open(moves=True) as mailbox:
        uids = all_uids(mailbox)
        box.mark_deleted(uids[2])
        assert mailbox.moves
        for _ in range(2):
            assert mailbox.put_labels({"Receipts": uids[:2]}, again=uids) == {}

    assert box.filed("Receipts") == ids(0, 1)
    assert box.ids() == ids(2)


def test_a_correction_moves_on_what_was_moved_and_twice_is_once(box):
    box.deliver(*map(make_raw, range(3)))

    with box.open(moves=True) as mailbox:
        uids = all_uids(mailbox)
        known = identities(mailbox, uids)
        mailbox.put_labels({"Receipts": uids})
        for _ in range(2):
            mailbox.relabel(uids[:2], add="Finance", remove="Receipts", known=known)

    assert box.filed("Receipts") == ids(2)
    assert box.filed("Finance") == ids(0, 1)
    assert box.ids() == []


def test_a_moved_message_that_is_not_found_is_said_to_be_missing(box):
    box.deliver(*map(make_raw, range(2)))

    with box.open(moves=True) as mailbox:
        uids = all_uids(mailbox)
        known = identities(mailbox, uids)
        mailbox.put_labels({"Receipts": uids[:1], "Elsewhere": uids[1:]})
        with pytest.raises(LabelRefused, match="no longer in the folder"):
            mailbox.relabel(uids, add="Finance", remove="Receipts", known=known)
        with pytest.raises(LabelRefused, match="no longer in the folder"):
            mailbox.relabel(uids[1:], add="Finance", remove="Receipts")
        with pytest.raises(LabelRefused, match="another label"):
            mailbox.relabel(uids, add=None, remove="Finance", known=known)
        assert all_uids(mailbox) == []  # of the mailbox, which is selected again

    assert box.filed("Finance") == ids(0)
    assert box.filed("Elsewhere") == ids(1)


def test_a_server_that_can_neither_move_nor_remove_one_message_says_so(oldest_server):
    box = Box(*oldest_server)
    box.deliver(make_raw())

    with box.open(moves=True) as mailbox:
        refused = mailbox.put_labels({"Receipts": all_uids(mailbox)})

    assert "neither move" in str(refused["Receipts"])
    assert box.filed("Receipts") == []
    assert box.ids() == ids(1)


# Exactly once


class Killed(Exception):
    pass


class Steps:
    """Counts what happens from the first plan on, and is killed at one of it."""

    def __init__(self, last):
        self.last, self.count = last, 0

    def __call__(self, name):
        if self.count or name == "plan":
            self.count += 1
        if self.count == self.last:
            raise Killed

    def around(self, thing, *names):
        for name in names:
            setattr(thing, name, self._stepped(name, getattr(thing, name)))

    def _stepped(self, name, work):
        def stepped(*args, **options):
            self(name)
            result = work(*args, **options)
            self(name)
            return result

        return stepped


class RandomCategorizer:
    """Decides anew each time, as a model may."""

    def __init__(self):
        self._chance = random.Random(7)

    def decide(self, messages):
        return [
            Decision(self._chance.choice([1, 2]), 0.9, "model", "") for _ in messages
        ]


class Installation:
    """An account with its ledger, whose runs are of one box."""

    def __init__(self, sessions, box, *, moves):
        self.sessions, self.box, self.moves = sessions, box, moves
        self.run_id = f"run of {box.address}"
        self.account_id = make_account(sessions, box.address, lease_run_id=self.run_id)

    def run(self, steps=None):
        """One run; nothing of it is undone when it is killed."""
        with self.box.open(moves=self.moves) as mailbox:
            ledger = SQLLedger(
                self.sessions,
                account_id=self.account_id,
                mailbox="INBOX",
                run_id=self.run_id,
                subject_days=30,
                clock=lambda: datetime.now(UTC),
            )
            ledger.opened(mailbox.uid_validity)
            if steps is not None:
                steps.around(ledger, "plan", "applied")
                steps.around(mailbox._session, "send", "wait")
            steps_seen = label_new_messages(
                mailbox,
                RandomCategorizer(),
                ledger,
                since=datetime.now(UTC) - timedelta(hours=1),
                labels=LABELS,
            )
            return list(steps_seen)[-1]

    def check(self, count):
        """Every message is in one folder, once: the one that the ledger says."""
        with self.sessions() as session:
            mine = MessageRow.account_id == self.account_id
            rows = session.scalars(
                select(MessageRow).where(mine).order_by(MessageRow.uid)
            ).all()
            watermark = session.scalar(
                select(MailboxState.watermark).where(
                    MailboxState.account_id == self.account_id
                )
            )
            counted = counts(session, self.run_id)
        wanted = {label: [] for label in LABELS.values()}
        for number, row in enumerate(rows):
            wanted[row.label] += ids(number)
        filed = {label: sorted(self.box.filed(label)) for label in wanted}
        assert filed == {label: sorted(some) for label, some in wanted.items()}
        assert self.box.ids() == ([] if self.moves else ids(*range(count)))
        assert {row.state for row in rows} == {"applied"}
        assert (counted.processed, counted.labeled) == (count, count)
        assert watermark >= count


FILING = [
    ("dovecot_server", False),  # COPY
    ("dovecot_server", True),  # MOVE
    ("old_server", True),  # COPY and UID EXPUNGE
]


@pytest.mark.parametrize(
    ("name", "moves", "first"), [(*one, n) for n, one in enumerate(FILING, 1)]
)
def test_killed_at_any_step_no_message_is_filed_twice(
    request, sessions, name, moves, first
):
    """Of each way of filing a third; which, differs from one to the next."""
    running = request.getfixturevalue(name)
    for last in itertools.count(first, 3):
        box = Box(*running)
        box.deliver(*map(make_raw, range(3)))
        installation = Installation(sessions, box, moves=moves)
        try:
            installation.run(Steps(last))
        except Killed:
            installation.run()
            installation.check(3)
        else:
            break
    assert last > 12


@pytest.mark.parametrize(("name", "moves"), [("stock_pymap", False), *FILING])
def test_killed_again_and_again_no_message_is_filed_twice(
    request, sessions, name, moves
):
    box = Box(*request.getfixturevalue(name))
    box.deliver(*map(make_raw, range(24)))
    installation = Installation(sessions, box, moves=moves)
    chance = random.Random(3)

    for _ in range(8):
        with suppress(Killed):
            installation.run(Steps(chance.randrange(2, 30)))
    installation.run()

    installation.check(24)
    assert installation.run().found == 0


@pytest.mark.parametrize("moves", [False, True])
def test_cut_off_before_the_answer_no_message_is_filed_twice(
    dovecot_server, sessions, moves
):
    box = Box(*dovecot_server)
    box.deliver(*map(make_raw, range(12)))
    installation = Installation(sessions, box, moves=moves)
    box.gate.cut_at = b"[COPYUID "
    with pytest.raises(ConnectFailed):
        installation.run()
    box.gate.cut_at = None

    last = installation.run()

    installation.check(12)
    assert (last.found, last.processed, last.labeled, last.failed) == (12, 12, 12, 0)


def test_mail_that_comes_after_others_were_moved_is_found(box, sessions):
    box.deliver(make_raw(0))
    installation = Installation(sessions, box, moves=True)
    installation.run()
    box.deliver(make_raw(1))

    assert installation.run().labeled == 1

    installation.check(2)
