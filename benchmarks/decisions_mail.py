"""The mail that decisions are judged by, and how it is split.

Of real mail the shared corpus, of modern mail what the unit tests hold. No sender, list
or feed is on both sides of the split: what a sender, a list or a feed has in common
with itself would else be learned by heart and look like understanding.
"""

import csv
import re
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.details import list_id_of
from mailbeat.mail.message import Message
from mailbeat.mail.parse import message_from_bytes
from tests.unit.labeling import modern_mail, unseen_mail

CORPUS = Path(__file__).parents[2] / "shared" / "mail" / "corpus"
NAMES = {category.id: category.name for category in STARTING_CATEGORIES}
HAND = frozenset({"Newsletters", "Promotions", "Receipts", "Notifications"})
MOST_OF_ONE = 10  # messages of one domain in the hand-labelled slice
TRUSTED = ("Receipts", "Finance", "Security", "Calendar")


@dataclass(frozen=True, slots=True)
class Mail:
    """A message with what is known of it; `group` is on one side of the split."""

    number: int
    message: Message
    raw: bytes
    label: str
    kind: str  # of where it is from: hand, synthetic, other, modern, tuned
    group: str = ""
    folder: str = ""

    @property
    def is_spam(self) -> bool:
        return self.label == "Spam"


def load_corpus(folder: Path) -> list[Mail]:
    """Read the labelled messages, each with its group."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as labels:
        rows = {row["path"]: row for row in csv.DictReader(labels)}
    found: list[tuple[dict[str, str], bytes]] = []
    with tarfile.open(folder / "messages.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file and member.name in rows:
                found.append((rows[member.name], file.read()))
    messages = [message_from_bytes(raw) for _, raw in found]
    rows_of = [row for row, _ in found]
    groups = group(list(zip(rows_of, messages, strict=True)))
    mails = [
        Mail(i, messages[i], raw, row["label"], "other", groups[i], row["folder"])
        for i, (row, raw) in enumerate(found)
    ]
    return _with_kinds(mails, rows_of)


def _with_kinds(mails: Sequence[Mail], rows: Sequence[dict[str, str]]) -> list[Mail]:
    """Say which are the hand-labelled and which the synthetic ones."""
    so_far: Counter[str] = Counter()
    with_kinds = []
    for mail, row in zip(mails, rows, strict=True):
        kind = "other"
        if row["kind"] == "synthetic":
            kind = "synthetic"
        elif mail.label in HAND and not (is_feed(mail.message) or is_bounce(row, mail)):
            so_far[mail.message.sender_domain] += 1
            if so_far[mail.message.sender_domain] <= MOST_OF_ONE:
                kind = "hand"
        with_kinds.append(replace(mail, kind=kind))
    return with_kinds


def is_feed(message: Message) -> bool:
    return message.sender.startswith("rssfeeds@")


def is_bounce(row: dict[str, str], mail: Mail) -> bool:
    return row["source"] == "sisimai-bounces" or mail.message.sender.startswith(
        ("mailer-daemon@", "postmaster@")
    )


def group(mails: Iterable[tuple[dict[str, str], Message]]) -> list[str]:
    """Name the group of each: those that share a sender, a list or a feed."""
    keys = [_keys(row, message) for row, message in mails]
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for first, *others in keys:
        for other in others:
            parent[root(other)] = root(first)
    return [root(first) for first, *_ in keys]


def _keys(row: dict[str, str], message: Message) -> list[str]:
    if is_feed(message):
        return [f"feed {message.sender_name}"]
    if row["source"] == "sisimai-bounces":  # the same program writes the same subject
        return [f"bounce {re.sub(r'[^a-z]+', ' ', message.subject.lower())[:60]}"]
    keys = [f"sender {message.sender or message.sender_name}"]
    if row["source"].startswith("list-"):
        keys.append(f"list {row['source']}")
    elif row["label"] == "Forums":
        keys.append(f"list {row['source']} {row['folder']}")
    if list_id := list_id_of(message):
        keys.append(f"list-id {list_id}")
    return keys


def halves(mails: Sequence[Mail]) -> tuple[list[Mail], list[Mail]]:
    """Split by group, so that each half has about half of each label."""
    members: dict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        members[mail.group].append(mail)
    sides: tuple[list[Mail], list[Mail]] = ([], [])
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for name in sorted(members, key=lambda name: (-len(members[name]), name)):
        label = Counter(mail.label for mail in members[name]).most_common(1)[0][0]
        side = int(counts[0][label] > counts[1][label])
        sides[side].extend(members[name])
        counts[side].update(mail.label for mail in members[name])
    return sides


def some_of_each(mails: Sequence[Mail], count: int, seed: int) -> list[Mail]:
    """Draw that many of each label, without spam: nobody files that in a category."""
    by_label: dict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        if not mail.is_spam:
            by_label[mail.label].append(mail)
    random = Random(seed)
    drawn = []
    for label in sorted(by_label):
        of_it = by_label[label]
        drawn += random.sample(of_it, min(count, len(of_it)))
    random.shuffle(drawn)
    return drawn


# Modern mail: what the words were tuned on, and what they were not.

TUNED = (
    *modern_mail.BLIND,
    *modern_mail.OPEN,
    *modern_mail.FRESH,
    *unseen_mail.MAIL_OF_2026,
)
UNTUNED = (*modern_mail.UNSEEN, *unseen_mail.LATER_MAIL)
TUNED_TRAPS = (
    *modern_mail.TRAPS,
    *unseen_mail.TRAPS_OF_2026,
    *unseen_mail.LATER_TRAPS,
)
TRAPS = unseen_mail.LAST_TRAPS


def load_modern(mails: Iterable[modern_mail.Mail], kind: str) -> list[Mail]:
    return [
        Mail(i, one.message, b"", one.category or "Spam", kind, folder=one.language)
        for i, one in enumerate(mails)
    ]
