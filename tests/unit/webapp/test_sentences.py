from webapp.sentences import said


def test_a_sentence_of_the_core_is_told_in_the_language_of_the_page(app):
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert said("There is no account 7.") == "Es gibt kein Konto 7."
    with app.test_request_context():
        assert said("There is no account 7.") == "There is no account 7."
