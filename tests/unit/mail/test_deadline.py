"""How long one may wait."""

import pytest

from mailbeat.mail.deadline import LOOK_EVERY, Deadline, Stopped
from mailbeat.mail.errors import DeadlineExceeded


def test_a_wait_is_as_long_as_wanted_while_there_is_time():
    assert Deadline(100).left(60) == 60


def test_a_wait_is_cut_by_the_end():
    assert 0 < Deadline(5).left(60) <= 5


def test_after_the_end_there_is_no_waiting():
    with pytest.raises(DeadlineExceeded, match="next run"):
        Deadline(0).left(60)


def test_a_deadline_can_start_again():
    deadline = Deadline(0)

    deadline.restart(2)

    assert 0 < deadline.left(60) <= 2


def test_who_is_stopped_waits_for_nothing_but_the_goodbye():
    deadline = Deadline(100, is_stopped=lambda: True)

    with pytest.raises(Stopped):
        deadline.left(60)

    deadline.restart(2)
    assert deadline.left(60) <= 2


def test_a_long_wait_is_cut_into_slices():
    slices = Deadline(100).slices(60)

    assert [next(slices) for _ in range(3)] == [LOOK_EVERY] * 3


def test_there_are_no_slices_when_the_time_is_over():
    assert list(Deadline(100).slices(0)) == []


def test_the_end_of_everything_ends_the_slices_with_an_error():
    with pytest.raises(DeadlineExceeded):
        next(Deadline(0).slices(60))


def test_a_stop_ends_the_slices():
    stopped: list[bool] = []
    slices = Deadline(100, is_stopped=lambda: bool(stopped)).slices(60)
    next(slices)
    stopped.append(True)

    with pytest.raises(Stopped):
        next(slices)


def test_a_part_ends_by_its_own_time_and_not_after_the_whole():
    assert 0 < Deadline(100).part(5).left(60) <= 5
    assert 0 < Deadline(5).part(100).left(60) <= 5


def test_who_stops_the_whole_stops_a_part():
    stopped = []
    part = Deadline(100, is_stopped=lambda: bool(stopped)).part(50)

    stopped.append(True)

    with pytest.raises(Stopped):
        part.left(1)
