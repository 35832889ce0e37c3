"""Numbers for the pages and the API, the same on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db import accounts, stats
from mailbeat.db.category_changes import merge_category, remove_category
from mailbeat.db.session import transaction

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_totals_count_accounts_messages_and_runs(any_sessions, two, decided, ran):
    decided(HOUR)
    decided(2 * DAY)
    decided(HOUR, None)
    decided(HOUR, state="planned")
    decided(40 * DAY)
    ran(HOUR)
    ran(HOUR, "failed")
    ran(HOUR, None)
    with transaction(any_sessions) as session:
        accounts.pause_account(session, two[1], reason="auth_failed", now=NOW)
        accounts.take_lease(session, two[0], "run", now=NOW, ttl=HOUR)

    with any_sessions() as session:
        found = stats.totals(session, now=NOW, since=NOW - 30 * DAY)

    assert (found.accounts, found.running, found.paused, found.failing) == (2, 1, 1, 1)
    assert (found.messages, found.labeled) == (4, 2)
    assert (found.messages_today, found.labeled_today) == (3, 1)
    assert found.runs == {
        "succeeded": 1,
        "failed": 1,
        "cancelled": 0,
        "interrupted": 0,
        "running": 1,
    }


def test_totals_of_nothing_are_zeros(any_sessions):
    with any_sessions() as session:
        found = stats.totals(session, now=NOW, since=NOW - DAY)

    assert (found.accounts, found.failing, found.labeled) == (0, 0, 0)


def test_totals_can_be_of_one_account(any_sessions, two, decided, ran):
    decided(HOUR)
    decided(HOUR, account=1)
    ran(HOUR, account=1)

    with any_sessions() as session:
        found = stats.totals(session, now=NOW, since=NOW - DAY, account_id=two[0])

    assert (found.accounts, found.messages, sum(found.runs.values())) == (1, 1, 0)


def test_labelled_are_those_whose_label_is_on_the_server(any_sessions, decided):
    decided(HOUR)
    decided(HOUR, None)
    decided(HOUR, state="failed")
    decided(2 * DAY)

    with any_sessions() as session:
        assert stats.labeled_since(session, NOW - DAY) == 1


def test_categories_are_counted_the_most_frequent_first(any_sessions, decided):
    for _ in range(2):
        decided(HOUR)
    decided(HOUR, None)
    decided(HOUR, state="failed")

    with any_sessions() as session:
        found = stats.by_category(session, since=NOW - DAY)

    assert [(one.slug, one.count) for one in found[:2]] == [
        ("receipts", 2),
        ("uncategorized", 1),
    ]
    assert len(found) == 11
    assert sum(one.count for one in found) == 3


def test_what_became_part_of_another_category_counts_there(any_sessions, decided):
    decided(HOUR, 2)
    decided(HOUR, 3)
    decided(HOUR, 9)
    with transaction(any_sessions) as session:
        merge_category(session, 2, 3, now=NOW)
        remove_category(session, 9, now=NOW)

    with any_sessions() as session:
        found = stats.by_category(session, since=NOW - DAY)
    counts = {one.slug: one.count for one in found}
    assert (counts["finance"], counts["uncategorized"]) == (2, 1)
    assert not {"receipts", "social"} & set(counts)


def test_a_trend_counts_under_what_a_category_is_read_as(any_sessions, decided):
    decided(HOUR, 2)
    decided(HOUR, 9)
    with transaction(any_sessions) as session:
        merge_category(session, 2, 3, now=NOW)
        remove_category(session, 9, now=NOW)

    with any_sessions() as session:
        point, *_ = stats.trend(session, since=NOW - HOUR, until=NOW, step="hour")
    assert point.categories == {"finance": 1, "uncategorized": 1}


def test_a_trend_has_a_point_for_each_day(any_sessions, decided, ran):
    decided(HOUR)
    decided(2 * DAY)
    decided(2 * DAY, None)
    ran(2 * DAY)
    ran(2 * DAY, "failed")
    ran(2 * DAY, "cancelled")

    with any_sessions() as session:
        points = stats.trend(session, since=NOW - 3 * DAY, until=NOW, step="day")

    assert [point.start.day for point in points] == [2, 3, 4, 5]
    assert [point.messages for point in points] == [0, 2, 0, 1]
    assert points[1].categories == {"receipts": 1, "uncategorized": 1}
    assert (points[1].runs_ok, points[1].runs_failed) == (1, 1)


def test_a_trend_can_be_hourly_and_of_one_account(any_sessions, two, decided):
    decided(HOUR)
    decided(HOUR, account=1)
    decided(timedelta(minutes=5), account=1)

    with any_sessions() as session:
        points = stats.trend(
            session, since=NOW - 2 * HOUR, until=NOW, step="hour", account_id=two[1]
        )

    assert [(point.start.hour, point.messages) for point in points] == [
        (6, 0),
        (7, 1),
        (8, 1),
    ]


def test_a_week_begins_on_monday(any_sessions, decided, ran):
    decided(HOUR)
    decided(DAY)
    decided(3 * DAY)
    ran(DAY)

    with any_sessions() as session:
        points = stats.trend(session, since=NOW - 7 * DAY, until=NOW, step="week")

    assert [(one.start.day, one.messages, one.runs_ok) for one in points] == [
        (29, 2, 1),
        (5, 1, 0),
    ]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("sender", [("b@two.example", 2), ("a@one.example", 1), ("c@two.example", 1)]),
        ("domain", [("two.example", 3), ("one.example", 1)]),
    ],
)
def test_the_most_frequent_come_first(any_sessions, decided, what, expected):
    for sender in ("a@one.example", "b@two.example", "b@two.example", "c@two.example"):
        domain = sender.partition("@")[2]
        decided(HOUR, sender=sender, sender_domain=domain)

    with any_sessions() as session:
        assert stats.most_frequent(session, what, since=NOW - DAY) == expected


def test_performance_is_that_of_the_runs_that_succeeded(any_sessions, ran):
    for seconds in (1, 2, 3, 4, 10):
        ran(HOUR, seconds=seconds)
    ran(HOUR, "failed", seconds=1000)

    with any_sessions() as session:
        found = stats.performance(session, since=NOW - DAY)

    assert (found.runs, found.messages) == (5, 40)
    assert (found.median_seconds, found.p95_seconds) == (3.0, 10.0)
    assert found.messages_per_second == 2.0


def test_performance_of_nothing_is_unknown(any_sessions):
    with any_sessions() as session:
        assert stats.performance(session, since=NOW).median_seconds is None
