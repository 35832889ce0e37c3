"""Apprise, with a receiver of its kind `json://`."""

import importlib.util

import pytest

from mailbeat.notify.apprise_urls import MISSING, AppriseURL
from mailbeat.notify.channel import Note, Undelivered
from tests.servers.receiver import receiver

NOTE = Note("id-1", "A title", "A text.")


def test_a_note_goes_out_through_apprise():
    with receiver() as hook:
        AppriseURL(hook.url.replace("http://", "json://")).send(NOTE)

    (posted,) = hook.posts
    assert posted.json["title"] == "A title"
    assert posted.json["message"] == "A text."


def test_what_is_refused_is_said_without_the_address():
    with receiver() as hook:
        hook.statuses.append(500)
        way = AppriseURL(hook.url.replace("http://", "json://"))
        with pytest.raises(Undelivered, match="Apprise json") as error:
            way.send(NOTE)

    assert "a-token" not in str(error.value)


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
