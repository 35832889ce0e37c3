"""What lies in a mailbox when the demo begins, and what arrives while it runs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from mailbeat.demo.samples.broken import broken_messages
from mailbeat.demo.samples.mime import write
from mailbeat.demo.samples.people import Person, person
from mailbeat.demo.samples.templates import LANGUAGES, Template, language
from mailbeat.demo.samples.writing import draft

HISTORY = 72  # messages
SPAN = timedelta(days=12)


def history(
    owner: Person, now: datetime, *, seed: int = 1
) -> list[tuple[bytes, datetime]]:
    """Return an inbox of the days before `now`, oldest first, with when each came."""
    chance = Random(f"{owner.address}/{seed}")  # noqa: S311 # samples are no secret
    spoilt = broken_messages(owner, now)
    times = sorted(now - SPAN * chance.random() for _ in range(HISTORY - len(spoilt)))
    templates = list(islice(_shuffled(owner, chance), len(times)))
    mail = [
        (write(draft(template, owner, chance, when)), when)
        for template, when in zip(templates, times, strict=True)
    ]
    mail += [(raw, now - SPAN * chance.random()) for raw in spoilt]
    return sorted(mail, key=lambda one: one[1])


def arriving(address: str, chance: Random, now: datetime) -> bytes:
    """Return a message that has just been sent to `address`."""
    owner = person(address)
    template = next(_shuffled(owner, chance))
    return write(draft(template, owner, chance, now))


def _shuffled(owner: Person, chance: Random) -> Iterator[Template]:
    """Templates without end: half in the owner's language, each before any again."""
    own = list(language(owner.language).templates)
    english = list(language("en").templates)
    others = [
        template
        for code in LANGUAGES
        if code not in {owner.language, "en"}
        for template in language(code).templates
    ]
    piles: list[list[Template]] = [[], [], []]
    while True:
        (which,) = chance.choices(range(3), weights=(50, 35, 15))
        if not piles[which]:
            pile = (own, english, others)[which] or english
            piles[which] = chance.sample(pile, len(pile))
        yield piles[which].pop()
