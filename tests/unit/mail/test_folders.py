r"""What is said to a server that keeps labels as folders; real ones: integration/."""

from datetime import UTC, datetime

import pytest

from mailbeat.mail.errors import ConnectFailed, LabelRefused, ServerBusy
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import Identity
from tests.servers.rude_imap import HANG_UP, rude_imap

DONE = b"{tag} OK done\r\n"
NO = b"{tag} NO hm\r\n"
SELECTED = (
    b"* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\n"
    b"* OK [PERMANENTFLAGS (\\Seen \\Deleted old)] ok\r\n{tag} OK [READ-WRITE] done\r\n"
)
THERE = b'* LIST () "/" "Mailbeat/Receipts"\r\n' + DONE
SERVER = {
    "SELECT": SELECTED,
    'LIST "" ""': b'* LIST (\\Noselect) "/" ""\r\n' + DONE,
}
FOLDER = '"Mailbeat/Receipts"'


def offering(*names: str) -> dict[str, bytes]:
    words = " ".join(("IMAP4rev1", "AUTH=PLAIN", *names)).encode()
    return SERVER | {"CAPABILITY": b"* CAPABILITY " + words + b"\r\n" + DONE}


def row(uid: int, number: int, more: bytes = b"") -> bytes:
    head = b"From: a@example.org\r\nMessage-ID: <%d@example.org>\r\n\r\n" % number
    return (
        b'* %d FETCH (UID %d INTERNALDATE "05-Jan-2026 08:00:00 +0000" RFC822.SIZE 9 '
        b"%bBODY[HEADER.FIELDS (FROM)]<0> {%d}\r\n%b)\r\n"
        % (uid, uid, more, len(head), head)
    )


def use(answers, work, **options):
    """Return what `work` returns, and what was said after signing in."""
    with (
        rude_imap(SERVER | answers) as server,
        open_mailbox(server.login(), deadline=10, **options) as mailbox,
    ):
        result = work(mailbox)
    start = server.commands.index('SELECT "INBOX"')
    return result, [one for one in server.commands[start + 1 :] if one != "LOGOUT"]


def put(answers, uids=(1, 2), again=(), label="Receipts", **options):
    def work(mailbox):
        return mailbox.put_labels({label: uids}, again=again)

    return use(answers, work, **options)


def test_a_copy_is_all_where_the_folder_is_there():
    refused, said = put({})

    assert refused == {}
    assert said == ['LIST "" ""', f"UID COPY 1:2 {FOLDER}"]


def test_a_missing_folder_is_made_and_subscribed_to():
    missing = b"{tag} NO [TRYCREATE] no such mailbox\r\n"

    refused, said = put({"UID COPY": [missing, DONE]})

    assert refused == {}
    assert said == [
        'LIST "" ""',
        f"UID COPY 1:2 {FOLDER}",
        f'LIST "" {FOLDER}',
        f"CREATE {FOLDER}",
        f"SUBSCRIBE {FOLDER}",
        f"UID COPY 1:2 {FOLDER}",
    ]


def test_what_only_stands_above_others_is_no_folder():
    above = b'* LIST (\\NoSelect) "/" "Mailbeat/Receipts"\r\n' + DONE

    _, said = put({"UID COPY": [NO, DONE], f'LIST "" {FOLDER.upper()}': above})

    assert f"CREATE {FOLDER}" in said


def test_a_folder_that_somebody_made_meanwhile_is_no_refusal():
    answers = {
        "UID COPY": DONE,
        f'LIST "" {FOLDER.upper()}': [DONE, THERE],
        "CREATE": NO,
        "EXAMINE": DONE,
        "UID FETCH": DONE,
    }

    assert put(answers, again=[1])[0] == {}


def test_a_folder_that_cannot_be_made_refuses_its_label_and_no_other():
    answers = {
        "UID COPY": NO,
        'UID COPY 3 "MAILBEAT/FINANCE"': DONE,
        "CREATE": b"{tag} NO hm\r\n",
    }

    def work(mailbox):
        return mailbox.put_labels({"Receipts": [1], "Finance": [3]})

    refused, said = use(answers, work)

    assert list(refused) == ["Receipts"]
    assert "make folders" in str(refused["Receipts"])
    assert 'UID COPY 3 "Mailbeat/Finance"' in said


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"{tag} NO [UNAVAILABLE] later\r\n", ServerBusy),
        (b"{tag} NO try again later\r\n", ServerBusy),
        (HANG_UP, ConnectFailed),
    ],
)
@pytest.mark.parametrize("command", ["CREATE", "UID COPY"])
def test_a_server_in_trouble_refuses_no_label(command, answer, expected):
    answers = {"UID COPY": NO, command: answer}
    if command == "UID COPY":
        answers[f'LIST "" {FOLDER.upper()}'] = THERE

    with pytest.raises(expected):
        put(answers)


