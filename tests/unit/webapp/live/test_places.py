"""The places hold for all processes together, as far as Redis can be asked."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from webapp.live import places as module
from webapp.live.places import (
    ALL,
    ASK_AGAIN_AFTER,
    TELL_EVERY,
    Full,
    FullForKey,
    SharedPlaces,
)

NOBODY = "redis://127.0.0.1:1/0"  # where no Redis listens


@pytest.fixture
def places(clock):
    return SharedPlaces(NOBODY, most=1, most_per_key=1, host="here", clock=clock)


def test_while_redis_is_away_it_refuses_nobody_and_is_asked_now_and_then(places, clock):
    asked = []
    original = places._script

    def script(**options):
        asked.append(clock.now)
        return original(**options)

    places._script = script

    for _ in range(3):
        places.take("ada", lambda: {ALL: 100, "ada": 100})
    clock.now += ASK_AGAIN_AFTER
    places.take("ada", lambda: {ALL: 100, "ada": 100})

    assert len(asked) == 2


def test_telling_and_leaving_outlive_an_absent_redis(places):
    places.tell(lambda: {ALL: 1, "ada": 1})
    places.leave()

    assert not places._told


def test_a_process_of_this_host_that_ended_is_dead(places):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait(10)

    assert places._is_dead(f"here/{ended.pid}/abc")
    assert places._is_dead(f"here/{os.getpid()}/of-another-life")
    assert not places._is_dead(f"here/{os.getppid()}/abc")
    assert not places._is_dead(f"elsewhere/{ended.pid}/abc")


class Process:
    """What a web process does with its places."""

    def __init__(self, url, host, clock, *, most=4, most_per_key=3):
        self.has = Counter()
        self.shared = SharedPlaces(
            url, most=most, most_per_key=most_per_key, host=host, clock=clock
        )

    def counts(self):
        return {**self.has, ALL: self.has.total()}

    def take(self, key_id="ada"):
        self.has[key_id] += 1
        try:
            self.shared.take(key_id, self.counts)
        except (Full, FullForKey) as error:
            self.has[key_id] -= 1
            return type(error)
        return None


@pytest.fixture
def two(redis_url, clock):
    return [Process(redis_url, host, clock) for host in ("one", "other")]


def test_the_places_of_all_and_of_a_key_hold_together(two):
    one, other = two

    assert [one.take(), other.take(), other.take()] == [None] * 3
    assert one.take() is FullForKey
    assert one.take("bob") is None
    assert [one.take("eve"), other.take("eve")] == [Full, Full]


def test_a_place_that_is_free_again_can_be_taken_elsewhere(two):
    one, other = two
    for _ in range(3):
        one.take()
    assert other.take() is FullForKey

    one.has["ada"] -= 1
    one.shared.tell(one.counts)

    assert other.take() is None


def test_of_many_who_want_the_last_place_one_has_it(redis_url, clock):
    processes = [Process(redis_url, f"{n}", clock, most=1) for n in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(Process.take, processes))

    assert answers.count(None) == 1


def test_who_leaves_has_no_places_and_comes_not_back(two):
    one, other = two
    for _ in range(3):
        one.take()

    one.shared.leave()
    one.shared.tell(one.counts)

    assert [other.take() for _ in range(3)] == [None] * 3


def test_the_places_of_a_killed_process_are_free_at_once(redis_url, clock):
    """Its clients come back within seconds, to another process of the same host."""
    code = f"""
from webapp.live.places import ALL, SharedPlaces
places = SharedPlaces({redis_url!r}, most=4, most_per_key=3, host="one")
places.take("ada", lambda: {{ALL: 3, "ada": 3}})
import os, signal; os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code], timeout=20, check=False)
    assert killed.returncode == -signal.SIGKILL

    assert Process(redis_url, "one", clock).take() is None


def test_the_places_of_a_process_of_another_host_are_free_when_it_is_silent(
    two, redis_url
):
    one, other = two
    for _ in range(3):
        one.take()
    name = f"{module.PREFIX}:{one.shared._me}"

    with redis.Redis.from_url(redis_url) as client:
        left = client.pttl(name)
        client.delete(name)  # as Redis does when that time is over

    assert 0 < left <= module.KEPT_FOR
    assert other.take() is None


def test_a_redis_that_forgot_everything_is_told_again(two, redis_url, clock):
    one, other = two
    for _ in range(3):
        one.take()
    one.shared.tell(one.counts)

    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    clock.now += TELL_EVERY
    one.shared.tell(one.counts)

    assert other.take() is FullForKey


def test_a_redis_that_hangs_is_waited_for_once(redis_server, clock):
    one = Process(redis_server.url, "one", clock)
    redis_server.pause()

    began = time.monotonic()
    answers = [one.take() for _ in range(3)]

    assert answers == [None] * 3
    assert time.monotonic() - began < 3 * module.TIMEOUT
