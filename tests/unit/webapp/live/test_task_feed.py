"""Who asks is told what changes among tasks, in frames that all who keep up share."""

import pytest

from tests.frames import split
from tests.unit.db.test_task_record import record
from webapp.live.task_board import TaskBoard
from webapp.live.task_feed import MOST_TASKS, TaskFeed


@pytest.fixture
def board(clock):
    return TaskBoard(clock=clock)


@pytest.fixture
def feed(board):
    return TaskFeed(board)


def test_a_frame_has_the_newest_of_each_task(board, feed):
    place = feed.watch()
    board.take(record("received", task_id="a", name="x"))
    board.take(record("started", 1, task_id="a"))

    now, frame = feed.since(place, 7)

    ((told,), _) = split(frame)
    assert (told["type"], told["seq"], told["data"]["more"]) == ("tasks", 7, 0)
    assert [(one["task_id"], one["state"]) for one in told["data"]["items"]] == [
        ("a", "started")
    ]
    assert feed.since(now, 7) == (now, b"")


def test_who_keeps_up_shares_the_bytes(board, feed):
    place = feed.watch()
    board.take(record("received"))

    assert feed.since(place, 1)[1] is feed.since(place, 1)[1]


def test_of_too_many_the_newest_are_told_and_how_many_more(board, feed):
    place = feed.watch()
    for k in range(MOST_TASKS + 3):
        board.take(record("received", task_id=str(k)))

    ((told,), _) = split(feed.since(place, 1)[1])

    assert (len(told["data"]["items"]), told["data"]["more"]) == (MOST_TASKS, 3)


def test_the_first_answer_says_that_it_was_heard(feed):
    ((told,), _) = split(feed.first(3, "mine"))

    assert told["request_id"] == "mine"
    assert told["data"] == {"items": [], "more": 0}
