"""Messages good and bad: those written here always, the shared ones where they are."""

import csv
import random
import tarfile
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbeat.mail.parse import MAX_BODY, MAX_FIELDS, message_from_bytes, parse_message
from tests.conftest import SHARED
from tests.factories import NOW

SLOWEST = 1.0  # seconds; measured: 0.002


def parse(fields: bytes, body: bytes = b"", **changes):
    values = {"uid": 1, "received_at": NOW, "size": len(fields) + len(body)}
    return parse_message(fields=fields, body=body, **(values | changes))


def test_a_plain_message_is_read():
    message = parse(
        b"From: Ada Lovelace <Ada@Example.org>\r\nTo: me@example.org\r\n"
        b"Subject: Tea\r\nMessage-ID: <1@example.org>\r\n\r\n",
        b"Hello,\r\n\r\ntea at five?\r\n",
    )

    assert message.readable
    assert message.sender == "ada@example.org"
    assert message.sender_name == "Ada Lovelace"
    assert message.sender_domain == "example.org"
    assert (message.subject, message.message_id) == ("Tea", "<1@example.org>")
    assert message.text == "Hello,\ntea at five?"
    assert message.header("To") == "me@example.org"
    assert message.received_at == NOW


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_any_line_end_will_do(end):
    raw = end.join(
        [b"From: a@example.org", b"Subject: one", b" two", b"", b"Hello", b"you"]
    )

    message = message_from_bytes(raw)

    assert (message.sender, message.subject) == ("a@example.org", "one two")
    assert message.text == "Hello\nyou"


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        (b"ada@example.org", "ada@example.org"),
        (b"<ada@example.org>", "ada@example.org"),
        (b"Ada <ada@example.org>", "ada@example.org"),
        (b'"Lovelace, Ada" <ada@example.org>', "ada@example.org"),
        (b"ada@example.org (Ada)", "ada@example.org"),
        (b'"support@bank.example" <x@evil.example>', "x@evil.example"),
        (b"<a@one.example> <b@two.example>", "b@two.example"),
        (b"=?utf-8?q?=3Cfake=40bank.example=3E?= <x@evil.example>", "x@evil.example"),
        (b"=?utf-8?q?Ada_=3Cada=40example.org=3E?=", "ada@example.org"),
        ("Jörg <jörg@exämple.org>".encode(), "jörg@exämple.org"),
        (b"nobody", ""),
        (b"", ""),
        (b"((((((((" * 1000 + b"a@example.org", ""),
    ],
)
def test_the_sender_is_the_address_that_was_really_used(value, sender):
    assert parse(b"From: " + value + b"\r\nSubject: x\r\n").sender == sender


def test_of_two_senders_the_first_counts():
    message = parse(b"From: a@example.org\r\nFrom: b@example.org\r\n")

    assert message.sender == "a@example.org"
    assert len(message.headers["from"]) == 2


def test_without_a_from_the_sender_field_counts():
    assert parse(b"Sender: a@example.org\r\nSubject: x\r\n").sender == "a@example.org"


def test_a_key_does_not_change_with_the_uid():
    fields = b"From: a@example.org\r\nDate: today\r\nMessage-ID: <1>\r\n"

    assert parse(fields, uid=1).key == parse(fields, uid=2).key
    assert len(parse(fields).key) == 64


@pytest.mark.parametrize(
    "changed",
    [
        {"fields": b"From: b@example.org\r\nDate: today\r\nMessage-ID: <1>\r\n"},
        {"fields": b"From: a@example.org\r\nDate: later\r\nMessage-ID: <1>\r\n"},
        {"fields": b"From: a@example.org\r\nDate: today\r\nMessage-ID: <2>\r\n"},
        {"size": 99},
    ],
)
def test_a_forged_message_id_does_not_make_the_same_key(changed):
    fields = b"From: a@example.org\r\nDate: today\r\nMessage-ID: <1>\r\n"

    assert (
        parse(**({"fields": fields, "size": 7} | changed)).key
        != parse(fields, size=7).key
    )


def test_gmails_own_number_is_the_key():
    assert parse(b"From: a@example.org\r\n", gmail_id="123").key == "gm-123"


def alternative(*parts: bytes) -> tuple[bytes, bytes]:
    fields = (
        b"From: a@example.org\r\nContent-Type: multipart/alternative; boundary=x\r\n"
    )
    return fields, b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--"


