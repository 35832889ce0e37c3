"""What is worth a rule, by the ledger of both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from mailbeat.db import accounts
from mailbeat.db.models import CategoryRow, DismissedRecommendation, RuleRow
from mailbeat.db.recommendations import (
    RecommendationNotFound,
    dismiss,
    recommendations,
)
from mailbeat.db.session import transaction
from tests.factories import NOW, make_account, make_row

UNSURE = {"layer": "none", "category_id": None, "label": None, "suggested_id": 2}


@pytest.fixture
def account_id(any_sessions):
    return make_account(any_sessions)


@pytest.fixture
def add(any_sessions, account_id):
    uids = iter(range(1, 999))

    def add(count, to=account_id, **changes):
        for _ in range(count):
            make_row(any_sessions, to, next(uids), **({"list_id": ""} | changes))

    return add


@pytest.fixture
def found(any_sessions):
    def found(**options):
        with any_sessions() as session:
            wanted = {"since": NOW - timedelta(days=30)} | options
            return recommendations(session, **wanted)

    return found


def what(found):
    return [(one.field, one.value, one.category_id, one.messages) for one in found]


def add_rule(sessions, condition, *, account_id=None, enabled=True):
    with transaction(sessions) as session:
        session.add(
            RuleRow(
                name="A rule",
                condition=condition,
                category_id=2,
                account_id=account_id,
                enabled=enabled,
                created_at=NOW,
                updated_at=NOW,
            )
        )


def test_a_sender_that_was_corrected_three_times(add, found):
    add(3, layer="you", category_id=3)
    add(2, layer="facts", category_id=2)
    add(2, layer="you", category_id=9, sender="b@b.example")

    (one,) = found()

    assert what([one]) == [("sender", "shop@shop.example", 3, 3)]
    assert (one.of, one.corrected, one.purity) == (5, 3, 0.6)


def test_a_list_of_which_nothing_is_sure(add, found):
    for number in range(6):
        sender = {
            "sender": f"{number}@{number}.example",
            "sender_domain": f"{number}.example",
        }
        add(1, list_id="news.example", **UNSURE, **sender)

    assert what(found()) == [("list", "news.example", 2, 6)]


def test_a_domain_with_the_same_suggestion_stands_for_its_senders(add, found):
    for name in ("a", "b"):
        add(5, sender=f"{name}@shop.example", **UNSURE)

    assert what(found()) == [("domain", "shop.example", 2, 10)]


def test_what_strong_layers_decide_is_not_worth_one(add, found):
    add(20)

    assert found() == []


def test_a_removed_label_is_no_suggestion_any_more(add, found):
    add(9, **(UNSURE | {"layer": "you"}))

    assert found() == []


def test_messages_of_before_and_of_other_accounts_do_not_count(
    any_sessions, account_id, add, found
):
    other = make_account(any_sessions, "eve@example.org")
    add(3, **UNSURE)
    add(3, **UNSURE, decided_at=NOW - timedelta(days=31))
    add(3, to=other, **UNSURE)
    assert found() == []

    add(3, to=other, **UNSURE)

    assert what(found()) == [("sender", "shop@shop.example", 2, 6)]
    assert found(account_id=account_id) == []
    assert len(found(account_id=other)) == 1


def test_only_the_newest_are_counted_with_a_list_or_without(add, found):
    add(6, **UNSURE, list_id="news.example", decided_at=NOW - timedelta(days=1))
    add(4, **UNSURE)
    assert ("list", "news.example", 2, 6) in what(found())

    assert what(found(newest=9)) == [
        ("sender", "shop@shop.example", 2, 9),
        ("list", "news.example", 2, 5),
    ]
    assert found(newest=4) == []


def test_messages_that_a_rule_decides_need_no_other(add, found):
    add(9, **UNSURE)
    add(1, layer="rule")

    assert found() == []


@pytest.mark.parametrize(
    "condition",
    [
        '{"sender": "shop@shop.example"}',
        '{"sender": {"is": ["a@b.example", "Shop@Shop.example"]}}',
        '{"domain": "shop.example"}',
        '{"domain": "example"}',
    ],
)
def test_what_has_a_rule_already_is_not_proposed(any_sessions, add, found, condition):
    add(9, **UNSURE)
    assert len(found()) == 1

    add_rule(any_sessions, condition)

    assert found() == []


def test_a_rule_that_is_off_or_of_another_account_or_unreadable_is_none(
    any_sessions, add, found
):
    other = make_account(any_sessions, "eve@example.org")
    add(9, **UNSURE)

    add_rule(any_sessions, '{"sender": "shop@shop.example"}', enabled=False)
    add_rule(any_sessions, '{"sender": "shop@shop.example"}', account_id=other)
    add_rule(any_sessions, '{"subject": {"contains": "Order"}}')
    add_rule(any_sessions, '{"nonsense": 1}')
    add_rule(any_sessions, "{")

    assert len(found()) == 1


def test_categories_that_were_merged_count_as_one(any_sessions, add, found):
    add(3, **UNSURE)
    add(3, **(UNSURE | {"suggested_id": 3}))
    assert found() == []

    with transaction(any_sessions) as session:
        session.execute(
            update(CategoryRow)
            .where(CategoryRow.id == 3)
            .values(deleted_at=NOW, merged_into_id=2)
        )

    assert what(found()) == [("sender", "shop@shop.example", 2, 6)]


def test_no_category_that_is_off_is_proposed(any_sessions, add, found):
    add(9, **UNSURE)

    with transaction(any_sessions) as session:
        session.execute(
            update(CategoryRow).where(CategoryRow.id == 2).values(enabled=False)
        )

    assert found() == []


def test_the_best_come_first_and_not_too_many(add, found):
    for name in ("a", "b", "c"):
        domain = {
            "sender": f"{name}@{name}.example",
            "sender_domain": f"{name}.example",
        }
        add(6, **UNSURE, **domain)
    add(3, layer="you", sender="d@d.example", sender_domain="d.example")

    assert [one.value[0] for one in found()] == ["d", "a", "b", "c"]
    assert len(found(limit=2)) == 2


def test_what_was_dismissed_is_not_shown_again(any_sessions, account_id, add, found):
    add(9, **UNSURE)
    (one,) = found()

    for _ in range(2):
        with transaction(any_sessions) as session:
            assert dismiss(session, one.key, now=NOW) == account_id

    assert found() == []
    with transaction(any_sessions) as session:
        accounts.remove_account(session, account_id, now=NOW)
    with any_sessions() as session:
        assert session.query(DismissedRecommendation).all() == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "1-sender-2",
        "99-sender-2-0123456789abcdef",
        "1-sender-2-0123456789abcdeX",
    ],
)
def test_a_key_of_nothing_is_not_dismissed(any_sessions, account_id, key):
    with transaction(any_sessions) as session, pytest.raises(RecommendationNotFound):
        dismiss(session, key, now=NOW)
