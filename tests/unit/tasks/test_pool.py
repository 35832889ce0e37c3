"""Threads that become more and fewer; a real worker's are in integration/cluster."""

import threading

import pytest

from tasks.pool import ThreadPool
from tests.waiting import wait_for


@pytest.fixture
def pool():
    pool = ThreadPool(limit=2)
    yield pool
    pool.on_stop()


class Work:
    """Tasks that run until they are let go."""

    def __init__(self, pool, number):
        self.running = 0
        self._lock = threading.Lock()
        self.end = threading.Event()
        for _ in range(number):
            pool.executor.submit(self._work)

    def _work(self):
        with self._lock:
            self.running += 1
        self.end.wait(5)
        with self._lock:
            self.running -= 1


def test_a_grown_pool_runs_more_at_once(pool):
    pool.grow(3)

    work = Work(pool, 9)

    wait_for(lambda: work.running == 5)
    assert pool.num_processes == 5
    work.end.set()


def test_a_shrunken_pool_runs_fewer_at_once(pool):
    pool.grow(2)
    pool.shrink(3)

    work = Work(pool, 9)
    wait_for(lambda: work.running == 1)

    assert pool.num_processes == 1
    work.end.set()
    wait_for(lambda: work.running == 0)


def test_to_shrink_interrupts_nothing(pool):
    work = Work(pool, 2)
    wait_for(lambda: work.running == 2)

    pool.shrink(1)

    assert work.running == 2
    work.end.set()


def test_one_thread_is_always_left(pool):
    pool.shrink(99)

    work = Work(pool, 1)

    assert pool.num_processes == 1
    wait_for(lambda: work.running == 1)
    work.end.set()


def test_parked_threads_come_back_before_new_ones_are_made(pool):
    pool.shrink(1)
    pool.grow(2)

    work = Work(pool, 9)

    wait_for(lambda: work.running == 3)
    assert pool.executor._max_workers == 3
    work.end.set()


def test_a_shrunken_pool_ends(pool):
    pool.shrink(1)

    pool.on_stop()  # and does not wait for what is parked
