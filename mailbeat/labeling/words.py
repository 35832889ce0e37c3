"""The looking up of genre words: a text is split once, and each word looked up once.

Linear in the text, whatever it holds, and at most a few thousand characters of it.
The tables themselves are in `genre/`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from mailbeat.labeling.genre import HALVES, de, en, es, fr, it, nl, pl, pt

STRONG, WEAK, AGAINST = 2.0, 0.7, -2.0
LONGEST = 6  # words of a phrase
MOST_TEXT, MOST_END = 4_000, 1_500  # characters looked at; footers are at the end
KEY = 4  # letters by which the beginnings and ends of words are looked up
LONG_WORD = 7  # letters; shorter ones are looked up as a whole only
FOLDED_WORD = 5  # letters; without accents shorter words mean something else

LANGUAGES = (en, de, fr, es, it, nl, pl, pt)

CODES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")

Meanings = dict[str, float]  # slug or tone, and its weight
Spoken = dict[str, Meanings]  # by the code of a language

_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_BARRED = str.maketrans({"ł": "l", "ø": "o"})  # Unicode does not take these apart


@dataclass(frozen=True, slots=True)
class Found:
    """A word or phrase of a table, as the message spells it."""

    quote: str
    position: int  # of its first word among the words of the text
    meanings: Meanings


class Words:
    """A text split into words and numbers, once for all who ask.

    `words` are in lower case; `spans` say where they stand in `text`.
    """

    __slots__ = ("spans", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = unicodedata.normalize("NFC", text)
        self.spans = list(_TOKEN.finditer(self.text))
        self.words = [span[0].casefold() for span in self.spans]


def words_of(text: str) -> list[str]:
    """Split into words and numbers, in lower case."""
    return _TOKEN.findall(unicodedata.normalize("NFC", text).casefold())


def excerpt_of(text: str) -> str:
    """Return the beginning and the end, as much of them as is looked at."""
    if len(text) <= MOST_TEXT + MOST_END:
        return text
    return f"{text[:MOST_TEXT]}\n{text[-MOST_END:]}"


def find_words(within: Words, languages: frozenset[str] = frozenset()) -> list[Found]:
    """Return each known word or phrase of a text once, the longest at each place.

    `languages` are codes; without any, words of all languages are found.
    """
    text, spans, words = within.text, within.spans, within.words
    found: dict[str, Found] = {}
    covered = 0  # words that a longer phrase already speaks for
    for start, word in enumerate(words):
        match = _longest_phrase(words, start, languages) or _part_of_word(
            word, languages
        )
        if match is None:
            continue
        key, count, meanings = match
        if start + count <= covered:
            continue
        covered = start + count
        if key not in found:
            quote = text[spans[start].start() : spans[start + count - 1].end()]
            found[key] = Found(" ".join(quote.split()), start, meanings)
    return list(found.values())


def _longest_phrase(
    words: list[str], start: int, languages: frozenset[str]
) -> tuple[str, int, Meanings] | None:
    for count in range(_LENGTHS.get(words[start], 0), 0, -1):
        phrase = " ".join(words[start : start + count])
        spoken = GENRE_WORDS.get(phrase)
        if spoken and (meanings := _heard(spoken, languages)):
            return phrase, min(count, len(words) - start), meanings
    return None


def _part_of_word(
    word: str, languages: frozenset[str]
) -> tuple[str, int, Meanings] | None:
    if len(word) < LONG_WORD:
        return None
    for stem, spoken in _STEMS.get(word[:KEY], ()):
        if word.startswith(stem) and (meanings := _heard(spoken, languages)):
            return stem, 1, meanings
    for ending, spoken in _ENDINGS.get(word[-KEY:], ()):
        if word.endswith(ending) and (meanings := _heard(spoken, languages)):
            return ending, 1, meanings
    return None


def _heard(spoken: Spoken, languages: frozenset[str]) -> Meanings:
    """Return what a word means in these languages; nothing if it is of none."""
    if len(spoken) == 1:
        ((code, meanings),) = spoken.items()
        return meanings if not languages or code in languages else {}
    together: Meanings = {}
    for code, meanings in spoken.items():
        if not languages or code in languages:
            for slug, weight in meanings.items():
                together[slug] = max(weight, together.get(slug, weight))
    return together


# The tables, as they are looked up


def entries() -> Iterator[tuple[str, str, str, float]]:
    """Yield each entry: its language, what is written, its genre and its weight."""
    for code, language in zip(CODES, LANGUAGES, strict=True):
        for slug, genre in language.WORDS.items():
            for weight, written in (
                (STRONG, genre.strong),
                (WEAK, genre.weak),
                (AGAINST, genre.against),
            ):
                for entry in filter(str.strip, written.split(",")):
                    yield code, entry.strip(), slug, weight


def _gather() -> tuple[dict[str, Spoken], dict[str, Spoken], dict[str, Spoken]]:
    whole: dict[str, Spoken] = {}
    stems: dict[str, Spoken] = {}
    endings: dict[str, Spoken] = {}
    for code, entry, slug, weight in entries():
        table = (
            stems
            if entry.endswith("-")
            else endings
            if entry.startswith("-")
            else whole
        )
        spoken = table.setdefault(_as_looked_up(entry), {})
        meanings = spoken.setdefault(code, {})
        meanings[slug] = max(weight, meanings.get(slug, weight))
    for table in (whole, stems, endings):
        for word, spoken in table.items():
            table[word] = {code: _shared(one) for code, one in spoken.items()}
    return whole, stems, endings


def _as_looked_up(entry: str) -> str:
    """Write an entry as a text's words are joined; most need no taking apart."""
    is_plain = entry.isascii() and entry.replace(" ", "").isalpha()
    return " ".join(entry.lower().split() if is_plain else words_of(entry))


def _shared(meanings: Meanings) -> Meanings:
    """A word of several genres tells less about each."""
    if len(meanings) == 1:
        return meanings
    genres = [slug for slug, weight in meanings.items() if weight > 0]
    shares = len([slug for slug in genres if slug not in HALVES]) or 1
    return {
        slug: weight / shares if weight > 0 else weight
        for slug, weight in meanings.items()
    }


def without_accents(word: str) -> str:
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFD", word.translate(_BARRED))
    return "".join(one for one in letters if not unicodedata.combining(one))


def _with_folded(table: dict[str, Spoken]) -> dict[str, Spoken]:
    """Add how people write the words whose keyboard, or patience, lacks accents."""
    folded: dict[str, Spoken] = {}
    for word, meanings in table.items():
        if len(word) >= FOLDED_WORD and not word.isascii():
            folded.setdefault(without_accents(word), meanings)
            folded.setdefault(word.translate(_GERMAN), meanings)
    return folded | table


def _by_key(
    table: dict[str, Spoken], key: slice
) -> dict[str, list[tuple[str, Spoken]]]:
    longest_first = sorted(table, key=lambda word: (word[key], -len(word)))
    return {
        start: [(word, table[word]) for word in words]
        for start, words in groupby(longest_first, key=lambda word: word[key])
    }


def _lengths(table: dict[str, Spoken]) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for phrase in table:
        first, count = phrase.split(" ", 1)[0], phrase.count(" ") + 1
        lengths[first] = max(count, lengths.get(first, 0))
    return lengths


_whole, _stems, _endings = map(_with_folded, _gather())
GENRE_WORDS = _whole
_LENGTHS = _lengths(_whole)
_STEMS = _by_key(_stems, slice(KEY))
_ENDINGS = _by_key(_endings, slice(-KEY, None))
