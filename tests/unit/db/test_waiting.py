"""What labels wait for, as a run takes and does it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from mailbeat.db.corrections import correct, undo
from mailbeat.db.ledger import LeaseLost
from mailbeat.db.models import Account, Correction, MessageRow
from mailbeat.db.session import transaction
from mailbeat.db.waiting import LOST, WAITED_FOR, SQLWaiting
from mailbeat.mail.mailbox import Identity
from tests.factories import NOW, make_account, make_row

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def account_id(any_sessions):
    return make_account(any_sessions, lease_run_id="run-2")


@pytest.fixture
def message_id(any_sessions, account_id):
    return make_row(any_sessions, account_id, 5)


@pytest.fixture
def waiting_at(any_sessions, account_id):
    def waiting_at(now=LATER, **changes):
        values = {
            "account_id": account_id,
            "mailbox": "INBOX",
            "uid_validity": 7,
            "run_id": "run-2",
            "clock": lambda: now,
        }
        return SQLWaiting(any_sessions, **(values | changes))

    return waiting_at


@pytest.fixture
def waiting(waiting_at):
    return waiting_at()


@pytest.fixture
def say(any_sessions, message_id):
    def say(category_id, message=message_id):
        with transaction(any_sessions) as session:
            more = {"source": "api", "actor": "me", "now": NOW}
            return correct(session, message, category_id, **more)

    return say


@pytest.fixture
def now(any_sessions):
    """Read a correction and its message as they are now."""

    def read(correction):
        with any_sessions() as session:
            one = session.get_one(Correction, correction.id)
            return one, session.get_one(MessageRow, one.message_id)

    return read


def test_nothing_waits(waiting, message_id):
    assert waiting.take() == []


def test_what_waits_is_taken_with_what_is_to_come_off(waiting, say):
    one = say(3)

    (change,) = waiting.take()

    assert (change.correction_id, change.uid) == (one.id, 5)
    assert (change.label, change.remove) == ("Finance", {"Receipts"})
    assert change.identity == Identity("key-5", NOW)
    assert not change.was_begun


def test_before_anything_is_done_it_is_noted_that_it_may_be(waiting, say, now):
    one = say(3)
    waiting.take()

    assert now(one)[1].labels_there == '["Finance", "Receipts"]'
    (again,) = waiting.take()
    assert (again.remove, again.was_begun) == ({"Receipts"}, True)
    say(4)
    (third,) = waiting.take()
    assert third.remove == {"Receipts", "Finance"}


def test_what_is_done_waits_no_more(waiting, say, now):
    one = say(3)

    waiting.followed(waiting.take())

    correction, row = now(one)
    assert (correction.pending_since, correction.applied_at) == (None, LATER)
    assert row.labels_there is None
    assert waiting.take() == []


def test_what_was_corrected_meanwhile_waits_on(waiting, say, now):
    say(3)
    taken = waiting.take()
    newer = say(2)

    waiting.followed(taken)

    correction, row = now(newer)
    assert correction.pending_since == NOW
    assert row.labels_there == '["Finance", "Receipts"]'


def test_what_was_undone_meanwhile_waits_on(any_sessions, waiting, say, now):
    one = say(3)
    taken = waiting.take()
    with transaction(any_sessions) as session:
        undo(session, one.id, now=NOW)

    waiting.followed(taken)

    assert now(one)[0].pending_since == NOW
    (change,) = waiting.take()
    assert (change.label, change.remove) == ("Receipts", {"Finance"})


@pytest.mark.parametrize(
    ("has_label", "there"),
    [(False, '["Receipts"]'), (True, '["Finance", "Receipts"]')],
)
def test_a_refusal_is_told_and_not_tried_again(waiting, say, now, has_label, there):
    one = say(3)

    waiting.refused(waiting.take(), "No. " * 200, has_label=has_label)

    correction, row = now(one)
    assert (correction.pending_since, correction.applied_at) == (None, None)
    assert correction.error == ("No. " * 200)[:300]
    assert row.labels_there == there
    assert waiting.take() == []


def test_a_refused_correction_may_be_undone(any_sessions, waiting, say, now):
    one = say(3)
    waiting.refused(waiting.take(), "No.", has_label=False)

    with transaction(any_sessions) as session:
        undo(session, one.id, now=NOW)

    assert now(one)[1].labels_there is None
    assert waiting.take() == []


@pytest.mark.parametrize(
    "elsewhere", [{"uid_validity": 8}, {"mailbox": "Archive"}], ids=str
)
def test_a_message_that_lost_its_number_is_waited_for_and_then_given_up(
    any_sessions, waiting_at, say, now, elsewhere
):
    one = say(3)

    assert waiting_at(NOW + WAITED_FOR, **elsewhere).take() == []
    assert now(one)[0].pending_since == NOW
    late = NOW + WAITED_FOR + timedelta(seconds=1)
    assert waiting_at(late, **elsewhere).take() == []

    assert (now(one)[0].pending_since, now(one)[0].error) == (None, LOST)


def test_a_message_that_got_a_new_number_is_found_by_it(any_sessions, waiting_at, say):
    say(3)
    with transaction(any_sessions) as session:
        session.execute(update(MessageRow).values(uid_validity=8, uid=77))

    (change,) = waiting_at(uid_validity=8).take()

    assert change.uid == 77


def test_other_accounts_are_left_alone(any_sessions, waiting, say):
    other = make_account(any_sessions, "bob@example.org")
    say(3, message=make_row(any_sessions, other))

    assert waiting.take() == []


def test_a_run_that_lost_its_account_does_nothing(any_sessions, waiting, say):
    say(3)
    taken = waiting.take()
    with transaction(any_sessions) as session:
        session.execute(update(Account).values(lease_run_id="run-3"))

    for what in (
        waiting.take,
        lambda: waiting.followed(taken),
        lambda: waiting.refused(taken, "No.", has_label=False),
    ):
        with pytest.raises(LeaseLost):
            what()
    with any_sessions() as session:
        assert session.scalar(select(Correction.pending_since)) == NOW
