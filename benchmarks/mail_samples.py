"""Messages of our own making, the same ones for the same seed, with known labels.

Each is of one genre that its header or its text tells at once, so that every method,
whether it reads the whole message or its beginning, must come to the same label.
"""

import base64
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.layers import build_categorizer
from mailbeat.mail.message import Message
from mailbeat.mail.parse import message_from_bytes

LABELS = {category.id: category.label for category in STARTING_CATEGORIES}
MEAN_BYTES = 50 * 1024
SPREAD = 1.1  # of the logarithm: many short ones, few of megabytes
ATTACHED_FROM = 30 * 1024  # bytes; what is more than that is an attachment

# Of every 25 messages one fits no category.
_GENRES = [
    (
        5,
        "Corner Shop <billing@shop.example.com>",
        "Your order no. {n} and its invoice",
        "",
        "Thank you for your order. Total paid: {n}.50 EUR.",
    ),
    (
        4,
        "The Gazette <newsletter@gazette.example.com>",
        "Weekly newsletter, issue no. {n}",
        "List-Unsubscribe: <mailto:leave@gazette.example.com>",
        "This week: top stories. Read online. You receive this as a subscriber.",
    ),
    (
        3,
        "Accounts <no-reply@accounts.example.net>",
        "Your verification code is {n}",
        "",
        "Use the security code {n} to sign in. The code expires in ten minutes.",
    ),
    (
        3,
        "Ada Miller <ada@example.org>",
        "[garden] Planting in March, part {n}",
        "List-Post: <mailto:garden@example.org>\r\nList-Id: <garden.example.org>",
        "I would wait until the frost is over. What do the others think?",
    ),
    (
        3,
        "Builds <builds@code.example.net>",
        "Build failed: main, run {n}",
        "X-GitHub-Reason: ci_activity",
        "The pipeline failed. The job reported an error.",
    ),
    (
        3,
        "First Bank <statements@bank.example.com>",
        "Your account statement no. {n}",
        "",
        "Your account balance and each direct debit are in the bank statement.",
    ),
    (
        3,
        "Shoes <offers@shoes.example.com>",
        "Sale: {n} pairs with a discount of 30 %",
        "List-Unsubscribe: <mailto:leave@shoes.example.com>",
        "Special offer for a limited time: use the promo code and save 30 %.",
    ),
    (
        1,
        "Team <team@things.example.com>",
        "About item {n}",
        "",
        "It is as we said. The rest is known.",
    ),
]
_TEMPLATES = [genre[1:] for genre in _GENRES for _ in range(genre[0])]
_SOME_TEXT = """
    window river paper garden stone little early quiet table north water seldom bright
    copper market winter letter single corner wooden travel summer silver
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """A message as it lies on the server, and the label that it must get, or none."""

    message_id: str
    raw: bytes
    label: str | None


def make_samples(
    count: int, *, seed: int, mean_bytes: int = MEAN_BYTES
) -> Iterator[Sample]:
    """Yield `count` messages whose mean size is about `mean_bytes`."""
    chance = random.Random(seed)
    drawn = [chance.lognormvariate(0, SPREAD) for _ in range(count)]
    scale = mean_bytes * count / sum(drawn)
    for n, size in enumerate(drawn):
        message_id = f"<{seed}.{n}@made.example.org>"
        raw = _message(message_id, n, round(size * scale), chance)
        yield Sample(message_id, raw, label_of(message_from_bytes(raw)))


def label_of(message: Message) -> str | None:
    return labels_of([message])[0]


def labels_of(messages: Sequence[Message]) -> list[str | None]:
    """What every method decides with."""
    return [
        None if decision.category_id is None else LABELS[decision.category_id]
        for decision in _CATEGORIZER.decide(messages)
    ]


_CATEGORIZER = build_categorizer(STARTING_CATEGORIES)


def _message(message_id: str, n: int, size: int, chance: random.Random) -> bytes:
    sender, subject, fields, text = _TEMPLATES[n * 7 % len(_TEMPLATES)]
    head = [
        f"Received: from relay.example.org by mx.example.org; id {n}",
        f"From: {sender}",
        "To: bench@example.org",
        f"Subject: {subject.format(n=100_000 + n)}",
        f"Message-ID: {message_id}",
        "Date: Mon, 2 Mar 2026 10:00:00 +0000",
        *([fields] if fields else []),
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="=part"',
        "",
        "--=part",
        "Content-Type: text/plain; charset=utf-8",
        "",
        text.format(n=100_000 + n),
    ]
    lines = [*head, *_more(size - sum(map(len, head)), chance), "--=part--", ""]
    return "\r\n".join(lines).encode()


def _more(size: int, chance: random.Random) -> Iterator[str]:
    """Yield the lines of further parts, of about `size` bytes."""
    words = _SOME_TEXT.split()
    html = min(size, ATTACHED_FROM) - 100
    if html > 0:
        yield from ("--=part", "Content-Type: text/html; charset=utf-8", "")
    while html > 0:
        line = f"<p>{' '.join(chance.choices(words, k=10))}</p>"
        html -= len(line) + 2
        yield line
    if size > ATTACHED_FROM:
        yield from ("--=part", "Content-Type: application/octet-stream")
        yield from ("Content-Transfer-Encoding: base64", "")
        data = chance.randbytes((size - ATTACHED_FROM) * 57 // 78)
        yield base64.encodebytes(data).decode().replace("\n", "\r\n").strip()
