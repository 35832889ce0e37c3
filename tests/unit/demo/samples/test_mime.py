from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from mailbeat.demo.samples.mime import Attachment, Draft, write

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def read(draft):
    raw = write(draft)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    return message_from_bytes(raw, policy=policy.default)


def draft(**changes):
    plain = {
        "sender": ("Zoë", "zoe@example.org"),
        "to": ("Ada", "ada@example.org"),
        "subject": "Grüße",
        "text": "Schöne Grüße\n",
        "sent_at": NOON,
        "message_id": "1@example.org",
    }
    return Draft(**{**plain, **changes})


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("utf-8", "quoted-printable", "Schöne Grüße = ☀\n"),
        ("utf-8", "base64", "Schöne Grüße ☀\n"),
        ("utf-8", "8bit", "Schöne Grüße ☀\n"),
        ("iso-8859-1", "quoted-printable", "Schöne Grüße\n"),
        ("windows-1252", "8bit", "Déjà vu … 5 €\n"),
        ("iso-2022-jp", "7bit", "こんにちは\n"),
        ("koi8-r", "base64", "Привет\n"),
    ],
)
def test_a_text_is_read_back_whatever_its_charset(charset, encoding, text):
    message = read(draft(charset=charset, encoding=encoding, text=text, subject=text))

    assert message.get_body().get_content().strip() == text.strip()
    assert message["Subject"].strip() == text.strip()


def test_a_long_subject_is_folded_and_read_back():
    subject = "Ein sehr langer Betreff über viele schöne Dinge, " * 4

    assert read(draft(subject=subject))["Subject"].strip() == subject.strip()


def test_text_page_event_and_file_stand_in_their_parts():
    event = "BEGIN:VCALENDAR\nEND:VCALENDAR\n"
    file = Attachment("a.pdf", "application/pdf", b"%PDF")
    message = read(draft(html="<p>x</p>", calendar=event, attachments=[file]))

    types = [part.get_content_type() for part in message.walk()]

    assert types == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/pdf",
    ]
    assert [part.get_content() for part in message.iter_attachments()] == [b"%PDF"]
