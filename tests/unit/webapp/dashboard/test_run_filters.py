from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from webapp.dashboard.run_filters import Accounts, Asked

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def wanted(**values):
    return Asked.of(values).wanted(Accounts(), NOW)


@pytest.mark.parametrize(
    ("values", "since", "until"),
    [
        ({"time": "24h"}, NOW - timedelta(days=1), None),
        ({"since": "2026-01-02"}, datetime(2026, 1, 2, tzinfo=UTC), None),
        ({"until": "2026-01-02"}, None, datetime(2026, 1, 3, tzinfo=UTC)),
        (
            {"since": "2026-01-02T10:00:00+02:00", "until": "2026-01-02T09:00:00Z"},
            datetime(2026, 1, 2, 8, tzinfo=UTC),
            datetime(2026, 1, 2, 9, tzinfo=UTC),
        ),
        ({"since": "2026-01-02", "time": "1h"}, datetime(2026, 1, 2, tzinfo=UTC), None),
        ({"until": "9999-12-31"}, None, None),
        ({"since": "yesterday", "until": "2026-02-30"}, None, None),
    ],
)
def test_days_are_meant_from_their_begin_to_their_end(values, since, until):
    found = wanted(**values)

    assert (found.since, found.until) == (since, until)


def test_a_day_is_one_of_the_readers_clock():
    asked = Asked.of({"since": "2026-01-02", "until": "2026-01-02"})

    found = asked.wanted(Accounts(), NOW, ZoneInfo("America/New_York"))

    assert found.since == datetime(2026, 1, 2, 5, tzinfo=UTC)
    assert found.until == datetime(2026, 1, 3, 5, tzinfo=UTC)


def test_what_is_none_of_ours_asks_for_nothing():
    asked = Asked.of({"outcome": "x", "error_code": "y", "state": "z", "time": "any"})

    assert asked.query() == {}
    assert not asked.is_filtered


def test_a_filter_is_changed_and_the_others_stay():
    asked = Asked.of({"account": " ada ", "outcome": "failed", "time": "7d"})

    assert asked.query(time="1h") == {
        "account": "ada",
        "outcome": "failed",
        "time": "1h",
    }
    assert asked.query(outcome="", time="") == {"account": "ada"}


def test_another_time_may_be_meant_where_none_is_asked_for():
    assert Asked.of({}, time="7d").time == "7d"
    assert Asked.of({"time": "any"}, time="7d").time == "any"
    assert Asked.of({"since": "2026-01-01"}, time="7d").time == ""
