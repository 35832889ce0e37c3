import asyncio
from random import Random

import pytest

from mailbeat.demo import feed
from mailbeat.demo.mail_file import MailFile
from mailbeat.demo.stored_mailbox import StoredMailboxSet

ADA = "ada.whitfield@example.org"


@pytest.fixture
def inbox(tmp_path):
    file = MailFile(tmp_path / "mail.db")
    yield StoredMailboxSet(file, ADA).inbox
    file.close()


def test_a_new_message_arrives(inbox):
    asyncio.run(feed.deliver(inbox, Random(1)))

    assert len(inbox) == 1


def test_a_full_inbox_loses_its_oldest(inbox, monkeypatch):
    monkeypatch.setattr(feed, "FULL", 3)

    async def deliver() -> None:
        for _ in range(5):
            await feed.deliver(inbox, Random(1))

    asyncio.run(deliver())

    assert inbox.oldest(10) == [3, 4, 5]


def test_nobody_to_feed_is_no_error():
    asyncio.run(feed.feed({}))
