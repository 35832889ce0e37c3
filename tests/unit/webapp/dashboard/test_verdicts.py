import pytest

from mailbeat.db.categories import living_categories
from mailbeat.db.category_changes import merge_category, remove_category
from mailbeat.db.models import MessageRow
from mailbeat.db.session import transaction
from mailbeat.labeling.categorizer import LAYERS, NONE, YOU, Opinion
from mailbeat.labeling.details import considered_as_text
from webapp.dashboard import verdicts
from webapp.dashboard.verdicts import Verdicts


@pytest.fixture
def told(sessions, add, decide):
    """A message with these values, as a page tells of it."""
    account_id = add()

    def told(**values):
        message_id = decide(account_id, **values)
        with sessions() as session:
            (one,) = Verdicts(session).tell([session.get_one(MessageRow, message_id)])
        return one

    return told


def test_every_layer_has_words():
    assert set(verdicts.LAYERS) == {*LAYERS, NONE, YOU}


def test_a_decision_is_told_with_its_category_and_who_decided(told):
    one = told(category_id=2, confidence=0.934)

    assert (one.category.name, one.percent) == ("Receipts", 93)
    assert one.who.word == "What the mail shows"
    assert (one.suggestion, one.note, one.undoable) == (None, "", None)


def test_what_no_layer_was_sure_of_is_a_suggestion(told):
    one = told(category_id=None, label=None, layer="none", suggested_id=2)
    decided = told(category_id=3, layer="facts", suggested_id=2)

    assert (one.category, one.suggestion.name) == (None, "Receipts")
    assert decided.suggestion is None


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({"state": "planned"}, "being labelled"),
        ({"state": "failed", "label": "Receipts"}, "not labelled: the server refused"),
        ({"state": "failed", "label": None}, "could not be read"),
        ({"label": None, "category_id": None}, ""),
    ],
)
def test_how_the_label_is_stands_beside_it(told, values, note):
    assert told(**values).note == note


def test_a_layer_of_a_newer_version_is_told_by_its_name(told):
    assert told(layer="oracle").who.word == "oracle"


def test_messages_of_a_merged_category_are_told_as_the_other(sessions, told, now):
    with transaction(sessions) as session:
        merge_category(session, 2, 3, now=now)
        remove_category(session, 9, now=now)

    assert told(category_id=2).category.name == "Finance"
    assert told(category_id=9).category is None
    with sessions() as session:
        words = Verdicts(session)
        assert sorted(words.read_as(3)) == [2, 3]
        assert words.read_as(0) == [None, 9]
        assert [one.id for one in words.categories] == [
            one.id for one in living_categories(session)
        ]


def test_what_was_also_considered_is_told(sessions, add, decide):
    text = considered_as_text([Opinion(3, 0.41, "learned", '"salary"')])
    message_id = decide(add(), considered=text)

    with sessions() as session:
        row = session.get_one(MessageRow, message_id)
        (opinion,) = Verdicts(session).opinions(row)

    assert (opinion["category"].name, opinion["percent"]) == ("Finance", 41)
    assert opinion["who"].word == "Learned from your corrections"
