"""Keys: issued once, kept as a hash, ended for good."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db import api_keys, sign_in
from mailbeat.db.api_keys import KeyNotFound, Scope
from mailbeat.db.models import APIKey, SignInSession, Ticket
from mailbeat.db.session import transaction

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@pytest.fixture
def issued(any_sessions):
    """The id and the text of a key."""
    with transaction(any_sessions) as session:
        key, text = api_keys.issue_key(session, name="CI", scope=Scope.CONTROL, now=NOW)
        return key.key_id, text


def find(sessions, text, now=NOW):
    with sessions() as session:
        return api_keys.find_key(session, text, now=now)


def test_a_key_is_found_by_its_text(any_sessions, issued):
    found = find(any_sessions, issued[1])

    assert (found.key_id, found.scope) == (issued[0], "control")


def test_the_text_looks_as_leak_scanners_expect(any_sessions, issued):
    assert issued[1].startswith(f"mb_{issued[0]}_")
    assert len(issued[1].split("_", 2)[2]) == 43  # 256 bits


def test_only_a_hash_is_kept(any_sessions, issued):
    secret = issued[1].split("_", 2)[2].encode()

    with any_sessions() as session:
        kept = session.query(APIKey).one().secret_hash

    assert len(kept) == 32
    assert secret not in kept


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text.replace("mb_", "mb_0", 1),
        lambda text: text.upper(),
        lambda text: text + "\0",
        lambda text: text + "é",
        lambda _: "",
        lambda _: "mb__",
        lambda _: "mb_" + "0" * 12 + "_" + "A" * 43,
    ],
)
def test_anything_else_is_not_found(any_sessions, issued, change):
    assert find(any_sessions, change(issued[1])) is None


def test_an_expired_key_is_not_found(any_sessions):
    end = NOW + timedelta(hours=1)
    with transaction(any_sessions) as session:
        _, text = api_keys.issue_key(
            session, name="CI", scope=Scope.READ, now=NOW, expires_at=end
        )

    assert find(any_sessions, text, end - timedelta(seconds=1)) is not None
    assert find(any_sessions, text, end) is None


def test_revoking_ends_the_key_its_sessions_and_its_tickets(any_sessions, issued):
    key_id, text = issued
    ttl = timedelta(seconds=30)
    with transaction(any_sessions) as session:
        sign_in.start_session(session, key_id=key_id, scope="read", now=NOW)
        sign_in.start_session(session, key_id="other", scope="read", now=NOW)
        sign_in.issue_ticket(
            session, purpose="websocket", key_id=key_id, scope="read", now=NOW, ttl=ttl
        )

    with transaction(any_sessions) as session:
        api_keys.revoke_key(session, key_id, now=NOW)

    assert find(any_sessions, text) is None
    with any_sessions() as session:
        assert [one.key_id for one in session.query(SignInSession)] == ["other"]
        assert session.query(Ticket).count() == 0
        assert api_keys.valid_key_ids(session, now=NOW) == set()


def test_revoking_again_keeps_the_first_time(any_sessions, issued):
    for moment in (NOW, NOW + timedelta(days=1)):
        with transaction(any_sessions) as session:
            key = api_keys.revoke_key(session, issued[0], now=moment)

    assert key.revoked_at == NOW


def test_a_key_that_is_not_there_cannot_be_revoked(any_sessions):
    with (
        pytest.raises(KeyNotFound, match="mailbeat key list"),
        transaction(any_sessions) as session,
    ):
        api_keys.revoke_key(session, "0" * 12, now=NOW)


def test_the_use_is_news_once_a_minute(any_sessions, issued):
    with transaction(any_sessions) as session:
        api_keys.note_use(session, issued[0], now=NOW)

    (key,) = [find(any_sessions, issued[1])]
    assert not api_keys.use_is_news(key, NOW + timedelta(seconds=59))
    assert api_keys.use_is_news(key, NOW + timedelta(seconds=60))


@pytest.mark.parametrize(
    ("scope", "other", "included"),
    [
        (Scope.ADMIN, Scope.READ, True),
        (Scope.CONTROL, Scope.CONTROL, True),
        (Scope.CONTROL, Scope.ADMIN, False),
        (Scope.READ, Scope.CONTROL, False),
    ],
)
def test_a_scope_includes_the_lesser_ones(scope, other, included):
    assert scope.includes(other) is included
