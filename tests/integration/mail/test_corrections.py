"""What a person said reaches the mailbox, wherever labels are kept, killed or not."""

import itertools
import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mailbeat.db.corrections import correct, list_corrections, undo
from mailbeat.db.ledger import SQLLedger, counts
from mailbeat.db.models import MessageRow
from mailbeat.db.session import transaction
from mailbeat.db.waiting import SQLWaiting
from mailbeat.labeling.following import GONE
from mailbeat.labeling.pipeline import label_new_messages
from mailbeat.mail.imap import open_mailbox
from tests.factories import make_account, make_raw
from tests.fakes import FakeCategorizer
from tests.servers.boxes import PREFIX, Box
from tests.servers.gmail import GmailServer
from tests.servers.imap import IMAPServer

NAMES = {1: "Personal", 2: "Receipts", 3: "Finance", 4: "Calendar"}
MODES = ("gmail", "keywords", "copies", "moves")


@pytest.fixture(scope="module")
def stock_pymap():
    server = IMAPServer(keeps_keywords=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def gmail_server():
    with GmailServer() as server:
        yield server


@pytest.fixture(params=MODES)
def installation(request, sessions):
    """Makes an account with new mail, of one way to keep labels."""
    names = {"gmail": "gmail_server", "keywords": "imap_server"}
    server = request.getfixturevalue(names.get(request.param, "stock_pymap"))
    return lambda *subjects: Installation(sessions, server, request.param, subjects)


class Killed(Exception):
    pass


class Steps:
    """Counts what a run does, and has something happen at one step of it."""

    def __init__(self, last, happening):
        self.last, self.happening, self.count = last, happening, 0

    def __call__(self):
        self.count += 1
        if self.count == self.last:
            self.happening()

    def around(self, thing, *names):
        for name in names:
            setattr(thing, name, self._stepped(getattr(thing, name)))

    def _stepped(self, work):
        def stepped(*args, **options):
            self()
            result = work(*args, **options)
            self()
            return result

        return stepped

    @property
    def was_reached(self):
        return self.count >= self.last


def kill():
    raise Killed


class Installation:
    """An account with its ledger, whose runs are of one box."""

    def __init__(self, sessions, server, mode, subjects):
        self.sessions, self.mode = sessions, mode
        self.box = Box(server)
        self.run_id = f"run of {self.box.address}"
        address = self.box.address
        self.account_id = make_account(sessions, address, lease_run_id=self.run_id)
        self.deliver(*subjects)

    def deliver(self, *subjects):
        count = itertools.count(100 * len(self.rows()))
        self.box.deliver(*(make_raw(next(count), subject=one) for one in subjects))

    def run(self, steps=None):
        """One run; nothing of it is undone when it is killed."""
        with open_mailbox(
            self.box.login(),
            deadline=30,
            label_prefix=PREFIX,
            moves=self.mode == "moves",
        ) as mailbox:
            ledger, waiting = self.ledger_of(mailbox)
            if steps is not None:
                steps.around(ledger, "plan", "applied")
                steps.around(mailbox._session, "send", "wait")
                if waiting is not None:
                    steps.around(waiting, "take", "followed", "refused")
            progress = label_new_messages(
                mailbox,
                FakeCategorizer(),
                ledger,
                since=datetime.now(UTC) - timedelta(hours=1),
                labels=NAMES,
                waiting=waiting,
            )
            return list(progress)[-1]

    def ledger_of(self, mailbox):
        of_run = {
            "account_id": self.account_id,
            "mailbox": "INBOX",
            "run_id": self.run_id,
            "clock": lambda: datetime.now(UTC),
        }
        ledger = SQLLedger(self.sessions, subject_days=30, **of_run)
        ledger.opened(mailbox.uid_validity)
        validity = mailbox.uid_validity
        waiting = SQLWaiting(self.sessions, uid_validity=validity, **of_run)
        return ledger, waiting if ledger.has_corrections else None

    def rows(self):
        mine = select(MessageRow).where(MessageRow.account_id == self.account_id)
        with self.sessions() as session:
            return session.scalars(mine.order_by(MessageRow.uid)).all()

    def correct(self, number, category_id):
        with transaction(self.sessions) as session:
            message_id = self.rows()[number].id
            more = {"source": "api", "actor": "me", "now": datetime.now(UTC)}
            return correct(session, message_id, category_id, **more)

    def undo(self, correction):
        with transaction(self.sessions) as session:
            undo(session, correction.id, now=datetime.now(UTC))

    def corrections(self, **wanted):
        with self.sessions() as session:
            mine = {"account_id": self.account_id, "limit": 100}
            found, _ = list_corrections(session, **mine, **wanted)
        return found

    def labels(self):
        """The labels that each message really has, in the order of delivery."""
        if self.mode in {"gmail", "keywords"}:
            return self.box.labels()
        filed = {label: self._ids(f"{PREFIX}/{label}") for label in NAMES.values()}
        for ids in filed.values():
            assert len(ids) == len(set(ids)), "a message is in a folder twice"
        inbox = self._ids("INBOX")
        found = sorted({*inbox, *itertools.chain(*filed.values())}, key=_number)
        labels = [{label for label in filed if one in filed[label]} for one in found]
        if self.mode == "moves":
            assert all(
                len(some) + (one in inbox) == 1
                for one, some in zip(found, labels, strict=True)
            ), "a message is in one folder exactly"
        return labels

    def _ids(self, folder):
        with self.box.client() as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            item = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
            rows = client.fetch(client.search("UNDELETED"), [item]).values()
        field = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"
        return [row[field].partition(b":")[2].strip().decode() for row in rows]

    def check(self):
        """Each message has the label of the ledger, and nothing waits."""
        wanted = [{row.label} - {None} for row in self.rows()]
        assert self.labels() == wanted
        assert self.corrections(pending=True) == []
        assert {row.state for row in self.rows()} == {"applied"}
        assert {row.labels_there for row in self.rows()} == {None}


def _number(message_id):
    return int(message_id.partition("@")[0].strip("<"))


# In every way that labels are kept


def test_labels_follow_what_people_said(installation):
    one = installation("Receipts", "Receipts", "Receipts", "Unknown", "Finance")
    one.run()
    one.correct(0, 3)
    one.correct(1, 3)
    one.correct(2, 2)  # as it is
    one.correct(3, 2)
    one.correct(4, 4)

    one.run()

    finance, receipts, calendar = {"Finance"}, {"Receipts"}, {"Calendar"}
    assert one.labels() == [finance, finance, receipts, receipts, calendar]
    one.check()
    assert sum(bool(it.applied_at) for it in one.corrections()) == 4


def test_a_label_that_was_taken_off_never_comes_back(installation):
    one = installation("Receipts", "Receipts", "Unknown")
    one.run()
    done = one.correct(0, None)

    for subject in ("Finance", "Receipts"):
        one.deliver(subject)
        one.run()

    if one.mode == "moves":  # there is no folder to move it to
        (told,) = one.corrections()
        assert (told.id, "by hand" in told.error) == (done.id, True)
        assert one.labels()[0] == {"Receipts"}
    else:
        one.check()
        assert one.labels()[0] == set()
        assert one.rows()[0].category_id is None


def test_of_several_corrections_the_last_counts(installation):
    one = installation("Receipts", "Unknown")
    one.run()
    for category_id in (3, 4, 1):
        one.correct(0, category_id)
        one.correct(1, category_id)

    one.run()

    assert one.labels() == [{"Personal"}, {"Personal"}]
    one.check()


def test_back_and_forth_over_several_runs(installation):
    one = installation("Receipts", "Receipts", "Finance", "Unknown")
    chance = random.Random(5)
    one.run()

    for _ in range(4):
        for number in range(4):
            for _ in range(chance.randrange(3)):
                one.correct(number, chance.choice([1, 2, 3, 4]))
        one.run()
        one.check()


def test_what_was_undone_is_undone_on_the_server(installation):
    one = installation("Receipts", "Receipts")
    one.run()
    first, second = one.correct(0, 3), one.correct(1, 3)
    one.undo(second)
    one.run()
    assert one.labels() == [{"Finance"}, {"Receipts"}]

    one.undo(first)
    one.run()

    assert one.labels() == [{"Receipts"}, {"Receipts"}]
    one.check()


def test_a_message_that_is_gone_is_told_and_not_tried_again(installation):
    one = installation("Unknown", "Unknown")
    one.run()
    one.correct(0, 2)
    done = one.correct(1, 2)
    one.box.remove(one.rows()[0].uid)

    one.run()

    told = {it.message_id: it.error for it in one.corrections()}
    assert told == {one.rows()[0].id: GONE, done.message_id: None}
    assert one.labels() == [{"Receipts"}]
    assert one.corrections(pending=True) == []


def test_a_run_still_counts_what_it_labelled(installation):
    one = installation("Receipts", "Receipts", "Unknown")
    one.run()
    with one.sessions() as session:
        before = counts(session, one.run_id)

    one.correct(0, 3)
    one.correct(2, 3)
    one.run()

    with one.sessions() as session:
        assert counts(session, one.run_id) == before
    assert (before.labeled, before.skipped) == (2, 1)


@pytest.mark.parametrize("installation", ["gmail", "keywords"], indirect=True)
def test_a_label_of_the_persons_own_stays(installation):
    """Of those on the server only what we wrote is taken off."""
    one = installation("Receipts")
    one.run()
    own = f"{PREFIX}/Finance" if one.mode == "gmail" else "Finance"
    with one.box.client() as client:
        client.select_folder("INBOX")
        uids = client.search("ALL")
        if one.mode == "gmail":
            client.add_gmail_labels(uids, [own, "Holiday"])
        else:
            client.add_flags(uids, [own, "Holiday", "\\Flagged"])
    one.correct(0, 3)
    one.correct(0, 4)

    one.run()

    theirs = {"Finance", "Calendar"} | ({"Holiday"} if one.mode != "gmail" else set())
    assert one.labels() == [theirs]


# Killed, and corrected, at any point


SUBJECTS = ("Receipts", "Receipts", "Unknown")


def prepare(installation):
    """Corrections wait, and there is new mail."""
    one = installation(*SUBJECTS)
    one.run()
    one.correct(0, 3)
    one.correct(1, 4)
    one.correct(2, 2)
    one.deliver("Finance")
    return one


def test_killed_at_any_step_the_labels_are_those_of_the_ledger(installation):
    for last in itertools.count(1, 2):
        one, steps = prepare(installation), Steps(last, kill)
        with suppress(Killed):
            one.run(steps)
        one.run()
        one.check()
        if not steps.was_reached:
            break
    assert last > 16


def test_killed_at_any_step_a_mind_may_change_before_the_next_run(installation):
    for last in itertools.count(2, 3):
        one, steps = prepare(installation), Steps(last, kill)
        with suppress(Killed):
            one.run(steps)
        one.correct(0, 1)
        one.correct(1, 2)
        for done in one.corrections(message_id=one.rows()[2].id):
            if one.mode != "moves":
                one.undo(done)
        one.run()
        one.check()
        if not steps.was_reached:
            break
    assert last > 16


@pytest.mark.parametrize("is_killed", [False, True])
def test_corrected_at_any_step_of_the_run_that_decides(installation, *, is_killed):
    """It may be between plan and applied: what it puts on then is taken off again."""
    for last in itertools.count(1, 1 + is_killed):
        one = installation("Receipts", "Unknown", "Finance")

        def happening(one=one):
            for number, category_id in enumerate([4, 3, 3][: len(one.rows())]):
                one.correct(number, category_id)
            if is_killed:
                raise Killed

        steps = Steps(last, happening)
        with suppress(Killed):
            one.run(steps)
        was_corrected = bool(one.corrections())
        one.run()
        one.check()
        if was_corrected:
            assert one.labels() == [{"Calendar"}, {"Finance"}, {"Finance"}]
        if not steps.was_reached:
            break
    assert last > 10


def test_killed_and_corrected_again_and_again(installation):
    one = installation(*SUBJECTS * 3)
    chance = random.Random(11)
    for _ in range(12):
        with suppress(Killed):
            one.run(Steps(chance.randrange(1, 40), kill))
        for number in range(len(one.rows())):
            if chance.random() < 0.5:
                one.correct(number, chance.choice([1, 2, 3, 4]))

    one.run()

    one.check()
