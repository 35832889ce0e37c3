"""What arrives on the event stream is believed only as far as it makes sense."""

import json
import random
import string

import pytest
from structlog.testing import capture_logs

from webapp.live import receiver as module
from webapp.live.receiver import Receiver

AT = "2026-01-05T08:00:00+00:00"
GOOD = {
    "type": "task-labeling",
    "uuid": "11111111-2222-3333-4444-555555555555",
    "account_id": 7,
    "seq": 3,
    "current": 7,
    "total": 20,
    "found": 20,
    "processed": 7,
    "labeled": 7,
    "failed": 0,
    "skipped": 0,
    "started_at": AT,
    "at": AT,
    "hostname": "celery@one",
}


@pytest.fixture
def heard():
    return []


@pytest.fixture
def receiver(heard, clock):
    """A receiver that listens to nobody."""
    one = Receiver(
        "redis://127.0.0.1:1/0",
        on_event=heard.append,
        on_connected=lambda: heard.append("connected"),
        clock=clock,
    )
    one._hear()
    heard.clear()
    return one


def beat(name="celery@one", kind="worker-heartbeat"):
    return {"type": kind, "hostname": name, "freq": 2.0, "active": 3}


def test_a_step_is_handed_on(receiver, heard):
    receiver.take(GOOD)

    assert [(one.account_id, one.seq) for one in heard] == [(7, 3)]


def test_a_group_of_events_is_taken_apart(receiver, heard):
    receiver.take([GOOD, {"type": "task-received", "uuid": "x"}, GOOD | {"seq": 4}])

    assert [one.seq for one in heard] == [3, 4]


@pytest.mark.parametrize(
    "body",
    [
        None,
        7,
        "text",
        b"bytes",
        [],
        [[GOOD]],
        {},
        {"type": None},
        {"type": ["task-labeling"]},
        {"type": "task-labeling"},
        {"type": "worker-heartbeat"},
        GOOD | {"account_id": "7"},
        GOOD | {"seq": 10**30},
        GOOD | {"uuid": "x" * 1_000_000},
        beat("x" * 1_000_000),
        beat(7),
    ],
)
def test_anything_else_is_passed_over(receiver, heard, body):
    receiver.take(body)

    assert heard == []
    assert not receiver.workers()


def test_random_events_never_raise(receiver):
    odd = [None, 0, -1, 10**40, 1.5, "", "x" * 1000, [], {}, True, b"x", AT]
    chance = random.Random(1)

    for _ in range(2000):
        names = [*GOOD, "".join(chance.choices(string.printable, k=5))]
        receiver.take({name: chance.choice([*odd, GOOD.get(name)]) for name in names})


class Stream:
    """A stream of bodies, then silence."""

    def __init__(self, *bodies):
        self.bodies = list(bodies)

    def next(self, seconds):
        return self.bodies.pop(0) if self.bodies else None

    def decode(self, message):
        return json.loads(message)

    def check(self):
        pass


def test_a_message_that_cannot_be_read_costs_only_itself(receiver, heard):
    stream = Stream(b"{", b"7", b'{"type": "task-labeling"}', json.dumps(GOOD))

    for _ in range(5):
        receiver._receive(stream)

    assert [one.seq for one in heard] == [3]
    assert receiver.refused == 3
    assert receiver.deaf_since is None


def test_an_event_that_cannot_be_taken_in_costs_only_itself(receiver, heard):
    def fail(_event):
        raise KeyError("a fault of ours")

    receiver._on_event = fail
    receiver._receive(Stream(json.dumps(GOOD)))

    assert receiver.refused == 1
    assert receiver.deaf_since is None


def test_what_was_refused_is_counted_and_said_once_a_minute(receiver, clock):
    with capture_logs() as lines:
        for _ in range(180):
            receiver._receive(Stream(b"{"))
            clock.now += 1

    assert [line["number"] for line in lines] == [1, 60, 60]
    assert {line["newest"] for line in lines} == {"JSONDecodeError"}


def test_a_worker_that_beats_is_online(receiver, clock):
    for _ in range(10):
        receiver.take(beat("celery@one"))
        receiver.take(beat("celery@two"))
        clock.now += 2

    assert receiver.workers() == ["celery@one", "celery@two"]


def test_a_worker_that_says_goodbye_is_gone_at_once(receiver):
    receiver.take(beat())
    receiver.take(beat(kind="worker-offline"))

    assert receiver.workers() is None  # so soon after the start nobody can tell


def test_a_worker_that_misses_its_beats_is_gone(receiver, clock):
    receiver.take(beat())

    clock.now += module.GONE_AFTER

    assert receiver.workers() == []


def test_without_the_stream_nobody_knows_the_workers(receiver):
    receiver.take(beat())

    receiver._fall_deaf(ConnectionError())

    assert receiver.workers() is None
    assert receiver.deaf_since is not None


def test_it_knows_since_when_it_is_deaf(receiver):
    assert receiver.deaf_since is None
    receiver._fall_deaf(ConnectionError())
    since = receiver.deaf_since
    receiver._fall_deaf(ConnectionError())

    assert receiver.deaf_since is since


def test_a_million_workers_are_nonsense(receiver, clock):
    for number in range(3 * module.MAX_WORKERS):
        receiver.take(beat(f"celery@{number}"))
    assert len(receiver.workers()) == module.MAX_WORKERS

    clock.now += module.GONE_AFTER
    receiver.take(beat("celery@late"))

    assert receiver.workers() == ["celery@late"]


def test_a_worker_that_is_known_keeps_its_place_in_a_flood_of_names(receiver, clock):
    receiver.take(beat("celery@one"))
    for second in range(30):
        for number in range(module.MAX_WORKERS):
            receiver.take(beat(f"celery@{second}-{number}"))
        receiver.take(beat("celery@one"))
        clock.now += 1

    assert "celery@one" in receiver.workers()
    assert len(receiver._heard) == module.MAX_WORKERS


def test_a_receiver_without_a_broker_goes_on_trying_and_can_be_stopped(heard):
    one = Receiver(
        "redis://127.0.0.1:1/0", on_event=heard.append, on_connected=heard.clear
    )
    one.start()

    assert one.deaf_since is not None
    one.stop()
    one._thread.join(10)
    assert not one.is_alive


def test_an_encrypted_broker_is_verified_unless_the_address_says_otherwise():
    verified = module._app("rediss://broker.example:6380/0")
    unverified = module._app("rediss://broker.example:6380/0?ssl_cert_reqs=none")

    assert verified.conf.broker_use_ssl
    assert not unverified.conf.broker_use_ssl
