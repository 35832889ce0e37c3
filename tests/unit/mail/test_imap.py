"""A mailbox on a server that says what the test wants; real servers: integration/."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.mail.careful import CarefulHosts
from mailbeat.mail.errors import (
    ConnectFailed,
    LabelRefused,
    MailboxMissing,
    ServerBusy,
)
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import LastSeen
from mailbeat.mail.parse import MAX_BODY
from tests.factories import NOW
from tests.servers.rude_imap import DEFAULTS, HANG_UP, rude_imap

FLAGS_STUCK = b"* 1 FETCH (UID 1 FLAGS (\\Seen receipts))\r\n{tag} OK done\r\n"
FLAGS_GONE = b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n{tag} OK done\r\n"
DONE = b"{tag} OK done\r\n"
NOTHING = b"* SEARCH\r\n" + DONE
GMAIL = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN X-GM-EXT-1\r\n{tag} OK x\r\n"
}


def row(uid: int, subject: bytes = b"Hello") -> bytes:
    head = b"From: a@example.org\r\nSubject: " + subject + b"\r\n\r\n"
    return (
        b'* %d FETCH (UID %d INTERNALDATE "05-Jan-2026 08:00:00 +0000" RFC822.SIZE 9 '
        b"BODY[HEADER.FIELDS (FROM)]<0> {%d}\r\n%b BODY[TEXT]<0> {2}\r\nHi)\r\n"
        % (uid, uid, len(head), head)
    )


def use(answers, work=lambda mailbox: None, name="INBOX"):
    """Open a mailbox on a server with these answers; return what `work` returns."""
    with (
        rude_imap(answers) as server,
        open_mailbox(server.login(), name, deadline=10) as mailbox,
    ):
        result = work(mailbox)
    return result, [line for line in server.commands if line.startswith("UID")]


def select(*answers: bytes) -> dict[str, bytes]:
    return {"SELECT": b"".join(answers) + b"{tag} OK [READ-WRITE] done\r\n"}


def test_the_numbers_of_the_mailbox_are_known():
    numbers, _ = use({}, lambda mailbox: (mailbox.uid_validity, mailbox.uid_next))

    assert numbers == (7, 4)


def test_a_server_without_uidnext_says_zero():
    answers = select(b"* OK [UIDVALIDITY 7] x\r\n")

    assert use(answers, lambda mailbox: mailbox.uid_next)[0] == 0


@pytest.mark.parametrize(
    "answer", [b"{tag} NO [NONEXISTENT] no\r\n", b"{tag} NO not found\r\n"]
)
def test_a_missing_mailbox_is_named(answer):
    with pytest.raises(MailboxMissing, match="'Nowhere'"):
        use({"SELECT": answer}, name="Nowhere")


def test_the_newest_message_of_an_open_range_is_not_new_again():
    answers = {"UID SEARCH": b"* SEARCH 9\r\n{tag} OK done\r\n"}

    uids, commands = use(answers, lambda mailbox: mailbox.new_uids(after=9, since=NOW))

    assert uids == []
    assert commands == ["UID SEARCH UID 10:*"]


def test_uids_are_ascending_however_they_are_told():
    answers = {
        "UID SEARCH": b"* SEARCH 30 10 x 0 99999999999\r\n* SEARCH 20\r\n{tag} OK y\r\n"
    }

    uids, _ = use(answers, lambda mailbox: mailbox.new_uids(after=1, since=NOW))

    assert uids == [10, 20, 30]


def test_after_the_last_possible_uid_nothing_is_asked():
    uids, commands = use({}, lambda box: box.new_uids(after=2**32 - 1, since=NOW))

    assert (uids, commands) == ([], [])


def test_without_a_watermark_the_time_counts_to_the_second():
    answers = {
        "UID FETCH": (
            b'* 1 FETCH (UID 1 INTERNALDATE "05-Jan-2026 07:59:59 +0000")\r\n'
            b'* 2 FETCH (UID 2 INTERNALDATE "05-Jan-2026 10:00:00 +0200")\r\n'
            b'* 3 FETCH (UID 3 INTERNALDATE "04-Jan-2026 23:59:59 -0900")\r\n'
            b"{tag} OK done\r\n"
        )
    }

    uids, commands = use(answers, lambda mailbox: mailbox.new_uids(after=0, since=NOW))

    assert uids == [2, 3]
    assert commands[0] == "UID SEARCH SINCE 04-Jan-2026"


def dated(uid: int, time: bytes = b"08:30:00") -> bytes:
    return b'* %d FETCH (UID %d INTERNALDATE "05-Jan-2026 %b +0000")\r\n' % (
        uid,
        uid,
        time,
    )


def test_a_message_whose_date_did_not_come_is_not_passed_for_ever():
    answers = {
        "UID SEARCH SINCE": b"* SEARCH 1 2 3 4 5\r\n" + DONE,
        "UID SEARCH UID": b"* SEARCH 2 3 5\r\n" + DONE,  # 4 is gone
        "UID FETCH": [dated(1) + DONE, dated(2) + dated(3, b"07:00:00") + DONE],
    }

    uids, _ = use(answers, lambda mailbox: mailbox.new_uids(after=0, since=NOW))

    assert uids == [1, 2, 5]


def test_fetching_peeks_and_asks_for_little():
    answers = {"UID FETCH": row(1) + row(2) + row(3) + b"{tag} OK done\r\n"}

    messages, commands = use(answers, lambda mailbox: list(mailbox.fetch([1, 2, 3])))

    assert [message.uid for message in messages] == [1, 2, 3]
    assert messages[0].received_at == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert len(commands) == 1
    assert commands[0].startswith("UID FETCH 1:3 (")
    assert "BODY.PEEK[TEXT]<0.5632>" in commands[0]
    assert "BODY[" not in commands[0]


def test_many_messages_are_asked_for_in_short_lines():
    uids = list(range(1, 4_000_000_000, 4_000_000))[:250]

    _, commands = use(
        {"UID SEARCH": NOTHING}, lambda mailbox: list(mailbox.fetch(uids))
    )

    assert max(map(len, commands)) < 2_000
    assert all(len(line.split()[2]) <= 900 for line in commands)


def test_what_the_server_left_out_is_asked_for_once_more():
    answers = {
        "UID FETCH": [
            row(1) + b"* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n{tag} OK done\r\n",
            row(2) + b"{tag} OK done\r\n",
        ],
        "UID SEARCH": b"* SEARCH 1 2\r\n{tag} OK done\r\n",
    }

    messages, commands = use(answers, lambda mailbox: list(mailbox.fetch([1, 2, 3])))

    assert [message.uid for message in messages] == [1, 2]
    assert commands[1].startswith("UID FETCH 2:3 ")


def test_messages_are_gone_only_when_the_server_does_not_list_them():
    answers = {"UID FETCH": DONE, "UID SEARCH": b"* SEARCH 77\r\n" + DONE}

    messages, commands = use(answers, lambda mailbox: list(mailbox.fetch([1, 2])))

    assert messages == []
    assert commands[-1] == "UID SEARCH UID 1:2"


def test_an_answer_that_lacks_every_message_is_asked_for_once_more():
    answers = {"UID FETCH": [DONE, row(1) + row(2) + DONE]}

    messages, _ = use(answers, lambda mailbox: list(mailbox.fetch([1, 2])))

    assert [message.uid for message in messages] == [1, 2]


def test_a_server_that_lists_messages_and_gives_none_is_in_trouble():
    """They would count as gone, and the watermark would pass them for good."""
    with pytest.raises(ServerBusy, match="tries again"):
        use({"UID FETCH": DONE}, lambda mailbox: list(mailbox.fetch([1, 2])))


def test_a_message_that_alone_is_never_given_cannot_be_read():
    """A mailbox with one broken message would have no other labelled any more."""
    answers = {"UID FETCH": [row(1) + DONE, DONE]}

    messages, _ = use(answers, lambda mailbox: list(mailbox.fetch([1, 2])))

    assert [(one.uid, one.readable) for one in messages] == [(1, True), (2, False)]


def test_a_search_that_was_not_answered_is_asked_once_more():
    answers = {"UID SEARCH": [DONE, b"* SEARCH 2 3\r\n" + DONE]}

    uids, _ = use(answers, lambda mailbox: mailbox.new_uids(after=1, since=NOW))

    assert uids == [2, 3]


def test_a_server_that_says_nothing_when_it_finds_nothing_is_believed():
    uids, _ = use(
        {"UID SEARCH": DONE}, lambda mailbox: mailbox.new_uids(after=1, since=NOW)
    )

    assert uids == []


def test_rows_that_nobody_asked_for_are_left_out():
    answers = {"UID FETCH": row(1) + row(77) + b"{tag} OK done\r\n"}

    messages, _ = use(answers, lambda mailbox: list(mailbox.fetch([1])))

    assert [message.uid for message in messages] == [1]


def test_a_row_that_cannot_be_read_breaks_no_other():
    broken = b'* 2 FETCH (UID 2 FLAGS ("unfinished)\r\n'
    done = b"{tag} OK done\r\n"
    answers = {"UID FETCH": [row(1) + broken + done, row(1) + done, broken + done]}

    messages, _ = use(answers, lambda mailbox: list(mailbox.fetch([1, 2])))

    assert [(message.uid, message.readable) for message in messages] == [
        (1, True),
        (2, False),
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (HANG_UP, ConnectFailed),
        (row(1)[:40], ServerBusy),
        (b"* 1 FETCH (UID 1 BODY[TEXT] {300000000}\r\n", ServerBusy),
        (b"* BYE shutting down\r\n" + HANG_UP, ServerBusy),
        (b"{tag} NO [SERVERBUG] no\r\n", ServerBusy),
        (b"* 1 FETCH " + b"(" * 5000 + b"\r\n{tag} OK done\r\n", None),
    ],
)
def test_a_server_that_breaks_off_is_a_failure_that_may_pass(
    monkeypatch, answer, expected
):
    monkeypatch.setattr("mailbeat.mail.wire.READ_SECONDS", 0.2)
    answers = {"UID FETCH": answer}
    if expected is None:
        messages, _ = use(answers, lambda mailbox: list(mailbox.fetch([1])))
        assert [message.readable for message in messages] == [False]
        return

    with pytest.raises((expected, ConnectFailed)):
        use(answers, lambda mailbox: list(mailbox.fetch([1])))


def test_a_text_that_lies_further_down_is_asked_for():
    start = b"Content-Type: multipart/mixed; boundary=b\r\n"
    pdf = b"--b\r\nContent-Type: application/pdf\r\n\r\n".ljust(MAX_BODY, b"x")
    head = b"From: a@example.org\r\n" + start + b"\r\n"
    first = (
        b"* 1 FETCH (UID 1 BODY[HEADER.FIELDS (FROM)]<0> {%d}\r\n%b"
        b" BODY[TEXT]<0> {%d}\r\n%b)\r\n" % (len(head), head, len(pdf), pdf)
    )
    structure = (
        b"* 1 FETCH (UID 1 BODYSTRUCTURE ("
        b'("application" "pdf" NIL NIL NIL "7bit" 9000 NIL NIL)'
        b'("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 99 3) "mixed"))\r\n'
    )
    text = b"Gr\xc3\xbc\xc3\x9fe aus Berlin, wo es heute regnet."
    part = b"* 1 FETCH (UID 1 BODY[2]<0> {%d}\r\n%b)\r\n" % (len(text), text)
    answers = {"UID FETCH": [first + DONE, structure + DONE, part + DONE]}

    messages, commands = use(answers, lambda mailbox: list(mailbox.fetch([1])))

    assert messages[0].text == "Grüße aus Berlin, wo es heute regnet."
    assert commands[1:] == [
        "UID FETCH 1 (UID BODYSTRUCTURE)",
        "UID FETCH 1 (UID BODY.PEEK[2]<0.65536>)",
    ]


def test_one_by_one_none_is_looked_into_before_it_is_taken():
    answers = {"UID FETCH": [row(1) + DONE, row(2) + DONE]}

    told = []

    (first, told_with_it, *rest), commands = use(
        answers,
        lambda mailbox: [
            step
            for message in mailbox.fetch([1, 2], one_by_one=told.append)
            for step in (message.uid, [*told])
        ],
    )

    assert (first, told_with_it, rest) == (1, [1], [2, [1, 2]])
    assert [line.split()[2] for line in commands] == ["1", "2"]


LAST_SEEN = LastSeen(uid_validity=7, watermark=3)
AHEAD = {"UID SEARCH": b"* SEARCH 4 5\r\n" + DONE, "UID FETCH": row(4) + row(5) + DONE}


def read_on(answers, last_seen=LAST_SEEN, **options):
    """What is new after a run that saw three messages, and which commands that took."""
    with (
        rude_imap(answers) as server,
        open_mailbox(server.login(), deadline=9, last_seen=last_seen) as mailbox,
    ):
        uids = mailbox.new_uids(after=3, since=NOW)
        found = [message.uid for message in mailbox.fetch(uids, **options)]
    return found, [line for line in server.commands if line.startswith("UID")]


@pytest.mark.parametrize("one_by_one", [None, abs])
def test_what_came_after_the_last_run_is_asked_for_with_the_mailbox(one_by_one):
    found, commands = read_on(AHEAD, one_by_one=one_by_one)

    assert found == [4, 5]
    assert [line.split("(")[0].strip() for line in commands] == [
        "UID SEARCH UID 4:*",
        "UID FETCH 4:253",
    ]


def test_a_mailbox_without_news_takes_three_turns_and_one_with_news_four():
    """However quick the server: each turn's commands come as one."""
    answers = GMAIL | {
        "UID SEARCH": b"* SEARCH 10 11\r\n" + DONE,
        "UID FETCH": row(10) + row(11) + DONE,
        "UID STORE 10": b"* 1 FETCH (UID 10 X-GM-LABELS (Mailbeat/A))\r\n" + DONE,
        "UID STORE 11": b"* 2 FETCH (UID 11 X-GM-LABELS (Mailbeat/B))\r\n" + DONE,
    }

    turns = []
    for labels in ({}, {"A": [10], "B": [11]}):
        with rude_imap(answers) as server:
            last_seen = LastSeen(uid_validity=7, watermark=9)
            login = server.login()
            with open_mailbox(login, deadline=10, last_seen=last_seen) as mailbox:
                list(mailbox.fetch(mailbox.new_uids(after=9, since=NOW)))
                mailbox.put_labels(labels)
        before = server.heard[server.commands.index('SELECT "INBOX"')]
        turns.append(server.heard[-1] - before)

    assert turns == [1, 2]  # after signing in: news; labels; and goodbye


