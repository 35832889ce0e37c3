"""A guess is made only where the pace is steady."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.live.pace import Pace

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def paced(samples):
    pace = Pace()
    for seconds, processed in samples:
        pace.note(NOW + timedelta(seconds=seconds), processed)
    return pace


def test_a_steady_pace_gives_the_seconds_left():
    pace = paced((second, 5 * second) for second in range(11))

    assert pace.seconds_left(100) == 20


def test_only_the_last_half_minute_counts():
    slow = [(second, second) for second in range(60)]
    fast = [(60 + second, 60 + 10 * second) for second in range(40)]

    assert paced(slow + fast).seconds_left(100) == 10


@pytest.mark.parametrize(
    "samples",
    [
        [],
        [(0, 0), (10, 50)],
        [(second / 10, second) for second in range(50)],  # 4.9 s are too few
        [(0, 0), (5, 50), (10, 52)],  # it slowed down
        [(0, 0), (5, 0), (10, 50)],  # it only begins
    ],
)
def test_anything_else_gives_none(samples):
    assert paced(samples).seconds_left(100) is None


def test_nothing_left_gives_none():
    assert paced((second, second) for second in range(11)).seconds_left(0) is None


def test_samples_that_go_back_are_passed_over():
    pace = paced([(0, 0), (5, 25), (4, 99), (6, 1), (10, 50)])

    assert pace.seconds_left(50) == 10


def test_many_samples_cost_no_memory():
    pace = paced((number / 1000, number) for number in range(100_000))

    assert len(pace._samples) <= 64
    assert pace.seconds_left(1000) == 1
