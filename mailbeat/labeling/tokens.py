"""What there is to learn from a message: numbers that stand for its words and facts.

A token is the CRC-32 of what it stands for, the same in every process and release, so
that no text needs to be kept. What a message's own tokens stand for is known while the
message is at hand.
"""

import re
import sys
from array import array
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from mailbeat.labeling.details import list_id_of
from mailbeat.labeling.facts import verdicts_of
from mailbeat.labeling.signs import Signs
from mailbeat.mail.message import Message

if TYPE_CHECKING:
    from mailbeat.labeling.reading import Reading

MOST_TOKENS = 256
MOST_SUBJECT = 24  # words of the subject
FROM_START, FROM_END = 140, 40  # different words of the text
SHORTEST, LONGEST = 2, 24  # letters of a word

# All that facts may say; the tokens of an installation do not depend on its categories.
GENRES = frozenset(
    {
        "personal", "receipts", "finance", "calendar", "security", "notifications",
        "newsletters", "promotions", "social", "forums",
    }
)  # fmt: skip
# The kinds of tokens.
VERDICT, SIGN, SENDER, SUBJECT, TEXT = "verdict", "sign", "sender", "subject", "text"
_SIGNS = tuple(name for name in Signs.__slots__ if name != "distrust")
_PART = re.compile(r"[^\W\d_]{2,}")


class Token(NamedTuple):
    """One thing said of a message.

    `meaning` is how it is told to the user; empty for what is no word of the message.
    """

    number: int
    kind: str
    meaning: str


def tokens_of(reading: "Reading") -> bytes:
    """Return what a message is learned from: at most 256 sorted unsigned 32-bit."""
    return packed(token.number for token in reading.tokens)


def said_in(reading: "Reading") -> list[Token]:
    """Return the tokens of a message, the most telling kinds first."""
    return [
        Token(crc32(said.encode("utf-8", "replace")), kind, meaning)
        for said, kind, meaning in islice(_said(reading), MOST_TOKENS)
    ]


def name_token(message: Message) -> int:
    """Return the token of the sender's name, or 0 where it has none."""
    name = message.sender_name
    return crc32(_named(name).encode("utf-8", "replace")) if name else 0


def _named(name: str) -> str:
    return f"name {name.casefold()}"


def packed(tokens: Iterable[int]) -> bytes:
    """Write tokens as little-endian unsigned 32-bit numbers, sorted, each once."""
    numbers = array("I", sorted(set(tokens)))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpacked(tokens: bytes) -> "array[int]":
    """Read what `packed` wrote; of a broken end nothing is read."""
    numbers = array("I")
    numbers.frombytes(tokens[: len(tokens) // 4 * 4])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _said(reading: "Reading") -> Iterator[tuple[str, str, str]]:
    for said in _verdicts(reading):
        yield said, VERDICT, ""
    for said in _signs(reading):
        yield said, SIGN, ""
    for said, meaning in _sender(reading):
        yield said, SENDER, meaning
    for said, meaning in _subject(reading):
        yield said, SUBJECT, meaning
    for word in _text(reading):
        yield word, TEXT, word


def _verdicts(reading: "Reading") -> Iterator[str]:
    verdicts = verdicts_of(reading, GENRES)
    for slug, confidence, _ in verdicts[:1]:
        yield f"first {slug}"
        yield f"first {slug} {int(confidence * 5)}"
    for slug, _, _ in verdicts[1:]:
        yield f"also {slug}"
    if not verdicts:
        yield "first none"


def _signs(reading: "Reading") -> Iterator[str]:
    """What it is not is said, too: that no list sent it tells as much."""
    signs = reading.signs
    for name in _SIGNS:
        yield f"sign {name}" if getattr(signs, name) else f"no sign {name}"
    for kind in sorted(set(reading.message.attachments[:5])):
        yield f"holds {kind}"


def _sender(reading: "Reading") -> Iterator[tuple[str, str]]:
    message = reading.message
    local, _, domain = message.sender.rpartition("@")
    if not domain:
        return
    yield f"from {message.sender}", message.sender
    for part in dict.fromkeys(_PART.findall(local)[:4]):
        yield f"at {part}", f"sender {part}@"
    if message.sender_name:
        yield _named(message.sender_name), message.sender_name
    labels = domain.split(".")[-4:]
    for start in range(len(labels) - 1):
        shared = ".".join(labels[start:])
        yield f"domain {shared}", f"sent by {shared}"
    if list_id := list_id_of(message):
        yield f"list {list_id}", f"list {list_id}"


def _subject(reading: "Reading") -> Iterator[tuple[str, str]]:
    words = [
        word
        for word in reading.subject_words.words[:MOST_SUBJECT]
        if SHORTEST <= len(word) <= LONGEST and not word.isdecimal()
    ]
    for word in dict.fromkeys(words):
        yield f"s {word}", word
        yield word, word
    for first, second in dict.fromkeys(pairwise(words)):
        yield f"s {first} {second}", f"{first} {second}"


def _text(reading: "Reading") -> Iterator[str]:
    words = reading.text_words.words
    seen = set(reading.subject_words.words[:MOST_SUBJECT])
    for part, most in ((words, FROM_START), (reversed(words), FROM_END)):
        yield from islice(_new(part, seen), most)


def _new(words: Iterable[str], seen: set[str]) -> Iterator[str]:
    """Yield each word that is worth a token once."""
    for word in words:
        if word not in seen and SHORTEST <= len(word) <= LONGEST:
            seen.add(word)
            if not word.isdecimal():
                yield word
