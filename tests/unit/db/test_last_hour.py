"""The labels of the last hour, the same on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db import accounts
from mailbeat.db.accounts import NewAccount
from mailbeat.db.last_hour import last_hour
from mailbeat.db.models import MessageRow
from mailbeat.db.session import transaction
from mailbeat.mail.mailbox import Security

NOW = datetime(2026, 1, 5, 8, 30, 20, tzinfo=UTC)
RECEIPTS, FINANCE = 2, 3  # ids of starting categories


@pytest.fixture
def decided(any_sessions):
    """Write a message that was decided about so many seconds ago."""
    with transaction(any_sessions) as session:
        new = NewAccount("a@example.org", "h.example", 993, Security.TLS, "a", "pw")
        account_id = accounts.add_account(session, new, now=NOW).id
    uids = iter(range(1, 1000))

    def decided(seconds, category_id=RECEIPTS, **values):
        at = NOW - timedelta(seconds=seconds)
        row = {
            "account_id": account_id,
            "mailbox": "INBOX",
            "uid_validity": 1,
            "uid": next(uids),
            "key": "k",
            "run_id": "r",
            "state": "applied",
            "category_id": category_id,
            "label": "Receipts",
            "confidence": 1.0,
            "layer": "facts",
            "evidence": "",
            "sender": "shop@shop.example",
            "sender_domain": "shop.example",
            "received_at": at,
            "decided_at": at,
        }
        with transaction(any_sessions) as session:
            session.add(MessageRow(**(row | values)))

    return decided


def test_each_minute_of_the_hour_has_its_number(decided, any_sessions):
    for seconds in (5, 19, 21, 81, 59 * 60 + 19):
        decided(seconds)

    with any_sessions() as session:
        found = last_hour(session, now=NOW)

    assert len(found.minutes) == 60
    assert found.minutes[-3:] == [1, 1, 2]
    assert found.minutes[0] == 1
    assert found.labeled == 5
    assert found.since == datetime(2026, 1, 5, 7, 31, tzinfo=UTC)


def test_what_is_older_or_has_no_label_does_not_count(decided, any_sessions):
    decided(59 * 60 + 21)
    decided(5, None, label=None)
    decided(5, state="planned")
    decided(5, state="failed")

    with any_sessions() as session:
        found = last_hour(session, now=NOW)

    assert found.labeled == 0
    assert found.categories == []


def test_the_most_frequent_category_comes_first(decided, any_sessions):
    decided(5, FINANCE)
    for _ in range(2):
        decided(70, RECEIPTS)
    decided(5, None)

    with any_sessions() as session:
        found = last_hour(session, now=NOW)

    shares = [(one.category_id, one.count) for one in found.categories]
    assert shares == [(RECEIPTS, 2), (FINANCE, 1), (0, 1)]
