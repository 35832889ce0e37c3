import asyncio
from datetime import UTC, datetime

import pytest
from pymap.flags import FlagOp
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag, Seen

from mailbeat.demo.mail_file import MailFile
from mailbeat.demo.stored_mailbox import StoredMailboxSet

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ADA = "ada@example.org"


@pytest.fixture
def file(tmp_path):
    file = MailFile(tmp_path / "mail.db")
    yield file
    file.close()


def flags_after_a_restart(file):
    inbox = StoredMailboxSet(file, ADA).inbox
    messages = inbox._messages.values()
    return {m.uid: {str(flag) for flag in m.permanent_flags} for m in messages}


def test_flags_are_written_when_they_change(file):
    inbox = StoredMailboxSet(file, ADA).inbox

    async def label() -> None:
        appended = AppendMessage(b"Subject: x\r\n\r\n", NOON, frozenset({Seen}))
        message = await inbox.append(appended)
        await inbox.update(1, message, frozenset({Flag("Forums")}), FlagOp.ADD)

    asyncio.run(label())

    assert flags_after_a_restart(file) == {1: {"\\Seen", "Forums"}}


def test_a_moved_message_keeps_its_content(file):
    mailboxes = StoredMailboxSet(file, ADA)
    file.deliver(ADA, [])

    async def move() -> int:
        await mailboxes.add_mailbox("Kept")
        kept = await mailboxes.get_mailbox("Kept")
        await mailboxes.inbox.append(AppendMessage(b"Subject: x\r\n\r\nHi", NOON))
        await mailboxes.inbox.move(1, kept)
        return (await kept.snapshot()).exists

    assert asyncio.run(move()) == 1
    assert flags_after_a_restart(file) == {}
