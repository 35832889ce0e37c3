"""Digests that are due: written once, into the outbox, with a way to end them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import undefer

from mailbeat.alerts.courier import Courier
from mailbeat.db import digests, outbox
from mailbeat.db.clock import database_now
from mailbeat.db.digests import Frequency, NewDigest
from mailbeat.db.models import Delivery
from mailbeat.db.session import transaction
from mailbeat.digest import post
from mailbeat.notify.channel import note_from_text
from mailbeat.notify.smtp import MailChannel, mail_server
from tests.factories import NOW
from tests.servers.smtp import mail_drop
from tests.waiting import wait_for

WANTED = NewDigest("ada@example.org", Frequency.DAILY, None, "UTC", 7)
URL = "https://mail.example.org"
KEYS = ["a key"]


@pytest.fixture
def one(any_sessions):
    with transaction(any_sessions) as session:
        return digests.subscribe(session, WANTED, by="me", now=NOW)


def send(sessions, now, url=URL):
    return post.send_due(sessions, public_url=url, secret_keys=KEYS, now=now)


def notes(sessions):
    with sessions() as session:
        rows = session.query(Delivery).options(undefer(Delivery.payload)).all()
        return [note_from_text(row.payload) for row in rows]


def test_one_is_written_when_its_time_has_come_and_once(any_sessions, one):
    assert send(any_sessions, one.next_at - timedelta(seconds=1)) == 0
    assert send(any_sessions, one.next_at) == 1
    assert send(any_sessions, one.next_at) == 0

    (note,) = notes(any_sessions)
    assert note.to == ("ada@example.org",)
    assert note.headers["List-Unsubscribe"].startswith(f"<{URL}/unsubscribe/{one.id}.")
    assert note.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_it_is_written_in_the_language_of_its_subscription(sessions):
    with transaction(sessions) as session:
        wanted = replace(WANTED, language="de")
        one = digests.subscribe(session, wanted, by="me", now=NOW)

    send(sessions, one.next_at)

    (note,) = notes(sessions)
    assert note.title == "Mailbeat: 0 Nachrichten mit Label versehen"
    assert "Nichts braucht Ihre Hilfe." in note.text


def test_a_process_that_dies_while_it_writes_has_done_nothing(
    any_sessions, one, monkeypatch
):
    def die(*_args, **_values):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "put", die)
        with pytest.raises(KeyboardInterrupt):
            send(any_sessions, one.next_at)

    assert notes(any_sessions) == []
    assert send(any_sessions, one.next_at) == 1


@pytest.mark.parametrize(
    ("url", "names"),
    [
        (None, set()),
        ("http://192.168.1.2", {"List-Unsubscribe"}),
        (URL, {"List-Unsubscribe", "List-Unsubscribe-Post"}),
    ],
)
def test_one_click_is_offered_by_https_only(any_sessions, one, url, names):
    send(any_sessions, one.next_at, url)

    (note,) = notes(any_sessions)
    assert set(note.headers) == {"List-Id", *names}


def test_it_arrives_with_its_headers_and_a_failed_one_comes_again(sessions):
    with transaction(sessions) as session:
        now = database_now(session)
        one = digests.subscribe(session, WANTED, by="me", now=now)
        post.put_letter(session, one, now=now, public_url=URL, secret_keys=KEYS)
    with mail_drop() as drop:
        server = mail_server(f"smtp://127.0.0.1:{drop.port}")
        courier = Courier(sessions, [], MailChannel(server, "mailbeat@x.org", ()))
        drop.refuse = "451 Later"
        courier.turn()

        def state():
            with sessions() as session:
                newest = outbox.newest_deliveries(session)[0]
                return newest.state, newest.error is not None

        wait_for(lambda: state() == ("waiting", True))
        drop.refuse = None
        with transaction(sessions) as session:
            session.query(Delivery).update({"next_try_at": NOW})
        wait_for(lambda: courier.turn() == 1)
        wait_for(lambda: state() == ("sent", False))

    (mail,) = drop.mails
    assert drop.recipients == [["ada@example.org"]]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Subject"] == "Mailbeat: 0 messages labelled"
