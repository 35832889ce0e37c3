"""What goes with an account is what was said to go."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from mailbeat.db import accounts
from mailbeat.db.models import (
    Correction,
    LearnedExample,
    MessageRow,
    RuleRow,
    Run,
)
from mailbeat.db.removal import Removal, removal_of, removed_with_it
from mailbeat.db.session import transaction
from tests.factories import make_account, make_row

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)


def fill(sessions, account_id):
    message_id = make_row(sessions, account_id)
    make_row(sessions, account_id, 2)
    with transaction(sessions) as session:
        session.add(
            Correction(
                account_id=account_id,
                message_id=message_id,
                former="{}",
                source="api",
                actor="cli",
                created_at=NOW,
            )
        )
        session.add(
            LearnedExample(
                account_id=account_id,
                category_id=2,
                message_key="k",
                sender="a@b.example",
                sender_domain="b.example",
                created_at=NOW,
            )
        )
        session.add(
            RuleRow(
                name="r",
                account_id=account_id,
                condition="{}",
                created_at=NOW,
                updated_at=NOW,
            )
        )
        session.add(
            Run(
                run_id=f"run-{account_id}",
                account_id=account_id,
                email_address="ada@example.org",
                start_time=NOW,
                updated_at=NOW,
                state="completed",
            )
        )


def test_what_is_told_to_go_goes_and_the_rest_stays(any_sessions):
    gone = make_account(any_sessions)
    kept = make_account(any_sessions, "grace@example.org")
    for account_id in (gone, kept):
        fill(any_sessions, account_id)
    with any_sessions() as session:
        told = removal_of(session, gone)

    with transaction(any_sessions) as session:
        accounts.remove_account(session, gone, now=NOW)

    assert told == Removal(messages=2, corrections=1, lessons=1, rules=1, runs=1)
    with any_sessions() as session:
        left = {
            table: session.scalar(select(func.count()).select_from(table))
            for table in (MessageRow, Correction, LearnedExample, RuleRow, Run)
        }
        assert removal_of(session, kept) == told
    assert left == {MessageRow: 2, Correction: 1, LearnedExample: 1, RuleRow: 1, Run: 2}


def test_it_is_told_in_words():
    assert removed_with_it(Removal(1234, 0, 1, 2, 9)) == [
        "its sign-in, with the stored password or permission",
        "how far its mailbox was read",
        "1,234 decisions about messages",
        "1 thing it learned",
        "2 rules for this account only",
    ]
