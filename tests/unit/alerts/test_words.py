"""What a message says."""

from datetime import timedelta

import pytest

from mailbeat.alerts import words
from mailbeat.db.alerts import Telling
from mailbeat.db.models import Alert
from mailbeat.language import IN_ENGLISH, TONGUES
from mailbeat.notify.smtp import as_mail
from tests.factories import NOW

HOSTILE = "<img src=x onerror=alert(1)>\r\nBcc: eve@evil.example \u202egpj.exe"
URL = "https://mail.example.org/"


def alert(rule="no_worker", subject="", detail="None was seen.", **values):
    return Alert(
        **{
            "id": 1,
            "rule": rule,
            "subject": subject,
            "detail": detail,
            "count": 1,
            "opened_at": NOW - timedelta(minutes=90),
            **values,
        }
    )


def note(*, url=URL, **telling):
    return words.note_of(Telling(**telling), now=NOW, public_url=url)


def failing(number, detail="It failed."):
    return alert("account_failing", f"account {number}", detail)


def test_one_message_tells_all_that_is_new_causes_first():
    told = note(opened=[failing(1), failing(2), alert()])

    assert told.title == "Mailbeat: No worker runs, and 1 more"
    first, second = (told.text.index(word) for word in ("No worker", "2 accounts keep"))
    assert first < second
    assert "What to do: Start one" in told.text
    assert "https://mail.example.org/alerts" in told.text
    assert 'href="https://mail.example.org/alerts"' in told.html


def test_of_very_many_some_are_named_and_the_others_counted():
    told = note(opened=[failing(number) for number in range(1000)])

    assert told.title == "Mailbeat: 1000 accounts keep failing"
    assert told.text.count("It failed.") == words.LISTED
    assert "And 980 more." in told.text
    assert len(told.html) < 20_000


def test_its_end_says_how_long_it_was():
    over = alert(resolved_at=NOW)

    told = note(ended=[over])

    assert told.title == "Mailbeat: Over: No worker runs"
    assert "It lasted 1 h 30 min, till 2026-01-05 08:00:00 UTC." in told.text
    assert told.data["alerts"][0]["state"] == "resolved"


def test_what_still_is_says_for_how_long():
    told = note(reminded=[alert(count=3)])

    assert told.title == "Mailbeat: Still: No worker runs"
    assert "For 1 h 30 min now. That is the 3rd time in a row." in told.text


def test_what_strangers_wrote_is_text_on_one_line():
    told = note(opened=[alert("needs_person", "account 7", HOSTILE)])
    mail = as_mail(told, sender="m@x.org", to=("a@x.org",))

    assert "<img" not in told.html
    assert "&lt;img" in told.html
    assert "\u202e" not in told.text + told.html
    assert "\r" not in told.text
    assert mail["Bcc"] is None


def test_without_an_address_of_ours_there_is_no_link():
    told = note(url=None, opened=[alert()])

    assert "href" not in told.html
    assert "http" not in told.text


def test_programs_get_the_facts():
    told = note(opened=[alert(subject="", account_id=None)])

    assert told.data == {
        "event": "alert",
        "url": "https://mail.example.org/alerts",
        "alerts": [
            {
                "id": 1,
                "rule": "no_worker",
                "subject": "",
                "state": "open",
                "detail": "None was seen.",
                "opened_at": "2026-01-05T06:30:00.000Z",
                "resolved_at": None,
                "count": 1,
            }
        ],
    }


def test_a_rule_of_another_version_is_told_too():
    assert note(opened=[alert("of_tomorrow")]).title == "Mailbeat: Something is wrong"


def test_a_test_says_that_it_is_one():
    told = words.test_note(now=NOW, public_url=URL, tongue=IN_ENGLISH)

    assert told.data["event"] == "test"
    assert "This is a test of 2026-01-05 08:00:00 UTC." in told.text


def test_that_the_database_fails_is_told_without_it():
    told = words.database_note("It fails.", since=NOW, public_url=None)

    assert told.title == "Mailbeat: The database fails"
    assert told.data["alerts"][0]["rule"] == "database_failing"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (7200, "2 h"),
        (7260, "2 h 1 min"),
        (86_400, "1 day"),
        (200_000, "2 days"),
    ],
)
def test_how_long_something_was(seconds, text):
    assert words.span(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("number", "text"), [(2, "2nd"), (3, "3rd"), (4, "4th"), (12, "12th"), (21, "21st")]
)
def test_how_often_it_was(number, text):
    assert words._ordinal(number) == text


def test_a_message_is_written_in_german():
    opened = [
        alert(detail="None gave a sign of life yet."),
        *(
            alert("disk_full", f"host {n}", "7 MiB are free on b (0.3% of the disk).")
            for n in range(2)
        ),
    ]
    ended = [alert("not_run", "account 7", resolved_at=NOW, count=3)]

    note = words.note_of(
        Telling(opened, [alert(count=3)], ended),
        now=NOW,
        public_url=URL,
        tongue=TONGUES["de"],
    )

    assert note.title == "Mailbeat: Kein Worker läuft, und 3 weitere"
    for text in (note.text, note.html):
        for said in (
            "Noch von keinem ein Lebenszeichen.",
            "Die Datenträger von 2 Rechnern sind fast voll",
            "7 MiB sind frei auf b (0,3 % des Datenträgers).",
            "Weiterhin: Kein Worker läuft",
            "Das ist das 3. Mal in Folge.",
            "Vorbei: Ein Konto ist nicht gelaufen",
            "Das dauerte 1 h 30 min, bis 2026-01-05 08:00:00 UTC.",
            "Was zu tun ist:",
        ):
            assert said in text
    assert '<html lang="de">' in note.html
    assert note.data["alerts"][0]["detail"] == "None gave a sign of life yet."


def test_a_test_and_the_failing_of_the_database_are_told_in_german():
    test = words.test_note(now=NOW, public_url=None, tongue=TONGUES["de"])
    failing = words.database_note(
        "It fails.", since=NOW, public_url=None, tongue=TONGUES["de"]
    )

    assert test.title == "Mailbeat: Ein Test der Alarme"
    assert "Das ist ein Test vom 2026-01-05 08:00:00 UTC." in test.text
    assert failing.title == "Mailbeat: Die Datenbank versagt"
