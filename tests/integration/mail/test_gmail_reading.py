"""Reading at the Gmail-dialect server: FETCH, SEARCH, and what others changed."""

import time
from datetime import UTC, datetime

import pytest

from tests.factories import make_raw
from tests.servers.gmail import Dialect, GmailServer
from tests.servers.speaker import Speaker

ADA = "ada@example.org"
ONE = "<1@example.org>"


MULTIPART = (
    b"Message-ID: <1@example.org>\r\nSubject: x\r\nX-Long: a\r\n b\r\n"
    b"Content-Type: multipart/mixed; boundary=b1\r\n\r\npreamble\r\n"
    b"--b1\r\nContent-Type: multipart/alternative; boundary=b2\r\n\r\n"
    b"--b2\r\n\r\nplain\r\n--b2\r\nContent-Type: text/html\r\n\r\n<p>html\r\n--b2--\r\n"
    b'--b1\r\nContent-Type: application/pdf; name="a.pdf"\r\n'
    b'Content-Disposition: attachment; filename="a.pdf"\r\n\r\nPDF\r\n'
    b"--b1\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside\r\n"
    b"--b1--\r\n"
)


@pytest.mark.parametrize(
    ("section", "data"),
    [
        ("TEXT]<0.8", b"preamble"),
        ("1.1", b"plain"),
        ("1.2", b"<p>html"),
        ("2", b"PDF"),
        ("3.HEADER", b"Subject: inner\r\n\r\n"),
        ("3.TEXT", b"inside"),
        ("3.1", b"inside"),
        ("1.2.MIME", b"Content-Type: text/html\r\n\r\n"),
        ("HEADER.FIELDS (x-long subject)", b"Subject: x\r\nX-Long: a\r\n b\r\n\r\n"),
        ("HEADER.FIELDS (Date)", b"\r\n"),
    ],
)
def test_sections_are_numbered_as_in_the_rfc(server, client, section, data):
    server.append(ADA, MULTIPART)
    client.select_folder("INBOX")
    start, _, partial = section.partition("]")
    partial = partial and f"{partial}>"

    row = client.fetch("1", [f"BODY.PEEK[{start}]{partial}"])[1]

    assert [value for name, value in row.items() if name.startswith(b"BODY")] == [data]
    assert server.flags(ADA)[ONE] == set()


def test_the_structure_of_a_body_names_its_parts(server, client):
    server.append(ADA, MULTIPART)
    client.select_folder("INBOX")

    structure = client.fetch("1", ["BODYSTRUCTURE"])[1][b"BODYSTRUCTURE"]

    alternative, pdf, inner = structure[0]
    assert [part[1] for part in alternative[0]] == [b"plain", b"html"]
    assert pdf[:3] == (b"application", b"pdf", (b"name", b"a.pdf"))
    assert inner[:2] == (b"message", b"rfc822")


def test_reading_without_peek_marks_as_read(server, client):
    server.append(ADA, make_raw())
    client.select_folder("INBOX")

    row = client.fetch("1", ["BODY[TEXT]"])[1]

    assert row[b"FLAGS"] == (b"\\Seen",)
    assert server.flags(ADA)[ONE] == {"\\Seen"}


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("ALL", b"1 2 3"),
        ("UID 2:*", b"2 3"),
        ("UID 9:*", b"3"),
        ("SINCE 5-Jan-2026", b"2 3"),
        ("BEFORE 05-Jan-2026", b"1"),
        ("HEADER Message-ID <2@example.org>", b"2"),
        ("NOT HEADER Message-ID <2@example.org>", b"1 3"),
        ("OR UID 1 UID 3", b"1 3"),
        ("(UID 1:2) UNSEEN 2", b"2"),
        ("KEYWORD x", b""),
        ('SUBJECT "topic 3"', b"3"),
        ("X-GM-LABELS Box", b"3"),
        ("X-GM-RAW rfc822msgid:<1@example.org>", b"1"),
        ("X-GM-MSGID 1", b""),
    ],
)
def test_searching(server, speaker, keys, found):
    for number in (1, 2, 3):
        raw = make_raw(number, subject=f"topic {number}")
        when = datetime(2026, 1, 3 + number, 23, tzinfo=UTC)
        labels = ["\\Inbox", "Box"] if number == 3 else ["\\Inbox"]
        server.deliver(ADA, raw, received_at=when, labels=labels)
    speaker.ask("SELECT INBOX")

    line, end = speaker.ask(f"UID SEARCH {keys}")

    assert end == b"OK Success"
    assert line.removeprefix(b"* SEARCH").strip() == found


