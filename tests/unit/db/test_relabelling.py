"""Which messages are decided about again, and what is written down of it."""

from datetime import timedelta

import pytest

from mailbeat.db.corrections import correct, corrections_of, undo
from mailbeat.db.ledger import Place
from mailbeat.db.models import MessageRow
from mailbeat.db.relabelling import (
    Change,
    Known,
    change_all,
    count_followed,
    messages_since,
)
from mailbeat.db.session import transaction
from mailbeat.labeling.categorizer import NONE, Decision, Opinion
from mailbeat.labeling.category import STARTING_CATEGORIES
from tests.factories import NOW, make_account, make_row

FINANCE = STARTING_CATEGORIES[2]
RULE = Decision(3, 1.0, "rule", 'Your rule "Shop": sender is shop@shop.example')
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def account_id(any_sessions):
    return make_account(any_sessions)


@pytest.fixture
def since(any_sessions, account_id):
    def since(when=NOW, mailbox="INBOX", uid_validity=7):
        with any_sessions() as session:
            place = Place(account_id, mailbox, uid_validity)
            return messages_since(session, place, when)

    return since


@pytest.fixture
def write(any_sessions):
    def write(*changes):
        with transaction(any_sessions) as session:
            return change_all(session, changes, actor="cli", now=LATER)

    return write


def change(row_id, category=FINANCE, decision=RULE, label="Receipts"):
    return Change(Known(row_id, 1, 2, label), category, decision, "shop@shop.example")


def test_all_messages_since_then_are_decided_about_again(
    any_sessions, account_id, since
):
    second = make_row(any_sessions, account_id, 2)
    first = make_row(any_sessions, account_id, 1, category_id=None, label=None)
    make_row(any_sessions, account_id, 3, decided_at=NOW - timedelta(seconds=1))

    assert since() == [Known(first, 1, None, None), Known(second, 2, 2, "Receipts")]


@pytest.mark.parametrize(
    "changes",
    [
        {"layer": "you", "corrected_at": NOW},
        {"layer": "you", "category_id": None, "label": None},
        {"state": "planned", "applied_at": None},
        {"state": "failed", "applied_at": None},
        {"labels_there": '["Receipts"]'},
        {"mailbox": "Work"},
        {"uid_validity": 8},
    ],
)
def test_what_a_person_said_or_what_waits_or_is_elsewhere_is_left_alone(
    any_sessions, account_id, since, changes
):
    make_row(any_sessions, account_id, **changes)

    assert since() == []


def test_a_change_is_written_down_and_waits_for_the_server(
    any_sessions, account_id, write
):
    row_id = make_row(any_sessions, account_id)

    assert write(change(row_id)) == [row_id]

    with any_sessions() as session:
        row = session.get(MessageRow, row_id)
        (correction,) = corrections_of(session, row_id)
    assert (row.category_id, row.label, row.layer) == (3, "Finance", "rule")
    assert (row.evidence, row.confidence) == (RULE.evidence, 1.0)
    assert row.corrected_at is None, "no person did"
    assert (correction.source, correction.actor) == ("relabel", "cli")
    assert correction.pending_since == LATER


def test_a_message_of_which_nothing_is_sure_any_more_becomes_a_suggestion(
    any_sessions, account_id, write
):
    row_id = make_row(any_sessions, account_id)
    opinion = Opinion(3, 0.4, "learned", "Words")
    unsure = Decision(None, 0.4, NONE, "Not sure", considered=(opinion,))

    write(change(row_id, None, unsure))

    with any_sessions() as session:
        row = session.get(MessageRow, row_id)
    assert (row.category_id, row.label, row.suggested_id) == (None, None, 3)
    assert row.labels_there == '["Receipts"]', "it is still to be taken off"


@pytest.mark.parametrize("what", ["corrected", "labelled anew", "changed already"])
def test_what_changed_since_one_looked_stays(any_sessions, account_id, write, what):
    row_id = make_row(any_sessions, account_id)
    if what == "corrected":
        with transaction(any_sessions) as session:
            correct(session, row_id, 9, source="api", actor="me", now=NOW)
        wanted = change(row_id)
    elif what == "labelled anew":
        wanted = change(row_id, label="Social")
    else:
        wanted = change(row_id)
        write(wanted)

    assert write(wanted) == []


def test_a_change_can_be_undone(any_sessions, account_id, write):
    row_id = make_row(any_sessions, account_id)
    write(change(row_id))

    with transaction(any_sessions) as session:
        (correction,) = corrections_of(session, row_id)
        undo(session, correction.id, now=LATER)

    with any_sessions() as session:
        row = session.get(MessageRow, row_id)
    assert (row.category_id, row.label, row.layer) == (2, "Receipts", "facts")


def test_what_still_waits_for_the_server_has_not_followed(
    any_sessions, account_id, write
):
    ids = [make_row(any_sessions, account_id, uid) for uid in (1, 2)]
    write(change(ids[0]))

    with any_sessions() as session:
        assert count_followed(session, ids) == 1
