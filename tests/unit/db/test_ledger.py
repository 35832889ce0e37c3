"""The ledger on both databases, and its contract with the one in memory."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from mailbeat.db.corrections import correct, undo
from mailbeat.db.ledger import Counts, LeaseLost, SQLLedger, counts, note_good_run
from mailbeat.db.models import Account, MailboxState, MessageRow
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.labeling.categorizer import Decision
from mailbeat.labeling.pipeline import Entry, Plan, label_new_messages
from mailbeat.mail.mailbox import LastSeen
from tests.factories import NOW, make_account, make_message
from tests.fakes import FakeCategorizer, FakeMailbox, MemoryLedger

RUN = "run-1"
RECEIPT = Decision(2, 0.9, "facts", "sender billing@")


def make_ledger(sessions, account_id, *, uid_validity=4_000_000_000, **changes):
    values = {
        "account_id": account_id,
        "mailbox": "INBOX",
        "run_id": RUN,
        "subject_days": 30,
        "clock": lambda: NOW,
    }
    ledger = SQLLedger(sessions, **(values | changes))
    ledger.opened(uid_validity)
    return ledger


@pytest.fixture
def account_id(any_sessions):
    return make_account(any_sessions, lease_run_id=RUN)


@pytest.fixture(params=["memory", "sqlite_url", "postgres_url"])
def ledger(request, secret_keys):
    """All ledgers: what holds for one holds for the others."""
    if request.param == "memory":
        yield MemoryLedger()
        return
    url = request.getfixturevalue(request.param)
    engine = create_engine(url, secret_keys=secret_keys)
    sessions = create_sessions(engine)
    yield make_ledger(sessions, make_account(sessions, lease_run_id=RUN))
    engine.dispose()


def plan(uid, label="Receipts", decision=RECEIPT, *, failed=False, **changes):
    return Plan(make_message(uid, **changes), decision, label, failed=failed)


def rows(sessions):
    with sessions() as session:
        return session.scalars(select(MessageRow).order_by(MessageRow.uid)).all()


# What holds for every ledger


def test_a_new_uid_is_pending_without_a_plan(ledger):
    assert dict(ledger.pending([5, 6])) == {5: None, 6: None}


def test_a_planned_message_is_pending_with_its_label(ledger):
    ledger.plan([plan(5), plan(6, label=None)])

    assert dict(ledger.pending([5, 6, 7])) == {
        5: Entry("Receipts", finished=False),
        6: Entry(None, finished=False),
        7: None,
    }


def test_applied_and_failed_messages_are_not_pending(ledger):
    ledger.plan([plan(5), plan(6), plan(7, failed=True)])

    ledger.applied([5], failed=[6], watermark=7)

    assert dict(ledger.pending([5, 6, 7, 8])) == {8: None}
    assert ledger.watermark == 7


def test_a_message_whose_label_was_refused_is_known_until_it_is_applied(ledger):
    unreadable = plan(8, label=None, failed=True)
    ledger.plan([plan(5), plan(6), plan(7, "Finance"), unreadable])
    ledger.applied([5], failed=[6, 7], watermark=8)

    assert dict(ledger.refused()) == {
        6: Entry("Receipts", finished=False),
        7: Entry("Finance", finished=False),
    }
    ledger.applied([6], watermark=8)
    assert list(ledger.refused()) == [7]


def test_the_first_plan_stands(ledger):
    ledger.plan([plan(5)])

    ledger.plan([plan(5, label="Finance")])

    assert ledger.pending([5])[5] == Entry("Receipts", finished=False)


def test_an_unknown_key_is_not_renumbered(ledger):
    assert dict(ledger.renumbered([make_message(5)])) == {}


# What only a database can do


def test_a_row_tells_what_was_decided_and_when(any_sessions, account_id):
    ledger = make_ledger(any_sessions, account_id)

    ledger.plan([plan(5, sender="billing@shop.example", subject="Your invoice")])
    ledger.applied([5], watermark=5)

    (row,) = rows(any_sessions)
    assert (row.state, row.label, row.category_id) == ("applied", "Receipts", 2)
    assert (row.layer, row.evidence, row.confidence) == (
        "facts",
        "sender billing@",
        0.9,
    )
    assert (row.sender, row.sender_domain) == ("billing@shop.example", "shop.example")
    assert (row.subject, row.run_id) == ("Your invoice", RUN)
    assert row.decided_at == row.applied_at == NOW


def test_no_subject_is_kept_when_none_is_wanted(any_sessions, account_id):
    ledger = make_ledger(any_sessions, account_id, subject_days=0)

    ledger.plan([plan(5)])

    assert rows(any_sessions)[0].subject is None


def test_values_too_long_for_a_column_are_cut(any_sessions, account_id):
    """PostgreSQL refuses them; SQLite does not mind."""
    ledger = make_ledger(any_sessions, account_id)
    long = Decision(2, 0.9, "x" * 99, "y" * 999)
    sender = "a" * 400 + "@" + "b" * 400

    ledger.plan([plan(5, decision=long, sender=sender, subject="z" * 9999)])

    assert len(rows(any_sessions)[0].evidence) == 300


def test_the_watermark_is_remembered(any_sessions, account_id):
    make_ledger(any_sessions, account_id).applied((), watermark=4_294_967_295)

    assert make_ledger(any_sessions, account_id).watermark == 4_294_967_295


def test_each_mailbox_has_its_own_watermark(any_sessions, account_id):
    make_ledger(any_sessions, account_id).applied((), watermark=9)

    assert make_ledger(any_sessions, account_id, mailbox="Archive").watermark == 0


def test_a_changed_uid_validity_starts_from_the_beginning(any_sessions, account_id):
    make_ledger(any_sessions, account_id, uid_validity=1).applied((), watermark=9)

    changed = make_ledger(any_sessions, account_id, uid_validity=2)

    assert changed.watermark == 0
    changed.applied((), watermark=3)
    with any_sessions() as session:
        (state,) = session.scalars(select(MailboxState)).all()
    assert (state.uid_validity, state.watermark) == (2, 3)


def test_after_a_changed_uid_validity_rows_move_to_their_new_uids(
    any_sessions, account_id
):
    old = make_ledger(any_sessions, account_id, uid_validity=1)
    old.plan([plan(5, key="same"), plan(6, key="planned")])
    old.applied([5], watermark=5)
    changed = make_ledger(any_sessions, account_id, uid_validity=2)

    known = changed.renumbered(
        [
            make_message(50, key="same"),
            make_message(60, key="planned"),
            make_message(70, key="other"),
        ]
    )

    assert known == {
        50: Entry("Receipts", finished=True),
        60: Entry("Receipts", finished=False),
    }
    assert [(row.uid_validity, row.uid) for row in rows(any_sessions)] == [
        (2, 50),
        (2, 60),
    ]


def test_whether_labels_wait_is_known_from_the_beginning(any_sessions, account_id):
    ledger = make_ledger(any_sessions, account_id)
    assert ledger.has_corrections, "perhaps: the first run may have died"
    ledger.plan([plan(5)])
    ledger.applied([5], watermark=5)
    (row,) = rows(any_sessions)

    def has_corrections():
        return make_ledger(any_sessions, account_id).has_corrections

    assert not has_corrections()
    with transaction(any_sessions) as session:
        done = correct(session, row.id, 3, source="api", actor="me", now=NOW)
    assert has_corrections()
    with transaction(any_sessions) as session:
        undo(session, done.id, now=NOW)
    assert not has_corrections()


def test_two_messages_with_one_key_are_two_messages(any_sessions, account_id):
    old = make_ledger(any_sessions, account_id, uid_validity=1)
    old.plan([plan(5, key="same")])
    old.applied([5], watermark=5)
    changed = make_ledger(any_sessions, account_id, uid_validity=2)

    known = changed.renumbered(
        [make_message(50, key="same"), make_message(51, key="same")]
    )

    assert list(known) == [50]


def test_a_message_that_came_back_to_the_inbox_of_gmail_is_known(
    any_sessions, account_id
):
    """It has a new UID, and the UIDVALIDITY of before."""
    ledger = make_ledger(any_sessions, account_id)
    ledger.plan([plan(5, key="gm-123")])
    ledger.applied([5], watermark=5)

    known = ledger.renumbered([make_message(9, key="gm-123")])

    assert known == {9: Entry("Receipts", finished=True)}
    assert [row.uid for row in rows(any_sessions)] == [9]


def test_a_copy_in_the_same_mailbox_is_a_message_of_its_own(any_sessions, account_id):
    ledger = make_ledger(any_sessions, account_id)
    ledger.plan([plan(5, key="same")])
    ledger.applied([5], watermark=5)

    assert ledger.renumbered([make_message(6, key="same")]) == {}


@pytest.mark.parametrize(
    ("later", "expected"), [(timedelta(days=6), [5]), (timedelta(days=8), [])]
)
def test_a_refused_message_is_tried_again_for_a_week(
    any_sessions, account_id, later, expected
):
    ledger = make_ledger(any_sessions, account_id)
    ledger.plan([plan(5)])
    ledger.applied([], failed=[5], watermark=5)

    ledger = make_ledger(any_sessions, account_id, clock=lambda: NOW + later)

    assert list(ledger.refused()) == expected


def test_refused_messages_of_another_mailbox_or_numbering_are_not_this_ones(
    any_sessions, account_id
):
    ledger = make_ledger(any_sessions, account_id, uid_validity=1)
    ledger.plan([plan(5)])
    ledger.applied([], failed=[5], watermark=5)

    renumbered = make_ledger(any_sessions, account_id, uid_validity=2)
    archive = make_ledger(any_sessions, account_id, uid_validity=1, mailbox="Archive")

    assert dict(renumbered.refused()) == dict(archive.refused()) == {}


@pytest.mark.parametrize("holder", ["another run", None])
def test_without_the_lease_nothing_is_written(any_sessions, account_id, holder):
    ledger = make_ledger(any_sessions, account_id)
    ledger.plan([plan(5)])
    with transaction(any_sessions) as session:
        session.execute(update(Account).values(lease_run_id=holder))

    with pytest.raises(LeaseLost):
        ledger.applied([5], watermark=5)
    with pytest.raises(LeaseLost):
        ledger.plan([plan(6)])

    assert [(row.uid, row.state) for row in rows(any_sessions)] == [(5, "planned")]
    assert make_ledger(any_sessions, account_id).watermark == 0


def test_counts_are_those_of_the_run_that_finished(any_sessions, account_id):
    first = make_ledger(any_sessions, account_id)
    first.plan([plan(1), plan(2), plan(3, label=None), plan(4, failed=True)])
    first.applied([1, 3], watermark=1)
    with transaction(any_sessions) as session:
        session.execute(update(Account).values(lease_run_id="run-2"))

    make_ledger(any_sessions, account_id, run_id="run-2").applied([2], watermark=4)

    with any_sessions() as session:
        assert counts(session, RUN) == Counts(3, labeled=1, skipped=1, failed=1)
        assert counts(session, "run-2") == Counts(1, labeled=1, skipped=0, failed=0)
        assert counts(session, "run-3") == Counts(0, 0, 0, 0)


def test_many_messages_fit_in_one_batch(any_sessions, account_id):
    ledger = make_ledger(any_sessions, account_id)
    uids = list(range(1, 1201))

    ledger.plan([plan(uid) for uid in uids])
    ledger.applied(uids, watermark=1200)

    assert ledger.pending(uids) == {}


def test_without_a_good_run_one_looks_back_by_the_hours(sessions):
    ledger = make_ledger(sessions, make_account(sessions, lease_run_id=RUN))

    assert ledger.since(NOW, 2) == NOW - timedelta(hours=2)


@pytest.mark.parametrize(
    ("days_ago", "hours_back"), [(0, 24), (5, 6 * 24)], ids=["a day", "six days"]
)
def test_after_a_good_run_one_looks_back_to_it_and_a_day_more(
    sessions, days_ago, hours_back
):
    account_id = make_account(sessions, lease_run_id=RUN)
    make_ledger(sessions, account_id).applied((), watermark=5)
    with transaction(sessions) as session:
        note_good_run(session, account_id, "INBOX", now=NOW - timedelta(days=days_ago))

    ledger = make_ledger(sessions, account_id, uid_validity=2)

    assert ledger.since(NOW, 2) == NOW - timedelta(hours=hours_back)


def test_how_far_a_mailbox_was_read_is_known_before_it_is_opened(
    any_sessions, account_id
):
    ledger = make_ledger(any_sessions, account_id)
    assert ledger.last_seen is None
    ledger.applied((), watermark=17)

    again = make_ledger(any_sessions, account_id, uid_validity=9)

    assert again.last_seen == LastSeen(4_000_000_000, 17)
    assert again.watermark == 0


class Died(BaseException):
    """Nobody is left who could catch it."""


class KilledBy(FakeCategorizer):
    def __init__(self, uid):
        super().__init__()
        self.killer = uid

    def decide(self, messages):
        if self.killer in [message.uid for message in messages]:
            raise Died
        return super().decide(messages)


def run_of_fate(sessions, account_id, mailbox, *, killed_by, careful):
    ledger = make_ledger(sessions, account_id, is_careful=careful)
    steps = label_new_messages(
        mailbox,
        KilledBy(killed_by),
        ledger,
        since=NOW - timedelta(hours=2),
        labels={2: "Receipts"},
    )
    list(steps)


def test_a_message_that_killed_three_runs_is_left_alone(any_sessions, account_id):
    mailbox = FakeMailbox(
        [make_message(uid, subject=f"Receipts {uid}") for uid in range(1, 5)]
    )
    for careful in (False, True, True, True):
        with pytest.raises(Died):
            run_of_fate(any_sessions, account_id, mailbox, killed_by=3, careful=careful)

    run_of_fate(any_sessions, account_id, mailbox, killed_by=3, careful=True)

    assert mailbox.labels == {
        1: {"Receipts"},
        2: {"Receipts"},
        3: set(),
        4: {"Receipts"},
    }
    with any_sessions() as session:
        row = session.scalars(select(MessageRow).where(MessageRow.uid == 3)).one()
    assert (row.state, row.label) == ("failed", None)
    assert "Three runs died" in row.evidence
    assert make_ledger(any_sessions, account_id).watermark == 4


def test_two_messages_that_kill_are_both_found(any_sessions, account_id):
    mailbox = FakeMailbox(
        [make_message(uid, subject=f"Receipts {uid}") for uid in range(1, 4)]
    )
    for killer, careful in [(1, False), *[(1, True)] * 3, *[(2, True)] * 3]:
        with pytest.raises(Died):
            run_of_fate(
                any_sessions, account_id, mailbox, killed_by=killer, careful=careful
            )
    run_of_fate(any_sessions, account_id, mailbox, killed_by=0, careful=True)

    assert mailbox.labels == {1: set(), 2: set(), 3: {"Receipts"}}


def test_workers_that_die_of_something_else_cost_no_message(any_sessions, account_id):
    """The suspect of each run is another, and none after a run that ended well."""
    mailbox = FakeMailbox(
        [make_message(uid, subject=f"Receipts {uid}") for uid in range(1, 4)]
    )
    for killer in (1, 2, 3):
        with pytest.raises(Died):
            run_of_fate(
                any_sessions, account_id, mailbox, killed_by=killer, careful=True
            )
    run_of_fate(any_sessions, account_id, mailbox, killed_by=0, careful=False)

    assert mailbox.labels == {1: {"Receipts"}, 2: {"Receipts"}, 3: {"Receipts"}}


def test_a_message_that_was_decided_about_is_suspected_no_more(
    any_sessions, account_id
):
    """Workers that are killed while labels are on their way cost no message."""
    for _ in range(4):
        ledger = make_ledger(any_sessions, account_id, is_careful=True)
        assert ledger.killer == 0
        ledger.reading(7)
        ledger.plan([plan(7)])


def test_two_kills_at_the_same_message_may_be_chance(any_sessions, account_id):
    for _ in range(2):
        make_ledger(any_sessions, account_id, is_careful=True).reading(7)

    assert make_ledger(any_sessions, account_id, is_careful=True).killer == 0


def test_numbered_anew_no_message_is_suspected(any_sessions, account_id):
    for _ in range(3):
        make_ledger(any_sessions, account_id, is_careful=True).reading(7)
    assert make_ledger(any_sessions, account_id, is_careful=True).killer == 7

    again = make_ledger(any_sessions, account_id, uid_validity=9, is_careful=True)

    assert again.killer == 0
    again.reading(7)
    assert make_ledger(any_sessions, account_id, uid_validity=9).watermark == 0


def test_without_the_lease_nothing_is_suspected(any_sessions, account_id):
    with pytest.raises(LeaseLost):
        make_ledger(any_sessions, account_id, run_id="another").reading(7)


def test_what_was_planned_is_known_until_it_is_finished(ledger):
    ledger.plan([plan(5), plan(6), plan(7, None), plan(8, None, failed=True)])
    ledger.applied([5], watermark=5)

    assert dict(ledger.planned()) == {
        6: Entry("Receipts", finished=False),
        7: Entry(None, finished=False),
    }
