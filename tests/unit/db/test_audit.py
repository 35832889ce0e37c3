"""What is written down about who did what."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db import audit
from mailbeat.db.session import transaction

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def test_the_newest_come_first(any_sessions):
    with transaction(any_sessions) as session:
        for number in range(3):
            moment = NOW + timedelta(seconds=number)
            audit.record(
                session, "cli", "account.pause", f"account {number}", now=moment
            )

    with any_sessions() as session:
        found = audit.newest_entries(session, limit=2)

    assert [one.target for one in found] == ["account 2", "account 1"]
    assert found[0].at == NOW + timedelta(seconds=2)


def test_the_newest_id_rises_with_each_entry(any_sessions):
    numbers = []
    for _ in range(3):
        with transaction(any_sessions) as session:
            numbers.append(audit.newest_id(session))
            audit.record(session, "cli", "all.pause", "all", now=NOW)

    assert numbers[0] == 0
    assert numbers == sorted(set(numbers))


def test_what_is_too_long_is_cut(any_sessions):
    with transaction(any_sessions) as session:
        audit.record(session, "a" * 999, "b" * 999, "c" * 999, "d" * 999, now=NOW)

    with any_sessions() as session:
        (found,) = audit.newest_entries(session)

    assert (len(found.actor), len(found.detail)) == (100, 300)


def test_it_is_not_written_when_the_change_is_not(any_sessions):
    def fail_halfway():
        with transaction(any_sessions) as session:
            audit.record(session, "cli", "account.pause", "account 1", now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()

    with any_sessions() as session:
        assert audit.newest_entries(session) == []


@pytest.fixture
def deeds(any_sessions):
    """Four entries an hour apart, the last at NOW."""
    entries = (
        ("k1", "account.pause", "account 1"),
        ("k1", "account.pause", "account 2"),
        ("cli", "account.pause", "account 1"),
        ("k1", "key.issue", "key x"),
    )
    with transaction(any_sessions) as session:
        for number, entry in enumerate(entries, start=-3):
            audit.record(session, *entry, now=NOW + timedelta(hours=number))


@pytest.mark.usefixtures("deeds")
@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 4),
        ({"actor": "k1"}, 3),
        ({"action": "account.pause"}, 3),
        ({"target": "account 1"}, 2),
        ({"since": NOW - timedelta(hours=1)}, 2),
        ({"actor": "k1", "action": "account.pause", "target": "account 1"}, 1),
        ({"actor": "nobody"}, 0),
    ],
)
def test_entries_are_found_by_who_what_and_when(any_sessions, asked, count):
    with any_sessions() as session:
        found, cursor = audit.list_entries(session, **asked)

    assert (len(found), cursor) == (count, None)


@pytest.mark.usefixtures("deeds")
def test_a_filter_holds_over_pages(any_sessions):
    seen, cursor = [], None
    with any_sessions() as session:
        for _ in range(3):
            page, cursor = audit.list_entries(
                session, limit=1, cursor=cursor, actor="k1"
            )
            seen += [one.target for one in page]

    assert (seen, cursor) == (["key x", "account 2", "account 1"], None)


@pytest.mark.usefixtures("deeds")
def test_what_can_be_chosen_is_what_is_there(any_sessions):
    with any_sessions() as session:
        assert audit.known_actors(session) == ["cli", "k1"]
        assert audit.known_actions(session) == ["account.pause", "key.issue"]
