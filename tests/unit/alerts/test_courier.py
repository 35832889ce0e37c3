"""Carrying messages out, with ways that work, fail and hang."""

import threading

import pytest

from mailbeat.alerts.courier import Courier
from mailbeat.db import outbox
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from mailbeat.notify.channel import Note, Undelivered
from tests.waiting import wait_for


class Way:
    """`does` is called with each note."""

    def __init__(self, key, does=lambda note: None):
        self.key = self.shown = key
        self.does = does
        self.sent = []

    def send(self, note):
        self.does(note)
        self.sent.append(note)


def refuse(note):
    raise Undelivered("It was away.")


def break_down(note):
    raise RuntimeError("password=4711")


@pytest.fixture
def put(sessions):
    def put(*ways, title="A title", to=()):
        note = Note("id-1", title, "A text.", to=to)
        with transaction(sessions) as session:
            outbox.put(
                session,
                ways,
                kind="alert",
                message_id=note.id,
                title=note.title,
                payload=note.as_text(),
                now=database_now(session),
            )

    return put


@pytest.fixture
def states(sessions):
    def states():
        with sessions() as session:
            found = outbox.newest_deliveries(session)
            return {one.channel: (one.state, one.error) for one in found}

    return states


def test_each_message_goes_out_once(sessions, put, states):
    way = Way("a")
    courier = Courier(sessions, [way])
    put(way)

    assert courier.turn() == 1
    wait_for(lambda: states()["a"] == ("sent", None))

    assert courier.turn() == 0
    assert [note.title for note in way.sent] == ["A title"]


def test_a_way_that_hangs_holds_up_nobody_else(sessions, put, states):
    free = threading.Event()
    hanging, well = Way("a", lambda note: free.wait(30)), Way("b")
    courier = Courier(sessions, [hanging, well])
    put(hanging, well, title="First")
    put(hanging, well, title="Second")

    courier.turn()
    wait_for(lambda: courier.turn() == 1)  # the second one of b, once it is free
    wait_for(lambda: len(well.sent) == 2)

    assert hanging.sent == []
    free.set()
    wait_for(lambda: courier.turn() == 1)
    wait_for(lambda: len(hanging.sent) == 2)
    wait_for(lambda: set(states().values()) == {("sent", None)})


def test_what_does_not_go_out_says_why_and_stays(sessions, put, states):
    refusing, broken = Way("a", refuse), Way("b", break_down)
    put(refusing, broken)

    Courier(sessions, [refusing, broken]).turn()

    wait_for(lambda: {state for state, _ in states().values()} == {"waiting"})
    assert states() == {
        "a": ("waiting", "It was away."),
        "b": ("waiting", "A fault in Mailbeat (RuntimeError)."),
    }


def test_a_way_that_is_not_there_any_more_is_said(sessions, put, states):
    put(Way("gone"))

    Courier(sessions, []).turn()

    wait_for(lambda: states()["gone"][1] == "This way out is not configured any more.")


def test_a_letter_to_one_person_goes_by_the_post(sessions, put, states):
    post = Way("post")
    put(Way("digest-1"), to=("ada@example.org",))

    Courier(sessions, [], post).turn()

    wait_for(lambda: states()["digest-1"][0] == "sent")
    assert post.sent[0].to == ("ada@example.org",)
