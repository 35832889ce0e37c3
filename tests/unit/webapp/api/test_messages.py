"""What was decided about which message."""

import pytest

from mailbeat.db.models import MessageRow
from mailbeat.db.session import transaction

ROOT = "/api/messages"


@pytest.fixture
def decided(sessions, now, add):
    """Three messages of one account."""
    account_id = add()
    with transaction(sessions) as session:
        for uid in (1, 2, 3):
            session.add(
                MessageRow(
                    account_id=account_id,
                    mailbox="INBOX",
                    uid_validity=1,
                    uid=uid,
                    key=str(uid),
                    run_id="run-1",
                    state="applied",
                    category_id=None if uid == 3 else uid,
                    label="Receipts",
                    confidence=0.9,
                    layer="facts",
                    evidence="The sender sends receipts",
                    sender="shop@shop.example",
                    sender_domain="shop.example",
                    subject=f"Order {uid}",
                    received_at=now,
                    decided_at=now,
                    applied_at=now,
                )
            )
    return account_id


@pytest.mark.parametrize(
    ("asked", "subjects"),
    [
        ("", ["Order 3", "Order 2", "Order 1"]),
        ("limit=1", ["Order 3"]),
        ("category_id=2", ["Order 2"]),
        ("category_id=0", ["Order 3"]),
        ("account_id=99", []),
        ("run_id=run-1&limit=2", ["Order 3", "Order 2"]),
    ],
)
def test_messages_are_filtered_newest_first(admin, decided, asked, subjects):
    found = admin.get(f"{ROOT}?{asked}").json["items"]

    assert [one["subject"] for one in found] == subjects


def test_a_message_tells_why(admin, decided):
    one = admin.get(ROOT).json["items"][0]

    assert one["evidence"] == "The sender sends receipts"
    assert (one["layer"], one["confidence"], one["state"]) == ("facts", 0.9, "applied")


@pytest.mark.parametrize("asked", ["limit=0", "cursor=x", "run_id=a%27b", "q=1"])
def test_odd_questions_are_refused(admin, asked):
    assert admin.get(f"{ROOT}?{asked}").status_code == 422