PLAIN = b"Content-Type: text/plain\r\n\r\nThe plain text of the message."
HTML = b"Content-Type: text/html\r\n\r\n<p>The <b>HTML</b> of the message.</p>"


def test_plain_text_is_preferred():
    assert parse(*alternative(HTML, PLAIN)).text == "The plain text of the message."


def test_html_is_read_when_the_plain_text_says_nothing():
    stub = b"Content-Type: text/plain\r\n\r\nUse HTML."

    assert parse(*alternative(stub, HTML)).text == "The HTML of the message."


def test_what_is_attached_is_listed_and_not_read():
    fields = b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n"
    body = (
        b"--x\r\nContent-Type: text/plain\r\n\r\nSee attachment.\r\n"
        b"--x\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nPDF\r\n"
        b"--x\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n"
        b"\r\nno\r\n"
        b"--x\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:\r\n--x--"
    )

    message = parse(fields, body)

    assert message.attachments == ("application/pdf", "text/plain", "text/calendar")
    assert message.text == "See attachment."


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        (b"base64", b"R3LDvMOfZSBhdXMgV2llbg==", "Grüße aus Wien"),
        (b"base64", b"R3LDvMOfZSBhdXMgV2ll", "Grüße aus Wie"),
        (b"quoted-printable", b"Gr=C3=BC=C3=9Fe=\r\n aus Wien", "Grüße aus Wien"),
        (b"quoted-printable", b"Gr=C3=BC=C3", "Grü�"),
        (b"8bit", "Grüße".encode(), "Grüße"),
        (b"x-uuencode", b"as it is", "as it is"),
        (b"nonsense", b"as it is", "as it is"),
    ],
)
def test_a_body_is_decoded_even_when_it_was_cut(encoding, body, text):
    fields = (
        b"From: a@example.org\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: " + encoding + b"\r\n"
    )

    assert parse(fields, body).text == text


def test_a_multipart_without_its_parts_is_read_as_text():
    fields = b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n"

    assert parse(fields, b"No boundary here.").text == "No boundary here."


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"\0\1\2" * 99, b"no header at all"])
def test_what_is_no_message_is_unreadable(raw):
    message = message_from_bytes(raw, uid=9)

    assert not message.readable
    assert message.uid == 9
    assert message.key


def test_an_mbox_line_and_blank_lines_before_the_header_do_not_hide_it():
    raw = b"\n\nFrom ada Mon Jan  5 08:00:00 2026\nFrom: a@example.org\n\nHello"

    assert message_from_bytes(raw).sender == "a@example.org"


def test_only_the_named_fields_of_a_file_are_kept():
    """What a file gives a categorizer is what a server would have sent."""
    raw = b"From: a@example.org\nX-Secret: no\nReceived: from b\n\nHello"

    assert set(message_from_bytes(raw).headers) == {"from"}


