"""The board keeps what waits, and no more than it may."""

import tracemalloc

import pytest

from tests.unit.db.test_task_record import record
from tests.unit.webapp.live.test_task_events import NOW, RECEIVED
from webapp.live.task_board import NEWS, WATCHED_FOR, TaskBoard
from webapp.live.task_events import read_task_event


@pytest.fixture
def board(clock):
    return TaskBoard(most=3, news=3, clock=clock)


def ids(records):
    return [one.task_id for one in records]


def test_events_of_one_task_are_one_record(board):
    board.take(record("received", name="a"))
    board.take(record("succeeded", 2))
    board.take(record("started", 1))

    (one,) = board.batch(10)
    assert (one.state, one.name) == ("succeeded", "a")
    assert len(board) == 0


def test_of_too_many_the_one_that_waits_longest_is_dropped_and_counted(board):
    for k in range(5):
        board.take(record("received", task_id=str(k)))

    assert board.dropped == 2
    assert ids(board.batch(10)) == ["2", "3", "4"]


def test_what_could_not_be_written_waits_on_with_what_was_heard_since(board):
    board.take(record("received", name="a"))
    batch = board.batch(10)
    board.take(record("started", 1))

    board.put_back(batch)

    (one,) = board.batch(10)
    assert (one.state, one.name) == ("started", "a")


def test_what_comes_back_takes_no_place_of_a_newer_task(board):
    board.take(record("received", task_id="old"))
    batch = board.batch(10)
    for k in range(3):
        board.take(record("received", task_id=str(k)))

    board.put_back(batch)

    assert ids(board.batch(10)) == ["0", "1", "2"]
    assert board.dropped == 1


def test_who_watches_is_told_the_newest_of_each_task(board):
    start = board.watch()
    board.take(record("received", task_id="a", name="x"))
    board.take(record("received", task_id="b"))
    board.take(record("started", 1, task_id="a"))

    seq, news, more = board.since(start, most=10)

    assert ids(news) == ["b", "a"]
    assert (news[1].state, news[1].name, more) == ("started", "x", 0)
    assert board.since(seq, most=10) == (seq, [], 0)


def test_who_cannot_be_told_everything_is_told_the_newest_and_how_many_more(board):
    start = board.watch()
    for k in range(3):
        board.take(record("received", task_id=str(k)))

    _, news, more = board.since(start, most=2)

    assert (ids(news), more) == (["1", "2"], 1)


def test_nothing_is_kept_for_nobody(board, clock):
    assert not board.take(record("received"))
    start = board.watch()
    clock.now += WATCHED_FOR + 1

    assert not board.take(record("started", 1))
    assert board.since(start, most=10)[1] == []


def test_a_million_hostile_events_take_bounded_memory():
    """Each of another task, and each text as long as it can be."""
    most = 300
    board = TaskBoard(most=most, news=NEWS // 10)
    board.watch()
    text = "\U0001f600" * 700
    tracemalloc.start()

    for k in range(1_500):
        raw = RECEIVED | {
            "uuid": f"{k:0100}",
            "args": f"{k}{text}",
            "name": f"{k}{text}",
            "hostname": f"{k}{text}",
            "root_id": "r" * 100,
        }
        board.take(read_task_event(raw, now=NOW))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(board) == most
    assert board.dropped == 1_500 - most
    assert peak < 4_000_000
