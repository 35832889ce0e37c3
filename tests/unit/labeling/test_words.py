"""The looking up of genre words."""

import re

import pytest

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.genre import BAIT, BULK, HALVES, PITCH, Genre
from mailbeat.labeling.words import (
    GENRE_WORDS,
    KEY,
    LANGUAGES,
    LONGEST,
    MOST_END,
    MOST_TEXT,
    STRONG,
    Words,
    entries,
    excerpt_of,
    find_words,
    without_accents,
    words_of,
)
from tests.linear import growth

SLUGS = {category.slug for category in STARTING_CATEGORIES}


def genres_in(text):
    return {slug for found in find_words(Words(text)) for slug in found.meanings}


def quotes(text):
    return [found.quote for found in find_words(Words(text))]


# The tables


def test_each_language_has_words_for_every_category_and_tone():
    for language in LANGUAGES:
        assert set(language.WORDS) == SLUGS | HALVES | {BULK, BAIT, PITCH}, (
            language.__name__
        )
        assert all(isinstance(genre, Genre) for genre in language.WORDS.values())


def test_every_entry_can_be_found_by_the_way_texts_are_split():
    """A longer entry, or one without letters, would never be found."""
    lost = [
        entry
        for _, entry, _, _ in entries()
        if not 1 <= len(words_of(entry)) <= LONGEST
    ]

    assert lost == []


def test_a_part_of_a_word_is_long_enough_to_mean_something():
    parts = [entry for _, entry, _, _ in entries() if "-" in (entry[0], entry[-1])]

    assert parts
    assert [p for p in parts if not re.fullmatch(rf"-?\w{{{KEY},}}-?", p)] == []


def test_a_word_of_two_genres_counts_less_for_each():
    for meanings in (m for spoken in GENRE_WORDS.values() for m in spoken.values()):
        genres = [
            weight
            for slug, weight in meanings.items()
            if weight > 0 and slug not in HALVES
        ]
        assert all(weight <= STRONG / len(genres) for weight in genres)


# The looking up


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Your invoice", "receipts"),
        ("DEINE BESTELLUNG", "receipts"),
        ("Nouvelle connexion", "security"),
        ("Tu nómina", "finance"),
        ("Il tuo appuntamento", "calendar"),
        ("Je wachtwoord", "security"),
        ("Twoje zamówienie", "receipts"),
        ("Só hoje", "promotions"),
    ],
)
def test_each_language_is_known(text, slug):
    assert slug in genres_in(text)


def test_accents_may_be_missing_or_written_as_two_letters():
    assert "security" in genres_in("Bestatigungscode")
    assert "security" in genres_in("Bestaetigungscode")
    assert "receipts" in genres_in("Twoje zamowienie")


def test_an_accent_may_be_a_letter_of_its_own():
    assert "finance" in genres_in("Tu no\N{COMBINING ACUTE ACCENT}mina")


def test_the_longest_phrase_speaks_for_the_words_in_it():
    assert quotes("we've got your order") == ["we've got your order"]


def test_phrases_that_overlap_are_both_found():
    assert quotes("your order confirmation") == ["your order", "order confirmation"]


def test_a_quote_is_spelled_as_in_the_message():
    assert quotes("Your  ORDER\n") == ["Your ORDER"]
    assert quotes("New Sign-In") == ["New Sign-In"]


def test_no_number_is_quoted_with_a_phrase():
    assert quotes("your 4711 order") == ["order"]


def test_a_word_counts_once_however_often_it_is_said():
    assert quotes("invoice invoice invoice") == ["invoice"]


def test_beginnings_and_ends_of_long_words_are_known():
    assert "calendar" in genres_in("Terminverlegung")
    assert "receipts" in genres_in("Handyrechnung")
    assert genres_in("Term") == set()


def test_of_a_long_text_the_beginning_and_the_end_are_looked_at():
    text = "a" * MOST_TEXT + "b" * 100_000 + "c" * MOST_END

    assert excerpt_of(text) == "a" * MOST_TEXT + "\n" + "c" * MOST_END
    assert excerpt_of("short") == "short"


@pytest.mark.parametrize("cue", ["your ", "order ", "termin", "do not share this "])
def test_looking_up_is_linear(cue):
    assert growth(lambda n: find_words(Words(cue * n)), 2_500, 20_000) < 24


def test_accents_fall_off():
    assert without_accents("zamówień łódź") == "zamowien lodz"
