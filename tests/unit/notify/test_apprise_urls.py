"""Apprise, with a receiver of its kind `json://`."""

import importlib.util
import logging

import pytest

from mailbeat.notify.apprise_urls import MISSING, AppriseURL
from mailbeat.notify.channel import Note, Undelivered
from tests.servers.receiver import receiver

NOTE = Note("id-1", "A title", "A text.")


def test_a_note_goes_out_through_apprise(caplog):
    caplog.set_level(logging.DEBUG)
    with receiver() as hook:
        AppriseURL(hook.url.replace("http://", "json://")).send(NOTE)

    (posted,) = hook.posts
    assert posted.json["title"] == "A title"
    assert posted.json["message"] == "A text."
    assert "a-token" not in caplog.text  # which stands in the path


def test_what_is_refused_is_said_without_the_address():
    with receiver() as hook:
        hook.statuses.append(500)
        way = AppriseURL(hook.url.replace("http://", "json://"))
        with pytest.raises(Undelivered, match="Apprise json") as error:
            way.send(NOTE)

    assert "a-token" not in str(error.value)


def test_a_server_of_ntfy_gets_the_topic_and_the_note(caplog):
    caplog.set_level(logging.DEBUG)
    with receiver() as ntfy:
        ntfy.statuses.append(200)  # it takes no other for good
        AppriseURL(f"ntfy://a-user:a-password@127.0.0.1:{ntfy.port}/topic-0815").send(
            NOTE
        )

    (posted,) = ntfy.posts
    assert posted.json["topic"] == "topic-0815"
    assert (posted.json["title"], posted.json["message"]) == ("A title", "A text.")
    assert posted.headers["authorization"].startswith("Basic ")
    assert "0815" not in caplog.text


@pytest.mark.parametrize("statuses", [[500], [401], [403], [429]])
def test_what_ntfy_refuses_is_tried_again(statuses, caplog):
    caplog.set_level(logging.DEBUG)
    with receiver() as ntfy:
        ntfy.statuses += statuses
        way = AppriseURL(f"ntfy://127.0.0.1:{ntfy.port}/topic-0815")
        with pytest.raises(Undelivered, match="Apprise ntfy did not take") as error:
            way.send(NOTE)

    assert not error.value.permanent
    assert "0815" not in f"{error.value}{caplog.text}"


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("mailtos://ops:a-password-0815@", "mailtos"),
        ("slack://a-token-0815/short", "slack"),
        ("tgram://bot-0815", "tgram"),
        ("discord://webhook-0815", "discord"),
    ],
)
def test_an_address_of_a_wrong_form_is_said_without_its_secret(url, scheme, caplog):
    caplog.set_level(logging.DEBUG)

    with pytest.raises(Undelivered) as error:
        AppriseURL(url).send(NOTE)

    assert str(error.value) == (
        f"Apprise does not understand the address of NOTIFY_URLS that begins with "
        f"{scheme}://. Compare it with github.com/caronc/apprise/wiki."
    )
    assert error.value.permanent
    assert "0815" not in f"{error.value}{caplog.text}"


def test_an_address_that_apprise_does_not_know_is_said():
    with pytest.raises(Undelivered, match="does not understand") as error:
        AppriseURL("no-such-kind://a-token-0815").send(NOTE)

    assert error.value.permanent
    assert "a-token" not in str(error.value)


def test_without_the_extra_one_is_told_how_to_install_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(Undelivered) as error:
        AppriseURL("json://127.0.0.1").send(NOTE)

    assert str(error.value) == MISSING
    assert "pip install 'mailbeat[apprise]'" in MISSING


def test_nothing_that_names_it_holds_its_secrets():
    way = AppriseURL("slack://token-a/token-b/token-c")

    assert "token" not in f"{way!r} {way.shown} {way.key}"
