"""Examples of one message, of which the last counts."""

from mailbeat.labeling.details import thread_of
from mailbeat.labeling.example import Example, example_of, newest_of_each
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.tokens import tokens_of
from tests.factories import make_message

RECEIPTS, PROMOTIONS = 2, 8


def example(category_id, key="a", *, is_negative=False):
    return Example(category_id, is_negative, key, "", "", "", "", b"")


def test_an_example_has_what_is_remembered_of_a_message():
    message = make_message(
        sender="shop@example.org", headers={"List-Id": "Shop <news.example.org>"}
    )

    made = example_of(message, RECEIPTS, is_negative=True)

    assert made == Example(
        category_id=RECEIPTS,
        is_negative=True,
        message_key=message.key,
        sender="shop@example.org",
        sender_domain="example.org",
        list_id="news.example.org",
        thread=thread_of(message),
        tokens=tokens_of(Reading(message)),
    )


def test_the_newest_of_a_message_counts():
    told = [example(RECEIPTS), example(PROMOTIONS, "b"), example(PROMOTIONS)]

    assert newest_of_each(told) == told[1:]


def test_what_it_is_and_what_it_is_not_are_both_known():
    told = [example(RECEIPTS, is_negative=True), example(PROMOTIONS)]

    assert newest_of_each(told) == told


def test_who_changes_their_mind_is_believed():
    is_one, is_none = example(RECEIPTS), example(RECEIPTS, is_negative=True)

    assert newest_of_each([is_one, is_none]) == [is_none]
    assert newest_of_each([is_none, is_one]) == [is_one]
