"""Points; what they decide is in test_facts.py."""

from mailbeat.labeling.category import BAR
from mailbeat.labeling.facts import confidence_of
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.weighing import TO_MANY
from tests.factories import make_message


def weighed(**message):
    return Reading(make_message(**message)).facts


def test_a_number_names_no_category():
    facts = weighed(
        sender="x@example.com", subject="#48213 12:30 $20.00 30%", text="123456"
    )

    assert facts.cases == {}


def test_bulk_signs_alone_are_a_guess_and_no_more():
    headers = {"List-Unsubscribe": "<https://example.org/u>", "Precedence": "bulk"}

    cases = weighed(headers=headers, sender="no-reply@example.org").cases

    assert {slug: case.points for slug, case in cases.items()} == {
        "newsletters": TO_MANY
    }
    assert confidence_of(TO_MANY, 0) < BAR - 0.2


def test_several_prices_make_an_offer_of_what_is_sent_to_many():
    headers = {"List-Unsubscribe": "<https://example.org/u>"}
    text = "Lamp $10, table $99, chair $49."

    assert "promotions" in weighed(text=text, headers=headers).cases
    assert "promotions" not in weighed(text=text).cases
    assert "promotions" not in weighed(text="Lamp $10.", headers=headers).cases


def test_a_money_house_in_the_domain_counts_less_without_a_mailer():
    pilot = {"sender": "nora@noraspayroll.example", "subject": "Hello"}

    alone = weighed(**pilot).cases["finance"].points
    mailed = weighed(**pilot, headers={"Feedback-ID": "1"}).cases["finance"].points

    assert alone < mailed / 1.9
