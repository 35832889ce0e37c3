"""Rules as they are kept: in their order, with what they refer to as that is now."""

import threading

import pytest
import sqlalchemy as sa

from mailbeat.db import rules
from mailbeat.db.models import Account, CategoryRow, RuleRow
from mailbeat.db.session import transaction
from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.rule_file import MOST_RULES
from tests.factories import NOW, make_account

RECEIPTS, FINANCE = 2, 3
AIRLINES = read_condition({"domain": "lufthansa.com"})


def new(name="Airlines", category_id=RECEIPTS, **more):
    return rules.NewRule(name, AIRLINES, category_id, **more)


@pytest.fixture
def add(any_sessions):
    """Add a rule and return it."""

    def add(name="Airlines", category_id=RECEIPTS, *, position=None, **more):
        with transaction(any_sessions) as session:
            one = new(name, category_id, **more)
            return rules.add_rule(session, one, now=NOW, position=position)

    return add


def names(sessions):
    with sessions() as session:
        return [one.name for one in rules.list_rules(session)]


def category(sessions, category_id, **values):
    with transaction(sessions) as session:
        change = sa.update(CategoryRow).where(CategoryRow.id == category_id)
        session.execute(change.values(**values))


def used(sessions, account_id=1):
    with sessions() as session:
        return rules.rules_of(session, account_id)


def test_a_rule_is_kept_as_it_was_given(any_sessions, add):
    account_id = make_account(any_sessions)

    added = add(is_catch_all=True, account_id=account_id, enabled=False)

    with any_sessions() as session:
        (kept,) = rules.list_rules(session)
    assert kept == added
    assert (kept.condition, kept.category, kept.position) == (AIRLINES, "Receipts", 1)
    assert (kept.is_catch_all, kept.enabled) == (True, False)
    assert (kept.account_id, kept.account) == (account_id, "ada@example.org")


def test_rules_stand_where_they_are_put(any_sessions, add):
    first, _, third = add("A"), add("B"), add("C")
    add("D", position=2)
    add("E", position=1000)
    assert names(any_sessions) == ["A", "D", "B", "C", "E"]

    with transaction(any_sessions) as session:
        rules.change_rule(session, third.id, {"position": 1}, now=NOW)
        rules.change_rule(session, first.id, {"position": 5}, now=NOW)
    assert names(any_sessions) == ["C", "D", "B", "E", "A"]

    with transaction(any_sessions) as session:
        rules.remove_rule(session, third.id)
        ids = [one.id for one in rules.list_rules(session)]
        rules.order_rules(session, ids[::-1])
    assert names(any_sessions) == ["A", "E", "B", "D"]


@pytest.mark.parametrize("wanted", [[1], [1, 1], [1, 2, 3], []])
def test_an_order_holds_each_rule_once(any_sessions, add, wanted):
    add("A"), add("B")

    with transaction(any_sessions) as session, pytest.raises(rules.RuleConflict):
        rules.order_rules(session, wanted)

    assert names(any_sessions) == ["A", "B"]


def test_fields_are_changed_one_by_one(any_sessions, add):
    rule = add()
    condition = read_condition({"sender": "a@x.org"})

    with transaction(any_sessions) as session:
        changes = {"condition": condition, "category_id": None, "enabled": False}
        changed = rules.change_rule(session, rule.id, changes, now=NOW)

    assert (changed.condition, changed.category_id) == (condition, None)
    assert (changed.enabled, changed.name) == (False, "Airlines")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category_id": 99}, "category_unknown"),
        ({"account_id": 99}, "account_unknown"),
        ({"name": "\uff22"}, "exists"),  # a wide B
    ],
)
def test_a_refused_change_changes_nothing(any_sessions, add, changes, code):
    rule = add("A")
    add("B")

    with (
        pytest.raises(rules.RuleConflict) as refused,
        transaction(any_sessions) as session,
    ):
        rules.change_rule(session, rule.id, changes, now=NOW)

    assert refused.value.code == code
    with any_sessions() as session:
        assert rules.get_rule(session, rule.id) == rule


