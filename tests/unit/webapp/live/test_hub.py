"""Many real sockets in one thread; none can harm another."""

import itertools
import json
import socket
import threading
import time
from datetime import timedelta

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, TextMessage

from tests.frames import check
from tests.waiting import wait_for
from webapp.api.schemas import iso
from webapp.live import client, hub
from webapp.live.client import Client, Visitor
from webapp.live.hub import Full, FullForKey, Hub
from webapp.live.messages import message

from .conftest import NOW

ADA = Visitor("ada", "read", 1)
BOB = Visitor("bob", "read", 2)


class Browser:
    """The other end of a socket that the hub owns."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(10)
        self.wire = Connection(ConnectionType.CLIENT)
        self.events = []
        self.text = ""

    def read(self):
        """The next message, or the code of the Close."""
        while True:
            for event in self.events[:]:
                self.events.remove(event)
                if isinstance(event, CloseConnection):
                    return event.code
                if isinstance(event, TextMessage):
                    self.text += event.data
                    if event.message_finished:
                        text, self.text = self.text, ""
                        return check(json.loads(text))
            data = self.sock.recv(65_536)
            if not data:
                return None
            self.wire.receive_data(data)
            self.events = list(self.wire.events())

    def read_until(self, kind):
        while True:
            found = self.read()
            assert isinstance(found, dict), found
            if found["type"] == kind:
                return found

    def say(self, text):
        self.sock.sendall(self.wire.send(TextMessage(data=text)))


def at(seq):
    """How the time of an event with this number reads."""
    return iso(NOW + timedelta(seconds=seq))


@pytest.fixture
def filled(database, board):
    database.add_account()
    database.run("one", 1, alive=True)
    board.load(database.standing())
    return board


@pytest.fixture
def make_hub(filled):
    made = []

    def make(*, most=50, most_per_key=50):
        made.append(Hub(filled, most=most, most_per_key=most_per_key))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.stop(2)
        assert not one.is_alive


@pytest.fixture
def open_socket():
    """Let a hub own one end of a pair; returns the other."""
    browsers = []

    def open_socket(hub, visitor=ADA, *, buffer=None):
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        if buffer:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        hub.adopt(ours, hub.reserve(visitor))
        browsers.append(Browser(theirs))
        return browsers[-1]

    yield open_socket
    for browser in browsers:
        browser.sock.close()


def test_each_client_is_welcomed_and_told_news(make_hub, open_socket, filled, event):
    hub = make_hub()
    browsers = [open_socket(hub) for _ in range(5)]
    for browser in browsers:
        browser.read_until("snapshot")

    filled.apply(event(seq=7))
    hub.wake()

    for browser in browsers:
        assert browser.read()["data"]["progress"] == {"current": 7, "total": 20}


@pytest.fixture
def tell(filled, event):
    """Have a hub tell a step of the run."""

    def tell(hub, seq):
        filled.apply(event(seq=seq))
        hub.wake()

    return tell


def test_without_clients_news_wake_nobody(make_hub, tell):
    hub = make_hub()

    tell(hub, 7)

    assert not hub._woken


def test_who_comes_amid_news_misses_none(make_hub, open_socket, tell):
    hub = make_hub()
    stop, told = threading.Event(), itertools.count(2)

    def tell_on():
        while not stop.is_set():
            tell(hub, next(told))

    telling = threading.Thread(target=tell_on)
    telling.start()
    browsers = [open_socket(hub) for _ in range(20)]
    seen = [one.read_until("snapshot")["data"]["accounts"][0] for one in browsers]
    stop.set()
    telling.join()
    last = next(told) - 1

    for browser, first in zip(browsers, seen, strict=True):
        newest = first["last_updated"]
        while newest != at(last):
            newest = browser.read_until("status_update")["data"]["last_updated"]


def test_few_clients_are_told_each_event_at_once(
    make_hub, open_socket, tell, monkeypatch
):
    monkeypatch.setattr(hub, "MANY", 1)
    monkeypatch.setattr(hub, "MERGE_FOR", 3600)
    one = make_hub()
    browser = open_socket(one)
    browser.read_until("snapshot")

    for seq in (7, 8, 9):
        tell(one, seq)
        assert browser.read()["data"]["progress"]["current"] == seq


def test_many_clients_are_told_the_first_at_once_and_then_what_came_together(
    make_hub, open_socket, tell, monkeypatch
):
    monkeypatch.setattr(hub, "MANY", 1)
    monkeypatch.setattr(hub, "MERGE_FOR", 0.3)
    one = make_hub()
    browsers = [open_socket(one) for _ in range(2)]
    for browser in browsers:
        browser.read_until("snapshot")

    began = time.monotonic()
    tell(one, 7)
    firsts = [browser.read()["data"]["progress"]["current"] for browser in browsers]
    for seq in (8, 9, 10):
        tell(one, seq)
    seconds = [browser.read()["data"]["progress"]["current"] for browser in browsers]

    assert (firsts, seconds) == ([7, 7], [10, 10])
    assert time.monotonic() - began >= hub.MERGE_FOR


def test_there_are_as_many_slots_as_were_said(make_hub):
    hub = make_hub(most=2)
    hub.reserve(ADA)
    hub.reserve(BOB)

    with pytest.raises(Full):
        hub.reserve(BOB)


def test_a_key_has_as_many_slots_as_was_said(make_hub):
    hub = make_hub(most_per_key=1)
    hub.reserve(ADA)

    with pytest.raises(FullForKey):
        hub.reserve(ADA)
    hub.reserve(BOB)


def test_a_slot_is_freed_once(make_hub):
    hub = make_hub(most=2)
    slot, _ = hub.reserve(ADA), hub.reserve(ADA)

    slot.free()
    slot.free()

    assert hub.number_of_clients == 1
    assert hub.visitors() == {ADA}


def test_a_client_that_goes_frees_its_slot(make_hub, open_socket):
    hub = make_hub()
    for _ in range(20):
        browser = open_socket(hub)
        browser.read_until("snapshot")
        browser.sock.close()

    wait_for(lambda: hub.number_of_clients == 0)


@pytest.fixture
def wasted(filled):
    """A hub, and who it says has wasted a handshake."""
    found = []
    one = Hub(filled, most=50, most_per_key=50, wasted=found.append)
    one.start()
    yield one, found
    one.stop(2)


def test_who_leaves_or_misbehaves_at_once_has_wasted_a_handshake(wasted, open_socket):
    one, found = wasted
    leaves, too_big = open_socket(one, ADA), open_socket(one, BOB)
    for browser in (leaves, too_big):
        browser.read_until("snapshot")

    leaves.sock.close()
    too_big.say("x" * 5000)

    wait_for(lambda: set(found) == {ADA, BOB})


def test_who_leaves_later_or_is_put_out_has_not(wasted, open_socket, monkeypatch):
    one, found = wasted
    signed_out, late, stays = (open_socket(one, who) for who in (BOB, ADA, ADA))
    for browser in (signed_out, late, stays):
        browser.read_until("snapshot")

    one.close_where(lambda visitor: visitor == BOB, 4401, "signed out")
    wait_for(lambda: one.number_of_clients == 2)
    monkeypatch.setattr(hub, "WINDOW", 0)  # seconds: as if it had gone by
    late.sock.close()
    wait_for(lambda: one.number_of_clients == 1)
    monkeypatch.undo()
    one.close_all()
    wait_for(lambda: one.number_of_clients == 0)

    assert found == []


def test_one_that_misbehaves_does_not_harm_another(
    make_hub, open_socket, filled, event
):
    hub = make_hub()
    good, big, garbage = (open_socket(hub) for _ in range(3))
    for browser in (good, big, garbage):
        browser.read_until("snapshot")

    big.say("x" * 5000)
    garbage.sock.sendall(b"\xff" * 1000)
    filled.apply(event(seq=7))
    hub.wake()

    assert good.read()["data"]["progress"]["current"] == 7
    wait_for(lambda: hub.number_of_clients == 1)


def test_one_that_never_reads_is_put_out_and_harms_nobody(
    make_hub, open_socket, filled, event, monkeypatch
):
    monkeypatch.setattr(client, "STALLED_AFTER", 0.3)
    monkeypatch.setattr(client, "GOODBYE", 0.1)
    monkeypatch.setattr(hub, "CHECK_EVERY", 0.05)
    one = make_hub()
    good, stalled = open_socket(one), open_socket(one, BOB, buffer=4096)
    good.read_until("snapshot")
    last = 0

    def another_step():
        nonlocal last
        last += 1
        filled.apply(event(seq=last + 1, total=10**6))
        one.wake()
        found = good.read()
        return found["data"] and one.visitors() == {ADA}

    wait_for(another_step)

    assert last > 1
    assert stalled.sock.fileno() >= 0


def test_those_whose_key_ended_are_put_out(make_hub, open_socket):
    hub = make_hub()
    ada, bob = open_socket(hub, ADA), open_socket(hub, BOB)
    for browser in (ada, bob):
        browser.read_until("snapshot")

    hub.close_where(lambda visitor: visitor == ADA, 4401, "signed out")

    assert ada.read() == 4401
    wait_for(lambda: hub.visitors() == {BOB})


def test_at_the_end_all_are_told_and_none_comes_in(make_hub, open_socket):
    hub = make_hub()
    browsers = [open_socket(hub) for _ in range(10)]
    for browser in browsers:
        browser.read_until("snapshot")

    hub.close_all()

    for browser in browsers:
        found = browser.read()
        assert found["type"] == "server_closing"
        assert 0 < found["data"]["reconnect_after_ms"] <= 3000
        assert browser.read() == 1001
    with pytest.raises(Full):
        hub.reserve(ADA)


def test_stopping_waits_for_no_one_for_long(make_hub, open_socket):
    hub = make_hub()
    open_socket(hub).read_until("snapshot")

    began = time.monotonic()
    hub.stop(0.2)

    assert time.monotonic() - began < 2
    assert not hub.is_alive


def test_a_fault_of_one_client_is_not_that_of_all(
    make_hub, open_socket, filled, event, monkeypatch
):
    hub = make_hub()
    good, bad = open_socket(hub, ADA), open_socket(hub, BOB)
    for browser in (good, bad):
        browser.read_until("snapshot")
    push = Client.push

    def fail_for_bob(self):
        if self.visitor == BOB:
            raise RuntimeError("a fault")
        push(self)

    monkeypatch.setattr(Client, "push", fail_for_bob)

    filled.apply(event(seq=7))
    hub.wake()

    assert good.read()["data"]["progress"]["current"] == 7
    wait_for(lambda: hub.visitors() == {ADA})


def test_news_from_before_the_start_do_not_silence_those_after_it(
    filled, open_socket, event
):
    """A change made through the API may come before the first socket."""
    hub = Hub(filled, most=5, most_per_key=5)
    hub.wake()
    hub.start()
    browser = open_socket(hub)
    browser.read_until("snapshot")

    filled.apply(event(seq=7))
    hub.wake()

    assert browser.read()["data"]["progress"]["current"] == 7
    hub.stop(2)


def test_who_reads_slowly_gets_all_of_a_long_welcome(filled, open_socket, monkeypatch):
    """A snapshot of many accounts takes a phone longer than a stall may last."""
    monkeypatch.setattr(client, "STALLED_AFTER", 0.2)
    monkeypatch.setattr(client, "GOODBYE", 0.02)
    monkeypatch.setattr(hub, "CHECK_EVERY", 0.02)
    long = message("snapshot", "x" * 200_000, seq=1)
    monkeypatch.setattr(filled, "welcome", lambda: (1, long))
    one = Hub(filled, most=5, most_per_key=5)
    one.start()
    browser = open_socket(one, buffer=4096)
    read, began = 0, time.monotonic()

    while read < len(long) and (data := browser.sock.recv(4096)):
        read += len(data)
        time.sleep(0.01)  # that is how slow it is

    assert read >= len(long)
    assert time.monotonic() - began > 2 * client.STALLED_AFTER
    one.stop(2)


def test_a_hub_that_was_never_started_takes_calls():
    hub = Hub(None, most=1, most_per_key=1)

    hub.wake()
    hub.close_all()
    hub.stop(1)

    assert not hub.is_alive
