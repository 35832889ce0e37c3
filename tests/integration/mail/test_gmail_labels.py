"""Folders and labels at the Gmail-dialect server, as other clients see them."""

from datetime import UTC, datetime

import pytest
from imapclient.exceptions import IMAPClientError

from tests.factories import make_raw
from tests.servers.gmail.words import BadCommand, decode_name, encode_utf7, tokens

ADA = "ada@example.org"
ONE = "<1@example.org>"


def test_all_mail_is_found_by_its_use_in_any_language(server):
    server.add_user("eva@example.org", language="de")
    with server.client("eva@example.org") as client:
        rows = client.list_folders()
        special = client.find_special_folder(b"\\All")

    assert special == "[Gmail]/Alle Nachrichten"
    assert "[Gmail]/Entwürfe" in [name for *_, name in rows]
    assert ((b"\\HasChildren", b"\\Noselect"), b"/", "[Gmail]") in rows


def test_what_is_not_shown_in_imap_is_not_there(server, client):
    server.users[ADA].special("\\All").is_hidden = True

    assert client.list_folders("", "[Gmail]/All Mail") == []
    with pytest.raises(IMAPClientError, match="NONEXISTENT"):
        client.select_folder("[Gmail]/All Mail")


def test_a_folder_is_made_once(client):
    client.create_folder("Bücher/Neu")

    assert client.folder_exists("Bücher/Neu")
    with pytest.raises(IMAPClientError, match="ALREADYEXISTS"):
        client.create_folder("bücher/neu")
    with pytest.raises(IMAPClientError, match="CANNOT"):
        client.create_folder("[Gmail]/Mine")


def test_labels_are_put_on_and_taken_off_and_show_as_folders(server, client):
    server.append(ADA, make_raw())
    client.select_folder("INBOX")

    client.add_gmail_labels([1], ["Mailbeat/Bücher & mehr*", "\\Important"])
    client.add_gmail_labels([1], ["Other"])
    client.remove_gmail_labels([1], ["other"])

    assert server.labels(ADA)[ONE] == {
        "\\Inbox",
        "\\Important",
        "Mailbeat/Bücher & mehr*",
    }
    assert client.get_gmail_labels([1])[1] == [
        "Mailbeat/Bücher & mehr*",
        "\\Important",
    ]
    assert client.select_folder("Mailbeat/Bücher & mehr*")[b"EXISTS"] == 1


def test_labels_without_a_sign_replace_all_but_that_of_the_folder(server, client):
    server.deliver(ADA, make_raw(), labels=["\\Inbox", "Old"])
    client.select_folder("INBOX")

    client.set_gmail_labels([1], ["New"])

    assert server.labels(ADA)[ONE] == {"\\Inbox", "New"}


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        (b"Star*", b"BAD"),
        (b'"Star*"', b"OK"),
        (b"per%cent", b"BAD"),
        (b'"B\xc3\xbccher"', b"BAD"),
        (b'"B&bad"', b"BAD"),
        (b'"\\\\Unknown"', b"NO"),
        (b'"[Gmail]/x"', b"NO"),
        (b'"%b"' % (b"x" * 226), b"NO"),
        (b'"%b"' % (b"x" * 225), b"OK"),
        (b"{1+}\r\na", b"OK"),
    ],
)
def test_a_label_is_checked(server, speaker, label, kind):
    server.append(ADA, make_raw())
    speaker.ask("SELECT INBOX")

    *_, end = speaker.ask(b"UID STORE 1 +X-GM-LABELS.SILENT (" + label + b")")

    assert end.split()[0] == kind


def test_with_utf8_enabled_names_are_utf8(server, speaker):
    server.append(ADA, make_raw())
    assert speaker.ask("ENABLE UTF8=ACCEPT")[0] == b"* ENABLED UTF8=ACCEPT"
    speaker.ask("SELECT INBOX")

    speaker.ask('UID STORE 1 +X-GM-LABELS ("Bücher")')
    (line, _) = speaker.ask("UID FETCH 1 X-GM-LABELS")

    assert server.labels(ADA)[ONE] == {"\\Inbox", "Bücher"}
    assert 'X-GM-LABELS ("Bücher")' in line.decode()


def test_a_message_that_comes_back_to_the_inbox_is_a_new_one_there(server, client):
    server.append(ADA, make_raw(1), make_raw(2))
    client.select_folder("INBOX")
    before = client.fetch([1], ["X-GM-MSGID"])[1][b"X-GM-MSGID"]

    server.correct(ADA, ONE, remove=["\\Inbox"])
    server.correct(ADA, ONE, add=["\\Inbox"])

    client.noop()
    assert client.search("ALL") == [2, 3]
    assert client.fetch([3], ["X-GM-MSGID"])[3][b"X-GM-MSGID"] == before
    assert client.select_folder("[Gmail]/All Mail")[b"EXISTS"] == 2
    assert client.search("ALL") == [1, 2]


def test_copy_adds_and_move_exchanges_a_label(server, client):
    server.append(ADA, make_raw(1), make_raw(2))
    client.create_folder("Box")
    client.select_folder("INBOX")

    client.copy([1], "Box")
    client.copy([1], "Box")
    client.move([2], "Box")

    assert server.labels(ADA) == {ONE: {"\\Inbox", "Box"}, "<2@example.org>": {"Box"}}
    assert client.search("ALL") == [1]
    with pytest.raises(IMAPClientError, match="TRYCREATE"):
        client.copy([1], "Nowhere")


def test_what_is_expunged_loses_its_label_and_stays_in_all_mail(server, client):
    server.append(ADA, make_raw(1), make_raw(2))
    client.select_folder("INBOX")

    client.delete_messages([1, 2])
    client.uid_expunge([1])

    assert server.labels(ADA)[ONE] == set()
    assert client.search("ALL") == [2]


def test_append_keeps_bytes_flags_and_time(server, client):
    when = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)

    client.append("INBOX", make_raw(1), flags=[b"\\Seen"], msg_time=when)

    client.select_folder("INBOX")
    client.normalise_times = False
    (row,) = client.fetch("1", ["FLAGS", "INTERNALDATE", "BODY.PEEK[]"]).values()
    assert row[b"BODY[]"] == make_raw(1).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert row[b"FLAGS"] == (b"\\Seen",)
    assert row[b"INTERNALDATE"] == when


# Words


@pytest.mark.parametrize("name", ["a", "&", "Bücher & ~ 日本/x", "\U0001f4a9", "a&b-"])
def test_names_survive_modified_utf7(name):
    assert decode_name(encode_utf7(name), utf8=False) == name


def test_the_example_of_the_rfc():
    coded = b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"

    assert decode_name(coded, utf8=False) == "~peter/mail/台北/日本語"


@pytest.mark.parametrize("coded", [b"&", b"&Jjo!", b"&AGE-", b"\xc3\xbc", b"&U,BTFw"])
def test_what_is_no_modified_utf7_is_bad(coded):
    with pytest.raises(BadCommand):
        decode_name(coded, utf8=False)


def test_words_are_told_apart():
    assert tokens([b'a (b "c\\"d" (e)) BODY[X (Y Z)]<0.5> ', b"li\r\nt", b""]) == [
        b"a",
        [b"b", b'c"d', [b"e"]],
        b"BODY[X (Y Z)]<0.5>",
        b"li\r\nt",
    ]