@pytest.mark.parametrize("code", ["OVERQUOTA", "NOPERM", "CANNOT"])
def test_a_folder_that_takes_nothing_refuses_its_label(code):
    answers = {
        "UID COPY": b"{tag} NO [%b] no\r\n" % code.encode(),
        f'LIST "" {FOLDER.upper()}': THERE,
    }

    refused, _ = put(answers)

    assert isinstance(refused["Receipts"], LabelRefused)
    assert "room" in str(refused["Receipts"])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (b'* NAMESPACE (("INBOX." ".")) NIL NIL\r\n', '"INBOX.Mailbeat.Receipts"'),
        (b'* NAMESPACE (("" "/")) NIL (("#" "/"))\r\n', '"Mailbeat/Receipts"'),
        (b"* NAMESPACE NIL NIL NIL\r\n", '"Mailbeat/Receipts"'),
        (b"* NAMESPACE ((\r\n", '"Mailbeat/Receipts"'),
        (b"", '"Mailbeat/Receipts"'),
    ],
)
def test_names_begin_where_the_persons_folders_are(told, expected):
    _, said = put(offering("NAMESPACE") | {"NAMESPACE": told + DONE})

    assert said[-1] == f"UID COPY 1:2 {expected}"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (b'* LIST (\\Noselect) "." ""\r\n', '"Mailbeat.Receipts"'),
        (b'* LIST (\\Noselect) "\\\\" ""\r\n', '"Mailbeat\\\\Receipts"'),
        (b'* LIST (\\Noselect) NIL ""\r\n', '"Mailbeat-Receipts"'),
        (b"", '"Mailbeat-Receipts"'),
    ],
)
def test_without_a_namespace_the_delimiter_is_asked_for(told, expected):
    _, said = put({'LIST "" ""': told + DONE})

    assert said[-1] == f"UID COPY 1:2 {expected}"


@pytest.mark.parametrize("label", ["INBOX", "inbox", " ", ""])
def test_a_label_that_can_be_no_folder_is_refused(label):
    refused, said = put({}, label=label, label_prefix="")

    assert list(refused) == [label]
    assert said == ['LIST "" ""']


def test_a_keyword_that_the_mailbox_has_is_a_keyword():
    stuck = b"* 1 FETCH (UID 1 FLAGS (old))\r\n" + DONE

    _, said = put({"UID STORE": stuck}, label="Old")

    assert said == ["UID STORE 1:2 +FLAGS (Old)"]


# Looking


LOOKING = {
    f'LIST "" {FOLDER.upper()}': THERE,
    "EXAMINE": b"* OK [UIDVALIDITY 3] ok\r\n{tag} OK [READ-ONLY] done\r\n",
    "UID SEARCH": b"* SEARCH 1 2\r\n" + DONE,
}


