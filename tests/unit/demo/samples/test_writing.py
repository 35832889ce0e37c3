from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from random import Random

import pytest

from mailbeat.demo.samples.mime import write
from mailbeat.demo.samples.people import people
from mailbeat.demo.samples.templates import LANGUAGES, language
from mailbeat.demo.samples.writing import draft

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ADA = people(1)[0]
EVERY = [template for code in LANGUAGES for template in language(code).templates]


def written(template, seed=1):
    raw = write(draft(template, ADA, Random(seed), NOON))
    return message_from_bytes(raw, policy=policy.default)


def test_no_blank_stays_blank_and_every_text_can_be_read():
    for template in EVERY:
        message = written(template)
        body = message.get_body(("plain", "html"))
        text = body.get_content()

        assert text.strip(), template
        assert "{" not in text.replace("{font-family", ""), template
        assert "{" not in str(message["Subject"]) + str(message["From"])
        assert "\ufffd" not in text + str(message["Subject"])
        assert message["Message-ID"]


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        ("newsletter", "List-Unsubscribe"),
        ("promotion", "List-Unsubscribe-Post"),
        ("forum", "List-Post"),
        ("notification", "Auto-Submitted"),
        ("security", "Auto-Submitted"),
        ("social", "List-Unsubscribe"),
    ],
)
def test_each_kind_has_the_headers_of_its_kind(kind, header):
    found = [written(t)[header] for t in EVERY if t.kind == kind]

    assert found
    assert all(found)


def test_personal_mail_has_no_headers_of_a_list():
    for template in (t for t in EVERY if t.kind == "personal"):
        assert written(template)["List-Id"] is None


def test_an_invitation_carries_an_event():
    for template in (t for t in EVERY if t.kind == "invitation"):
        types = [part.get_content_type() for part in written(template).walk()]
        assert "text/calendar" in types


def test_the_same_seed_writes_the_same_message_and_another_another():
    template = next(t for t in EVERY if t.kind == "receipt")

    assert written(template).as_bytes() == written(template).as_bytes()
    assert written(template).as_bytes() != written(template, seed=2).as_bytes()


def test_only_the_page_is_sent_when_there_is_no_text():
    template = replace(EVERY[0], html="only")

    assert draft(template, ADA, Random(1), NOON).text == ""
