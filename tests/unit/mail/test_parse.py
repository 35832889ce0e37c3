"""Messages good and bad: those written here always, the shared ones where they are."""

import csv
import email
import tarfile
import time
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbeat.mail import parse as parsing
from mailbeat.mail.fields import normal_lines
from mailbeat.mail.parse import (
    MAX_BODY,
    message_from_bytes,
    parse_message,
    read_message,
    with_text,
)
from mailbeat.mail.structure import TextPart
from mailbeat.mail.text import one_line
from tests.conftest import SHARED
from tests.factories import NOW
from tests.odd_mail import CASES, as_fetched, each_line_end, line_ends, mutations

# Seconds of the processor. The aim is 0.05 and the worst measured 0.02; a method that
# is not linear takes minutes for some of these.
SLOWEST = 0.25


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
    assert message.has_several_senders


@pytest.mark.parametrize("fields", [b"", b"From: a@b.c\r\n", b"From: a@b.c\r\n" * 2])
def test_one_sender_is_not_several(fields):
    assert not parse(fields + b"Subject: x\r\n").has_several_senders


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


def test_what_has_a_text_is_a_message():
    message = parse(b"\r\n", b"Tea at five?")

    assert message.readable
    assert (message.sender, message.text) == ("", "Tea at five?")


def test_an_mbox_line_and_blank_lines_before_the_header_do_not_hide_it():
    raw = b"\n\nFrom ada Mon Jan  5 08:00:00 2026\nFrom: a@example.org\n\nHello"

    assert message_from_bytes(raw).sender == "a@example.org"


def test_only_the_named_fields_of_a_file_are_kept():
    """What a file gives a categorizer is what a server would have sent."""
    raw = b"From: a@example.org\nX-Secret: no\nReceived: from b\n\nHello"

    assert set(message_from_bytes(raw).headers) == {"from"}


def too_slow(work) -> bool:
    """Look again before saying so: a busy machine costs processor time too."""
    return all(cpu_seconds(work) > SLOWEST for _ in range(3))


def cpu_seconds(work) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


@pytest.fixture
def no_net(monkeypatch):
    """An exception ends the test; `parse_message` would give an unreadable message."""
    monkeypatch.setattr(parsing, "parse_message", read_message)


def fetched(raw: bytes, *, uid: int = 0):
    fields, body = as_fetched(raw)
    return read_message(
        uid=uid, fields=fields, body=body, received_at=NOW, size=len(raw)
    )


@pytest.mark.parametrize("name", CASES)
def test_an_odd_message_is_read_and_quickly(name, no_net):
    odd = CASES[name]

    for ends, raw in line_ends(odd):
        for read in (message_from_bytes, fetched):
            if read is fetched and odd.is_about_line_ends:
                continue  # servers make lines end as they should
            message = read(raw)

            for what in ("sender", "subject", "text"):
                expected = getattr(odd, what)
                assert expected in {None, getattr(message, what)}, (ends, what)
            assert not too_slow(lambda read=read, raw=raw: read(raw)), ends


def test_whatever_goes_wrong_ends_no_batch(monkeypatch):
    monkeypatch.setattr(parsing, "read_content", lambda *_: 1 / 0)

    message = parse(b"From: a@example.org\r\n", uid=7)

    assert (message.uid, message.readable) == (7, False)


# A text that lies further down

LATE = b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
FILE = b"--x\r\nContent-Type: image/png\r\n\r\n" + b"A" * 9_000
TEXT_AFTER = b"\r\n--x\r\nContent-Type: text/plain\r\n\r\nTea at five, in the garden?"


@pytest.mark.parametrize(
    ("body", "needed"),
    [
        (FILE, True),
        (b"--x\r\nContent-Type: text/html\r\n\r\n<style>" + b"p {}\n" * 2_000, True),
        (b"--x\r\n\r\nOh!\r\n" + FILE, True),
        (b"--x\r\n\r\nTea at five, in the garden?\r\n" + FILE, False),
        (b"--x\r\nContent-Type: image/png\r\n\r\nshort", False),
        (b"", False),
    ],
)
def test_a_message_says_when_its_text_has_to_be_asked_for(body, needed):
    assert parse(LATE, body[:MAX_BODY]).needs_text_part is needed


