"""What a person did in the mailbox becomes a correction, once, or nothing at all."""

import pytest
from sqlalchemy import select, update

from mailbeat.db.corrections import correct, corrections_of
from mailbeat.db.ledger import LeaseLost, SQLLedger
from mailbeat.db.models import (
    Account,
    CategoryRow,
    LearnedExample,
    MailboxState,
    MessageRow,
)
from mailbeat.db.noticed import DELETED, LABELLED, NEWEST, REMOVED, LabelNotes
from mailbeat.db.session import transaction
from mailbeat.labeling.wishes import MOST_LOST
from mailbeat.mail.mailbox import LabelsNow
from tests.factories import NOW, make_account, make_row

RUN = "run-1"
CATEGORIES = {"Receipts": 2, "Finance": 3, "Social": 9}


@pytest.fixture
def account_id(any_sessions):
    account_id = make_account(any_sessions, lease_run_id=RUN)
    with transaction(any_sessions) as session:
        session.add(
            MailboxState(account_id=account_id, name="INBOX", uid_validity=7, modseq=5)
        )
    return account_id


@pytest.fixture
def notes(any_sessions, account_id):
    """What a run knows; made anew each time, as each run does."""

    def notes(uid_validity=7):
        ledger = SQLLedger(
            any_sessions,
            account_id=account_id,
            mailbox="INBOX",
            run_id=RUN,
            subject_days=30,
            clock=lambda: NOW,
        )
        ledger.opened(uid_validity)
        return LabelNotes(any_sessions, ledger, run_id=RUN, clock=lambda: NOW)

    return notes


@pytest.fixture
def see(notes):
    """The mailbox shows these labels, by UID."""

    def see(modseq=6, **shown):
        on = {int(uid[1:]): frozenset(labels) for uid, labels in shown.items()}
        now = LabelsNow(frozenset(CATEGORIES), on)
        return notes().record(now, CATEGORIES, modseq)

    return see


@pytest.fixture
def message(any_sessions):
    def message(message_id):
        with any_sessions() as session:
            return session.get(MessageRow, message_id)

    return message


@pytest.fixture
def taught(any_sessions):
    def taught():
        with any_sessions() as session:
            rows = session.scalars(select(LearnedExample).order_by(LearnedExample.id))
            return [(row.category_id, row.is_negative) for row in rows]

    return taught


def modseq_of(sessions):
    with sessions() as session:
        return session.scalar(select(MailboxState.modseq))


def newest(sessions, message_id):
    with sessions() as session:
        return corrections_of(session, message_id)[0]


def test_a_label_that_a_person_removed_is_off_for_good_and_teaches_against_it(
    any_sessions, account_id, see, message, taught
):
    row_id = make_row(any_sessions, account_id)

    assert see(u1=set()) == 1

    row, correction = message(row_id), newest(any_sessions, row_id)
    assert (row.label, row.category_id, row.layer) == (None, None, "you")
    assert (row.evidence, row.corrected_at) == (REMOVED, NOW)
    assert (correction.source, correction.from_category_id) == ("mailbox", 2)
    assert correction.pending_since is None, "it is off already"
    assert taught() == [(2, True)]


def test_a_label_that_a_person_replaced_is_a_correction_with_nothing_left_to_do(
    any_sessions, account_id, see, message, taught
):
    row_id = make_row(any_sessions, account_id)

    assert see(u1={"Finance"}) == 1

    row = message(row_id)
    assert (row.label, row.category_id, row.evidence) == ("Finance", 3, LABELLED)
    assert row.labels_there is None
    assert newest(any_sessions, row_id).pending_since is None
    assert taught() == [(2, True), (3, False)]


def test_of_two_labels_the_new_one_is_the_persons_and_ours_is_to_go(
    any_sessions, account_id, see, message
):
    row_id = make_row(any_sessions, account_id)

    assert see(u1={"Receipts", "Finance"}) == 1

    row = message(row_id)
    assert (row.label, row.labels_there) == ("Finance", '["Finance", "Receipts"]')
    assert newest(any_sessions, row_id).pending_since == NOW


def test_a_label_on_a_message_that_had_none_confirms_or_corrects(
    any_sessions, account_id, see, message, taught
):
    unsure = {"category_id": None, "label": None, "layer": "none", "suggested_id": 3}
    first = make_row(any_sessions, account_id, 1, **unsure)
    make_row(any_sessions, account_id, 2, **unsure)

    assert see(u1={"Finance"}, u2={"Social"}) == 2

    assert message(first).category_id == 3
    assert sorted(taught()) == [(3, False), (3, True), (9, False)]


def test_what_is_as_it_was_teaches_nothing_and_the_count_moves(
    any_sessions, account_id, see, taught
):
    make_row(any_sessions, account_id)

    assert see(modseq=77, u1={"Receipts"}, u99={"Receipts"}) == 0

    assert (taught(), modseq_of(any_sessions)) == ([], 77)


def test_seen_twice_is_corrected_once(any_sessions, account_id, see, taught):
    make_row(any_sessions, account_id)

    assert [see(modseq=n, u1={"Finance"}) for n in (6, 7)] == [1, 0]

    assert len(taught()) == 2