def test_what_is_far_above_the_last_uid_is_asked_for_by_itself():
    answers = {
        "UID SEARCH": b"* SEARCH 4 9000\r\n" + DONE,
        "UID FETCH": [row(4) + DONE, row(9000) + DONE],
    }

    found, commands = read_on(answers)

    assert found == [4, 9000]
    assert commands[-1].startswith("UID FETCH 9000 ")


def test_mail_that_came_between_search_and_fetch_waits_for_the_next_run():
    found, _ = read_on(AHEAD | {"UID SEARCH": b"* SEARCH 4\r\n" + DONE})

    assert found == [4]


def test_what_was_asked_ahead_and_refused_fails_no_sign_in():
    missing = {"SELECT": b"{tag} NO [NONEXISTENT] no\r\n", "UID": b"{tag} BAD no\r\n"}

    with pytest.raises(MailboxMissing):
        read_on(missing)


def test_numbered_anew_nothing_is_taken_that_was_asked_ahead():
    answers = {"UID SEARCH": b"* SEARCH 8\r\n" + DONE, "UID FETCH": row(4) + DONE}

    with (
        rude_imap(answers) as server,
        open_mailbox(server.login(), deadline=9, last_seen=LastSeen(6, 3)) as mailbox,
    ):
        server.answers["UID FETCH"] = row(8) + DONE
        assert mailbox.new_uids(after=0, since=datetime(2026, 1, 1, tzinfo=UTC)) == [8]
        assert [one.uid for one in mailbox.fetch([8])] == [8]


