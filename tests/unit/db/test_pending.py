"""Sign-ins that began: good once, for ten minutes, for who began them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mailbeat.db import accounts, pending
from mailbeat.db.models import PendingSignIn
from mailbeat.db.pending import GOOD_FOR, NewMailbox, Pending
from mailbeat.db.session import transaction
from mailbeat.db.sign_in import end_session, start_session
from tests.factories import NOW, make_account

STATE = "a state of a browser"
BEGUN = Pending("google", "https://mail.example.org/oauth/callback", "the verifier")


def remember(sessions, begun=BEGUN, *, state=STATE, owner="session 1", now=NOW):
    with transaction(sessions) as session:
        pending.remember(session, state, begun, owner=owner, now=now)


def take(sessions, *, state=STATE, owner="session 1", now=NOW):
    with transaction(sessions) as session:
        return pending.take(session, state, owner=owner, now=now)


def test_it_is_good_once(any_sessions):
    remember(any_sessions)

    assert take(any_sessions) == BEGUN
    assert take(any_sessions) is None


def test_it_may_be_for_an_account_that_is_not_there_yet(any_sessions):
    new = NewMailbox("ada@example.org", "h", 993, "tls", "ada", "INBOX", "Mailbeat", 60)
    begun = Pending("google", "https://mail.example.org", "v", new=new)
    remember(any_sessions, begun)

    assert take(any_sessions) == begun


def test_it_is_good_for_ten_minutes(any_sessions):
    remember(any_sessions)

    assert take(any_sessions, now=NOW + GOOD_FOR) is None
    just = NOW + GOOD_FOR - timedelta(seconds=1)
    assert take(any_sessions, now=just) == BEGUN


@pytest.mark.parametrize(
    "asked", [{"owner": "session 2"}, {"state": "another"}, {"state": "x" * 10_000}]
)
def test_nobody_else_can_use_it(any_sessions, asked):
    remember(any_sessions)

    assert take(any_sessions, **asked) is None
    assert take(any_sessions) == BEGUN


def test_it_goes_with_its_account(any_sessions):
    account_id = make_account(any_sessions)
    remember(any_sessions, Pending("google", "u", "v", account_id=account_id))

    with transaction(any_sessions) as session:
        accounts.remove_account(session, account_id, now=NOW)

    assert take(any_sessions) is None


def test_it_goes_with_the_session_of_its_browser(any_sessions):
    with transaction(any_sessions) as session:
        token = start_session(session, key_id="k", scope="admin", now=NOW)
    assert token
    remember(any_sessions, owner=pending.owner_of(1))
    remember(any_sessions, state="of another", owner=pending.owner_of(2))

    with transaction(any_sessions) as session:
        end_session(session, 1)

    assert take(any_sessions, owner=pending.owner_of(1)) is None
    assert take(any_sessions, state="of another", owner=pending.owner_of(2)) == BEGUN


def test_old_ones_and_too_many_are_forgotten(any_sessions, monkeypatch):
    monkeypatch.setattr(pending, "AT_ONCE", 3)
    remember(any_sessions, state="old", owner="session 9", now=NOW - GOOD_FOR)
    for number in range(5):
        remember(any_sessions, state=f"state {number}")

    with any_sessions() as session:
        count = session.scalar(sa.select(sa.func.count(PendingSignIn.id)))
    assert count == 3
    assert take(any_sessions, state="state 1") is None
    assert take(any_sessions, state="state 4") == BEGUN


def test_neither_state_nor_verifier_is_there_in_the_clear(any_sessions):
    remember(any_sessions)

    with any_sessions() as session:
        rows = session.execute(sa.text("SELECT * FROM pending_sign_ins")).all()

    assert "the verifier" not in str(rows)
    assert STATE not in str(rows)
