"""A subscription that says nothing is asked, and given up when it does not answer."""

import pytest

from webapp.live.pulse import ANSWER_WITHIN, LOOK_EVERY, BrokerSilent, Heartbeats, Pulse


class Subscription:
    """As redis-py's: it counts the questions that were not answered."""

    def __init__(self):
        self.health_check_response_counter = 0
        self.connection = self
        self.is_due = True
        self.asked = 0
        self.connected = True

    def check_health(self):
        if self.is_due:
            self.asked += 1
            self.health_check_response_counter += 1

    def disconnect(self):
        self.connected = False


@pytest.fixture
def subscription():
    return Subscription()


@pytest.fixture
def pulse(subscription, clock):
    return Pulse(subscription, clock=clock)


def look(pulse, clock, seconds):
    clock.now += seconds
    pulse.check()


def test_one_that_answers_goes_on(pulse, subscription, clock):
    for _ in range(100):
        look(pulse, clock, 1)
        subscription.health_check_response_counter = 0

    assert subscription.asked == 100
    assert subscription.connected


def test_one_that_never_answers_is_given_up(pulse, subscription, clock):
    look(pulse, clock, LOOK_EVERY)
    look(pulse, clock, LOOK_EVERY)
    look(pulse, clock, ANSWER_WITHIN - 0.1)

    with pytest.raises(BrokerSilent):
        look(pulse, clock, LOOK_EVERY)

    assert subscription.asked == 1
    assert not subscription.connected
    assert subscription.health_check_response_counter == 0


def test_an_answer_that_comes_late_is_one(pulse, subscription, clock):
    for _ in range(10):
        look(pulse, clock, LOOK_EVERY)
        look(pulse, clock, ANSWER_WITHIN - 0.1)
        subscription.health_check_response_counter = 0
        look(pulse, clock, LOOK_EVERY)

    assert subscription.connected


def test_one_that_has_news_is_not_asked(pulse, subscription, clock):
    subscription.is_due = False

    for _ in range(100):
        look(pulse, clock, 1)

    assert subscription.asked == 0


def test_it_is_not_looked_at_after_each_event(pulse, subscription, clock):
    for _ in range(1000):
        look(pulse, clock, LOOK_EVERY / 2000)

    assert subscription.asked == 0


def test_one_that_lost_its_connection_is_given_up_too(pulse, subscription, clock):
    look(pulse, clock, LOOK_EVERY)
    look(pulse, clock, LOOK_EVERY)
    subscription.connection = None

    with pytest.raises(BrokerSilent):
        look(pulse, clock, ANSWER_WITHIN)


class Connection:
    """As kombu's over AMQP: it says when two heartbeats were missed."""

    connection_errors = (ConnectionError,)

    def __init__(self):
        self.checked = 0
        self.hangs = False
        self.connected = True

    def heartbeat_check(self):
        self.checked += 1
        if self.hangs:
            raise ConnectionError

    def collect(self):
        self.connected = False


def test_heartbeats_go_to_and_fro(clock):
    connection = Connection()
    heartbeats = Heartbeats(connection, clock=clock)

    for _ in range(100):
        look(heartbeats, clock, LOOK_EVERY / 10)

    assert 8 <= connection.checked <= 10
    assert connection.connected


def test_a_connection_without_heartbeats_is_given_up(clock):
    connection = Connection()
    heartbeats = Heartbeats(connection, clock=clock)
    connection.hangs = True

    with pytest.raises(BrokerSilent):
        look(heartbeats, clock, LOOK_EVERY)

    assert not connection.connected
