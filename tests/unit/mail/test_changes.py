"""Rows that tell of labels, rude ones too; real servers: integration/."""

import tracemalloc

import pytest

from mailbeat.mail.changes import (
    MAX_MODSEQ,
    MOST_LABELS,
    MOST_MESSAGES,
    LabelRows,
    modseq_of,
)
from mailbeat.mail.imap import open_mailbox
from tests.factories import NOW
from tests.servers.line import Line
from tests.servers.rude_imap import rude_imap

NAMES = {"Receipts": "Receipts", "My mail": "My_mail"}
DONE = b"{tag} OK done\r\n"
COUNTS = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN CONDSTORE\r\n" + DONE,
}


def told(*rows: str, names=NAMES, wanted=range(1, 10)):
    taker = LabelRows("FLAGS", names)
    for row in rows:
        taker.take([row.encode()])
    return taker.now(wanted)


def test_of_each_message_the_labels_are_known_that_are_looked_for():
    now = told(
        "* 1 FETCH (UID 4 FLAGS (\\Seen receipts Others))",
        "* 2 FETCH (FLAGS (My_mail) MODSEQ (7) UID 5)",
        "* 3 FETCH (UID 6 FLAGS ())",
    )

    assert now.looked_for == {"Receipts", "My mail"}
    assert now.on == {4: {"Receipts"}, 5: {"My mail"}, 6: frozenset()}


def test_the_last_word_counts():
    now = told("* 1 FETCH (UID 4 FLAGS (Receipts))", "* 1 FETCH (UID 4 FLAGS ())")

    assert now.on == {4: frozenset()}


@pytest.mark.parametrize(
    "row",
    [
        "* 1 FETCH (UID 4 MODSEQ (9))",
        "* 1 FETCH (FLAGS (Receipts))",
        "* 1 FETCH (UID 0 FLAGS (Receipts))",
        "* 1 FETCH (UID 99999999999 FLAGS (Receipts))",
        "* 1 FETCH (UID (4) FLAGS (Receipts))",
        "* 1 FETCH (UID 4 FLAGS Receipts)",
        "* 1 FETCH (UID 4 FLAGS NIL)",
        "* 1 FETCH (UID 4 FLAGS (Receipts",
        "* 1 FETCH",
        "* 1 FETCH (UID 77 FLAGS (Receipts))",
    ],
)
def test_a_row_that_tells_nothing_of_a_wanted_message_is_left_out(row):
    assert told(row).on == {}


def test_two_labels_of_one_name_are_not_looked_for():
    """What a person put on could not be told from what we did."""
    names = {"My mail": "My_mail", "My_mail": "my_mail", "Social": "Social"}

    now = told("* 1 FETCH (UID 4 FLAGS (My_mail Social))", names=names)

    assert now.looked_for == {"Social"}
    assert now.on == {4: {"Social"}}


def test_a_message_with_all_labels_tells_nothing():
    names = {f"l{number}": f"l{number}" for number in range(MOST_LABELS + 1)}
    all_of_them = " ".join(names)

    now = told(
        "* 1 FETCH (UID 4 FLAGS (l0))",
        f"* 1 FETCH (UID 4 FLAGS ({all_of_them}))",
        names=names,
    )

    assert now.on == {}


def test_a_server_that_tells_of_all_numbers_takes_little_memory():
    taker = LabelRows("FLAGS", NAMES)
    tracemalloc.start()

    for uid in range(1, 100_000):
        taker.take([b"* 1 FETCH (UID %d FLAGS (Receipts))" % uid])
    now = taker.now(range(1, 2**32))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert min(now.on) > 100_000 - 1 - MOST_MESSAGES
    assert len(now.on) == MOST_MESSAGES
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (None, None),
        (b"0", None),
        (b"-1", None),
        (b"7 ", None),
        (b"", None),
        (b"1", 1),
        (str(MAX_MODSEQ).encode(), MAX_MODSEQ),
        (str(MAX_MODSEQ + 1).encode(), None),
        (b"9" * 5000, None),
    ],
)
def test_a_count_of_changes_fits_63_bits(text, number):
    assert modseq_of(text) == number


