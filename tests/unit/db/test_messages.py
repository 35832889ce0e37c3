from datetime import UTC, datetime

import pytest

from mailbeat.db.messages import UNCATEGORIZED, list_messages
from mailbeat.db.models import Account, MessageRow
from mailbeat.db.paging import BadCursor
from mailbeat.db.session import transaction

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@pytest.fixture
def ledger(any_sessions):
    """Six messages of two accounts; the even ones are in category 2."""
    with transaction(any_sessions) as session:
        for number in (1, 2):
            address = f"a{number}@example.org"
            session.add(
                Account(
                    id=number,
                    email_address=address,
                    host="imap.example.org",
                    port=993,
                    security="tls",
                    username=address,
                    created_at=NOW,
                    next_run_at=NOW,
                )
            )
        session.flush()
        for uid in range(1, 7):
            session.add(
                MessageRow(
                    id=uid,
                    account_id=1 if uid <= 4 else 2,
                    mailbox="INBOX",
                    uid_validity=1,
                    uid=uid,
                    key=str(uid),
                    run_id=f"r{uid % 3}",
                    state="applied",
                    category_id=None if uid % 2 else 2,
                    confidence=0.9,
                    layer="facts",
                    evidence="",
                    sender="",
                    sender_domain="",
                    received_at=NOW,
                    decided_at=NOW,
                )
            )
    return any_sessions


def uids(sessions, **wanted):
    with sessions() as session:
        rows, cursor = list_messages(session, **wanted)
    return [row.uid for row in rows], cursor


def test_the_newest_come_first_page_by_page(ledger):
    first, cursor = uids(ledger, limit=4)
    second, end = uids(ledger, limit=4, cursor=cursor)

    assert (first, second, end) == ([6, 5, 4, 3], [2, 1], None)


def test_messages_are_found_by_account_category_and_run(ledger):
    assert uids(ledger, account_id=2)[0] == [6, 5]
    assert uids(ledger, category_id=2)[0] == [6, 4, 2]
    assert uids(ledger, category_id=UNCATEGORIZED)[0] == [5, 3, 1]
    assert uids(ledger, run_id="r1", account_id=1)[0] == [4, 1]


@pytest.mark.parametrize("cursor", ["", "-1", "x", "9" * 19, "\u0663"])
def test_a_cursor_that_we_did_not_give_out_is_refused(ledger, cursor):
    with pytest.raises(BadCursor):
        uids(ledger, cursor=cursor)
