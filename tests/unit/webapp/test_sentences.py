import pytest

from webapp.sentences import SHAPES, pattern_of, said

GERMAN = {"Accept-Language": "de"}


@pytest.fixture
def in_german(app):
    with app.test_request_context(headers=GERMAN):
        yield


def test_a_sentence_with_a_value_is_known_by_its_shape(in_german):
    assert said("There is no account 7.") == "Es gibt kein Konto 7."


def test_a_sentence_without_values_is_known_as_it_is(in_german):
    assert said("The account is paused.") == "Das Konto ist angehalten."


@pytest.mark.parametrize("text", ["", "Nobody wrote this.", "100 % %(x)s", "x" * 9999])
def test_an_unknown_sentence_stays_as_it_is(in_german, text):
    assert said(text) == text


def test_in_english_a_sentence_stays_as_it_is(app):
    with app.test_request_context():
        assert said("There is no account 7.") == "There is no account 7."


def test_every_shape_knows_itself_first():
    """Else another one before it would take its sentences."""
    for shape in SHAPES:
        known = [one for one in SHAPES if pattern_of(one).fullmatch(shape)]
        assert known[0] == shape
