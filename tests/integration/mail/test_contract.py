"""What holds for every server: the Gmail dialect, pymap and Dovecot.

Each test writes with, and looks with, another's client: IMAPClient or plain bytes.
"""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from mailbeat.mail.errors import AuthFailed, LabelRefused, MailboxMissing
from mailbeat.mail.mailbox import LastSeen, Security
from tests.factories import make_raw
from tests.servers.boxes import Box, all_uids
from tests.servers.dovecot import DovecotServer
from tests.servers.gmail import Dialect, GmailServer

MANY = 600  # messages: more than two commands' worth
SERVERS = (
    "gmail",
    "gmail-tls",
    "gmail-starttls",
    "gmail-interleaved",
    "gmail-bare",
    "keywords",
    "pymap",
    "dovecot",
    "dovecot-tls",
    "dovecot-starttls",
)
DIALECTS = {
    "interleaved": Dialect(interleaves=True),
    # As little as a server may offer: no words before their time, no extensions.
    "bare": Dialect(
        before=("IMAP4rev1", "X-GM-EXT-1"),
        after=("IMAP4rev1", "X-GM-EXT-1"),
        sign_in_tells="not",
    ),
    "keywords": Dialect(greeting_tells=True, sign_in_tells="code").without(
        "X-GM-EXT-1"
    ),
}


