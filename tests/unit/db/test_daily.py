from datetime import UTC, date, datetime

import pytest

from mailbeat.db import daily
from mailbeat.db.models import Account, MessageRow, Run
from mailbeat.db.session import transaction

MONDAY = datetime(2026, 1, 5, 0, 0, tzinfo=UTC)


@pytest.fixture
def history(any_sessions):
    """Two accounts; runs and messages at the edges of Sunday, Monday and Tuesday."""
    moments = [(1, 4, 23), (1, 5, 0), (2, 5, 23), (1, 6, 0)]
    with transaction(any_sessions) as session:
        for number in (1, 2):
            session.add(
                Account(
                    id=number,
                    email_address=f"a{number}@example.org",
                    host="h",
                    port=993,
                    security="tls",
                    username="u",
                    created_at=MONDAY,
                    next_run_at=MONDAY,
                )
            )
        session.flush()
        for uid, (account_id, day, hour) in enumerate(moments, 1):
            when = datetime(2026, 1, day, hour, 30, tzinfo=UTC)
            session.add(_run(account_id, uid, when))
            session.add(_message(account_id, uid, when))
        session.add(_run(1, 9, datetime(2026, 1, 6, 1, tzinfo=UTC), outcome=None))
    return any_sessions


def _run(account_id, number, when, outcome="succeeded"):
    return Run(
        run_id=f"r{number}",
        account_id=account_id,
        email_address="",
        start_time=when,
        updated_at=when,
        state="completed",
        outcome=outcome,
        emails_labeled=number,
    )


def _message(account_id, uid, when):
    return MessageRow(
        account_id=account_id,
        mailbox="INBOX",
        uid_validity=1,
        uid=uid,
        key=str(uid),
        run_id="r",
        state="applied",
        category_id=None if uid == 3 else 2,
        confidence=1,
        layer="",
        evidence="",
        sender="",
        sender_domain="",
        received_at=when,
        decided_at=when,
    )


def test_labels_are_summed_from_a_moment_on(history):
    with history() as session:
        assert daily.labeled_since(session, MONDAY) == 2 + 3 + 4 + 9
        assert daily.labeled_since(session, MONDAY.replace(year=2027)) == 0


def test_messages_are_counted_by_day_and_category(history):
    with history() as session:
        everyone = daily.messages_by_day(session, since=MONDAY)
        one = daily.messages_by_day(session, since=MONDAY, account_id=2)

    assert everyone == {
        (date(2026, 1, 5), 2): 1,
        (date(2026, 1, 5), None): 1,
        (date(2026, 1, 6), 2): 1,
    }
    assert one == {(date(2026, 1, 5), None): 1}


def test_runs_that_ended_are_counted_by_day_and_outcome(history):
    with history() as session:
        everyone = daily.runs_by_day(session, since=MONDAY)
        one = daily.runs_by_day(session, since=MONDAY, account_id=1)

    assert everyone == {
        (date(2026, 1, 5), "succeeded"): 2,
        (date(2026, 1, 6), "succeeded"): 1,
    }
    assert one == {
        (date(2026, 1, 5), "succeeded"): 1,
        (date(2026, 1, 6), "succeeded"): 1,
    }


def test_messages_are_counted_by_category(history):
    with history() as session:
        found = daily.messages_by_category(session, since=MONDAY)

    assert found == {2: 2, None: 1}
