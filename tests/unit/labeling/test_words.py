"""The tables of words, and the looking up."""

from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.words import GENRE_WORDS, SENDERS, genre_words, words_of

SLUGS = {category.slug for category in STARTING_CATEGORIES}


def test_words_are_letters_in_lower_case():
    assert words_of("Ihre Bestätigung: E-Mail #42, it's") == [
        "ihre",
        "bestätigung",
        "e",
        "mail",
        "it's",
    ]


def test_every_entry_can_be_found_by_the_way_texts_are_split():
    """An entry of three words, or with a hyphen or a capital, would never be found."""
    lost = [
        word
        for word in GENRE_WORDS
        if word not in {word for word, _, _ in genre_words(words_of(word))}
    ]

    assert lost == []


def test_every_table_names_a_category():
    named = {slug for found in GENRE_WORDS.values() for slug, _ in found}

    assert named | set(SENDERS.values()) <= SLUGS


def test_a_word_counts_once_however_often_it_is_said():
    found = list(genre_words(words_of("invoice invoice invoice")))

    assert [word for word, _, _ in found] == ["invoice"]


def test_a_pair_is_found_across_a_hyphen():
    assert ("sign in", "security") in {
        (word, slug) for word, slug, _ in genre_words(words_of("New Sign-In"))
    }


def test_a_word_of_two_genres_counts_less_for_each():
    weights = [weight for slugs in GENRE_WORDS.values() for _, weight in slugs]

    assert max(weights) == 2.0
    assert all(
        weight <= 2.0 / len(slugs)
        for slugs in GENRE_WORDS.values()
        for _, weight in slugs
    )