HEAD = b"From: a@example.org\r\nSubject: x\r\n"
MULTI = b"Content-Type: multipart/mixed; boundary=x\r\n"
HOSTILE = {
    "an endless line": (HEAD + b"X" * 10**6, b"Y" * 10**6),
    "an endless field": (HEAD + b"To: " + b"a@b.c," * 10**5, b""),
    "folded for ever": (HEAD + b"To: x" + b"\r\n y" * 10**5, b""),
    "many fields": (HEAD + b"To: x\r\n" * 10**5, b""),
    "an encoded word bomb": (HEAD + b"To: " + b"=?utf-8?q?a?= " * 10**4, b""),
    "half encoded words": (HEAD + b"To: " + b"=?utf-8?q?" * 10**4, b""),
    "a comment bomb": (b"From: " + b"(" * 10**5 + b"a@b.c\r\n", b""),
    "quotes": (b"From: " + b'"' * 10**5 + b"\r\n", b""),
    "at signs": (b"From: " + b"@" * 10**5 + b"\r\n", b""),
    "dots": (b"From: a@" + b"." * 10**5 + b"\r\n", b""),
    "parameters": (
        HEAD + b"Content-Type: text/plain" + b"; a=b" * 10**5 + b"\r\n",
        b"x",
    ),
    "quoted parameters": (
        HEAD + b'Content-Type: text/plain; a="' + b";" * 10**5 + b"\r\n",
        b"x",
    ),
    "numbered parameters": (
        HEAD
        + b"Content-Type: text/plain"
        + b"".join(b"; name*%d*=utf-8''x" % n for n in range(9**4))
        + b"\r\n",
        b"x",
    ),
    "many parts": (HEAD + MULTI, b"--x\r\n\r\n\r\n" * 10**5),
    "nested parts": (
        HEAD + MULTI,
        b"--x\r\n" + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" * 900,
    ),
    "nested messages": (
        HEAD + b"Content-Type: message/rfc822\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" * 900,
    ),
    "nested deliveries": (
        HEAD + b"Content-Type: message/external-body\r\n",
        b"Content-Type: message/x\n\n" * 900,
    ),
    "a delivery status of blank lines": (
        HEAD + b"Content-Type: message/delivery-status\r\n",
        b"\r\n\r\na: b" * 10**4,
    ),
    "an unknown charset": (HEAD + b"Content-Type: text/plain; charset=\0\r\n", b"x"),
    "a charset that is no text": (
        HEAD + b"Content-Type: text/plain; charset=zlib\r\n",
        b"x",
    ),
    "an odd boundary": (HEAD + b"Content-Type: multipart/mixed; boundary=\r\n", b"--"),
    "a boundary of brackets": (
        HEAD + b'Content-Type: multipart/mixed; boundary="(((("\r\n',
        b"--((((\r\n\r\nx",
    ),
    "colons": (b":" * 10**5, b""),
    "bidi": (HEAD.replace(b"x", "\u202e".encode() * 100), b""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_read_quickly_or_not_at_all(name):
    fields, body = HOSTILE[name]
    start = time.perf_counter()

    message = parse(fields[: MAX_FIELDS * 4], body[: MAX_BODY * 4])

    assert time.perf_counter() - start < SLOWEST
    assert message.uid == 1
    assert message.readable or not message.text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_read_quickly_or_not_at_all(name):
    fields, body = HOSTILE[name]
    start = time.perf_counter()

    message_from_bytes(fields + b"\r\n" + body)

    assert time.perf_counter() - start < SLOWEST


PIECES = [
    b"From: ", b"Subject: ", b"Content-Type: ", b"multipart/mixed; boundary=x",
    b"text/html; charset=", b"message/rfc822", b"--x", b"--x--", b"\r\n", b"\n", b"\r",
    b"\r\n\r\n", b"=?utf-8?b?", b"?=", b"<", b">", b"@", b"a@b.c", b"\0", b"\xff", b" ",
    b"Content-Transfer-Encoding: base64", b"utf-7", b"+2AA-", b'"', b";", b"name*0*=",
]  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=60))
def test_no_arrangement_of_pieces_is_too_much(pieces):
    raw = b"".join(pieces)

    message = message_from_bytes(raw)

    assert "\0" not in message.subject + message.text + message.sender
    message.text.encode()  # no half characters: PostgreSQL refuses them
    message.subject.encode()
    assert not message.sender or "@" in message.sender


# The shared set


def shared_malformed():
    folder = SHARED / "mail" / "malformed"
    if not folder.exists():
        pytest.skip(f"the shared mail is not beside the project ({folder})")
    with (folder / "index.csv").open(encoding="utf-8", newline="") as index:
        known = {row["path"]: row for row in csv.DictReader(index)}
    with tarfile.open(folder / "messages.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if member.name in known and file:
                yield known[member.name], file.read()


def test_the_shared_malformed_messages_are_all_read():
    worst, senders, subjects, count = 0.0, 0, 0, 0
    for row, raw in shared_malformed():
        start = time.perf_counter()
        message = message_from_bytes(raw)
        worst = max(worst, time.perf_counter() - start)
        defects = row["defects"].split()
        # Unreadable are pieces of messages without any field that matters.
        assert message.readable or {"no-from", "no-subject"} <= set(defects), row[
            "path"
        ]
        senders += bool(message.sender)
        subjects += bool(message.subject)
        count += 1

    assert count == 442
    assert senders >= 355
    assert subjects >= 375
    assert worst < SLOWEST


def test_mutations_of_the_shared_messages_are_survived():
    chance = random.Random(7)
    start = datetime.now(UTC)
    for _, raw in shared_malformed():
        changed = bytearray(raw[:20_000])
        for _ in range(20):
            if changed:
                changed[chance.randrange(len(changed))] = chance.randrange(256)
        message_from_bytes(bytes(changed[chance.randrange(50) :]))

    assert (datetime.now(UTC) - start).total_seconds() < 30
