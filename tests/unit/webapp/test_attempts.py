"""Wrong keys are counted, whatever Redis does meanwhile."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from webapp import attempts as module
from webapp.attempts import ATTACK, PER_MINUTE, WINDOW, Attempts, TooMany

ADDRESS = "192.0.2.1"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def here(clock):
    """Attempts that only this process counts."""
    return Attempts(None, clock=clock)


def judge(attempts, secret="wrong", *, address=ADDRESS, found=None, guessable=True):
    """Return what came of one try: what was found, `wrong` or `limited`."""
    try:
        judged = attempts.judge(
            address, secret, lambda: found, can_be_guessed=lambda _: guessable
        )
    except TooMany:
        return "limited"
    return judged or "wrong"


def tries(attempts, number, **how):
    return [judge(attempts, f"wrong {n}", **how) for n in range(number)]


LIMITED = ["wrong"] * PER_MINUTE + ["limited"]


def test_an_address_has_so_many_wrong_keys_a_minute(here, clock):
    first = tries(here, PER_MINUTE + 1)
    clock.now += WINDOW
    second = tries(here, PER_MINUTE + 1)

    assert first == second == LIMITED


def test_right_keys_are_given_back(here):
    for n in range(PER_MINUTE * 2):
        assert judge(here, f"right {n}", found="Ada") == "Ada"

    assert tries(here, PER_MINUTE + 1) == LIMITED


def test_what_cannot_be_guessed_is_let_in_whatever_came_before(here):
    tries(here, PER_MINUTE * 2)

    assert judge(here, "right", found="Ada", guessable=False) == "Ada"


def test_what_can_be_guessed_is_let_in_when_it_was_in_use_before(here, clock):
    judge(here, "right", found="Ada")
    tries(here, PER_MINUTE * 2)

    assert judge(here, "right", found="Ada") == "Ada"
    assert judge(here, "right", found="Ada", address="192.0.2.2") == "Ada"
    assert judge(here, "another", found="Ada") == "limited"
    clock.now += module.KNOWN_FOR
    tries(here, PER_MINUTE * 2)
    assert judge(here, "right", found="Ada") == "limited"


def test_a_key_in_use_that_is_revoked_counts_as_wrong(here):
    judge(here, "right", found="Ada")

    assert [judge(here, "right") for _ in range(PER_MINUTE + 1)] == LIMITED


def test_one_address_does_not_use_up_what_others_have(here):
    tries(here, ATTACK * 3)

    assert tries(here, PER_MINUTE + 1, address="192.0.2.2") == LIMITED


def test_in_an_attack_from_many_each_address_has_one_try(here, clock):
    for n in range(ATTACK + 1):
        judge(here, address=f"198.51.100.{n}")

    assert tries(here, 2) == ["wrong", "limited"]
    assert judge(here, "right", found="Ada", address="192.0.2.2") == "Ada"
    clock.now += WINDOW
    assert tries(here, PER_MINUTE + 1) == LIMITED


@pytest.mark.parametrize(
    "addresses",
    [
        ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::"],
        ["192.0.2.1", "::ffff:192.0.2.1"],
        ["fe80::1%eth0", "fe80::2%eth0"],
        ["", "nonsense"],
    ],
)
def test_what_one_host_may_use_is_one_address(here, addresses):
    seen = [
        judge(here, address=addresses[n % len(addresses)])
        for n in range(PER_MINUTE + 1)
    ]

    assert seen == LIMITED


def test_a_try_that_could_not_be_looked_up_stays_counted(here):
    def away():
        raise ConnectionError

    for n in range(PER_MINUTE):
        with pytest.raises(ConnectionError):
            here.judge(ADDRESS, f"x {n}", away, can_be_guessed=lambda _: True)

    assert judge(here) == "limited"


def test_memory_stays_bounded(here, monkeypatch):
    monkeypatch.setattr(module, "MOST_COUNTED", 3)
    monkeypatch.setattr(module, "MOST_KNOWN", 3)

    for n in range(9):
        judge(here, address=f"192.0.2.{n}")
        judge(here, f"right {n}", found="Ada")

    assert len(here._counts[0]._counts) == len(here._known) == 3


# With Redis


def test_two_processes_share_a_count(redis_url):
    one, other = Attempts(redis_url), Attempts(redis_url)

    assert tries(one, 3) + tries(other, 3) == LIMITED


def test_many_at_once_in_two_processes_are_not_more_than_the_limit(redis_url):
    both = [Attempts(redis_url), Attempts(redis_url)]

    with ThreadPoolExecutor(8) as pool:
        seen = pool.map(lambda n: judge(both[n % 2], f"wrong {n}"), range(24))

    # Who overtakes whom between the two counts decides which try is refused, and may
    # refuse one too many: never one too few.
    outcomes = Counter(seen)
    assert outcomes["wrong"] <= PER_MINUTE
    assert outcomes.total() == outcomes["wrong"] + outcomes["limited"] == 24
    assert judge(both[0], "wrong 24") == "limited"


def test_redis_dies_between_two_tries_and_nothing_starts_anew(redis_server):
    attempts = Attempts(redis_server.url)

    before = tries(attempts, 3)
    redis_server.kill()
    after = tries(attempts, 3)

    assert before + after == LIMITED


def test_without_redis_each_process_counts_for_itself():
    assert tries(Attempts("redis://127.0.0.1:1/0"), PER_MINUTE + 1) == LIMITED


def test_redis_that_hangs_is_waited_for_once(redis_server, clock, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 0.1)
    attempts = Attempts(redis_server.url, clock=clock)
    redis_server.pause()

    assert tries(attempts, PER_MINUTE + 1) == LIMITED
    assert attempts._counts[1]._away_until > clock.now


def test_redis_that_came_back_is_asked_again(redis_server, clock):
    attempts = Attempts(redis_server.url, clock=clock)
    redis_server.kill()
    tries(attempts, 3)

    redis_server.start()
    clock.now += module.ASK_AGAIN_AFTER
    tries(attempts, 2)

    assert tries(Attempts(redis_server.url), 4) == ["wrong"] * 3 + ["limited"]
