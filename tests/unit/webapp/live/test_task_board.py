"""The board keeps what waits, and no more than it may."""

import tracemalloc
from uuid import UUID

import pytest

from tests.unit.db.test_task_record import record
from tests.unit.webapp.live.test_task_events import NOW, RECEIVED
from webapp.live.task_board import NEWS, WATCHED_FOR, TaskBoard
from webapp.live.task_events import read_task_event


@pytest.fixture
def board(clock):
    return TaskBoard(fresh=3, pack=2, news=3, clock=clock)


def ids(records):
    return [one.task_id for one in records]


def test_events_of_one_task_are_one_record(board):
    board.take(record("received", name="a"))
    board.take(record("succeeded", 2))
    board.take(record("started", 1))

    (one,) = board.batch(10)
    assert (one.state, one.name) == ("succeeded", "a")
    assert len(board) == 0


def everything(board):
    """Each batch that is to be written."""
    return list(iter(lambda: board.batch(10), []))


def test_of_many_those_that_wait_longest_are_packed_and_come_out_as_they_were(board):
    told = [record("received", task_id=str(k), name="a", worker="w") for k in range(5)]
    for one in told:
        board.take(one.copy())

    assert (len(board), board.dropped) == (5, 0)
    assert everything(board) == [told[:2], told[2:]]
    assert len(board) == 0


def test_of_too_many_the_oldest_pack_is_dropped_and_counted(clock):
    board = TaskBoard(fresh=3, pack=2, most=1_000, clock=clock)
    for k in range(100):
        board.take(record("received", task_id=str(k)))

    kept = [one for batch in everything(board) for one in batch]
    assert 3 < len(kept) < 40
    assert ids(kept) == [str(k) for k in range(100 - len(kept), 100)]
    assert board.dropped == 100 - len(kept)


def test_a_hundred_thousand_tasks_wait_in_little_memory():
    board = TaskBoard()
    tracemalloc.start()

    for k in range(20_000):
        raw = RECEIVED | {"uuid": str(UUID(int=hash((7, k)) % 2**128))}
        board.take(read_task_event(raw, now=NOW))

    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(board), board.dropped) == (20_000, 0)
    assert size < 12_000_000


def test_what_could_not_be_written_waits_on_with_what_was_heard_since(board):
    board.take(record("received", name="a"))
    batch = board.batch(10)
    board.take(record("started", 1))

    board.put_back(batch)

    (one,) = board.batch(10)
    assert (one.state, one.name) == ("started", "a")


def test_what_comes_back_is_written_before_what_was_packed_since(board):
    for k in range(2):
        board.take(record("received", task_id=str(k)))
    batch = board.batch(10)
    for k in range(2, 6):
        board.take(record("received", task_id=str(k)))

    board.put_back(batch)

    assert list(map(ids, everything(board))) == [["0", "1"], ["2", "3"], ["4", "5"]]
    assert board.dropped == 0


def test_what_comes_back_takes_no_place_of_a_newer_task(clock):
    board = TaskBoard(fresh=3, pack=2, most=0, clock=clock)
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
    board = TaskBoard(fresh=100, pack=20, most=10_000, news=NEWS // 10)
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
    assert len(board) + board.dropped == 1_500
    assert board.dropped > 1_000
    assert peak < 4_000_000
