"""Which language a page speaks: message catalogues, numbers and dates.

English stands in the code, and is what programs get. German stands in
`translations/de/LC_MESSAGES`: `messages.po` has what Python and the templates say,
`browser.po` what the scripts say. Both are read when the first page in German is asked
for; nothing is compiled, so nothing can be stale.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_skeleton
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations
from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, Domain
from flask_babel import get_locale as _locale_of_request
from markupsafe import Markup

FOLDER = Path(__file__).parent / "translations"
# Each by its own name, for who is looking for it reads no other.
LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
ENGLISH = "en"
COOKIE = "language"
# British English, as the texts: 5 Jan 2026.
_LOCALES = {"en": Locale("en", "GB"), "de": Locale("de")}


def gettext(message: str, **values: object) -> str:
    """The message in the language of the page, with its values.

    As in templates, a per cent sign is written twice.
    """
    if not message:
        return message  # it stands for the catalogue's head
    said: str = _spoken().ugettext(message)
    return said % values


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The form for a number, which stands for `%(num)s` as the language writes it."""
    said: str = _spoken().ungettext(one, many, num)
    return said % {"num": number(num), **values}


def pgettext(context: str, message: str) -> str:
    """A message that needs more than one translation, told apart by `context`."""
    said: str = _spoken().upgettext(context, message)
    return said


def N_(message: str) -> str:  # noqa: N802 # gettext's own name for it
    """Mark a text for the catalogue that is translated only where it is shown."""
    return message


_ = gettext


def language() -> str:
    """The language that is spoken now: English where no page is asked for."""
    locale = _locale_of_request()
    return ENGLISH if locale is None else str(locale.language)


def locale() -> Locale:
    return _LOCALES[language()]


def number(value: float, digits: int = 0) -> str:
    """A number as the language writes it: `1,234.5` or `1.234,5`."""
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    return _decimal(value + 0, pattern, language())  # -0.0 is 0 in a cache, too


def percent(share: float, digits: int = 0) -> str:
    """A share of one, with the narrow space that both languages here are set with."""
    pattern = f"#,##0.{'0' * digits} %" if digits else "#,##0 %"
    return str(format_percent(share, format=pattern, locale=locale()))


def day(at: date) -> str:
    """A day: `5 Jan 2026`, `5. Jan. 2026`."""
    if isinstance(at, datetime):
        at = at.astimezone(UTC).date()
    return _date("yMMMd", at, language())


def day_of_month(at: date) -> str:
    """A day of a year that is known: `5 Jan`, `5. Jan.`."""
    if isinstance(at, datetime):
        at = at.date()
    return _date("MMMd", at, language())


# A page tells the same days and small numbers over and over.
@lru_cache(maxsize=4096)
def _decimal(value: float, pattern: str, language: str) -> str:
    return str(format_decimal(value, format=pattern, locale=_LOCALES[language]))


@lru_cache(maxsize=1024)
def _date(skeleton: str, at: date, language: str) -> str:
    return str(format_skeleton(skeleton, at, locale=_LOCALES[language]))


def speak(app: Flask) -> None:
    """Let the templates of an app speak the language that their reader wants."""
    _Catalogues(app, default_locale=ENGLISH, locale_selector=_wanted)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    # Those of Flask-Babel look for the language twice, hundreds of times a page.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # the extension's
        gettext=lambda message: _spoken().ugettext(message),
        ngettext=lambda one, many, num: _spoken().ungettext(one, many, num),
        newstyle=True,
        pgettext=lambda context, message: _spoken().upgettext(context, message),
    )
    app.jinja_env.globals["ngettext"] = _ngettext_in_templates
    app.jinja_env.filters.update(number=number, percent=percent)
    app.after_request(_tell)

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {"language": language()}


def _spoken() -> NullTranslations:
    """The catalogue of the language that is spoken now."""
    return _compiled(language())


def _ngettext_in_templates(one: str, many: str, num: int, **values: object) -> Markup:
    said = Markup(_spoken().ungettext(one, many, num))  # noqa: S704 # ours
    return said % {"num": number(num), **values}


def chosen() -> str | None:
    """What was chosen in the settings of this browser."""
    cookie = request.cookies.get(COOKIE, "")
    return cookie if cookie in LANGUAGES else None


def preferred() -> str:
    """What the browser asks for, of what there is."""
    tags = [tag.lower() for tag, quality in request.accept_languages if quality]
    return next((tag[:2] for tag in tags if _primary(tag) in LANGUAGES), ENGLISH)


def _primary(tag: str) -> str:
    return tag.partition("-")[0]


def _wanted() -> str:
    # Programs compare sentences, and read logs beside them.
    if not has_request_context() or request.path.startswith(("/api/", "/ws/")):
        return ENGLISH
    return chosen() or preferred()


def _tell(response: Response) -> Response:
    if response.mimetype == "text/html" and not request.path.startswith("/api/"):
        response.content_language.add(language())
        response.vary.update(("Accept-Language", "Cookie"))
    return response


@cache
def catalogue(name: str, language: str) -> Catalog:
    """A catalogue as it stands in its file."""
    with (FOLDER / language / "LC_MESSAGES" / f"{name}.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def _compiled(language: str) -> NullTranslations:
    if language == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue("messages", language))
    compiled.seek(0)
    return Translations(compiled)


class _Compiling(Domain):  # type: ignore[misc] # Flask-Babel has no types
    """Catalogues from their .po files instead of .mo files."""

    def get_translations(self) -> NullTranslations:
        return _spoken()


class _Catalogues(Babel):  # type: ignore[misc] # the same
    domain_instance = _Compiling()
