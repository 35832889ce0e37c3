"""What a person says counts at once, teaches, and can be taken back."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from mailbeat.db import accounts
from mailbeat.db.accounts import SOON, claim_due
from mailbeat.db.categories import CategoryNotFound, enabled_categories
from mailbeat.db.corrections import (
    CHOSEN,
    CHOSEN_NONE,
    CONFIRMED,
    CannotUndo,
    Choice,
    CorrectionNotFound,
    MessageNotFound,
    correct,
    correct_all,
    corrections_of,
    decide_again,
    list_corrections,
    lock_messages,
    undo,
)
from mailbeat.db.models import (
    Account,
    CategoryRow,
    Correction,
    LearnedExample,
    MessageRow,
)
from mailbeat.db.session import transaction
from tests.factories import NOW, make_account, make_row

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def account_id(any_sessions):
    return make_account(any_sessions)


@pytest.fixture
def message_id(any_sessions, account_id):
    return make_row(any_sessions, account_id)


@pytest.fixture
def say(any_sessions, message_id):
    """Correct the message, each time in a transaction of its own."""

    def say(category_id, message=message_id, now=NOW, **more):
        asked = {"source": "api", "actor": "me", "now": now} | more
        with transaction(any_sessions) as session:
            return correct(session, message, category_id, **asked)

    return say


@pytest.fixture
def take_back(any_sessions):
    def take_back(correction, now=NOW):
        with transaction(any_sessions) as session:
            return undo(session, correction.id, now=now)

    return take_back


@pytest.fixture
def row(any_sessions, message_id):
    """Read the message as it is now."""

    def row():
        with any_sessions() as session:
            return session.get_one(MessageRow, message_id)

    return row


@pytest.fixture
def lessons(any_sessions):
    """What was taught: (category, is negative), the oldest first."""

    def lessons():
        columns = LearnedExample.category_id, LearnedExample.is_negative
        with any_sessions() as session:
            rows = session.execute(select(*columns).order_by(LearnedExample.id))
            return [tuple(row) for row in rows]

    return lessons


def waiting(sessions):
    with sessions() as session:
        found, _ = list_corrections(session, pending=True)
    return [one.id for one in found]


def set_row(sessions, **values):
    with transaction(sessions) as session:
        session.execute(update(MessageRow).values(**values))


# Choosing


def test_what_a_person_chose_is_so_at_once(say, row):
    one = say(3)

    changed = row()
    assert (changed.category_id, changed.label) == (3, "Finance")
    assert (changed.layer, changed.confidence, changed.evidence) == ("you", 1, CHOSEN)
    assert changed.corrected_at == NOW
    assert changed.run_id == "run-1"
    assert (one.from_category_id, one.to_category_id) == (2, 3)
    assert (one.old_label, one.new_label) == ("Receipts", "Finance")
    assert one.pending_since == NOW


def test_a_message_may_be_of_no_category(say, row):
    one = say(None)

    changed = row()
    assert (changed.category_id, changed.label) == (None, None)
    assert changed.evidence == CHOSEN_NONE
    assert one.pending_since == NOW


def test_to_confirm_moves_nothing(say, row, lessons):
    one = say(2)

    changed = row()
    assert (changed.label, changed.layer, changed.evidence) == (
        "Receipts",
        "you",
        CONFIRMED,
    )
    assert one.pending_since is None
    assert lessons() == [(2, False)]


def test_a_suggestion_is_confirmed(any_sessions, say, row, lessons):
    unsure = {"layer": "none", "category_id": None, "label": None}
    set_row(any_sessions, suggested_id=4, **unsure)

    one = say(4)

    assert (row().category_id, row().evidence) == (4, CONFIRMED)
    assert one.pending_since == NOW
    assert lessons() == [(4, False)]


@pytest.mark.parametrize(
    ("chosen", "taught"),
    [(3, [(2, True), (3, False)]), (None, [(2, True)]), (2, [(2, False)])],
)
def test_a_correction_teaches_what_it_is_and_what_it_is_not(
    say, lessons, chosen, taught
):
    say(chosen)

    assert lessons() == taught


@pytest.mark.parametrize(
    ("chosen", "taught"), [(None, [(4, True)]), (3, [(4, True), (3, False)])]
)
def test_a_suggestion_that_is_refused_teaches(
    any_sessions, say, lessons, chosen, taught
):
    unsure = {"layer": "none", "category_id": None, "label": None}
    set_row(any_sessions, suggested_id=4, **unsure)

    say(chosen)

    assert lessons() == taught


def test_the_newest_lesson_of_a_message_is_what_it_is(say, lessons):
    say(3)
    say(4)

    assert lessons() == [(2, True), (3, False), (3, True), (4, False)]


def test_only_the_last_of_several_waits(any_sessions, say, row):
    say(3)
    last = say(4)

    assert waiting(any_sessions) == [last.id]
    assert row().label == "Calendar"


def test_back_to_what_it_was_nothing_waits(any_sessions, say, row):
    say(3)
    say(2)

    assert waiting(any_sessions) == []
    assert row().labels_there is None


def test_who_changed_it_on_the_server_does_not_wait(any_sessions, say, row):
    one = say(3, source="mailbox", labels_there=["Finance"])

    assert one.pending_since is None
    assert row().label == "Finance"


def test_what_the_person_left_on_the_server_comes_off(any_sessions, say, row):
    one = say(3, source="mailbox", labels_there=["Finance", "Receipts"])

    assert one.pending_since == NOW
    assert row().labels_there == '["Finance", "Receipts"]'


def test_no_message_and_no_category_are_said(any_sessions, say, message_id):
    with pytest.raises(MessageNotFound, match="no message 99"):
        say(3, message=99)
    with pytest.raises(CategoryNotFound, match="no category 99"):
        say(99)
    with transaction(any_sessions) as session:
        session.execute(update(CategoryRow).values(enabled=False))
    with pytest.raises(CategoryNotFound, match="no category 3"):
        say(3)


def test_many_are_corrected_at_once(any_sessions, account_id, message_id, lessons):
    other = make_account(any_sessions, "bob@example.org")
    ids = [message_id, make_row(any_sessions, other), 99]

    with transaction(any_sessions) as session:
        done = correct_all(session, ids, 3, source="api", actor="me", now=NOW)

    assert [(one.message_id, one.account_id) for one in done] == [
        (message_id, account_id),
        (ids[1], other),
    ]
    assert len(lessons()) == 4


def test_a_newer_rule_decides_again_and_teaches_nothing(
    any_sessions, message_id, row, lessons
):
    with transaction(any_sessions) as session:
        rows = lock_messages(session, [message_id])
        category = enabled_categories(session)[4]
        choice = Choice(category, 1.0, "rule", "Your rule")
        more = {"source": "relabel", "actor": "cli", "now": NOW}
        (one,) = decide_again(session, [(rows[0], choice)], **more)

    assert (row().layer, row().label) == ("rule", "Security")
    assert one.pending_since == NOW
    assert lessons() == []


# Taking back


def test_undone_everything_is_as_it_was(any_sessions, say, take_back, row, lessons):
    before = {name: value for name, value in vars(row()).items() if name[0] != "_"}

    take_back(say(3))

    after = {name: value for name, value in vars(row()).items() if name[0] != "_"}
    assert after == before
    assert lessons() == []
    assert waiting(any_sessions) == []


def test_undone_one_by_one_each_former_answer_comes_back(say, take_back, row, lessons):
    one, two = say(3), say(None, now=LATER)

    take_back(two)

    assert (row().label, row().layer, row().evidence) == ("Finance", "you", CHOSEN)
    assert row().corrected_at == NOW
    assert lessons() == [(2, True), (3, False)]
    take_back(one)
    assert (row().label, row().layer) == ("Receipts", "facts")
    assert row().corrected_at is None


def test_a_label_that_followed_is_taken_back_too(any_sessions, say, take_back, row):
    one = say(3)
    set_row(any_sessions, labels_there=None)
    with transaction(any_sessions) as session:
        session.execute(update(Correction).values(pending_since=None, applied_at=NOW))

    take_back(one)

    assert waiting(any_sessions) == [one.id]
    assert (row().label, row().labels_there) == ("Receipts", '["Finance"]')


def test_what_waited_before_the_undone_one_waits_again(any_sessions, say, take_back):
    one, two = say(3), say(4)

    take_back(two)

    assert waiting(any_sessions) == [one.id]


def test_an_older_or_undone_correction_is_not_undone(say, take_back):
    one, two = say(3), say(4)

    with pytest.raises(CannotUndo, match=f"Undo correction {two.id} first"):
        take_back(one)
    take_back(two)
    with pytest.raises(CannotUndo, match="undone already"):
        take_back(two)
    two.id = 99
    with pytest.raises(CorrectionNotFound, match="99"):
        take_back(two)


# The run that follows


def next_run_at(sessions):
    with sessions() as session:
        return session.scalar(select(Account.next_run_at))


def prepare(sessions, **values):
    with transaction(sessions) as session:
        session.execute(update(Account).values(next_run_at=LATER, **values))


def test_an_idle_account_runs_soon_once_for_many(any_sessions, say):
    prepare(any_sessions)

    for number, category in enumerate((3, 4, 5)):
        say(category, now=NOW + number * timedelta(seconds=1))

    assert next_run_at(any_sessions) == NOW + SOON
    with transaction(any_sessions) as session:
        claim = {"default_interval": 300}
        assert len(claim_due(session, now=NOW + SOON, **claim)) == 1
        assert claim_due(session, now=NOW + SOON, **claim) == []


def test_a_confirmation_asks_for_no_run(any_sessions, say):
    prepare(any_sessions)

    say(2)

    assert next_run_at(any_sessions) == LATER


@pytest.mark.parametrize("count", ["failures_in_a_row", "interruptions_in_a_row"])
def test_an_account_that_backs_off_is_left_alone(any_sessions, say, count):
    prepare(any_sessions, **{count: 1})

    say(3)

    assert next_run_at(any_sessions) == LATER


def test_a_run_that_comes_sooner_anyway_stays(any_sessions, say):
    with transaction(any_sessions) as session:
        session.execute(update(Account).values(next_run_at=NOW))

    say(3)

    assert next_run_at(any_sessions) == NOW


# At once


@dataclass
class Person:
    """Corrects the same messages as others, at the same time."""

    sessions: object
    ids: list[int]
    seed: int

    def correct_them(self):
        order = random.Random(self.seed).sample(self.ids, len(self.ids))
        for message_id in order:
            category_id = 3 + self.seed % 2
            with transaction(self.sessions) as session:
                more = {"source": "api", "actor": str(self.seed), "now": NOW}
                correct(session, message_id, category_id, **more)


def test_two_who_correct_at_once_lose_nothing(any_sessions, account_id):
    ids = [make_row(any_sessions, account_id, uid) for uid in range(1, 51)]
    people = [Person(any_sessions, ids, seed) for seed in range(8)]

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(Person.correct_them, people))

    with any_sessions() as session:
        positive = LearnedExample.is_negative.is_(False)
        count = select(func.count()).select_from
        assert session.scalar(count(Correction)) == 400
        assert session.scalar(count(LearnedExample).where(positive)) == 400
        for message_id in ids:
            chain = corrections_of(session, message_id)[::-1]
            # Each saw the one before: nobody worked on what was old already.
            assert [one.old_label for one in chain[1:]] == [
                one.new_label for one in chain[:-1]
            ]
            assert sum(one.pending_since is not None for one in chain) == 1


def test_whoever_corrects_waits_for_a_run_that_writes(any_sessions, message_id, say):
    """It holds its account's row, and reads what it is to write before that."""
    with ThreadPoolExecutor(1) as pool:
        with transaction(any_sessions) as session:
            accounts.lock_account(session, 1)
            later = pool.submit(say, 3)
            session.execute(update(MessageRow).values(label="Promotions"))
        done = later.result(timeout=20)

    assert done.old_label == "Promotions"


def test_corrections_are_listed_newest_first(any_sessions, say, account_id):
    one, two, three = say(3), say(4), say(5)

    with any_sessions() as session:
        found, cursor = list_corrections(session, limit=2, account_id=account_id)
        rest, end = list_corrections(session, cursor=cursor, message_id=one.message_id)
        waits, _ = list_corrections(session, pending=True)
        done, _ = list_corrections(session, pending=False)
        none, _ = list_corrections(session, message_id=99)

    assert [x.id for x in found] == [three.id, two.id]
    assert [x.id for x in rest] == [one.id]
    assert [x.id for x in waits] == [three.id]
    assert [x.id for x in done] == [two.id, one.id]
    assert (end, none) == (None, [])
