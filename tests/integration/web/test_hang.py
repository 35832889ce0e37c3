"""A broker that hangs closes nothing; the feed must not call itself up."""

import threading

import pytest

from webapp.live import pulse
from webapp.live import receiver as module
from webapp.live.receiver import Receiver

from .conftest import wait_for


@pytest.fixture(params=["redis_server", "rabbitmq"])
def broker(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def up(monkeypatch, broker):
    """A receiver that listens, and what is set whenever it has subscribed."""
    monkeypatch.setattr(module, "ASK_AFTER", 1)
    monkeypatch.setattr(pulse, "ANSWER_WITHIN", 0.5)
    monkeypatch.setattr(pulse, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(module, "TURN", 0.2)
    subscribed = threading.Event()
    one = Receiver(
        broker.url, on_event=lambda _event: None, on_connected=subscribed.set
    )
    one.start()
    assert subscribed.wait(10)
    subscribed.clear()
    yield one, subscribed
    one.stop()
    one._thread.join(20)
    assert not one.is_alive


def test_a_broker_that_hangs_is_noticed_and_found_again(up, broker):
    receiver, subscribed = up

    broker.pause()
    wait_for(lambda: receiver.deaf_since is not None)
    assert receiver.workers() is None
    broker.resume()

    assert subscribed.wait(10)
    assert receiver.deaf_since is None


def test_a_broker_that_is_only_silent_is_not_taken_for_one(up):
    receiver, subscribed = up

    # Nobody publishes anything here: it is asked after 1 s, and has 0.5 s to answer.
    assert not subscribed.wait(2.5)
    assert receiver.deaf_since is None