@pytest.mark.parametrize(
    ("since", "searches"), [(NOW, 1), (NOW - timedelta(days=9), 2)]
)
def test_without_a_last_run_what_is_young_is_searched_with_the_mailbox(since, searches):
    """What was found for another day is not taken for this one."""
    young = {"UID SEARCH": [b"* SEARCH 3 4\r\n" + DONE, b"* SEARCH 3 4 5\r\n" + DONE]}
    dates = b"".join(
        b'* 1 FETCH (UID %d INTERNALDATE "01-Jan-2099 00:00:00 +0000")\r\n' % uid
        for uid in range(3, 6)
    )
    with (
        rude_imap(young | {"UID FETCH": dates + DONE}) as server,
        open_mailbox(server.login(), deadline=9, since=NOW) as mailbox,
    ):
        found = mailbox.new_uids(after=0, since=since)

    commands = [line for line in server.commands if line.startswith("UID SEARCH")]
    assert len(commands) == searches
    assert found == [3, 4, 5][: searches + 1]


def test_after_an_answer_that_nobody_can_read_a_host_is_told_one_thing_at_a_time(
    monkeypatch,
):
    hosts = CarefulHosts()
    monkeypatch.setattr("mailbeat.mail.imap.careful_hosts", hosts)

    with pytest.raises(ServerBusy):
        use(
            {"UID SEARCH": b"A77 OK what\r\n"},
            lambda box: box.new_uids(after=1, since=NOW),
        )

    assert hosts.has("127.0.0.1")
    assert read_on(AHEAD)[0] == [4, 5]