def test_a_rule_keeps_its_own_name(any_sessions, add):
    rule = add()

    with transaction(any_sessions) as session:
        rules.change_rule(session, rule.id, {"name": "AIRLINES"}, now=NOW)

    assert names(any_sessions) == ["AIRLINES"]


def test_there_are_not_more_rules_than_a_run_can_ask(sessions):
    with transaction(sessions) as session:
        many = [new(f"Rule {number}") for number in range(MOST_RULES)]
        rules.add_all(session, many, after=0, now=NOW)

    with transaction(sessions) as session, pytest.raises(rules.RuleConflict):
        rules.add_rule(session, new("One more"), now=NOW)


def test_a_run_asks_the_rules_of_its_account_in_their_order(any_sessions, add):
    mine, other = (
        make_account(any_sessions, f"{name}@example.org") for name in ("ada", "bob")
    )
    add("Theirs", account_id=other)
    add("Everybody's")
    add("Mine", account_id=mine, position=1)
    add("Off", enabled=False)

    assert [one.name for one in used(any_sessions, mine)] == ["Mine", "Everybody's"]


def test_a_merged_category_is_read_as_the_other(any_sessions, add):
    add()
    category(any_sessions, RECEIPTS, deleted_at=NOW, merged_into_id=FINANCE)

    (rule,) = used(any_sessions)
    with any_sessions() as session:
        (kept,) = rules.list_rules(session)

    assert rule.category_id == FINANCE
    assert (kept.category, kept.problem) == ("Finance", None)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"deleted_at": NOW}, "Receipts was removed"),
        ({"enabled": False}, "Receipts is switched off"),
    ],
)
def test_a_rule_without_its_category_is_passed_over_and_says_so(
    any_sessions, add, change, says
):
    add()
    category(any_sessions, RECEIPTS, **change)

    assert used(any_sessions) == []
    with any_sessions() as session:
        (kept,) = rules.list_rules(session)
    assert says in kept.problem


def test_a_restored_category_is_decided_for_again(any_sessions, add):
    add()
    category(any_sessions, RECEIPTS, deleted_at=NOW)
    category(any_sessions, RECEIPTS, deleted_at=None)

    assert [one.category_id for one in used(any_sessions)] == [RECEIPTS]


@pytest.mark.parametrize("text", ["", "{", "7", '{"sendr": "x"}', "[" * 10_000])
def test_a_condition_that_cannot_be_read_stops_no_run(any_sessions, add, text):
    add("A"), add("B")
    with transaction(any_sessions) as session:
        change = sa.update(RuleRow).where(RuleRow.name == "A")
        session.execute(change.values(condition=text))

    assert [one.name for one in used(any_sessions)] == ["B"]
    with any_sessions() as session:
        assert "Write it anew" in rules.list_rules(session)[0].problem


def test_an_account_takes_its_rules_with_it(any_sessions, add):
    account_id = make_account(any_sessions)
    add("A", account_id=account_id), add("B")

    with transaction(any_sessions) as session:
        session.execute(sa.delete(Account))

    assert names(any_sessions) == ["B"]


def test_an_account_has_an_address(any_sessions):
    account_id = make_account(any_sessions)

    with any_sessions() as session:
        assert rules.address_of(session, account_id) == "ada@example.org"
        assert rules.address_of(session, 99) == ""


def test_what_is_not_there_is_not_found(any_sessions):
    with transaction(any_sessions) as session:
        for ask in (rules.get_rule, rules.remove_rule):
            with pytest.raises(rules.RuleNotFound):
                ask(session, 7)
        with pytest.raises(rules.RuleNotFound):
            rules.change_rule(session, 7, {"enabled": True}, now=NOW)


def test_two_at_once_add_no_name_twice(any_sessions):
    start = threading.Barrier(4)
    refused = []

    def add():
        start.wait()
        try:
            with transaction(any_sessions) as session:
                rules.add_rule(session, new(), now=NOW)
        except rules.RuleConflict as error:
            refused.append(error.code)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert names(any_sessions) == ["Airlines"]
    assert refused == ["exists"] * 3
