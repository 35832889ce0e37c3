"""The catalogue knows what the rules say."""

from mailbeat.alerts.rules import RULES
from mailbeat.alerts.words import _UNKNOWN
from mailbeat.db.models import Alert
from webapp.dashboard import alert_words


def test_every_title_and_remedy_is_marked():
    rules = (*RULES.values(), _UNKNOWN)

    assert set(alert_words.TITLES) == {rule.one for rule in rules}
    assert set(alert_words.REMEDIES) == {rule.todo for rule in rules}


def test_an_alert_is_told_in_the_language_of_the_page(app):
    with app.test_request_context(headers={"Accept-Language": "de"}):
        told = alert_words.told(Alert(rule="no_worker"))

    assert (told.title, told.tone) == ("Kein Worker läuft", "bad")