# Labels


def test_a_label_is_a_keyword_and_the_first_is_read_back():
    def work(mailbox):
        mailbox.relabel([1, 2], add="Receipts")
        mailbox.relabel([3], add="Receipts")

    _, commands = use({"UID STORE": [FLAGS_STUCK, DONE]}, work)

    assert commands == [
        "UID STORE 1:2 +FLAGS (Receipts)",
        "UID STORE 3 +FLAGS.SILENT (Receipts)",
    ]


def test_labels_are_sent_before_those_before_are_known_to_be_on():
    """Each batch is looked at by itself, also if it is told of with another."""
    unasked = b"* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n"
    stuck = b"* 3 FETCH (UID 3 FLAGS (Receipts))\r\n" + DONE

    def work(mailbox):
        first = mailbox.send_labels({"Receipts": [1, 2]})
        second = mailbox.send_labels({"Receipts": [3]})
        return first(), second(), mailbox.put_labels({"Receipts": [4]})

    results, commands = use({"UID STORE": [unasked + FLAGS_STUCK, stuck, DONE]}, work)

    assert results == ({}, {}, {})
    assert commands == [
        "UID STORE 1:2 +FLAGS (Receipts)",
        "UID STORE 3 +FLAGS (Receipts)",
        "UID STORE 4 +FLAGS.SILENT (Receipts)",
    ]