def test_an_extended_search_is_short(server, speaker):
    server.append(ADA, *map(make_raw, range(5)))
    speaker.ask("SELECT INBOX")

    line, _ = speaker.ask("UID SEARCH RETURN (ALL COUNT) NOT UID 3")
    none, _ = speaker.ask("UID SEARCH RETURN () UID 2 UID 1")

    assert line == b'* ESEARCH (TAG "a3") UID ALL 1:2,4:5 COUNT 4'
    assert none == b'* ESEARCH (TAG "a4") UID'


def test_without_gmails_extension_its_words_are_bad():
    with GmailServer(dialect=Dialect().without("X-GM-EXT-1", "ESEARCH")) as server:
        server.add_user(ADA)
        server.append(ADA, make_raw())
        with Speaker(server.port) as speaker:
            speaker.ask(f'LOGIN {ADA} "a password"')
            speaker.ask("SELECT INBOX")
            for command in (
                "UID FETCH 1 X-GM-MSGID",
                "UID STORE 1 +X-GM-LABELS (a)",
                "UID SEARCH X-GM-RAW a",
                "UID SEARCH RETURN (ALL) ALL",
            ):
                assert speaker.ask(command)[-1].startswith(b"BAD"), command


def test_other_connections_hear_of_changes(server, client, speaker):
    server.append(ADA, make_raw(1), make_raw(2))
    speaker.ask("SELECT INBOX")
    client.select_folder("INBOX")

    client.add_flags([2], [b"Mine"])
    client.remove_gmail_labels([1], ["\\Inbox"])
    server.append(ADA, make_raw(3))
    lines = speaker.ask("NOOP")

    assert (
        lines
        == [
            b"* 1 EXPUNGE",
            b"* 1 FETCH (UID 2 FLAGS (Mine))",
            b"* 2 EXISTS",
            b"OK Success",
        ]
        or lines[0] == b"* 1 EXPUNGE"
    )


def test_a_numbers_fetch_hears_of_no_expunge(server, client, speaker):
    server.append(ADA, make_raw(1), make_raw(2))
    speaker.ask("SELECT INBOX")

    server.correct(ADA, ONE, remove=["\\Inbox"])
    lines = speaker.ask("FETCH 1:2 UID")

    assert lines == [b"* 2 FETCH (UID 2)", b"OK Success"]


def test_idle_tells_at_once(server, speaker):
    speaker.ask("SELECT INBOX")
    assert speaker.ask("IDLE") == [b"+ idling"]

    server.append(ADA, make_raw())

    assert speaker.line() == b"* 1 EXISTS"
    speaker.send(b"DONE\r\n")
    assert speaker.line() == b"a3 OK IDLE terminated (Success)"


def test_bad_commands_are_bad_and_remembered(server, speaker):
    for command in ("", "FOO", "UID FETCH", "SELECT (", 'SELECT "a', "UID FETCH 0 UID"):
        speaker.ask("SELECT INBOX")
        assert speaker.ask(command)[-1].startswith(b"BAD"), command

    assert len(server.complaints) == 6


def test_many_messages_take_little_time(server, client):
    server.append(ADA, *map(make_raw, range(2000)))
    client.select_folder("INBOX")

    start = time.monotonic()
    rows = client.fetch(
        client.search(), ["FLAGS", "X-GM-LABELS", "BODY.PEEK[TEXT]<0.100>"]
    )
    seconds = time.monotonic() - start

    assert len(rows) == 2000
    assert seconds < 10
