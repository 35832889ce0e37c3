"""The letter: title, text and HTML."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from mailbeat.db.run_stats import ErrorCount
from mailbeat.db.stats import CategoryCount
from mailbeat.digest.content import Content
from mailbeat.digest.letter import write_letter
from mailbeat.language import TONGUES
from mailbeat.notify.channel import Note
from mailbeat.notify.smtp import as_mail
from tests.factories import NOW

BERLIN = ZoneInfo("Europe/Berlin")
HOSTILE = '"><script>alert(1)</script>\r\nBcc: eve@evil.example \u202e'
CONTENT = Content(
    since=NOW - timedelta(days=1),
    until=NOW,
    account=None,
    accounts=3,
    messages=1234,
    labeled=1200,
    runs=99,
    runs_failed=2,
    categories=[CategoryCount(2, "receipts", "Receipts", "green", 900)],
    senders=[("shop@shop.example", 300)],
    needs=["ada@example.org is paused and needs you."],
    more_needs=0,
    errors=[ErrorCount("server_busy", 2, NOW), ErrorCount(None, 1, NOW)],
)


def letter(content=CONTENT, **changes):
    options = {
        "zone": BERLIN,
        "weekly": False,
        "public_url": "https://mail.example.org/",
        "unsubscribe_url": "https://mail.example.org/unsubscribe/7.abc",
    }
    return write_letter(content, **(options | changes))


def test_text_and_html_say_the_same():
    written = letter()

    assert written.title == "Mailbeat: 1,200 messages labelled"
    for text in (written.text, written.html):
        for said in (
            "The day up to Monday, 5 January 2026, 09:00",
            "needs you.",
            "Receipts",
            "900",
            "shop@shop.example",
            "erver busy",
            "worker died",
            "https://mail.example.org/unsubscribe/7.abc",
        ):
            assert said in text


def test_of_a_week_or_an_account_that_is_said():
    week = replace(CONTENT, since=NOW - timedelta(days=7), account="ada@example.org")

    written = letter(week, weekly=True)

    assert written.title.endswith("1,200 messages labelled of ada@example.org")
    assert "Monday, 29 December 2025, 09:00 to Monday, 5 January 2026" in written.text


def test_an_empty_day_is_a_letter_too():
    empty = replace(
        CONTENT,
        messages=0,
        labeled=0,
        categories=[],
        senders=[],
        needs=[],
        errors=[],
    )

    written = letter(empty, public_url=None, unsubscribe_url=None)

    assert "Nothing needs you." in written.text
    assert "Nothing needs you." in written.html
    assert "http" not in written.text + written.html


def test_what_strangers_wrote_is_text():
    hostile = replace(
        CONTENT,
        account=HOSTILE,
        senders=[(HOSTILE, 1)],
        categories=[CategoryCount(1, "x", HOSTILE, HOSTILE, 1)],
        needs=[HOSTILE],
    )

    written = letter(hostile)
    mail = as_mail(
        Note("id", written.title, written.text, written.html),
        sender="m@x.org",
        to=("a@x.org",),
    )

    assert "<script" not in written.html
    assert "\u202e" not in written.title + written.html.replace(HOSTILE, "")
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    for never in ("<img", "<link", "url(", "@import"):
        assert never not in written.html


def test_a_letter_is_written_in_german():
    content = replace(
        CONTENT,
        account="ada@example.org",
        categories=[
            *CONTENT.categories,
            CategoryCount(0, "", "Uncategorized", "slate", 7),
        ],
    )

    written = letter(content, tongue=TONGUES["de"])

    labelled = "1.200 Nachrichten mit Label versehen (ada@example.org)"
    assert written.title == f"Mailbeat: {labelled}"
    for text in (written.text, written.html):
        for said in (
            "Der Tag bis Montag, 5. Januar 2026, 09:00 Uhr",
            "ada@example.org ist angehalten und braucht Ihre Hilfe.",
            "Receipts",
            "Ohne Kategorie",
            "Server ausgelastet",
            "Ein Worker ist ausgefallen",
        ):
            assert said in text
    counts = "1.234 Nachrichten in 3 Konten; 99 Läufe, davon 2 fehlgeschlagen."
    assert counts in written.text
    assert '<html lang="de">' in written.html


def test_a_week_is_told_in_german():
    written = letter(weekly=True, tongue=TONGUES["de"])

    week = "Sonntag, 4. Januar 2026, 09:00 Uhr bis Montag, 5. Januar 2026, 09:00 Uhr"
    assert week in written.text