def test_a_label_can_be_taken_off():
    _, commands = use({}, lambda mailbox: mailbox.relabel([1], add=None, remove="Old"))

    assert commands == ["UID STORE 1 -FLAGS.SILENT (Old)"]


def test_nothing_is_said_about_no_messages():
    assert use({}, lambda mailbox: mailbox.relabel([], add="Receipts"))[1] == []


def test_a_keyword_that_was_not_kept_is_refused():
    with pytest.raises(LabelRefused):
        use(
            {"UID FETCH": FLAGS_GONE},
            lambda mailbox: mailbox.relabel([1], add="Receipts"),
        )


def test_a_keyword_that_was_not_kept_is_put_on_once_more_before_it_is_refused():
    _, commands = use(
        {"UID FETCH": [FLAGS_GONE, FLAGS_STUCK]},
        lambda mailbox: mailbox.relabel([1], add="Receipts"),
    )

    assert commands == [
        "UID STORE 1 +FLAGS (Receipts)",
        "UID FETCH 1 (UID FLAGS)",
        "UID STORE 1 +FLAGS (Receipts)",
        "UID FETCH 1 (UID FLAGS)",
    ]


@pytest.mark.parametrize(
    "told", [b"* 2 FETCH (UID 9 FLAGS ())", b"* 1 FETCH (FLAGS (\\Seen))"]
)
def test_what_is_told_of_other_messages_proves_nothing(told):
    """UID 9 just came; number 1 of the mailbox need not be UID 1."""
    _, commands = use(
        {"UID FETCH": told + b"\r\n" + FLAGS_STUCK},
        lambda mailbox: mailbox.relabel([1], add="Receipts"),
    )

    assert len(commands) == 2


def test_a_message_that_is_gone_when_looked_at_again_refuses_nothing():
    """Some servers show a message that was just removed as it once was."""
    _, commands = use(
        {"UID FETCH": [FLAGS_GONE, DONE]},
        lambda mailbox: mailbox.relabel([1], add="Receipts"),
    )

    assert len(commands) == 4


def test_a_label_that_one_message_kept_is_kept_here():
    """Another program goes on writing the flags of the other message."""
    one_of_two = b"* 2 FETCH (UID 2 FLAGS ())\r\n" + FLAGS_STUCK

    def work(mailbox):
        mailbox.relabel([1, 2], add="Receipts")
        mailbox.relabel([3], add="Receipts")

    _, commands = use({"UID FETCH": one_of_two}, work)

    assert commands[-1] == "UID STORE 3 +FLAGS.SILENT (Receipts)"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"{tag} NO [UNAVAILABLE] later\r\n", ServerBusy),
        (b"{tag} BAD Internal error\r\n", ServerBusy),
        (b"{tag} NO hm\r\n", ServerBusy),
        (b"* BYE [CANNOT] down\r\n" + HANG_UP, ServerBusy),
        (HANG_UP, ConnectFailed),
    ],
)
def test_a_server_in_trouble_refuses_no_label(answer, expected):
    with pytest.raises(expected):
        use({"UID STORE": answer}, lambda mailbox: mailbox.relabel([1], add="Receipts"))


