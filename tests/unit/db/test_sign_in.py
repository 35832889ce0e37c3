"""Sessions end; tickets are good once."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from mailbeat.db import sign_in
from mailbeat.db.models import SignInSession, Ticket
from mailbeat.db.session import transaction

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TTL = timedelta(seconds=30)


@pytest.fixture
def token(any_sessions):
    with transaction(any_sessions) as session:
        return sign_in.start_session(session, key_id="k", scope="read", now=NOW)


def find(sessions, token, now=NOW):
    with sessions() as session:
        return sign_in.find_session(session, token, now=now)


def issue(sessions, purpose="sign_in"):
    with transaction(sessions) as session:
        return sign_in.issue_ticket(
            session, purpose=purpose, key_id="k", scope="control", now=NOW, ttl=TTL
        )


def redeem(sessions, token, purpose="sign_in", now=NOW):
    with transaction(sessions) as session:
        return sign_in.redeem_ticket(session, token, purpose=purpose, now=now)


def test_a_session_is_found_by_its_token(any_sessions, token):
    assert find(any_sessions, token).key_id == "k"


@pytest.mark.parametrize("other", ["", "x", "x" * 10_000, "\ud800", "\0"])
def test_any_other_token_finds_nothing(any_sessions, token, other):
    assert find(any_sessions, other) is None


def test_a_session_ends_when_it_was_idle(any_sessions, token):
    assert find(any_sessions, token, NOW + sign_in.IDLE - SECOND) is not None
    assert find(any_sessions, token, NOW + sign_in.IDLE) is None


def test_a_session_ends_even_when_it_is_used(any_sessions, token):
    end = NOW + sign_in.ABSOLUTE
    with transaction(any_sessions) as session:
        found = sign_in.find_session(session, token, now=NOW)
        sign_in.note_seen(session, found.id, now=end - SECOND)

    assert find(any_sessions, token, end - SECOND) is not None
    assert find(any_sessions, token, end) is None


def test_only_live_sessions_count_as_such(any_sessions, token):
    found = find(any_sessions, token)
    with any_sessions() as session:
        alive = sign_in.live_sessions(session, {found.id, 12345}, now=NOW)
        later = sign_in.live_sessions(session, {found.id}, now=NOW + sign_in.IDLE)

    assert (alive, later) == ({found.id}, set())


def test_being_seen_is_news_once_a_minute(any_sessions, token):
    found = find(any_sessions, token)

    assert not sign_in.seen_is_news(found, NOW + timedelta(seconds=59))
    assert sign_in.seen_is_news(found, NOW + timedelta(seconds=60))


def test_an_ended_session_is_gone(any_sessions, token):
    with transaction(any_sessions) as session:
        sign_in.end_session(session, find(any_sessions, token).id)

    assert find(any_sessions, token) is None


def test_a_ticket_is_good_once(any_sessions):
    token = issue(any_sessions)

    first, second = redeem(any_sessions, token), redeem(any_sessions, token)

    assert (first.key_id, first.scope) == ("k", "control")
    assert second is None


def test_a_session_takes_its_tickets_along(any_sessions, token):
    found = find(any_sessions, token)
    with transaction(any_sessions) as session:
        of_it, of_another = (
            sign_in.issue_ticket(
                session,
                purpose="websocket",
                key_id="k",
                scope="read",
                now=NOW,
                ttl=TTL,
                session_id=number,
            )
            for number in (found.id, found.id + 1)
        )
        sign_in.end_session(session, found.id)

    assert redeem(any_sessions, of_it, "websocket") is None
    assert redeem(any_sessions, of_another, "websocket").session_id == found.id + 1


def test_a_ticket_is_good_for_one_purpose(any_sessions):
    token = issue(any_sessions, "websocket")

    assert redeem(any_sessions, token) is None
    assert redeem(any_sessions, token, "websocket") is not None


def test_a_ticket_is_good_for_a_while(any_sessions):
    assert redeem(any_sessions, issue(any_sessions), now=NOW + TTL) is None


def test_of_two_who_redeem_a_ticket_at_once_one_succeeds(any_sessions):
    token = issue(any_sessions)
    ready, results = Barrier(4), []

    def try_it():
        ready.wait(5)
        results.append(redeem(any_sessions, token))

    threads = [Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len([one for one in results if one is not None]) == 1
    assert len(results) == 4


def test_what_has_ended_is_forgotten(any_sessions, token):
    issue(any_sessions)

    with transaction(any_sessions) as session:
        sign_in.forget_ended(session, now=NOW + TTL)
        assert session.query(Ticket).count() == 0
        assert session.query(SignInSession).count() == 1
        sign_in.forget_ended(session, now=NOW + sign_in.IDLE)
        assert session.query(SignInSession).count() == 0


def begin(sessions, key_id="k", now=NOW):
    with transaction(sessions) as session:
        token = sign_in.start_session(session, key_id=key_id, scope="read", now=now)
        return sign_in.find_session(session, token, now=now).id


def listed(sessions, *key_ids, now=NOW):
    with sessions() as session:
        return [one.id for one in sign_in.list_sessions(session, key_ids, now=now)]


def test_sessions_of_a_key_are_listed_with_those_seen_last_first(any_sessions):
    first, second = begin(any_sessions), begin(any_sessions, now=NOW + SECOND)
    other = begin(any_sessions, "other")

    assert listed(any_sessions, "k") == [second, first]
    assert other in listed(any_sessions, "k", "other")
    assert listed(any_sessions) == []
    assert listed(any_sessions, "k", now=NOW + sign_in.IDLE) == [second]


def test_one_session_of_a_key_is_ended_and_no_other_key_s(any_sessions):
    mine, theirs = begin(any_sessions), begin(any_sessions, "other")

    with transaction(any_sessions) as session:
        ended = [
            sign_in.end_one_of(session, one, {"k"}, now=NOW)
            for one in (mine, theirs, mine, 99)
        ]

    assert ended == [True, False, False, False]
    assert listed(any_sessions, "k", "other") == [theirs]


def test_all_others_end_with_the_tickets_that_they_bought(any_sessions, monkeypatch):
    monkeypatch.setattr(sign_in, "BITE", 2)
    keep, *_ = (begin(any_sessions) for _ in range(6))
    other = begin(any_sessions, "other")
    gone = next(one for one in listed(any_sessions, "k") if one != keep)
    with transaction(any_sessions) as session:
        for one in (keep, gone):
            sign_in.issue_ticket(
                session,
                purpose="websocket",
                key_id="k",
                scope="read",
                now=NOW,
                ttl=TTL,
                session_id=one,
            )

    with transaction(any_sessions) as session:
        count = sign_in.end_others(session, keep, {"k"}, now=NOW)

    assert count == 5
    assert set(listed(any_sessions, "k", "other")) == {keep, other}
    with any_sessions() as session:
        assert [one.session_id for one in session.query(Ticket)] == [keep]