def test_a_label_that_is_put_back_on_is_believed_again(
    any_sessions, account_id, see, message, taught
):
    """A program which takes all labels off and puts them on may be seen in between."""
    row_id = make_row(any_sessions, account_id)

    see(u1=set())
    see(modseq=7, u1={"Receipts"})

    assert message(row_id).category_id == 2
    assert taught()[-1] == (2, False), "the newest example of a message counts"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "planned", "applied_at": None},
        {"state": "failed", "applied_at": None},
        {"labels_there": '["Receipts", "Social"]'},
        {"uid_validity": 8},
        {"mailbox": "Work"},
    ],
)
def test_a_message_that_waits_or_is_elsewhere_is_left_alone(
    any_sessions, account_id, see, taught, changes
):
    make_row(any_sessions, account_id, **changes)

    assert see(u1=set()) == 0
    assert taught() == []


def test_a_correction_made_here_wins_over_what_the_mailbox_still_shows(
    any_sessions, account_id, see, message
):
    row_id = make_row(any_sessions, account_id)
    with transaction(any_sessions) as session:
        correct(session, row_id, 3, source="api", actor="me", now=NOW)

    assert see(u1={"Receipts"}) == 0
    assert see(u1={"Social"}) == 0
    assert see(u1=set()) == 0

    assert message(row_id).category_id == 3


def test_a_correction_that_comes_while_one_looks_wins(
    any_sessions, account_id, notes, message, monkeypatch
):
    row_id = make_row(any_sessions, account_id)
    one = notes()
    read = one._wanted

    def wanted(now):
        found = read(now)
        with transaction(any_sessions) as session:
            correct(session, row_id, 3, source="api", actor="me", now=NOW)
        return found

    monkeypatch.setattr(one, "_wanted", wanted)

    now = LabelsNow(frozenset(CATEGORIES), {1: frozenset({"Social"})})
    assert one.record(now, CATEGORIES, 6) == 0
    assert message(row_id).category_id == 3


def test_a_label_that_went_from_very_many_was_deleted_and_teaches_nothing(
    any_sessions, account_id, see, message, taught
):
    ids = [make_row(any_sessions, account_id, n) for n in range(1, MOST_LOST + 2)]

    assert see(**{f"u{n}": set() for n in range(1, MOST_LOST + 2)}) == len(ids)

    row = message(ids[0])
    assert (row.label, row.evidence, taught()) == (None, DELETED, [])


def test_a_category_that_was_turned_off_meanwhile_is_no_correction(
    any_sessions, account_id, see, message
):
    row_id = make_row(any_sessions, account_id)
    with transaction(any_sessions) as session:
        session.execute(
            update(CategoryRow).where(CategoryRow.id == 3).values(enabled=False)
        )

    see(u1={"Finance"})

    assert message(row_id).category_id == 2


def test_a_label_that_cannot_be_seen_may_be_on_still(
    any_sessions, account_id, see, message
):
    """That of a category which was turned off: it is taken off to be sure."""
    row_id = make_row(any_sessions, account_id, label="Old")

    see(u1={"Finance"})

    assert message(row_id).labels_there == '["Finance", "Old"]'


def test_labels_of_before_the_prefix_was_changed_are_not_missed(
    any_sessions, account_id, see, taught
):
    make_row(any_sessions, account_id)
    with transaction(any_sessions) as session:
        session.execute(update(MailboxState).values(labels_since=NOW.replace(hour=9)))

    assert (see(u1=set()), taught()) == (0, [])


def test_a_run_that_lost_its_lease_writes_nothing(any_sessions, account_id, see):
    make_row(any_sessions, account_id)
    with transaction(any_sessions) as session:
        session.execute(update(Account).values(lease_run_id="another"))

    with pytest.raises(LeaseLost):
        see(u1=set())

    assert modseq_of(any_sessions) == 5


def test_known_are_the_messages_of_this_mailbox(any_sessions, account_id, notes):
    assert notes().known() == range(0)

    for uid in (40, 9, 12):
        make_row(any_sessions, account_id, uid)
    make_row(any_sessions, account_id, 3, mailbox="Work")

    assert notes().known() == range(9, 41)
    assert notes().newest() == [9, 12, 40]
    assert notes(uid_validity=8).known() == range(0)


def test_at_most_so_many_are_looked_at_one_by_one(sqlite_sessions_of_many):
    notes = sqlite_sessions_of_many(NEWEST + 20)

    assert notes.newest() == list(range(21, NEWEST + 21))


@pytest.fixture
def sqlite_sessions_of_many(any_sessions, account_id, notes):
    def fill(count):
        row = make_row(any_sessions, account_id)
        with transaction(any_sessions) as session:
            one = session.get(MessageRow, row)
            columns = [c.name for c in MessageRow.__table__.c if c.name != "id"]
            values = {name: getattr(one, name) for name in columns}
            session.execute(
                MessageRow.__table__.insert(),
                [values | {"uid": uid} for uid in range(2, count + 1)],
            )
        return notes()

    return fill


def test_a_mailbox_that_was_numbered_anew_counts_anew(any_sessions, account_id, notes):
    """Also if nobody looks at labels in the run that finds it so."""
    assert notes().modseq == 5

    ledger = SQLLedger(
        any_sessions,
        account_id=account_id,
        mailbox="INBOX",
        run_id=RUN,
        subject_days=30,
        clock=lambda: NOW,
    )
    ledger.opened(8)
    ledger.applied((), watermark=3)

    assert notes(uid_validity=8).modseq is None
