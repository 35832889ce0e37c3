"""Points; what they decide is in test_facts.py."""

from mailbeat.labeling.reading import Reading
from mailbeat.labeling.weighing import Case
from tests.factories import make_message


def weighed(**message):
    return Reading(make_message(**message)).facts


def test_the_strongest_facts_are_the_evidence():
    case = Case()
    for points in (1.0, 3.0, 2.0, 0.5):
        case.add(points, f"fact {points}")

    assert case.points == 6.5
    assert case.evidence == "fact 3.0, fact 2.0, fact 1.0"


def test_a_number_names_no_category():
    facts = weighed(
        sender="x@example.com", subject="#48213 12:30 $20.00 30%", text="123456"
    )

    assert facts.cases == {}


def test_bulk_signs_give_no_points():
    headers = {"List-Unsubscribe": "<https://example.org/u>", "Precedence": "bulk"}

    assert weighed(headers=headers, sender="no-reply@example.org").cases == {}
