"""Deciding again: looking changes nothing, and what is done is done once."""

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock
from uuid import uuid4

import pytest
from sqlalchemy import select

from mailbeat.db import accounts
from mailbeat.db.accounts import NewAccount
from mailbeat.db.corrections import correct
from mailbeat.db.models import Correction, MessageRow, Run
from mailbeat.db.session import transaction
from mailbeat.labeling.categorizer import Decision
from mailbeat.lease import LeaseKeeper
from mailbeat.mail.errors import LabelRefused
from mailbeat.mail.mailbox import Security
from mailbeat.relabel import RelabelStopped, carry_out, look
from mailbeat.run import RunOptions, run_account
from tests.servers.imap import LOOPBACK
from tests.servers.process import free_port
from tests.unit.test_run import invoice as _invoice

OPTIONS = RunOptions(
    scan_interval=300,
    process_hours=24,
    deadline=60,
    allowed_networks=LOOPBACK,
    subject_days=30,
)
RULE = Decision(3, 1.0, "rule", 'Your rule "Shop": sender is shop@corner.example.com')


def invoice(number):
    return _invoice(number)


def read_as_finance(monkeypatch):
    """The user wrote a rule since."""
    monkeypatch.setattr(
        "mailbeat.relabel.AccountCategorizer.decide",
        lambda _self, messages: [RULE] * len(messages),
    )


@pytest.fixture
def leases(sessions):
    keeper = LeaseKeeper(sessions, renew_seconds=3600)
    yield keeper
    keeper.close()


@pytest.fixture
def run(sessions, leases):
    def run(account):
        with transaction(sessions) as session:
            run_id = accounts.want_run(session, account.id, now=datetime.now(UTC))
        return list(
            run_account(sessions, account.id, run_id, options=OPTIONS, leases=leases)
        )[-1]

    return run


@pytest.fixture
def account(sessions, imap_server, run):
    """An account with six messages that are Receipts."""
    address = f"again-{uuid4().hex[:8]}@example.org"
    imap_server.add_user(address)
    imap_server.append(address, *[invoice(n) for n in range(6)])
    new = NewAccount(
        email_address=address,
        host=imap_server.host,
        port=imap_server.port,
        security=Security.NONE,
        username=address,
        password=imap_server.passwords[address],
    )
    with transaction(sessions) as session:
        added = accounts.add_account(session, new, now=datetime.now(UTC))
    assert run(added).progress.labeled == 6
    return added


@pytest.fixture
def changes(sessions, account, monkeypatch):
    """Look for what would change by now."""
    read_as_finance(monkeypatch)

    def changes(days=1):
        since = datetime.now(UTC) - timedelta(days=days)
        steps = look(sessions, account.id, since=since, options=OPTIONS)
        return [one for step in steps for one in step.changes]

    return changes


@pytest.fixture
def do(sessions, account, leases):
    def do(some, **more):
        return carry_out(
            sessions,
            account,
            some,
            actor="cli",
            options=OPTIONS,
            leases=leases,
            **more,
        )

    return do


@pytest.fixture
def labels(imap_server, account):
    return lambda: list(imap_server.keywords(account.email_address).values())


def count(sessions, table):
    with sessions() as session:
        return len(session.scalars(select(table)).all())


def test_looking_changes_nothing(sessions, changes, labels):
    found = changes()

    assert [one.new_label for one in found] == ["Finance"] * 6
    assert {one.known.label for one in found} == {"Receipts"}
    assert labels() == [{"Receipts"}] * 6
    assert (count(sessions, Correction), count(sessions, Run)) == (0, 1)


def test_what_is_gone_or_was_corrected_is_left_out(
    sessions, changes, account, imap_server
):
    with transaction(sessions) as session:
        first, second, *_ = session.scalars(select(MessageRow).order_by(MessageRow.uid))
        correct(session, first.id, 9, source="api", actor="me", now=datetime.now(UTC))
    with imap_server.client(account.email_address) as client:
        client.select_folder("INBOX")
        client.delete_messages([second.uid])
        client.expunge()

    left = {one.known.uid for one in changes()}

    assert len(left) == 4
    assert not left & {first.uid, second.uid}


