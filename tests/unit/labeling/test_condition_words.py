"""How conditions are said, and said again in another language."""

import pytest

from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.condition_words import in_words, reason, words_again
from mailbeat.labeling.rule_facts import RuleFacts
from mailbeat.language import TONGUES
from tests.factories import make_message

GERMAN = TONGUES["de"]


def known(account="me@example.org", **message):
    return RuleFacts(make_message(**message), account)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"domain": "lufthansa.com"}, "sender's domain is lufthansa.com"),
        ({"sender": ["a@x.org", "b@x.org"]}, "sender is a@x.org or b@x.org"),
        ({"not": {"subject": {"starts": "Re:"}}}, "subject does not start with Re:"),
        ({"size": {"over": "5mb"}}, "it is larger than 5 MB"),
        ({"not": {"size": {"over": "5 MB"}}}, "it is at most 5 MB"),
        ({"attachment": "yes"}, "it has an attachment"),
        ({"list": "no"}, "it is from no list"),
        ({"header": {"name": "x-mailer"}}, "it has a header X-Mailer"),
        (
            {"header": {"name": "X-Mailer", "contains": "foo"}},
            "header X-Mailer contains foo",
        ),
        (
            {"domain": "x.org", "any": [{"list": True}, {"attachment": True}]},
            "sender's domain is x.org and (it is from a list or it has an attachment)",
        ),
        (
            {"not": {"all": [{"list": True}, {"attachment": True}]}},
            "not (it is from a list and it has an attachment)",
        ),
        ({"subject": {"contains": "x" * 90}}, f"subject contains {'x' * 59}…"),
    ],
)
def test_conditions_are_said_in_words(written, words):
    assert in_words(read_condition(written)) == words


def test_the_reason_is_what_holds():
    condition = read_condition(
        {
            "any": [
                {"domain": ["example.com", "example.org"]},
                {"subject": {"contains": "flight"}},
            ]
        }
    )

    assert reason(condition, known()) == "sender's domain is example.org"


CONDITIONS = [
    ({"sender": "a@x.org"}, "Absender ist a@x.org"),
    ({"domain": ["x.org", "y.org"]}, "Domain des Absenders ist x.org oder y.org"),
    ({"not": {"domain": "x.org"}}, "Domain des Absenders ist nicht x.org"),
    ({"subject": {"contains": "is not"}}, "Betreff enthält is not"),
    ({"subject": {"starts": "x and y"}}, "Betreff beginnt mit x and y"),
    (
        {"not": {"recipient": {"ends": "x.org"}}},
        "ein Empfänger endet nicht mit x.org",
    ),
    ({"header": {"name": "X-Mailer"}}, "hat die Kopfzeile X-Mailer"),
    (
        {"header": {"name": "X-Mailer", "contains": "a"}},
        "Kopfzeile X-Mailer enthält a",
    ),
    ({"size": {"over": "5 MB"}}, "ist größer als 5 MB"),
    ({"not": {"size": {"over": "5 MB"}}}, "ist höchstens 5 MB groß"),
    (
        {"list": False, "account": {"contains": "ada"}},
        "kommt von keiner Liste und Konto enthält ada",
    ),
    ({"subject": {"contains": "100 %(x)s"}}, "Betreff enthält 100 %(x)s"),
]


@pytest.mark.parametrize(("written", "words"), CONDITIONS)
def test_conditions_are_said_in_german(written, words):
    assert in_words(read_condition(written), GERMAN) == words


@pytest.mark.parametrize(("written", "words"), CONDITIONS)
def test_words_that_were_stored_are_said_again_in_german(written, words):
    assert words_again(in_words(read_condition(written)), GERMAN) == words


@pytest.mark.parametrize("words", ["", "something else", "and", "not (it is here)"])
def test_words_that_are_not_known_are_not_said_again(words):
    assert words_again(words, GERMAN) == ""


def test_brackets_are_said_in_german():
    condition = {
        "domain": "x.org",
        "not": {"all": [{"list": True}, {"attachment": True}]},
        "any": [{"list": True}, {"subject": "a"}],
    }

    assert in_words(read_condition(condition), GERMAN) == (
        "Domain des Absenders ist x.org und nicht (kommt von einer Liste und hat einen "
        "Anhang) und (kommt von einer Liste oder Betreff ist a)"
    )
