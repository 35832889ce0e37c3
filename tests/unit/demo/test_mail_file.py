from datetime import UTC, datetime

import pytest

from mailbeat.demo.mail_file import MailFile

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ADA = "ada@example.org"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mail.db"


def test_uids_rise_and_are_not_given_twice_after_a_removal(path):
    file = MailFile(path)
    assert list(file.deliver(ADA, [(b"one", NOON), (b"two", NOON)])) == [1, 2]

    file.remove(ADA, [1, 2])

    assert list(file.deliver(ADA, [(b"three", NOON)])) == [3]
    file.close()


def test_what_was_written_is_there_when_it_is_opened_again(path):
    file = MailFile(path)
    file.deliver(ADA, [(b"one", NOON)])
    file.set_flags(ADA, 1, {"Receipts", "\\Seen"})
    validity = file.open_mailbox(ADA)
    file.close()

    again = MailFile(path)

    (mail,) = again.messages(ADA)
    assert mail.received_at == NOON
    assert mail.flags == {"Receipts", "\\Seen"}
    assert again.content(ADA, 1) == b"one"
    assert again.open_mailbox(ADA) == validity
    again.close()


def test_one_mailbox_knows_nothing_of_another(path):
    file = MailFile(path)
    file.deliver(ADA, [(b"one", NOON)])

    assert list(file.messages("bob@example.org")) == []
    assert file.content("bob@example.org", 1) == b""
    file.close()
