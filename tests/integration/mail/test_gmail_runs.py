"""What only Gmail does to a run: new UIDs, and messages that go."""

import pytest

from mailbeat.mail.mailbox import LastSeen
from tests.servers.boxes import all_uids
from tests.servers.gmail import faults as f


def test_a_message_that_comes_back_to_the_inbox_keeps_its_key(box):
    """Its UID is another one; the key stops a second labelling."""
    with box.open() as mailbox:
        before = {message.key for message in mailbox.fetch(all_uids(mailbox))}
    (message_id, *_) = box.server.labels(box.address)

    box.server.correct(box.address, message_id, remove=["\\Inbox"])
    box.server.correct(box.address, message_id, add=["\\Inbox"])

    with box.open() as mailbox:
        uids = all_uids(mailbox)
        after = {message.key for message in mailbox.fetch(uids)}
    assert list(uids) == [2, 3, 4, 5, 6, 7]
    assert after == before


def test_the_mailbox_is_numbered_anew_between_two_runs(box):
    with box.open() as mailbox:
        seen = LastSeen(mailbox.uid_validity, 4)
        before = {message.key for message in mailbox.fetch(all_uids(mailbox))}
    box.server.rule("SELECT", do=f.SetUidValidity(77), times=1)

    with box.open(last_seen=seen) as mailbox:
        after = {message.key for message in mailbox.fetch(all_uids(mailbox))}
        validity = mailbox.uid_validity

    assert (validity, after) == (77, before)


@pytest.mark.parametrize("uid", [1, 3, 6])
def test_a_message_that_goes_while_it_is_labelled_is_no_refusal(box, uid):
    box.server.rule("UID STORE", do=f.Expunge(uid), times=1)

    box.run()

    assert box.labels() == [{"Receipts"}] * 5
