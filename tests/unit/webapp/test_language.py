from datetime import UTC, datetime

import pytest
from flask_babel import force_locale

from webapp import language
from webapp.language import gettext, money, ngettext, number, percent

GERMAN = {"Accept-Language": "de-AT, de;q=0.9, en;q=0.5"}


@pytest.fixture
def in_german(app):
    with app.test_request_context(headers=GERMAN):
        yield


def test_a_page_speaks_what_the_browser_asks_for(nobody):
    page = nobody.get("/login", headers=GERMAN)

    assert '<html lang="de">' in page.text
    assert "Ihr Schlüssel" in page.text
    assert page.headers["Content-Language"] == "de"
    assert {"Accept-Language", "Cookie"} <= set(page.vary)


@pytest.mark.parametrize("asked", ["", "fr, ja", "en-US, de;q=0.8", "*", "\x80;;q"])
def test_else_a_page_speaks_english(nobody, asked):
    page = nobody.get("/login", headers={"Accept-Language": asked})

    assert '<html lang="en">' in page.text
    assert page.headers["Content-Language"] == "en"


def test_what_was_chosen_counts_more_than_what_the_browser_asks_for(nobody):
    nobody.set_cookie("language", "en")

    assert "Your key" in nobody.get("/login", headers=GERMAN).text


def test_a_language_that_there_is_not_is_no_choice(nobody):
    nobody.set_cookie("language", "../../etc")

    assert "Ihr Schlüssel" in nobody.get("/login", headers=GERMAN).text


def test_programs_are_answered_in_english(nobody):
    answer = nobody.get("/api/accounts", headers=GERMAN)

    assert answer.json["detail"].startswith("Send a valid key")
    assert "Content-Language" not in answer.headers


def test_an_error_is_told_in_the_language_of_the_page(admin):
    page = admin.get("/no-such-page", headers=GERMAN)

    assert "Nicht gefunden" in page.text
    assert "Unter dieser Adresse gibt es nichts." in page.text


def test_a_text_without_a_page_is_english():
    assert gettext("Settings") == "Settings"
    assert number(1234.5, 1) == "1,234.5"


def test_the_empty_text_is_empty_in_every_language(in_german):
    """In a catalogue it stands for the catalogue's head."""
    assert gettext("") == ""


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1234.5, "EUR", "€1,234.50"),
        (0, "EUR", "€0.00"),
        (0.0004, "EUR", "< €0.01"),
        (0.4, "JPY", "< JP¥1"),
        (3, "XAU", "XAU3.00"),
        (3, "QQQ", "QQQ3.00"),
    ],
)
def test_money_is_written_with_its_currency(app, amount, currency, text):
    assert money(amount, currency).replace("\xa0", "") == text


def test_numbers_and_shares_are_written_as_the_language_does(in_german):
    assert number(1_234_567) == "1.234.567"
    assert number(1234.56, 1) == "1.234,6"
    assert percent(0.934) == "93\xa0%"


def test_a_number_chooses_its_form_and_stands_in_it(app):
    with app.test_request_context():
        assert ngettext("%(num)s page", "%(num)s pages", 1) == "1 page"
        assert ngettext("%(num)s page", "%(num)s pages", 1200) == "1,200 pages"


def test_a_day_is_written_as_the_language_does(app):
    at = datetime(2026, 1, 5, 23, tzinfo=UTC)

    with app.test_request_context():
        assert language.day(at) == "5 Jan 2026"
        with force_locale("de"):
            assert language.day(at) == "5. Jan. 2026"


def test_a_template_gets_the_number_as_the_language_writes_it(app, in_german):
    text = app.jinja_env.from_string(
        '{{ ngettext("%(num)s page", "%(num)s pages", 1200) }} {{ 1200|number }}'
    )

    assert text.render() == "1.200 pages 1.200"


def test_a_value_in_a_text_is_escaped(app):
    text = app.jinja_env.from_string(
        '{{ _("By %(who)s", who=x) }}{{ ngettext("%(x)s", "%(x)s", 1, x=x) }}'
    )

    with app.test_request_context():
        assert text.render(x="<b>") == "By &lt;b&gt;&lt;b&gt;"