def test_a_text_that_was_asked_for_is_the_messages():
    message = parse(LATE, FILE[:MAX_BODY])
    part = TextPart("2", "utf-8", "quoted-printable", "html")

    whole = with_text(message, b"<p>T=C3=A9e at five,<br>=\r\n in the garden", part)

    assert whole.text == "Tée at five,\nin the garden"
    assert not whole.needs_text_part
    assert (whole.sender, whole.key) == (message.sender, message.key)


@given(st.binary(max_size=99), st.text(max_size=9), st.text(max_size=9))
def test_no_text_that_was_asked_for_is_too_odd(data, charset, encoding):
    message = parse(LATE, FILE[:MAX_BODY])
    part = TextPart("2", charset, encoding, "html")

    assert not with_text(message, data, part).needs_text_part


def test_what_was_asked_for_in_vain_takes_nothing_away():
    message = parse(LATE, b"--x\r\n\r\nOh!\r\n" + FILE)

    assert with_text(message, b"", TextPart("1", "", "", "plain")).text == "Oh!"


def test_in_a_file_a_late_text_is_found_at_once():
    message = message_from_bytes(LATE + FILE + TEXT_AFTER)

    assert message.text == "Tea at five, in the garden?"
    assert not message.needs_text_part


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


def test_the_shared_malformed_messages_are_all_read(no_net):
    """By each line end, as a file and as a server gives them."""
    count = readable = 0
    for row, original in shared_malformed():
        whole = message_from_bytes(original)
        defects = row["defects"].split()
        # Unreadable are pieces of messages without any field or text.
        assert whole.readable or {"no-from", "no-subject"} <= set(defects), row["path"]
        for ends, raw in each_line_end(original):
            for read in (message_from_bytes, fetched):
                message = read(raw)

                where = (row["path"], ends, read.__name__)
                assert message.sender == whole.sender, where
                assert message.subject == whole.subject, where
                assert message.readable == whole.readable, where
                assert not too_slow(lambda read=read, raw=raw: read(raw)), where
        count += 1
        readable += whole.readable

    assert count == 442
    assert readable >= 430


def test_where_the_standard_library_finds_one_sender_it_is_the_same():
    count, different = 0, []
    for row, raw in shared_malformed():
        expected = standard_sender(raw)
        if expected is not None:
            count += 1
            if message_from_bytes(raw).sender != expected:
                different.append((row["path"], expected))

    assert count >= 345
    assert different == []


def standard_sender(raw: bytes) -> str | None:
    """The one address, if it is a whole one: no words, nothing undecodable."""
    message = email.message_from_bytes(normal_lines(raw))
    found = getaddresses([str(message["From"] or "")])
    addresses = [address.lower() for _, address in found if "@" in address]
    if len(addresses) != 1:
        return None
    is_quoted = addresses[0].startswith('"')
    is_odd = (" " in addresses[0] and not is_quoted) or "\ufffd" in addresses[0]
    return None if is_odd else addresses[0]


def test_what_the_standard_library_decodes_of_a_subject_is_the_same():
    count, different = 0, []
    for row, raw in shared_malformed():
        expected = standard_subject(raw)
        if expected:
            count += 1
            subject = message_from_bytes(raw).subject
            if subject.replace(" ", "") != expected.replace(" ", ""):
                different.append((row["path"], expected))

    assert count >= 340
    assert different == []


def standard_subject(raw: bytes) -> str:
    subject = str(email.message_from_bytes(normal_lines(raw))["Subject"] or "")
    try:
        decoded = one_line(str(make_header(decode_header(subject))))
    except (LookupError, ValueError, HeaderParseError):
        return ""
    return "" if "\ufffd" in decoded or "\\ufffd" in decoded else decoded


def test_mutations_are_survived(no_net):
    """A share of what `benchmarks/parse.py --mutations 100000` does."""
    folder = SHARED / "mail" / "malformed"
    shared = [raw for _, raw in shared_malformed()] if folder.exists() else []
    originals = [odd.raw for odd in CASES.values()] + shared

    for number, raw in mutations(originals, 2_000):
        for read in (message_from_bytes, fetched):
            message = read(raw)

            assert not message.sender or "@" in message.sender, number
            (message.text + message.subject + message.sender).encode()
            assert "\0" not in message.text + message.subject + message.sender
            assert not too_slow(lambda read=read, raw=raw: read(raw)), number