@pytest.fixture(scope="session")
def dovecot(authority):
    if not DovecotServer.is_installed():
        pytest.skip("Dovecot is not installed (apt-get install dovecot-imapd)")
    server = DovecotServer(authority.issue("localhost"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=SERVERS)
def make_box(request, authority, trusted):
    """Makes boxes at one server; a Gmail-like one tells what it disliked of us."""
    kind, _, variant = request.param.partition("-")
    security = Security(variant) if "tls" in variant else Security.NONE
    if kind in {"pymap", "dovecot"}:
        name = "imap_server" if kind == "pymap" else "dovecot"
        server = request.getfixturevalue(name)
        yield lambda **options: Box(server, security=security, **options)
        return
    dialect = DIALECTS.get(variant) or DIALECTS.get(kind) or Dialect()
    with GmailServer(
        certificate=authority.issue("localhost"), dialect=dialect
    ) as server:
        yield lambda **options: Box(server, security=security, **options)

        assert server.complaints == []
        assert server.peak <= 2, "one connection of ours, one that looks"


@pytest.fixture
def box(make_box):
    return make_box()


def hour_ago():
    return datetime.now(UTC) - timedelta(hours=1)


# Signing in


def test_the_right_password_opens_the_mailbox(box):
    box.deliver(make_raw())

    with box.open() as mailbox:
        assert mailbox.uid_validity > 0
        assert mailbox.uid_next > box.look()[-1].uid


@pytest.mark.parametrize("password", ["wrong", "wröng", 'wr"ong\\', "", " "])
def test_a_wrong_password_is_refused(box, password):
    with pytest.raises(AuthFailed), box.open(password=password):
        pass


@pytest.mark.parametrize("password", ["pä ß wörd €", 'with "quotes" and \\', "{4}"])
def test_a_password_may_have_any_letters(make_box, password):
    box = make_box(password=password)

    with box.open() as mailbox:
        assert all_uids(mailbox) == []


# Mailboxes


def test_a_mailbox_that_is_not_there_is_missing(box):
    with pytest.raises(MailboxMissing, match="Nowhere"), box.open("Nowhere"):
        pass


@pytest.mark.parametrize("name", ["Bücher", "A & B", "日本 (neu)", "with~tilde"])
def test_a_mailbox_may_have_any_name(box, name):
    box.make_folder(name)
    box.deliver(make_raw(1, subject="inside"), folder=name)
    box.deliver(make_raw(2, subject="outside"))

    with box.open(name) as mailbox:
        (message,) = mailbox.fetch(all_uids(mailbox))
        mailbox.relabel([message.uid], add="Receipts")

    assert message.subject == "inside"
    assert [set(look.labels) for look in box.look(name)] == [{"Receipts"}]
    assert box.labels() == [set()]


def test_the_validity_of_uids_stays_while_the_mailbox_does(box):
    found = []
    for _ in range(2):
        with box.open() as mailbox:
            found.append(mailbox.uid_validity)

    assert found[0] == found[1] > 0


# What is new


def test_new_are_the_messages_above_the_last_uid(box):
    box.deliver(*map(make_raw, range(4)))
    uids = [look.uid for look in box.look()]

    with box.open() as mailbox:
        assert list(mailbox.new_uids(after=uids[1], since=hour_ago())) == uids[2:]
        assert list(mailbox.new_uids(after=uids[-1], since=hour_ago())) == []
        assert list(mailbox.new_uids(after=2**32 - 1, since=hour_ago())) == []


def test_what_came_since_the_last_run_is_found_and_read(box):
    """It is asked for together with the mailbox, before anything is known of that."""
    box.deliver(*map(make_raw, range(3)))
    with box.open() as mailbox:
        seen = LastSeen(mailbox.uid_validity, box.look()[-1].uid)
    box.deliver(*(make_raw(number, text=f"new {number}") for number in range(3, 8)))

    with box.open(last_seen=seen) as mailbox:
        uids = mailbox.new_uids(after=seen.watermark, since=hour_ago())
        texts = [message.text for message in mailbox.fetch(uids)]
        mailbox.relabel(uids, add="Receipts")

    assert texts == [f"new {number}" for number in range(3, 8)]
    assert box.labels() == [set()] * 3 + [{"Receipts"}] * 5
    assert box.is_unread()


def test_nothing_is_new_when_nothing_came(box):
    box.deliver(*map(make_raw, range(3)))
    with box.open() as mailbox:
        seen = LastSeen(mailbox.uid_validity, box.look()[-1].uid)

    with box.open(last_seen=seen) as mailbox:
        assert list(mailbox.new_uids(after=seen.watermark, since=hour_ago())) == []


def test_numbers_of_an_older_mailbox_mean_nothing(box):
    box.deliver(*(make_raw(number, text=f"new {number}") for number in range(5)))
    uids = [look.uid for look in box.look()]
    with box.open() as mailbox:
        seen = LastSeen(mailbox.uid_validity + 1, uids[2])

    with box.open(last_seen=seen) as mailbox:
        found = mailbox.new_uids(after=0, since=hour_ago())
        texts = [message.text for message in mailbox.fetch(found)]

    assert list(found) == uids
    assert texts == [f"new {number}" for number in range(5)]


def test_without_a_last_uid_new_are_those_since_a_time(box):
    for minutes in (-3 * 24 * 60, -5, 5):
        when = hour_ago() + timedelta(minutes=minutes)
        box.deliver(make_raw(minutes + 9999), received_at=when)

    with box.open() as mailbox:
        young = mailbox.new_uids(after=0, since=hour_ago())

        assert list(young) == [box.look()[-1].uid]


def test_in_an_empty_mailbox_nothing_is_new(box):
    with box.open() as mailbox:
        assert list(mailbox.new_uids(after=0, since=hour_ago())) == []
        assert list(mailbox.new_uids(after=7, since=hour_ago())) == []
        assert list(mailbox.fetch([1, 2])) == []
        mailbox.relabel([1, 2], add="Receipts")


# Reading


def with_attachment():
    message = EmailMessage()
    message["From"] = "Ädä <ada@example.org>"
    message["To"] = "me@example.org"
    message["Subject"] = "Grüße an alle"
    message["Message-ID"] = "<a@example.org>"
    message["List-Id"] = "The list <list.example.org>"
    message.set_content("Tschüß\n")
    message.add_alternative("<p>Tschüß</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf")
    return message.as_bytes().replace(b"\n", b"\r\n")


def test_fields_text_and_attachments_are_read_and_nothing_is_marked_as_read(box):
    arrived = hour_ago().replace(microsecond=0)
    box.deliver(with_attachment(), received_at=arrived)

    with box.open() as mailbox:
        (message,) = mailbox.fetch(all_uids(mailbox))

    assert message.readable
    assert (message.sender, message.sender_name) == ("ada@example.org", "Ädä")
    assert (message.subject, message.text) == ("Grüße an alle", "Tschüß")
    assert message.message_id == "<a@example.org>"
    assert message.header("List-Id") == "The list <list.example.org>"
    assert message.attachments == ("application/pdf",)
    assert message.received_at == arrived
    assert box.is_unread()


def test_odd_messages_come_beside_good_ones(box):
    odd = [
        b"From: a@example.org\r\n\r\n" + b"x" * 100_000 + b"\r\n",
        b'From: a@example.org\r\nSubject: Gr\xfc\xdfe {9}\r\n\r\n"(\r\n',
        b"To: " + b"a@b.example, " * 9000 + b"\r\n\r\n",
        b"no field at all\r\n",
        b"From: a@example.org\r\n\r\n",
    ]
    box.deliver(*odd, make_raw(7))

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        messages = {message.uid: message for message in mailbox.fetch(uids)}

    assert sorted(messages) == list(uids)
    assert messages[uids[-1]].message_id == "<7@example.org>"


def test_a_message_keeps_its_key(box):
    box.deliver(make_raw(1), make_raw(2))
    found = []
    for _ in range(2):
        with box.open() as mailbox:
            found.append({one.uid: one.key for one in mailbox.fetch(all_uids(mailbox))})

    assert found[0] == found[1]
    assert len(set(found[0].values())) == 2


# Labels


def test_a_label_is_put_on_and_taken_off_and_twice_is_once(box):
    box.deliver(*map(make_raw, range(3)))

    with box.open() as mailbox:
        first, second, third = all_uids(mailbox)
        for _ in range(2):
            mailbox.relabel([first, second], add="Receipts")
            mailbox.relabel([second], add="Finance", remove="Receipts")
            mailbox.relabel([third], add=None, remove="Receipts")

    assert box.labels() == [{"Receipts"}, {"Finance"}, set()]
    assert box.is_unread()


def test_two_labels_of_one_name_are_one_label(box):
    """Letters of another size; where labels are keywords, a space, too."""
    box.deliver(make_raw())

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        mailbox.relabel(uids, add="Receipts")
        mailbox.relabel(uids, add="RECEIPTS", remove="Receipts")

    (labels,) = box.labels()
    assert {label.lower() for label in labels} == {"receipts"}


def test_messages_that_exist_are_told_from_those_that_do_not(box):
    box.deliver(*map(make_raw, range(3)))

    first, second, third = (look.uid for look in box.look())
    box.remove(second)

    with box.open() as mailbox:
        told = mailbox.existing([first, second, third, third + 9])
        assert set(told) == {first, third}
        assert set(mailbox.existing([second])) == set()


def test_what_others_put_on_a_message_stays(box):
    box.deliver(make_raw())
    with box.client() as client:
        client.select_folder("INBOX")
        (uid,) = client.search("ALL")
        client.add_flags([uid], [b"\\Flagged", b"$Work"])
        if box.has_labels:
            client.add_gmail_labels([uid], ["Mine"])

    with box.open() as mailbox:
        mailbox.relabel([uid], add="Receipts")
        mailbox.relabel([uid], add="Finance", remove="Receipts")

    (look,) = box.look()
    assert {"\\Flagged", "$Work"} <= look.flags
    if box.has_labels:
        with box.selected() as client:
            assert "Mine" in client.get_gmail_labels([uid])[uid]


def test_several_labels_are_put_on_at_once(box):
    box.deliver(*map(make_raw, range(6)))

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        wanted = {"Receipts": uids[:2], "Finance": uids[2:4], "Social": uids[4:]}
        refused = [mailbox.put_labels(wanted), mailbox.put_labels(wanted)]

    assert refused == [{}, {}]
    assert box.labels() == [
        {label} for label in ("Receipts", "Finance", "Social") for _ in range(2)
    ]
    assert box.is_unread()


def test_labels_can_be_on_their_way_while_other_mail_is_read(box):
    box.deliver(*(make_raw(number, text=f"new {number}") for number in range(6)))

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        first = mailbox.send_labels({"Receipts": uids[:2], "Social": uids[2:3]})
        texts = [message.text for message in mailbox.fetch(uids)]
        second = mailbox.send_labels({"Receipts": uids[3:5], "Finance": uids[5:]})
        refused = [first(), second()]

    assert refused == [{}, {}]
    assert texts == [f"new {number}" for number in range(6)]
    labels = ["Receipts", "Receipts", "Social", "Receipts", "Receipts", "Finance"]
    assert box.labels() == [{label} for label in labels]
    assert box.is_unread()


@pytest.mark.parametrize(
    ("label", "keyword"),
    [
        ("Receipts", "Receipts"),
        ("Meine Bücher (neu)", "Meine_B&APw-cher__neu"),
        ("A & B", "A_&-_B"),
        ("Stars*%", "Stars"),
        ("日本", "&ZeVnLA-"),
        ('Quote " \\ it', "Quote_____it"),
    ],
)
def test_a_label_may_have_any_letters(request, box, label, keyword):
    box.deliver(make_raw())

    with box.open() as mailbox:
        mailbox.relabel(all_uids(mailbox), add=label)

    assert box.labels() == [{label if box.has_labels else keyword}]


# What a person did to labels

OURS = ("Receipts", "Finance", "Social", "Meine Bücher")


def changed_in_between(box, person):
    """Label five; return the messages, what is told after a person acted, and all."""
    box.deliver(*map(make_raw, range(5)))
    with box.open(counts_changes=True) as mailbox:
        uids = list(all_uids(mailbox))
        mailbox.put_labels({"Receipts": uids[:3], "Meine Bücher": uids[3:]})
    with box.open(counts_changes=True) as mailbox:
        since = mailbox.modseq
    person(uids)
    with box.open(counts_changes=True) as mailbox:
        all_of_them = mailbox.labels_on(OURS, uids)
        if since is None:
            return uids, all_of_them, all_of_them, 0
        within = range(uids[0], uids[-1] + 1)
        changed = mailbox.labels_changed(OURS, since=since, uids=within)
        return uids, all_of_them, changed, mailbox.modseq - since


def test_labels_are_seen_as_they_are_now(box):
    def person(uids):
        box.change(uids[0], remove="Receipts")
        box.change(uids[1], add="Finance", remove="Receipts")
        box.change(uids[2], add="Finance")

    uids, now, changed, _ = changed_in_between(box, person)

    expected = [set(), {"Finance"}, {"Receipts", "Finance"}, *[{"Meine Bücher"}] * 2]
    assert now.looked_for == changed.looked_for == set(OURS)
    assert now.on == dict(zip(uids, map(frozenset, expected), strict=True))
    assert changed.on.items() >= dict(list(now.on.items())[:3]).items()
    assert changed.on.items() <= now.on.items()


def test_what_did_not_change_is_not_told_where_changes_are_counted(box):
    uids, now, changed, count = changed_in_between(
        box, lambda uids: box.change(uids[4], add="Social")
    )

    assert now.on[uids[4]] == {"Meine Bücher", "Social"}
    assert set(changed.on) == ({uids[4]} if count else set(uids))


def test_without_a_change_the_count_stays(box):
    uids, _, changed, count = changed_in_between(box, lambda _uids: None)

    assert count == 0
    assert set(changed.on) in (set(), set(uids))


def test_a_message_that_is_gone_has_no_labels_to_tell_of(box):
    def person(uids):
        box.remove(uids[0])
        box.change(uids[1], add="Social")

    uids, now, changed, _ = changed_in_between(box, person)

    assert set(now.on) == set(uids[1:])
    assert uids[0] not in changed.on


def test_changes_are_counted_only_for_who_wants_to_know(box):
    with box.open() as mailbox:
        assert mailbox.modseq is None


def test_the_mailbox_is_read_and_labelled_as_well_while_changes_are_counted(box):
    box.deliver(*(make_raw(number, text=f"text {number}") for number in range(40)))
    with box.open() as mailbox:
        seen = LastSeen(mailbox.uid_validity, box.look()[9].uid)

    with box.open(last_seen=seen, counts_changes=True) as mailbox:
        mailbox.labels_on(OURS, [look.uid for look in box.look()[:10]])
        uids = mailbox.new_uids(after=seen.watermark, since=hour_ago())
        texts = [message.text for message in mailbox.fetch(uids)]
        mailbox.put_labels({"Receipts": uids[:15], "Finance": uids[15:]})
        mailbox.put_labels({"Receipts": uids[:15]}, again=uids)

    assert texts == [f"text {number}" for number in range(10, 40)]
    assert box.labels() == [set()] * 10 + [{"Receipts"}] * 15 + [{"Finance"}] * 15


# Many, and gone


def test_many_messages_are_found_read_and_labelled_in_one_go(box):
    box.deliver(*(make_raw(n, text=f"number {n}") for n in range(MANY)))

    with box.open() as mailbox:
        uids = list(all_uids(mailbox))
        messages = {message.uid: message for message in mailbox.fetch(uids)}
        mailbox.relabel(uids[::2], add="Receipts")
        mailbox.relabel(uids[1::2], add="Finance")

    assert len(uids) == MANY
    assert [messages[uid].text for uid in uids] == [f"number {n}" for n in range(MANY)]
    assert box.labels() == [{"Receipts"}, {"Finance"}] * (MANY // 2)
    assert box.is_unread()


def test_each_message_is_given_once(box):
    box.deliver(*map(make_raw, range(30)))

    with box.open() as mailbox:
        uids = list(all_uids(mailbox))
        given = [message.uid for message in mailbox.fetch([*uids, *uids[:5]])]

    assert sorted(given) == uids


def test_messages_that_go_in_the_middle_are_left_out(box):
    box.deliver(*map(make_raw, range(12)))

    with box.open() as mailbox:
        uids = list(all_uids(mailbox))
        box.remove(uids[3], uids[4])
        read = sorted(message.uid for message in mailbox.fetch(uids))
        box.remove(uids[5])
        mailbox.relabel(uids, add="Receipts")

    # Whether what has just gone can still be read is the server's business.
    assert set(uids) >= set(read) >= set(uids) - {uids[3], uids[4]}
    assert box.labels() == [{"Receipts"}] * 9


def test_a_mailbox_that_was_made_anew_has_another_validity_or_other_uids(box):
    """Else a watermark of the old one would hide what is new."""
    numbers = []
    for number in (1, 2):
        box.make_folder("Box")
        box.deliver(make_raw(number), folder="Box")
        with box.open("Box") as mailbox:
            numbers.append((mailbox.uid_validity, *all_uids(mailbox)))
        box.delete_folder("Box")

    assert numbers[0] != numbers[1]


# Labels that do not stick


@pytest.mark.parametrize(
    "dialect",
    [
        Dialect(labels_stick=False),
        Dialect(is_readonly=True),
        Dialect(keywords_stick=False).without("X-GM-EXT-1"),
        Dialect(is_readonly=True).without("X-GM-EXT-1"),
    ],
)
def test_a_label_that_does_not_stick_is_refused(dialect):
    with GmailServer(dialect=dialect) as server:
        box = Box(server)
        box.deliver(make_raw(1), make_raw(2))

        with box.open() as mailbox, pytest.raises(LabelRefused):
            mailbox.relabel(all_uids(mailbox), add="Receipts")

        assert box.labels() == [set(), set()]
