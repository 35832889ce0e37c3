"""How much there is of each kind."""

from datetime import UTC, datetime, timedelta

from mailbeat.db import audit
from mailbeat.db.kept import count_kept
from mailbeat.db.session import transaction
from tests.factories import NOW, make_account, make_row


def test_nothing_is_counted_as_nothing(any_sessions):
    with any_sessions() as session:
        kept = count_kept(session)

    assert {name: (one.count, one.oldest) for name, one in kept.items()} == {
        "runs": (0, None),
        "messages": (0, None),
        "subjects": (0, None),
        "statistics": (0, None),
        "tasks": (0, None),
        "audit": (0, None),
    }


def test_each_kind_is_counted_with_its_oldest(any_sessions):
    account_id = make_account(any_sessions)
    older = NOW - timedelta(days=3)
    make_row(any_sessions, account_id, 1)
    make_row(any_sessions, account_id, 2, subject=None, decided_at=older)
    with transaction(any_sessions) as session:
        audit.record(session, "cli", "all.pause", "all", now=older)

    with any_sessions() as session:
        kept = count_kept(session)

    assert (kept["messages"].count, kept["messages"].oldest) == (2, older)
    assert (kept["subjects"].count, kept["subjects"].oldest) == (1, NOW)
    assert (kept["audit"].count, kept["audit"].oldest) == (1, older)


def test_more_than_the_most_is_not_counted(any_sessions):
    now = datetime.now(UTC)
    with transaction(any_sessions) as session:
        for _ in range(3):
            audit.record(session, "cli", "all.pause", "all", now=now)

    with any_sessions() as session:
        kept = count_kept(session, most=2)

    assert kept["audit"].count == 2
