"""The text among the parts of a message."""

import pytest

from mailbeat.mail.content import (
    MAX_PARTS,
    MIN_LETTERS,
    charset_of,
    letters_in,
    part_text,
    read_content,
)
from tests.linear import growth

MIXED = {"content-type": b"multipart/mixed; boundary=x"}
PLAIN = b"--x\nContent-Type: text/plain\n\nTea at five? With some cake?\n"
HTML = b"--x\nContent-Type: text/html\n\n<p>Tea at <b>six</b>? With some cake?\n"
PDF = b"--x\nContent-Type: application/pdf\n\nx\n"
ATTACHED = b"--x\nContent-Disposition: ATTACHMENT; filename=a\n\nAttached text\n"
END = b"--x--\n"
FIVE, SIX = "Tea at five? With some cake?", "Tea at six? With some cake?"


@pytest.mark.parametrize(
    ("body", "text", "attachments"),
    [
        (PLAIN + HTML + END, FIVE, ()),
        (HTML + PLAIN + END, FIVE, ()),
        (HTML + END, SIX, ()),
        (PLAIN + PLAIN.replace(b"five", b"nine") + END, FIVE, ()),
        (b"A preamble\n" + PLAIN + END + b"and an epilogue", FIVE, ()),
        (PDF + PLAIN + ATTACHED + END, FIVE, ("application/pdf", "text/plain")),
        (PDF + END, "", ("application/pdf",)),
        (PLAIN, FIVE, ()),
        (PLAIN.rstrip(), FIVE, ()),
        (PLAIN + b"--x", FIVE, ()),
        (PLAIN.replace(b"--x", b"--x \t"), FIVE, ()),
        (PLAIN.replace(b"--x", b"--y"), FIVE, ()),
        (b"--xy\n" + PLAIN, FIVE, ()),
        (b"--x\nTea\n", "Tea", ()),
        (b"--x\n\nTea\n--x-- \n--x\n\nno", "Tea", ()),
        (b"No parts at all", "No parts at all", ()),
        (b"", "", ()),
        (END, "", ()),
    ],
)
def test_the_first_plain_text_is_the_text(body, text, attachments):
    content = read_content(MIXED, body)

    assert (content.text, content.attachments) == (text, attachments)


def test_html_is_taken_when_the_plain_text_says_less():
    stub = b"--x\n\nHTML!\n"

    assert read_content(MIXED, stub + HTML).text == SIX
    assert read_content(MIXED, stub + HTML.partition(b"<p>")[0]).text == "HTML!"


def test_parts_of_parts_are_read_in_their_order():
    inner = b"--x\nContent-Type: multipart/related; boundary=y\n\n--y\n\nTea\n--y--\n"
    unclosed = inner.replace(b"--y--\n", b"")

    assert read_content(MIXED, inner + PDF).attachments == ("application/pdf",)
    assert read_content(MIXED, unclosed + PDF).attachments == ("application/pdf",)
    assert read_content(MIXED, unclosed + PDF).text == "Tea"


def test_a_message_inside_is_read_too():
    inside = b"Subject: inside\nContent-Type: text/html\n\n<b>Tea</b>"

    assert read_content({"content-type": b"message/rfc822"}, inside).text == "Tea"


def test_in_a_digest_are_messages():
    digest = {"content-type": b"multipart/digest; boundary=x"}
    body = b"--x\n\nSubject: inside\n\nTea\n--x\nContent-Type: image/png\n\nx"

    content = read_content(digest, body)

    assert (content.text, content.attachments) == ("Tea", ("image/png",))


def test_no_more_parts_are_read_than_matter():
    assert len(read_content(MIXED, PDF * 1_000).attachments) < MAX_PARTS


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        (b"text/plain; charset=utf-8", "utf-8"),
        (b'text/plain; CHARSET = "UTF-8"', "UTF-8"),
        (b"text/plain; charset*=us-ascii'en'koi8-r", "koi8-r"),
        (b"text/plain charset='koi8-r'", "koi8-r"),
        (b"text/plain", ""),
        (b"", ""),
    ],
)
def test_a_charset_is_read(content_type, charset):
    assert charset_of({"content-type": content_type}) == charset


def test_of_a_whole_part_no_more_html_is_read_than_matters():
    text = part_text(b"tea " * 50_000, kind="text/html", encoding="", content_type="")

    assert len(text) < 70_000


def test_letters_are_counted_as_far_as_they_matter():
    assert letters_in("1 a, 2 \N{GREEK SMALL LETTER BETA}!") == 2
    assert letters_in("a" * 1_000_000) == MIN_LETTERS


@pytest.mark.parametrize(
    "piece",
    [
        b"--x\n\n", b"--y\n", b"--", b"\n--", b"\n", b"--y\nContent-A:b\n", b"a:b\n",
        b"a: b\n c\n", b"Content-Type: message/rfc822\n\n",
        b"--x\nContent-Type: multipart/mixed\n\n",
        b"--x\nContent-Type: multipart/mixed; boundary=x\n\n",
        b"--x\nContent-Type: multipart/mixed; boundary=y\n\n",
        b'--x\nContent-Type: multipart/mixed; boundary="',
        b"--x\nContent-Type: text/html;;;;",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["multipart/mixed; boundary=x", "message/rfc822"])
def test_parts_are_found_in_linear_time(piece, kind):
    headers = {"content-type": kind.encode()}

    def read(size):
        read_content(headers, piece * (size // len(piece)))

    assert growth(read, 16_000, 128_000) < 24
