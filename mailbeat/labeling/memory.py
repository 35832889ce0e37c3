"""The layer that remembers where mail of a sender, a thread or a list was put.

What was filed by hand says more than any guess, as long as it is the same kind of mail:
an address that sends receipts and offers is not forced into one category.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from mailbeat.labeling.categorizer import MEMORY, Opinion
from mailbeat.labeling.category import Category
from mailbeat.labeling.details import list_id_of, thread_of
from mailbeat.labeling.example import Example, newest_of_each
from mailbeat.labeling.facts import verdicts_of
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.senders import FREEMAIL_DOMAINS, SHARED_MAILERS
from mailbeat.labeling.tokens import GENRES, name_token, unpacked

SURE, FAIRLY_SURE = 0.95, 0.9  # of a thread or an address; of a list or a domain
MOST_REMEMBERED = 20  # of the newest messages of one sender, thread, list or domain
ENOUGH_OF_DOMAIN = 3
PURE = 0.8  # share of one category
SEVERAL = 2  # kinds of mail, or writers
HALF_SURE = 0.6  # confidence of facts that a firm's other mail does not outweigh
ANOTHER_KIND = 0.7  # of the confidence, where the facts surely see a new kind of mail

# What memory goes by, the closest first.
THREAD, ADDRESS, LIST, DOMAIN = "thread", "address", "list", "domain"
_KINDS = (THREAD, ADDRESS, LIST, DOMAIN)
_LIST_HOSTS = ("lists.", "list.", "groups.", "listserv.", "mailman.")
_VERDICTS = {crc32(f"first {slug}".encode()): slug for slug in (*GENRES, "none")}

Key = tuple[str, str]  # a kind and its value
_NOTHING = ("", 0.0, "")


class _Filed(NamedTuple):
    """A message that was filed. `verdict` is the slug that the facts gave it."""

    category_id: int
    verdict: str
    sender: str
    tokens: bytes


class MemoryLayer:
    """Remembers the examples, which come oldest first, for the categories given."""

    def __init__(
        self, categories: Sequence[Category], examples: Iterable[Example]
    ) -> None:
        self._bars = {category.id: category.bar for category in categories}
        self._slugs = {category.slug: category.id for category in categories}
        self._filed: dict[Key, list[_Filed]] = defaultdict(list)
        self._refused: dict[Key, set[int]] = defaultdict(set)
        for example in newest_of_each(examples):
            self._remember(example)

    def _remember(self, example: Example) -> None:
        verdict = "" if example.is_negative else _verdict_in(example.tokens)
        for key in _keys_of(example):
            if example.is_negative:
                if key[0] != DOMAIN:
                    self._refused[key].add(example.category_id)
            elif example.category_id in self._bars:
                self._refused[key].discard(example.category_id)
                self._filed[key].append(
                    _Filed(example.category_id, verdict, example.sender, example.tokens)
                )

    def consider(self, readings: Sequence[Reading]) -> list[list[Opinion]]:
        return [self._opinions(reading) if self._filed else [] for reading in readings]

    def refused(self, reading: Reading) -> frozenset[int]:
        """Return what the user said that mail of this sender or thread is not."""
        if not self._refused:
            return frozenset()
        found = (self._refused.get(key, ()) for key in _keys_of_message(reading))
        return frozenset().union(*found)

    def _opinions(self, reading: Reading) -> list[Opinion]:
        for key in _keys_of_message(reading):
            if filed := self._filed.get(key, [])[-MOST_REMEMBERED:]:
                opinion = self._opinion(key, filed, reading)
                if opinion is not None:
                    return [opinion]
        return []

    def _opinion(
        self, key: Key, filed: Sequence[_Filed], reading: Reading
    ) -> Opinion | None:
        kind, value = key
        if kind == DOMAIN:
            return self._of_domain(value, filed, reading)
        category_id, agreeing = _most(filed)
        of_this_kind = ""
        if kind in (ADDRESS, LIST) and agreeing / len(filed) < PURE:
            # Several kinds of mail come from there: only those like this one count.
            verdict = _verdict_of(reading)
            filed = [one for one in filed if one.verdict == verdict]
            if not filed:
                return None
            category_id, agreeing = _most(filed)
            of_this_kind = "such "
        confidence = agreeing / len(filed) * (FAIRLY_SURE if kind == LIST else SURE)
        if kind != THREAD and self._is_another_kind(kind, category_id, filed, reading):
            confidence *= ANOTHER_KIND
        return Opinion(
            category_id,
            confidence,
            MEMORY,
            f"you filed {agreeing} of {len(filed)} {of_this_kind}mails"
            f" {_from(kind, value)} here",
        )

    def _of_domain(
        self, domain: str, filed: Sequence[_Filed], reading: Reading
    ) -> Opinion | None:
        """What a firm's other mail tells, first that of the same sender's name.

        Many send each message from an address of its own, and say by the name what it
        is: "Harbour Shop" and "Harbour News".
        """
        name = name_token(reading.message)
        named = [one for one in filed if name and name in unpacked(one.tokens)]
        such = named or filed
        category_id, agreeing = _most(such)
        share = agreeing / len(such)
        if len(such) < (1 if named else ENOUGH_OF_DOMAIN) or share < PURE:
            return None
        confidence = share * FAIRLY_SURE
        if named:
            is_other = self._is_another_kind(DOMAIN, category_id, such, reading)
        else:
            is_other = bool(self._other_fact(category_id, reading, HALF_SURE))
        whose = reading.message.sender_name if named else domain
        return Opinion(
            category_id,
            confidence * (ANOTHER_KIND if is_other else 1),
            MEMORY,
            f"you filed {agreeing} of {len(such)} mails from {whose} here",
        )

    def _is_another_kind(
        self, kind: str, category_id: int, filed: Sequence[_Filed], reading: Reading
    ) -> bool:
        """Whether the facts are sure of something else.

        Who filed mail of different kinds in one place goes by the sender. On a list,
        what one writer sent (a program, say) tells little of the others.
        """
        slug = self._other_fact(category_id, reading)
        if not slug:
            return False
        if kind == LIST:
            return len({one.sender for one in filed}) < SEVERAL
        seen = {one.verdict for one in filed}
        if kind == DOMAIN:  # a firm's people and its machines share one
            return slug not in seen
        return slug not in seen and len(seen) < SEVERAL

    def _other_fact(
        self, category_id: int, reading: Reading, least: float = 1.0
    ) -> str:
        """Return what else the facts are sure of, or nothing.

        They are sure from the bar of the category, or from `least` if that is lower.
        """
        slug, confidence, _ = next(iter(verdicts_of(reading, self._slugs)), _NOTHING)
        other = self._slugs.get(slug)
        is_sure = other is not None and confidence >= min(least, self._bars[other])
        return slug if is_sure and other != category_id else ""


def _most(filed: Sequence[_Filed]) -> tuple[int, int]:
    """Return the category where most are, and how many."""
    return Counter(one.category_id for one in filed).most_common(1)[0]


def _keys_of(example: Example) -> Iterator[Key]:
    return _keys(example.thread, example.sender, example.list_id, example.sender_domain)


def _keys_of_message(reading: Reading) -> Iterator[Key]:
    message = reading.message
    return _keys(
        thread_of(message), message.sender, list_id_of(message), message.sender_domain
    )


def _keys(thread: str, sender: str, list_id: str, domain: str) -> Iterator[Key]:
    values = (thread, sender, list_id, "" if is_shared(domain) else domain)
    return ((kind, value) for kind, value in zip(_KINDS, values, strict=True) if value)


def is_shared(domain: str) -> bool:
    """Whether senders there have nothing in common."""
    labels = domain.split(".")
    parents = {".".join(labels[start:]) for start in range(len(labels))}
    return bool(parents & (FREEMAIL_DOMAINS | SHARED_MAILERS)) or domain.startswith(
        _LIST_HOSTS
    )


def _verdict_in(tokens: bytes) -> str:
    """Return what the facts saw first in a message that was learned."""
    return next((_VERDICTS[one] for one in unpacked(tokens) if one in _VERDICTS), "")


def _verdict_of(reading: Reading) -> str:
    found = verdicts_of(reading, GENRES)
    return found[0][0] if found else "none"


def _from(kind: str, value: str) -> str:
    return {
        THREAD: "of this thread",
        ADDRESS: f"from {value}",
        LIST: f"of the list {value}",
        DOMAIN: f"from {value}",
    }[kind]
