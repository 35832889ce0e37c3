"""The layer of the user's rules."""

import time

import pytest

from mailbeat.labeling.categorizer import RULE
from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.layers import build_categorizer
from mailbeat.labeling.reading import Reading
from mailbeat.labeling.rules import Rule, RuleLayer
from tests.factories import make_message

RECEIPTS, FINANCE, FORUMS = 2, 3, 10
ORDER = {"sender": "shop@example.org", "subject": "Your order #48213"}


def rule(written, category_id=FORUMS, *, number=1, name="Mine", catch_all=False):
    condition = read_condition(written)
    return Rule(number, name, condition, category_id, is_catch_all=catch_all)


def opinion_of(*rules, **message):
    (opinions,) = RuleLayer(rules).consider([Reading(make_message(**message))])
    return opinions[0] if opinions else None


def decide(*rules, **message):
    categorizer = build_categorizer(STARTING_CATEGORIES, rules=rules)
    (decision,) = categorizer.decide([make_message(**message)])
    return decision


def test_a_rule_is_certain_and_says_why():
    found = opinion_of(
        rule({"domain": "lufthansa.com"}, name="Airlines"), sender="a@lufthansa.com"
    )

    assert (found.category_id, found.confidence, found.layer) == (FORUMS, 1.0, RULE)
    assert found.evidence == 'Your rule "Airlines": sender\'s domain is lufthansa.com'


def test_a_rule_that_does_not_hold_says_nothing():
    assert opinion_of(rule({"domain": "lufthansa.com"})) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"subject": {"contains": "subject"}}, {"sender": "ada@example.org"}),
        ({"sender": "ada@example.org"}, {"subject": {"contains": "subject"}}),
        ({"domain": "example.org"}, {"sender": "ada@example.org"}),
    ],
)
def test_the_first_rule_that_holds_decides_however_it_is_found(first, second):
    found = opinion_of(rule(first, RECEIPTS), rule(second, FINANCE))

    assert found.category_id == RECEIPTS


def test_rules_come_before_everything_else():
    assert decide(**ORDER).layer == "facts"
    assert decide(rule({"domain": "example.org"}), **ORDER).layer == RULE


def test_a_rule_may_say_that_there_is_no_category():
    decision = decide(rule({"domain": "example.org"}, None), **ORDER)

    assert (decision.category_id, decision.layer) == (None, RULE)
    assert decision.suggestion is None


def test_a_forger_is_believed_where_the_users_rule_says_so():
    forged = {"Authentication-Results": "mx.example.org; dmarc=fail"}

    decision = decide(rule({"sender": "ada@example.org"}, FINANCE), headers=forged)

    assert decision.category_id == FINANCE


def test_a_catch_all_rule_is_asked_where_nothing_else_was_sure():
    rest = rule({"domain": "example.org"}, FORUMS, name="Rest", catch_all=True)

    unsure = decide(rest, subject="Hm", text="Hm.", sender="x@example.org")

    assert (unsure.category_id, unsure.layer) == (FORUMS, RULE)
    assert unsure.evidence.startswith('Your catch-all rule "Rest": ')
    assert decide(rest, **ORDER).category_id == RECEIPTS


def test_a_catch_all_rule_comes_after_other_rules_wherever_it_stands():
    rest = rule({"domain": "example.org"}, FORUMS, catch_all=True)

    decision = decide(rest, rule({"domain": "example.org"}, FINANCE))

    assert decision.category_id == FINANCE


def test_evidence_is_short_whatever_the_rule():
    parts = [{"subject": {"starts": "a" * n}} for n in range(1, 50)]

    found = opinion_of(rule({"all": parts}, name="n" * 100), subject="a" * 60)

    assert len(found.evidence) == 300


def test_markup_in_a_name_stays_text():
    found = opinion_of(rule({"domain": "example.org"}, name="<b>&amp;"))

    assert found.evidence.startswith('Your rule "<b>&amp;": ')


def _kinds(number):
    yield {"sender": f"someone{number}@example.net"}
    yield {"domain": f"shop{number}.example.net"}
    yield {"subject": {"contains": f"invoice {number}"}}
    yield {"list": f"list{number}.example.net"}
    yield {"recipient": f"me+{number}@example.org"}
    yield {"header": {"name": "X-Mailer", "contains": f"mailer {number}"}}
    yield {"domain": f"a{number}.net", "subject": {"starts": "Re:"}}
    yield {"any": [{"subject": {"ends": f"{number}."}}, {"size": {"over": "9 GB"}}]}


def test_two_hundred_rules_take_next_to_no_time():
    """0.04 ms, where nothing else runs; the limit lets a busy machine pass."""
    rules = [rule(one) for number in range(25) for one in _kinds(number)]
    layer = RuleLayer(rules)
    times = []

    for _ in range(5):
        readings = [Reading(make_message(uid)) for uid in range(200)]
        began = time.thread_time()
        layer.consider(readings)
        times.append((time.thread_time() - began) / len(readings))

    assert len(rules) == 200
    assert min(times) < 0.0005