# Said on the wire


def use(answers, work, **options):
    with (
        rude_imap(answers) as server,
        open_mailbox(server.login(), deadline=10, **options) as mailbox,
    ):
        return work(mailbox), server.commands


def select(modseq: bytes) -> dict[str, bytes]:
    lines = b"* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n"
    lines += b"* OK [HIGHESTMODSEQ %b] x\r\n" % modseq
    return COUNTS | {"SELECT": lines + b"{tag} OK [READ-WRITE] done\r\n"}


def test_changes_are_counted_where_that_is_offered_and_wanted():
    for options, expected in (({"counts_changes": True}, 77), ({}, None)):
        modseq, commands = use(select(b"77"), lambda box: box.modseq, **options)

        assert modseq == expected
        assert ('SELECT "INBOX" (CONDSTORE)' in commands) == bool(expected)


def test_a_server_without_condstore_is_not_asked_for_it():
    answers = {"SELECT": select(b"77")["SELECT"]}

    modseq, commands = use(answers, lambda box: box.modseq, counts_changes=True)

    assert modseq is None
    assert 'SELECT "INBOX"' in commands


def test_a_mailbox_that_keeps_no_count_has_none():
    answers = COUNTS | {"SELECT": b"* OK [NOMODSEQ] x\r\n{tag} OK done\r\n"}

    assert use(answers, lambda box: box.modseq, counts_changes=True)[0] is None


@pytest.mark.parametrize("end", [b"{tag} BAD what?\r\n", b"{tag} NO\r\n"])
def test_a_server_that_does_not_tell_what_changed_is_no_failure(end):
    answers = select(b"77") | {"UID FETCH": end}

    changed, commands = use(
        answers,
        lambda box: box.labels_changed(["Receipts"], since=70, uids=range(2, 9)),
        counts_changes=True,
    )

    assert changed is None
    assert "UID FETCH 2:8 (UID FLAGS) (CHANGEDSINCE 70)" in commands


def test_where_labels_are_folders_nothing_is_looked_for():
    answers = select(b"77")
    answers["SELECT"] = b"* OK [PERMANENTFLAGS (\\Seen)] x\r\n" + answers["SELECT"]

    now, _ = use(answers, lambda box: box.labels_on(["Receipts"], [1]))

    assert now.looked_for == frozenset()


def test_messages_that_were_asked_for_ahead_are_not_lost_in_between():
    from mailbeat.mail.mailbox import LastSeen

    head = b"Subject: x\r\n\r\n"
    row = (
        b'* 4 FETCH (UID 4 INTERNALDATE "05-Jan-2026 08:00:00 +0000" RFC822.SIZE 9 '
        b"BODY[HEADER.FIELDS (FROM)]<0> {%d}\r\n%b BODY[TEXT]<0> {2}\r\nHi)\r\n"
        % (len(head), head)
    )
    answers = select(b"77") | {
        "UID SEARCH": b"* SEARCH 4\r\n" + DONE,
        "UID FETCH": DONE,
        "UID FETCH 1:3 (UID FLAGS)": row
        + b"* 1 FETCH (UID 1 FLAGS (Receipts))\r\n"
        + DONE,
    }

    def work(box):
        now = box.labels_on(["Receipts"], [1, 2, 3])
        uids = box.new_uids(after=3, since=NOW)
        return now.on, [message.text for message in box.fetch(uids)]

    found, _ = use(answers, work, last_seen=LastSeen(7, 3))

    assert found == ({1: {"Receipts"}}, ["Hi"])


def test_looking_takes_one_turn_of_the_line():
    answers = select(b"77") | {"UID FETCH": DONE}
    with rude_imap(answers) as server:
        turns = []
        for looks in (False, True):
            login = server.login()
            with (
                Line(login.port, round_trip=0.001) as line,
                open_mailbox(
                    server.login(port=line.port), deadline=10, counts_changes=True
                ) as mailbox,
            ):
                if looks:
                    mailbox.labels_changed(OURS, since=1, uids=range(1, 5))
                turns.append(line.turns)

    assert turns[1] - turns[0] == 1


OURS = ["Receipts"]
