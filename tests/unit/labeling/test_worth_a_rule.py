"""What is worth a rule, by its numbers."""

import pytest

from mailbeat.labeling.worth_a_rule import Recommendation, Tally, recommend


def tally(
    category_id=2, messages=6, *, field="sender", value="shop@shop.example", **more
):
    return Tally(1, field, value, category_id, messages, **more)


@pytest.mark.parametrize(
    ("tallies", "is_worth"),
    [
        # A person said so.
        ([tally(messages=3, corrected=3)], True),
        ([tally(messages=2, corrected=2)], False),
        ([tally(messages=3, corrected=3), tally(3, 20)], True),
        ([tally(messages=3, corrected=3), tally(3, 3, corrected=3)], False),
        ([tally(messages=4, corrected=3), tally(3, 1, corrected=1)], False),
        # Nothing was sure, and all are the same.
        ([tally(messages=5, weak=3)], True),
        ([tally(messages=4, weak=4)], False),
        ([tally(messages=9, weak=9), tally(3, 1)], True),
        ([tally(messages=8, weak=8), tally(3, 1)], False),
        ([tally(messages=6, weak=6), tally(None, 6)], False),
        # Strong layers decide it already.
        ([tally(messages=50, weak=2)], False),
        # There is nothing to propose.
        ([tally(None, 9, weak=9)], False),
        ([tally(None, 9, corrected=9)], False),
    ],
)
def test_numbers_tell_what_is_worth_a_rule(tallies, is_worth):
    assert (recommend(tallies) is not None) == is_worth


@pytest.mark.parametrize(
    ("domain", "senders", "is_worth"),
    [
        ("shop.example", 2, True),
        ("shop.example", 1, False),
        ("gmail.com", 5, False),
        ("bounce.mcsv.net", 5, False),
        ("lists.example.org", 5, False),
        ("notgmail.com", 5, True),
    ],
)
def test_a_domain_needs_several_senders_that_have_something_in_common(
    domain, senders, is_worth
):
    one = tally(field="domain", value=domain, weak=6, senders=senders)

    assert (recommend([one]) is not None) == is_worth


def test_a_person_at_a_freemailer_is_a_sender_like_others():
    assert recommend([tally(value="ada@gmail.com", corrected=3)]) is not None


def test_it_says_why_and_which_rule():
    told = recommend([tally(messages=4, corrected=3), tally(3, 1)])
    weak = recommend([tally(messages=9, weak=7, field="list", value="l.example")])

    assert told.reason("Receipts") == (
        "You said 3 times that mail from shop@shop.example is Receipts."
    )
    assert (told.condition, told.purity) == ({"sender": "shop@shop.example"}, 0.8)
    assert weak.reason("Forums") == (
        "9 of 9 messages of the list l.example were taken for Forums, and for 7 of "
        "them nothing was sure."
    )


def test_its_key_is_short_whatever_the_value():
    one = Recommendation(7, "sender", "x" * 320 + "\ud800", 2, 1, 1, 1, 1)

    assert len(one.key) < 80
    assert one.key.startswith("7-sender-2-")
    assert one.name == "x" * 100
