"""An address may spend so many handshakes a minute, whatever Redis does meanwhile."""

import pytest
from structlog.testing import capture_logs

from webapp.attempts import WINDOW
from webapp.live import handshakes as module
from webapp.live.handshakes import PER_MINUTE, Handshakes, most_handshakes

ADDRESS = "192.0.2.1"
NOBODY = "redis://127.0.0.1:1/0"  # where no Redis listens


@pytest.fixture(params=[None, NOBODY], ids=["without Redis", "Redis away"])
def handshakes(request, clock):
    return Handshakes(request.param, most=PER_MINUTE, clock=clock)


def spend(handshakes, number, address=ADDRESS):
    for _ in range(number):
        handshakes.spend(address)
    handshakes.share()


def test_an_address_may_spend_so_many_a_minute(handshakes, clock):
    spend(handshakes, PER_MINUTE - 1)
    assert not handshakes.are_spent(ADDRESS)

    spend(handshakes, 1)
    assert handshakes.are_spent(ADDRESS)
    clock.now += WINDOW

    assert not handshakes.are_spent(ADDRESS)


def test_the_log_names_an_address_that_spent_all_once(handshakes):
    with capture_logs() as logs:
        spend(handshakes, 2 * PER_MINUTE)

    told = [one for one in logs if one["event"] == "handshakes_limited"]
    assert [one["address"] for one in told] == [ADDRESS]


def test_asking_spends_nothing(handshakes):
    assert not any(handshakes.are_spent(ADDRESS) for _ in range(3 * PER_MINUTE))


def test_two_processes_count_together(redis_url, clock):
    one, other = (Handshakes(redis_url, most=PER_MINUTE, clock=clock) for _ in "12")

    spend(one, PER_MINUTE // 2)
    assert not other.are_spent(ADDRESS)
    spend(other, PER_MINUTE // 2)

    assert one.are_spent(ADDRESS)
    assert other.are_spent(ADDRESS)


def test_another_address_has_its_own(handshakes):
    spend(handshakes, PER_MINUTE)

    assert not handshakes.are_spent("192.0.2.2")


def test_of_ipv6_a_whole_network_is_one_address(handshakes):
    spend(handshakes, PER_MINUTE, "2001:db8::1")

    assert handshakes.are_spent("2001:db8::ffff")
    assert not handshakes.are_spent("2001:db8:0:1::1")


@pytest.mark.parametrize(
    ("places", "most"), [(1, 20), (50, 20), (51, 51), (2000, 2000)]
)
def test_more_places_than_usual_are_as_many_handshakes(places, most):
    assert most_handshakes(places) == most


def test_what_waits_to_be_told_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(module, "MOST_COUNTED", 10)
    handshakes = Handshakes(NOBODY, most=PER_MINUTE, clock=clock)

    for number in range(100):
        handshakes.spend(f"192.0.2.{number}")

    assert len(handshakes._untold) == 10