def test_what_is_in_the_folder_already_is_not_copied_again():
    """Number 1 in the folder is number 2 of the mailbox."""
    answers = LOOKING | {
        "UID FETCH": [row(1, 11) + row(2, 12) + DONE, row(1, 12) + row(2, 99) + DONE]
    }

    _, said = put(answers, again=[1, 2])

    fetch = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS ("
    assert [line.partition(" (")[0] for line in said] == [
        'LIST "" ""',
        f'LIST "" {FOLDER}',
        "UID FETCH 1:2",
        f"EXAMINE {FOLDER}",
        "UID SEARCH SINCE 04-Jan-2026 BEFORE 07-Jan-2026",
        "UID FETCH 1:2",
        'SELECT "INBOX"',
        f"UID COPY 1 {FOLDER}",
    ]
    assert fetch in said[2]
    assert not any("TEXT" in line for line in said)


def test_a_row_that_the_server_left_out_is_asked_for_once_more():
    answers = LOOKING | {
        "UID FETCH": [DONE, row(1, 11) + DONE, DONE, row(2, 11) + DONE],
        "UID SEARCH": b"* SEARCH 2\r\n" + DONE,
    }

    _, said = put(answers, uids=[1], again=[1])

    assert said[-1] == 'SELECT "INBOX"'


def test_only_what_may_be_there_already_is_looked_for():
    _, said = put(LOOKING, again=[3])

    assert said == ['LIST "" ""', f"UID COPY 1:2 {FOLDER}"]


def test_nothing_can_be_in_a_folder_that_was_missing():
    _, said = put({"LIST": DONE}, again=[1, 2])

    assert not any(line.startswith("EXAMINE") for line in said)
    assert said[-1].startswith("UID COPY 1:2")


def test_a_folder_that_cannot_be_looked_into_gets_no_second_copy():
    answers = LOOKING | {
        "UID FETCH": row(1, 11) + row(2, 12) + DONE,
        "EXAMINE": b"{tag} NO [NOPERM] no\r\n",
    }

    refused, said = put(answers, again=[1, 2])

    assert list(refused) == ["Receipts"]
    assert said[-1] == 'SELECT "INBOX"'


def test_a_mailbox_that_is_another_when_one_comes_back_ends_the_run():
    """Its numbers are those of other messages."""
    answers = LOOKING | {
        "SELECT": [SELECTED, SELECTED.replace(b"VALIDITY 7", b"VALIDITY 8")],
        "UID FETCH": row(1, 11) + row(2, 12) + DONE,
    }

    with pytest.raises(ServerBusy, match="numbered the mailbox anew"):
        put(answers, again=[1, 2])


def test_a_server_without_uidvalidity_is_believed():
    answers = LOOKING | {
        "SELECT": SELECTED.replace(b"[UIDVALIDITY 7]", b""),
        "UID FETCH": row(1, 11) + row(2, 12) + DONE,
    }

    assert put(answers, again=[1, 2])[0] == {}


def test_what_is_told_on_the_way_is_of_no_message_of_the_mailbox():
    stray = row(1, 98) + b"* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n"
    answers = LOOKING | {
        "UID FETCH": [
            row(1, 11) + row(2, 12) + DONE,
            row(1, 12) + row(2, 99) + DONE,
            row(1, 11) + row(2, 12) + DONE,
        ],
        "EXAMINE": stray + LOOKING["EXAMINE"],
        "SELECT": [SELECTED, stray + SELECTED],
    }

    def work(mailbox):
        mailbox.put_labels({"Receipts": [1, 2]}, again=[1, 2])
        return [one.message_id for one in mailbox.fetch([1, 2])]

    assert use(answers, work)[0] == ["<11@example.org>", "<12@example.org>"]


def test_a_date_at_the_end_of_time_is_looked_for_among_all():
    last = row(1, 11).replace(b"05-Jan-2026", b"31-Dec-9999")
    answers = LOOKING | {"UID FETCH": last + DONE}

    _, said = put(answers, uids=[1], again=[1])

    assert "UID SEARCH ALL" in said


# Moving


def test_mail_is_moved_where_that_was_chosen():
    _, said = put(offering("MOVE"), again=[1, 2], moves=True)

    assert said == ['LIST "" ""', f"UID MOVE 1:2 {FOLDER}"]


def test_without_move_mail_is_copied_and_then_removed():
    _, said = put(offering("UIDPLUS"), moves=True)

    assert said == [
        'LIST "" ""',
        f"UID COPY 1:2 {FOLDER}",
        "UID STORE 1:2 +FLAGS.SILENT (\\Deleted)",
        "UID EXPUNGE 1:2",
    ]


def test_what_was_not_copied_is_not_removed():
    answers = offering("UIDPLUS") | {
        "UID COPY": b"{tag} NO [OVERQUOTA] full\r\n",
        f'LIST "" {FOLDER.upper()}': THERE,
    }

    refused, said = put(answers, moves=True)

    assert list(refused) == ["Receipts"]
    assert not any(word in line for line in said for word in ("STORE", "EXPUNGE"))


def test_where_nothing_can_be_moved_the_way_out_is_named():
    refused, said = put({}, moves=True)

    assert "--no-move" in str(refused["Receipts"])
    assert said == []


@pytest.mark.parametrize(
    ("chosen", "flags", "expected"),
    [(True, b"", True), (False, b"", False), (True, b" \\*", False)],
)
def test_a_mailbox_says_whether_labels_move_its_messages(chosen, flags, expected):
    answers = {"SELECT": SELECTED.replace(b" old)", flags + b")")}

    assert use(answers, lambda one: one.moves, moves=chosen)[0] is expected


# Corrections


def test_two_labels_of_one_folder_need_no_correction():
    _, said = use({}, lambda one: one.relabel([1], add="a/b", remove="a_b"))

    assert said == ['LIST "" ""']


def test_a_copy_is_never_removed_with_what_others_marked():
    answers = LOOKING | {
        "UID FETCH": row(1, 11) + DONE,
        "UID SEARCH": b"* SEARCH 1\r\n" + DONE,
    }

    _, said = use(answers, lambda one: one.relabel([1], add=None, remove="Receipts"))

    assert said[-2:] == ["UID STORE 1 +FLAGS.SILENT (\\Deleted)", 'SELECT "INBOX"']


def test_a_moved_message_is_moved_on_from_the_folder_of_its_old_label():
    key = Identity("", datetime(2026, 1, 5, 8, tzinfo=UTC))
    answers = offering("MOVE") | LOOKING | {"UID FETCH": [DONE, DONE, DONE, DONE]}

    def work(mailbox):
        with pytest.raises(LabelRefused, match="by hand"):
            mailbox.relabel([1], add="Finance", remove="Receipts", known={1: key})

    _, said = use(answers, work, moves=True)

    assert said[-1] == 'SELECT "INBOX"'
    assert f"SELECT {FOLDER}" in said
