"""The languages that people are written to in: catalogues, numbers, days.

English stands in the code, and is what programs get. German stands in
`translations/de/LC_MESSAGES`: `messages.po` has what Python and the templates say,
`browser.po` what the scripts of pages say. One is read when the first text in German is
asked for; nothing is compiled, so nothing can be stale.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages.catalog import Catalog
    from babel.support import NullTranslations

# babel is imported where it is needed: much imports this, and most of it only to mark.
FOLDER = Path(__file__).parent / "translations"
# Each by its own name, for who is looking for it reads no other.
LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
ENGLISH = "en"
# British English, as the texts: 5 Jan 2026.
_LOCALES = {"en": "en_GB", "de": "de"}


def N_(message: str) -> str:  # noqa: N802 # gettext's own name for it
    """Mark a text for the catalogue that is translated only where it is shown."""
    return message


@cache
def locale_of(language: str) -> "Locale":
    from babel import Locale

    return Locale.parse(_LOCALES[language])


@cache
def catalogue(name: str, language: str) -> "Catalog":
    """A catalogue as it stands in its file."""
    from babel.messages.pofile import read_po

    with (FOLDER / language / "LC_MESSAGES" / f"{name}.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def translations(language: str) -> "NullTranslations":
    from babel.messages.mofile import write_mo
    from babel.support import NullTranslations, Translations

    if language == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue("messages", language))
    compiled.seek(0)
    return Translations(compiled)


@dataclass(frozen=True, slots=True)
class Tongue:
    """One of LANGUAGES, for whoever writes in it."""

    language: str

    def gettext(self, message: str, **values: object) -> str:
        """The message with its values. A per cent sign is written twice."""
        if not message:
            return message  # it stands for the catalogue's head
        if self.language == ENGLISH:
            return message % values
        said: str = translations(self.language).ugettext(message)
        return said % values

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str:
        """The form for a number, which stands for `%(num)s` as it is written."""
        said: str = translations(self.language).ungettext(one, many, num)
        return said % {"num": self.number(num), **values}

    def number(self, value: float, digits: int = 0) -> str:
        """A number as the language writes it: `1,234.5` or `1.234,5`."""
        pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return _decimal(value + 0, pattern, self.language)  # -0.0 is 0 in a cache, too

    def percent(self, share: float, digits: int = 0) -> str:
        """A share of one, with the space that no line ends at."""
        from babel.numbers import format_percent

        pattern = f"#,##0.{'0' * digits}\xa0%" if digits else "#,##0\xa0%"
        locale = locale_of(self.language)
        return str(format_percent(share, format=pattern, locale=locale))

    def money(self, amount: float, currency: str) -> str:
        """An amount in a currency, or less than its smallest coin: `< €0.01`."""
        from babel.numbers import format_currency, get_currency_precision

        least = 10 ** -get_currency_precision(currency)
        is_less = 0 < amount < least
        shown = least if is_less else amount
        told = format_currency(shown, currency, locale=locale_of(self.language))
        return f"< {told}" if is_less else str(told)

    def dated(self, skeleton: str, at: date) -> str:
        """A day with the parts that Unicode's letters name, in the usual order."""
        return _date(skeleton, at, self.language)

    def weekday(self, at: date) -> str:
        from babel.dates import format_date

        return str(format_date(at, "EEEE", locale=locale_of(self.language)))


# A page tells the same days and small numbers over and over.
@lru_cache(maxsize=4096)
def _decimal(value: float, pattern: str, language: str) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(value, format=pattern, locale=locale_of(language)))


@lru_cache(maxsize=1024)
def _date(skeleton: str, at: date, language: str) -> str:
    from babel.dates import format_skeleton

    return str(format_skeleton(skeleton, at, locale=locale_of(language)))


TONGUES: Mapping[str, Tongue] = {name: Tongue(name) for name in LANGUAGES}
IN_ENGLISH = TONGUES[ENGLISH]


def tongue_of(language: str) -> Tongue:
    """The tongue of a stored name; another version may have had others."""
    return TONGUES.get(language, IN_ENGLISH)
