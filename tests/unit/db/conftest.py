"""A history to count: accounts, messages that were decided about, and runs."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db import accounts
from mailbeat.db.accounts import NewAccount
from mailbeat.db.models import MessageRow, Run
from mailbeat.db.session import transaction
from mailbeat.mail.mailbox import Security

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
RECEIPTS = 2  # the id of a starting category


@pytest.fixture
def two(any_sessions):
    """The ids of two accounts."""
    with transaction(any_sessions) as session:
        return [
            accounts.add_account(
                session,
                NewAccount(name, "h.example", 993, Security.TLS, name, "pw"),
                now=NOW,
            ).id
            for name in ("ada@example.org", "bob@example.org")
        ]


@pytest.fixture
def decided(any_sessions, two):
    """Write a message that was decided about some time ago."""
    uids = iter(range(1, 1000))

    def decided(ago, category_id=RECEIPTS, *, account=0, state="applied", **values):
        with transaction(any_sessions) as session:
            row = {
                "account_id": two[account],
                "mailbox": "INBOX",
                "uid_validity": 1,
                "uid": next(uids),
                "key": "k",
                "run_id": "r",
                "state": state,
                "category_id": category_id,
                "label": "Receipts" if category_id else None,
                "confidence": 1.0,
                "layer": "facts",
                "evidence": "",
                "sender": "shop@shop.example",
                "sender_domain": "shop.example",
                "received_at": NOW - ago,
                "decided_at": NOW - ago,
            }
            session.add(MessageRow(**(row | values)))

    return decided


@pytest.fixture
def ran(any_sessions, two):
    """Write a run that began some time ago."""
    ids = iter(range(1000))

    def ran(
        ago, outcome="succeeded", *, account=0, seconds=4, messages=8, error_code=None
    ):
        start = NOW - ago
        with transaction(any_sessions) as session:
            session.add(
                Run(
                    run_id=f"run-{next(ids)}",
                    account_id=two[account],
                    email_address="ada@example.org",
                    start_time=start,
                    end_time=start + timedelta(seconds=seconds) if outcome else None,
                    updated_at=start,
                    state="completed",
                    outcome=outcome,
                    emails_processed=messages,
                    error_code=error_code,
                )
            )

    return ran
