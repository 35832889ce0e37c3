"""Who lives, and who has the lead."""

from dataclasses import replace
from datetime import timedelta

from mailbeat.db import watchers
from mailbeat.db.session import transaction
from mailbeat.db.watchers import Sign
from tests.factories import NOW

WEB = Sign("web-1", "web", "a", disk_free=10, disk_size=2**41)
SECOND = timedelta(seconds=1)


def test_a_sign_of_life_is_one_row_for_each_process(any_sessions):
    for number in range(3):
        with transaction(any_sessions) as session:
            watchers.show_life(session, WEB, now=NOW + number * SECOND)

    with any_sessions() as session:
        (row,) = watchers.list_watchers(session)

    assert (row.started_at, row.seen_at) == (NOW, NOW + 2 * SECOND)
    assert (row.disk_free, row.disk_size) == (10, 2**41)


def test_who_was_not_seen_for_long_is_forgotten_when_another_starts(any_sessions):
    with transaction(any_sessions) as session:
        watchers.show_life(session, WEB, now=NOW)
        later = NOW + watchers.FORGOTTEN + SECOND
        watchers.show_life(session, replace(WEB, id="web-2"), now=later)

        assert [one.id for one in watchers.list_watchers(session)] == ["web-2"]


def test_one_has_the_lead_until_it_does_not_renew_it(any_sessions):
    def asks(holder, seconds, **options):
        with transaction(any_sessions) as session:
            now = NOW + seconds * SECOND
            return watchers.take_lead(session, holder, now=now, **options)

    assert asks("a", 0)
    assert not asks("b", 1)
    assert asks("a", 10)
    assert not asks("b", 24)
    assert not asks("b", 26, patience=5 * SECOND)
    assert asks("b", 26)
    assert not asks("a", 27)


def test_who_leaves_lets_another_take_it_at_once(any_sessions):
    with transaction(any_sessions) as session:
        assert watchers.take_lead(session, "a", now=NOW)
        watchers.leave_lead(session, "b")  # it is not b's to leave
        assert not watchers.take_lead(session, "b", now=NOW)

        watchers.leave_lead(session, "a")

        assert watchers.take_lead(session, "b", now=NOW)
