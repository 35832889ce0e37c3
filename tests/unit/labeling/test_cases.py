"""Cases: points and the facts that gave them."""

from mailbeat.labeling.cases import PRESSING, Case, Facts
from mailbeat.labeling.genre import BAIT


def test_the_strongest_facts_are_the_evidence():
    case = Case()
    for points in (1.0, 3.0, 2.0, 0.5):
        case.add(points, f"fact {points}")

    assert case.points == 6.5
    assert case.evidence == "fact 3.0, fact 2.0, fact 1.0"


def test_a_tone_is_no_category():
    facts = Facts()
    facts.case(BAIT).add(1.0, "it baits")
    facts.case("receipts").add(1.0, "it bills")

    assert set(facts.cases) == {"receipts"}
    assert facts.tone(BAIT) == 1.0


def test_it_presses_from_so_many_points_on():
    facts = Facts()
    facts.case(BAIT).add(PRESSING - 0.1, "it demands")
    assert facts.pressure == ""

    facts.case(BAIT).add(0.1, "it threatens")
    assert facts.pressure == "it presses for an answer: it demands, it threatens"