def test_a_message_that_vanished_proves_nothing():
    gone = b"{tag} OK done\r\n"

    def work(mailbox):
        mailbox.relabel([1], add="Receipts")
        mailbox.relabel([2], add="Receipts")

    _, commands = use({"UID FETCH": [gone, FLAGS_STUCK]}, work)

    assert len(commands) == 4


@pytest.mark.parametrize(
    "answers",
    [
        {"SELECT": b"{tag} OK [READ-ONLY] done\r\n"},
        {"UID STORE": b"{tag} NO [CANNOT] no\r\n"},
        {"UID STORE": b"{tag} BAD no\r\n"},
    ],
    ids=["read only", "cannot", "bad"],
)
def test_a_mailbox_that_keeps_no_keywords_refuses_labels(answers):
    with pytest.raises(LabelRefused, match="does not keep labels"):
        use(answers, lambda mailbox: mailbox.relabel([1], add="Receipts"))


def test_a_read_only_mailbox_can_be_read():
    read_only = b"* OK [UIDVALIDITY 7] x\r\n{tag} OK [READ-ONLY] done\r\n"
    answers = {
        "SELECT": read_only,
        "EXAMINE": read_only,
        "UID FETCH": row(1) + b"{tag} OK done\r\n",
    }

    messages, _ = use(answers, lambda mailbox: list(mailbox.fetch([1])))

    assert len(messages) == 1


def test_a_keyword_that_is_there_already_needs_no_wildcard():
    answers = select(b"* OK [PERMANENTFLAGS (\\Seen RECEIPTS)] x\r\n")

    use(
        answers | {"UID FETCH": FLAGS_STUCK},
        lambda mailbox: mailbox.relabel([1], add="Receipts"),
    )


def test_on_gmail_a_label_is_a_label():
    stuck = b'* 1 FETCH (UID 1 X-GM-LABELS ("\\\\Important" "Mailbeat/Receipts"))\r\n'
    answers = GMAIL | {"UID STORE": stuck + b"{tag} OK done\r\n"}

    _, commands = use(answers, lambda mailbox: mailbox.relabel([1], add="Receipts"))

    assert commands == ['UID STORE 1 +X-GM-LABELS ("Mailbeat/Receipts")']


def test_on_gmail_messages_are_known_by_its_own_number():
    numbered = row(1).replace(b"(UID 1 ", b"(UID 1 X-GM-MSGID 1278455344230334865 ")
    answers = GMAIL | {"UID FETCH": numbered + b"{tag} OK done\r\n"}

    messages, commands = use(answers, lambda mailbox: list(mailbox.fetch([1])))

    assert messages[0].key == "gm-1278455344230334865"
    assert "X-GM-MSGID" in commands[0]


def test_on_gmail_a_label_may_have_any_letters():
    stuck = b'* 1 FETCH (UID 1 X-GM-LABELS ("Mailbeat/B&APw-cher"))\r\n' + DONE

    _, commands = use(
        GMAIL | {"UID STORE": stuck},
        lambda mailbox: mailbox.relabel([1], add="Bücher"),
    )

    assert commands == ['UID STORE 1 +X-GM-LABELS ("Mailbeat/B&APw-cher")']


def test_on_gmail_quotes_in_a_name_do_not_end_it():
    stuck = b'* 1 FETCH (UID 1 X-GM-LABELS ("Mailbeat/\\"Books\\""))\r\n' + DONE

    _, commands = use(
        GMAIL | {"UID STORE": stuck},
        lambda mailbox: mailbox.relabel([1], add='"Books"'),
    )

    assert commands == [r'UID STORE 1 +X-GM-LABELS ("Mailbeat/\"Books\"")']


# The end


def test_one_says_goodbye_whatever_happened():
    with rude_imap() as server:
        with (
            pytest.raises(RuntimeError),
            open_mailbox(server.login(), deadline=10),
        ):
            raise RuntimeError

        assert server.commands[-1] == "LOGOUT"


def test_after_a_hang_up_there_is_no_goodbye():
    with pytest.raises(ConnectFailed):
        use({"UID SEARCH": HANG_UP}, lambda box: box.new_uids(after=1, since=NOW))


def test_the_server_of_these_tests_offers_what_a_mailbox_needs():
    assert {"SELECT", "UID SEARCH", "UID STORE", "LOGOUT"} <= set(DEFAULTS)
