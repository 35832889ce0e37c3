"""How long one may wait."""

import pytest

from mailbeat.mail.deadline import Deadline, Stopped
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
