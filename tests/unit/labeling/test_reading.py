"""A message as the layers see it."""

from mailbeat.labeling.reading import Reading
from tests.factories import make_message


def test_what_was_found_out_is_found_out_once():
    reading = Reading(make_message(subject="Your order #48213"))

    assert reading.signs is reading.signs
    assert reading.facts is reading.facts
    assert reading.text_words is reading.text_words
    assert reading.tokens is reading.tokens


def test_a_sender_who_failed_authentication_is_doubted():
    headers = {"Authentication-Results": "mx.example.org; dmarc=fail"}

    assert "DMARC" in Reading(make_message(headers=headers)).doubt
    assert Reading(make_message()).doubt == ""


def test_nothing_was_heard_of_a_new_message():
    assert Reading(make_message()).heard == []
