from datetime import date

import pytest

from mailbeat.language import IN_ENGLISH, LANGUAGES, TONGUES, locale_of, translations

GERMAN = TONGUES["de"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_words_and_its_numbers(language):
    assert translations(language) is translations(language)
    assert locale_of(language).language == language
    assert TONGUES[language].language == language


def test_a_number_chooses_its_form():
    one, many = "%(num)s account", "%(num)s accounts"

    assert IN_ENGLISH.ngettext(one, many, 1) == "1 account"
    assert GERMAN.ngettext(one, many, 1200) == "1.200 Konten"


def test_numbers_shares_and_days_are_written_as_the_language_does():
    assert (IN_ENGLISH.number(1234.56, 1), GERMAN.number(1234.56, 1)) == (
        "1,234.6",
        "1.234,6",
    )
    assert GERMAN.percent(0.934) == "93\xa0%"
    assert GERMAN.dated("yMMMd", date(2026, 1, 5)) == "5. Jan. 2026"


def test_the_empty_text_is_empty_in_every_language():
    assert GERMAN.gettext("") == ""
