from mailbeat.db.models import Alert
from webapp.dashboard import alert_words


def test_an_alert_is_told_in_the_language_of_the_page(app):
    with app.test_request_context(headers={"Accept-Language": "de"}):
        told = alert_words.told(Alert(rule="no_worker"))

    assert (told.title, told.tone) == ("Kein Worker läuft", "bad")
