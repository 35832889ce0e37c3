"""Mail that arrives all the time, and how it must be labelled."""

import random
import threading
from collections.abc import Callable, Sequence
from itertools import count

from imapclient.exceptions import IMAPClientError

from mailbeat.labeling.category import Category
from mailbeat.labeling.layers import build_categorizer
from mailbeat.mail.parse import message_from_bytes
from tests.servers.imap import IMAPServer

KINDS = (
    (
        "Corner Shop <shop@corner.example.com>",
        "Your order no. {n} and its invoice",
        "Thank you for your order. Total paid: {n}.50 EUR. Your invoice is attached.",
    ),
    (
        "Account team <no-reply@login.example.com>",
        "Your verification code is {n}",
        "Use the code {n} to sign in. It expires in 10 minutes. Never share this code.",
    ),
    (
        "Example Bank <statements@bank.example.com>",
        "Your account statement no. {n} is ready",
        "Your bank account statement is ready. The balance of your account: {n} EUR.",
    ),
)


def message(n: int) -> bytes:
    sender, subject, text = KINDS[n % len(KINDS)]
    return (
        f"From: {sender}\r\nTo: you@example.org\r\nSubject: {subject.format(n=n)}\r\n"
        f"Message-ID: <{n}@faults.example>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text.format(n=n)}\r\n"
    ).encode()


def expected_labels(categories: Sequence[Category]) -> Callable[[str], str]:
    """What the label of a message must be, by its Message-ID."""
    labels = {category.id: category.label for category in categories}
    decided = build_categorizer(categories).decide(
        [message_from_bytes(message(n), uid=n + 1) for n in range(len(KINDS))]
    )
    found = [labels[one.category_id] for one in decided if one.category_id is not None]
    if len(set(found)) != len(KINDS):
        raise ValueError(f"the kinds of mail must differ in their labels: {found}")

    def label_of(message_id: str) -> str:
        return found[int(message_id.strip("<>").partition("@")[0]) % len(KINDS)]

    return label_of


class Feeder:
    """Delivers `rate` messages a second to random accounts, until it is stopped."""

    def __init__(
        self, server: IMAPServer, addresses: Sequence[str], *, rate: float, seed: int
    ) -> None:
        self.delivered = 0  # that the server said it has
        self._server = server
        self._addresses = addresses
        self._pause = 1 / rate
        self._random = random.Random(seed)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._feed, name="feeder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(30)

    def _feed(self) -> None:
        for n in count():
            if self._stopping.wait(self._pause):
                return
            try:
                self._server.append(self._random.choice(self._addresses), message(n))
            except (OSError, IMAPClientError):
                continue  # the server hangs; whether it has the message is unknown
            self.delivered += 1
