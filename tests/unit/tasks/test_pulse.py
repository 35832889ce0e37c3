"""What a worker says of itself; a real one's is in integration/cluster."""

import os
import signal
from types import SimpleNamespace

import pytest

from mailbeat.db.processes import Wishes
from tasks import pulse
from tasks.pool import ThreadPool
from tasks.pulse import RUN, Counts, WorkerLife


@pytest.fixture
def consumer():
    told = []
    pool = ThreadPool(limit=4)
    yield SimpleNamespace(pool=pool, told=told, _update_prefetch_count=told.append)
    pool.on_stop()


@pytest.fixture
def life(consumer):
    return WorkerLife(consumer)


def test_it_tells_its_pool(life):
    facts = life.facts()

    assert (facts["pool"], facts["size"], facts["can_resize"]) == ("threads", 4, True)


def test_a_pool_that_cannot_change_says_so(consumer):
    consumer.pool = SimpleNamespace(num_processes=2)
    life = WorkerLife(consumer)

    life.hear(Wishes(size=5))

    assert not life.facts()["can_resize"]
    assert consumer.told == []


def test_its_threads_become_what_is_wanted(life, consumer):
    life.hear(Wishes(size=6))
    life.hear(Wishes(size=6))
    life.hear(Wishes(size=1))

    assert consumer.pool.num_processes == 1
    assert consumer.told == [2, -5]


def test_what_another_command_changed_since_stays(life, consumer):
    life.hear(Wishes(size=6))
    consumer.pool.shrink(1)

    life.hear(Wishes(size=6))

    assert consumer.pool.num_processes == 5


def test_asked_to_stop_it_sends_itself_the_signal_once(life, monkeypatch):
    sent = []
    monkeypatch.setattr(os, "kill", lambda *what: sent.append(what))

    life.hear(Wishes(stop=True))
    life.hear(Wishes(stop=True))

    assert sent == [(os.getpid(), signal.SIGTERM)]


def test_what_runs_is_named_by_id_alone(life, monkeypatch):
    def request(name, args):
        return SimpleNamespace(id="an-id", name=name, args=args, time_start=None)

    running = [request(RUN, [7]), request("tasks.other", ["a secret"])]
    monkeypatch.setattr(pulse.celery_state, "active_requests", running)

    found = life.facts()["running"]

    assert [one["account_id"] for one in found] == [7, None]
    assert "a secret" not in str(found)


def test_tasks_are_counted():
    counts = Counts()

    counts.ended()
    counts.ended()
    counts.broke()

    assert (counts.processed, counts.failed) == (2, 1)
