"""Counts in the lanes of one number."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbeat.db import lanes

SECONDS = st.floats(0.1, 1_000_000)


def test_adding_numbers_adds_each_count():
    one, other = [1, 0, 3], [2, 5]

    whole = lanes.unpack(lanes.packed_counts(one)) + lanes.unpack(
        lanes.packed_counts(other)
    )

    assert lanes.counts_of(whole) == [3, 5, 3]


def test_nothing_is_no_bytes():
    assert lanes.pack(0) == b""
    assert lanes.counts_of(lanes.unpack(b"")) == []
    assert lanes.quantile(0, 0.5) is None


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(SECONDS, min_size=1, max_size=40), st.sampled_from([0.0, 0.5, 0.95]))
def test_a_quantile_is_at_most_three_of_a_hundred_off(seconds, share):
    ordered = sorted(seconds)
    exact = ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    found = lanes.quantile(lanes.durations(seconds), share)

    assert found == pytest.approx(exact, rel=0.03, abs=0.001)


def test_what_is_shortest_and_longest_has_a_lane():
    assert [lanes.lane_of(one) for one in (-1, 0, 0.01)] == [0, 0, 0]
    assert lanes.lane_of(0.0101) == 1
    assert lanes.lane_of(1e12) == lanes.LONGEST
    assert lanes.quantile(lanes.durations([0.001]), 0.5) == lanes.SHORTEST


def test_no_lane_runs_over_into_the_next():
    whole = lanes.one_in(3, 2**32 - 1) + lanes.one_in(4)

    assert lanes.counts_of(whole) == [0, 0, 0, 2**32 - 1, 1]