def test_a_message_that_breaks_the_categorizer_is_left_as_it_is(changes, monkeypatch):
    def decide(_self, messages):
        if any(
            message.subject.startswith("Your order no. 1002") for message in messages
        ):
            raise ValueError
        return [RULE] * len(messages)

    monkeypatch.setattr("mailbeat.relabel.AccountCategorizer.decide", decide)

    assert len(changes()) == 5


def test_all_labels_move_and_nothing_else(sessions, changes, do, labels):
    assert list(do(changes())) == [6]

    assert labels() == [{"Finance"}] * 6
    assert changes() == []
    with sessions() as session:
        rows = session.scalars(select(MessageRow)).all()
        assert {row.labels_there for row in rows} == {None}


def test_it_can_be_stopped_between_two_slices(
    sessions, changes, do, labels, monkeypatch
):
    monkeypatch.setattr("mailbeat.relabel.AT_ONCE", 2)
    steps = do(changes())

    assert next(steps) == 2
    steps.close()

    assert sorted(map(min, labels())) == ["Finance"] * 2 + ["Receipts"] * 4
    assert len(changes()) == 4
    assert list(do(changes())) == [2, 4]
    assert labels() == [{"Finance"}] * 6
    assert count(sessions, Correction) == 6


def test_stopped_in_the_middle_of_a_slice_the_next_run_ends_it(
    changes, do, labels, run, account
):
    """It was written down, and Ctrl-C came before the labels."""
    found = changes()
    with pytest.MonkeyPatch.context() as patched:
        stopped = Mock(side_effect=KeyboardInterrupt)
        patched.setattr("mailbeat.relabel.run_account", stopped)
        with pytest.raises(KeyboardInterrupt):
            list(do(found))
    assert labels() == [{"Receipts"}] * 6

    run(account)

    assert labels() == [{"Finance"}] * 6
    assert list(do(found)) == [0]


def test_what_the_server_refuses_does_not_count(changes, do, labels, monkeypatch):
    found = changes()
    monkeypatch.setattr(
        "mailbeat.mail.imap.IMAPMailbox.relabel", Mock(side_effect=LabelRefused("No."))
    )

    assert list(do(found)) == [0]
    assert labels() == [{"Receipts"}] * 6


def test_another_run_is_waited_for(sessions, changes, do, labels, account):
    found, waited = changes(), []
    now = datetime.now(UTC)
    with transaction(sessions) as session:
        accounts.take_lease(
            session, account.id, "another", now=now, ttl=timedelta(hours=1)
        )

    def let_go():
        waited.append(True)
        with transaction(sessions) as session:
            accounts.release_lease(
                session, account.id, "another", now=now, interval_seconds=300
            )

    assert list(do(found, waiting=let_go)) == [6]
    assert waited == [True]
    assert labels() == [{"Finance"}] * 6


def test_one_that_does_not_end_is_not_waited_for_for_ever(
    sessions, changes, do, account, monkeypatch
):
    monkeypatch.setattr("mailbeat.relabel.WAIT_SECONDS", 0)
    found = changes()
    with transaction(sessions) as session:
        accounts.take_lease(
            session,
            account.id,
            "another",
            now=datetime.now(UTC),
            ttl=timedelta(hours=1),
        )

    with pytest.raises(RelabelStopped, match="is running"):
        list(do(found))


def test_a_run_that_fails_stops_it_and_says_why(sessions, changes, do, account):
    found = changes()
    with transaction(sessions) as session:
        accounts.find_account(session, account.id).port = free_port()

    with pytest.raises(RelabelStopped, match=r"127\.0\.0\.1"):
        list(do(found))
