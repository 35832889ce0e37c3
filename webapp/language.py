"""Which language a page speaks, and what it says in it.

What there is to say, and in which languages, is the core's: `mailbeat/language.py`.
"""

from datetime import UTC, date, datetime
from typing import Any

from babel.support import NullTranslations
from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, Domain
from flask_babel import get_locale as _locale_of_request
from markupsafe import Markup

from mailbeat.language import ENGLISH, LANGUAGES, N_, TONGUES, Tongue, translations

__all__ = ["ENGLISH", "LANGUAGES", "N_", "_", "gettext", "ngettext", "pgettext"]
COOKIE = "language"


def gettext(message: str, **values: object) -> str:
    """The message in the language of the page, with its values.

    As in templates, a per cent sign is written twice.
    """
    return tongue().gettext(message, **values)


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The form for a number, which stands for `%(num)s` as the language writes it."""
    return tongue().ngettext(one, many, num, **values)


def pgettext(context: str, message: str) -> str:
    """A message that needs more than one translation, told apart by `context`."""
    said: str = _spoken().upgettext(context, message)
    return said


_ = gettext


def language() -> str:
    """The language that is spoken now: English where no page is asked for."""
    locale = _locale_of_request()
    return ENGLISH if locale is None else str(locale.language)


def tongue() -> Tongue:
    return TONGUES[language()]


def number(value: float, digits: int = 0) -> str:
    """A number as the language writes it: `1,234.5` or `1.234,5`."""
    return tongue().number(value, digits)


def percent(share: float, digits: int = 0) -> str:
    """A share of one, with the narrow space that both languages here are set with."""
    return tongue().percent(share, digits)


def money(amount: float, currency: str) -> str:
    return tongue().money(amount, currency)


def day(at: date) -> str:
    """A day: `5 Jan 2026`, `5. Jan. 2026`."""
    if isinstance(at, datetime):
        at = at.astimezone(UTC).date()
    return tongue().dated("yMMMd", at)


def day_of_month(at: date) -> str:
    """A day of a year that is known: `5 Jan`, `5. Jan.`."""
    if isinstance(at, datetime):
        at = at.date()
    return tongue().dated("MMMd", at)


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
    app.jinja_env.filters.update(number=number, percent=percent, money=money)
    app.after_request(_tell)

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {"language": language()}


def _spoken() -> NullTranslations:
    """The catalogue of the language that is spoken now."""
    return translations(language())


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


class _Compiling(Domain):  # type: ignore[misc] # Flask-Babel has no types
    """Catalogues from their .po files instead of .mo files."""

    def get_translations(self) -> NullTranslations:
        return _spoken()


class _Catalogues(Babel):  # type: ignore[misc] # the same
    domain_instance = _Compiling()
