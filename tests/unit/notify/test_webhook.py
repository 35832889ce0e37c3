"""Webhooks, against a real receiver."""

import hashlib
import hmac

import pytest

from mailbeat.notify import webhook
from mailbeat.notify.channel import Note, Undelivered
from mailbeat.notify.webhook import Webhook, signature
from tests.servers.receiver import receiver
from tests.servers.smtp import silent_server

SECRET = "a secret of the hook 0815"
NOTE = Note("id-1", "A title", "A text.", data={"event": "alert", "alerts": [1]})


def test_a_receiver_can_check_who_sent_what_and_when():
    with receiver() as hook:
        Webhook(hook.url, SECRET).send(NOTE)

    (posted,) = hook.posts
    told = dict(
        part.split("=") for part in posted.headers["mailbeat-signature"].split(",")
    )
    expected = hmac.new(
        SECRET.encode(), f"{told['t']}.".encode() + posted.body, hashlib.sha256
    )
    assert hmac.compare_digest(expected.hexdigest(), told["v1"])
    assert posted.path == "/hook/a-token-0815"
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["mailbeat-id"] == "id-1"
    assert posted.json == {
        "id": "id-1",
        "title": "A title",
        "text": "A text.",
        "event": "alert",
        "alerts": [1],
    }


def test_another_body_or_time_has_another_signature():
    good = signature(SECRET, b"body", at=1)

    assert good != signature(SECRET, b"bodz", at=1)
    assert good.split(",")[1] != signature(SECRET, b"body", at=2).split(",")[1]


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(500, False), (429, False), (302, False), (404, True), (410, True)],
)
def test_an_answer_that_is_no_yes_is_said(status, permanent):
    with receiver() as hook:
        hook.statuses.append(status)
        with pytest.raises(Undelivered, match=str(status)) as raised:
            Webhook(hook.url, SECRET).send(NOTE)

    assert raised.value.permanent is permanent


def test_one_that_hangs_is_left_in_time(monkeypatch):
    monkeypatch.setattr(webhook, "SEND_SECONDS", 0.3)

    with silent_server() as port, pytest.raises(Undelivered, match="did not answer"):
        Webhook(f"http://127.0.0.1:{port}/a-token", SECRET).send(NOTE)


def test_nothing_that_names_it_holds_its_secrets():
    hook = Webhook("https://hooks.example.org/a-token-0815", SECRET)

    told = f"{hook!r} {hook.shown} {hook.key}"
    assert "a-token-0815" not in told
    assert SECRET not in told
    assert hook.shown == "Webhook of hooks.example.org"
