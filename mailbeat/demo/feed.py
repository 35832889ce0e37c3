"""New mail that keeps arriving while the demo runs."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random

from pymap.parsing.message import AppendMessage

from mailbeat.demo.samples import arriving
from mailbeat.demo.stored_mailbox import StoredMailbox

SHORTEST_PAUSE, LONGEST_PAUSE = 3.0, 6.0  # seconds
FULL = 500  # messages; above it the oldest go


async def feed(inboxes: Mapping[str, StoredMailbox]) -> None:
    """Deliver to one inbox after the other, at random, until cancelled."""
    chance = Random()  # noqa: S311 # what arrives next is no secret
    while inboxes:
        await asyncio.sleep(chance.uniform(SHORTEST_PAUSE, LONGEST_PAUSE))
        await deliver(chance.choice(list(inboxes.values())), chance)


async def deliver(inbox: StoredMailbox, chance: Random) -> None:
    """Deliver one message, and drop the oldest of a full inbox."""
    now = datetime.now(UTC)
    await inbox.append(AppendMessage(arriving(inbox.address, chance, now), now))
    if len(inbox) > FULL:
        await inbox.delete(inbox.oldest(len(inbox) - FULL))
