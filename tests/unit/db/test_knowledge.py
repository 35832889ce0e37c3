"""A categorizer that is loaded when it is asked, and what it was taught."""

import base64
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from sqlalchemy import delete, event, update

from mailbeat.db.categories import enabled_categories
from mailbeat.db.category_changes import (
    change_category,
    merge_category,
    remove_category,
    restore_category,
)
from mailbeat.db.knowledge import MOST_EXAMPLES, AccountCategorizer, examples_of
from mailbeat.db.models import CategoryRow, LearnedExample
from mailbeat.db.rules import NewRule, add_rule
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.labeling.categorizer import Opinion
from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.example import example_of
from tests.factories import NOW, make_account, make_message

PERSONAL, RECEIPTS, FINANCE, PROMOTIONS = 1, 2, 3, 8
TEACHERS, LESSONS = 2, 200


def row(account_id, category_id, message, *, is_negative=False):
    example = example_of(message, category_id, is_negative=is_negative)
    return LearnedExample(
        account_id=account_id,
        category_id=category_id,
        is_negative=is_negative,
        message_key=example.message_key,
        sender=example.sender,
        sender_domain=example.sender_domain,
        list_id=example.list_id,
        thread=example.thread,
        tokens=base64.b85encode(example.tokens).decode(),
        created_at=NOW,
    )


def teach(sessions, *rows):
    with transaction(sessions) as session:
        session.add_all(rows)


def taught(sessions, account_id):
    with sessions() as session:
        return examples_of(session, account_id)


def mail(number, sender="ada@shop.example"):
    return make_message(number, sender=sender)


def test_nothing_is_asked_before_the_first_message():
    def sessions():
        pytest.fail("the database was asked")

    AccountCategorizer(sessions, 1, STARTING_CATEGORIES)


def test_an_account_that_was_taught_nothing_has_the_facts(sessions):
    categorizer = AccountCategorizer(sessions, 1, STARTING_CATEGORIES)

    (decision,) = categorizer.decide(
        [make_message(sender="shop@example.org", subject="Your order #48213")]
    )

    assert (decision.category_id, decision.layer) == (2, "facts")


def test_what_was_taught_decides_in_the_next_run(any_sessions):
    account_id = make_account(any_sessions)
    teach(any_sessions, row(account_id, FINANCE, mail(1)))
    categorizer = AccountCategorizer(any_sessions, account_id, STARTING_CATEGORIES)

    (decision,) = categorizer.decide([mail(2)])

    assert (decision.category_id, decision.layer) == (FINANCE, "memory")


def test_an_example_comes_back_as_it_was_written(any_sessions):
    account_id = make_account(any_sessions)
    teach(any_sessions, row(account_id, FINANCE, mail(1), is_negative=True))

    assert taught(any_sessions, account_id) == [
        example_of(mail(1), FINANCE, is_negative=True)
    ]


def test_each_account_learns_its_own(sessions):
    one, other = make_account(sessions), make_account(sessions, "b@example.org")
    teach(sessions, row(one, FINANCE, mail(1)))

    assert taught(sessions, other) == []


def test_the_newest_of_a_message_and_the_newest_of_a_category_come(sessions):
    account_id = make_account(sessions)
    teach(
        sessions,
        row(account_id, FINANCE, mail(0)),
        *(row(account_id, RECEIPTS, mail(n)) for n in range(MOST_EXAMPLES + 5)),
    )

    found = taught(sessions, account_id)

    assert len(found) == MOST_EXAMPLES
    assert {one.category_id for one in found} == {RECEIPTS}
    assert found[-1].message_key == mail(MOST_EXAMPLES + 4).key


@pytest.mark.parametrize("is_negative", [False, True])
def test_of_what_was_said_about_a_message_and_a_category_the_last_counts(
    sessions, *, is_negative
):
    """A person who confirmed a message may say later that it is of no category."""
    account_id = make_account(sessions)
    for said in (not is_negative, is_negative):
        teach(sessions, row(account_id, FINANCE, mail(1), is_negative=said))

    assert [one.is_negative for one in taught(sessions, account_id)] == [is_negative]


def test_a_deleted_row_restores_the_former_answers(sessions):
    account_id = make_account(sessions)
    teach(sessions, row(account_id, FINANCE, mail(1)))

    def answers():
        categorizer = AccountCategorizer(sessions, account_id, STARTING_CATEGORIES)
        return categorizer.decide([mail(2), mail(3, "bob@bank.example")])

    before = answers()
    teach(sessions, row(account_id, PERSONAL, mail(1)))
    between = answers()
    with transaction(sessions) as session:
        session.execute(
            delete(LearnedExample).where(LearnedExample.category_id == PERSONAL)
        )

    assert between != before
    assert answers() == before


def change(sessions, category_id, **values):
    with transaction(sessions) as session:
        session.execute(
            update(CategoryRow).where(CategoryRow.id == category_id).values(values)
        )


def test_a_merged_category_teaches_the_other_until_that_is_undone(any_sessions):
    account_id = make_account(any_sessions)
    teach(any_sessions, row(account_id, FINANCE, mail(1)))

    change(any_sessions, FINANCE, merged_into_id=RECEIPTS, deleted_at=NOW)
    merged = taught(any_sessions, account_id)
    change(any_sessions, RECEIPTS, merged_into_id=PROMOTIONS, deleted_at=NOW)
    twice = taught(any_sessions, account_id)
    change(any_sessions, RECEIPTS, merged_into_id=None, deleted_at=None)
    change(any_sessions, FINANCE, merged_into_id=None, deleted_at=None)
    undone = taught(any_sessions, account_id)

    assert [one.category_id for one in merged] == [RECEIPTS]
    assert [one.category_id for one in twice] == [PROMOTIONS]
    assert [one.category_id for one in undone] == [FINANCE]


def test_a_deleted_category_teaches_nothing_and_a_ring_ends(sessions):
    account_id = make_account(sessions)
    teach(
        sessions,
        row(account_id, FINANCE, mail(1)),
        row(account_id, RECEIPTS, mail(2)),
        row(account_id, PROMOTIONS, mail(3)),
    )

    change(sessions, FINANCE, deleted_at=NOW)
    change(sessions, RECEIPTS, merged_into_id=PROMOTIONS, deleted_at=NOW)
    change(sessions, PROMOTIONS, merged_into_id=RECEIPTS, deleted_at=NOW)

    assert taught(sessions, account_id) == []


def test_the_examples_come_in_one_query_and_the_categories_in_another(sessions):
    account_id = make_account(sessions)
    teach(sessions, *(row(account_id, RECEIPTS, mail(n)) for n in range(20)))
    asked = []

    with sessions() as session:
        event.listen(
            session.get_bind(),
            "before_cursor_execute",
            lambda *arguments: asked.append(arguments[2]),
        )
        examples_of(session, account_id)

    assert len([one for one in asked if "learned_examples" in one]) == 1
    assert len([one for one in asked if one.startswith("SELECT")]) == 2


def teach_much(url, keys, account_id, teacher):
    """What a worker does that teaches one message after the other."""
    engine = create_engine(url, secret_keys=keys)
    sessions = create_sessions(engine)
    for number in range(LESSONS):
        message = make_message(1_000 * (1 + teacher) + number)
        teach(sessions, row(account_id, 1 + number % 10, message))
    engine.dispose()


def test_two_workers_who_teach_at_once_lose_nothing(
    any_database_url, any_sessions, secret_keys
):
    account_id = make_account(any_sessions)

    with ProcessPoolExecutor(TEACHERS, mp_context=get_context("spawn")) as pool:
        for done in [
            pool.submit(teach_much, any_database_url, secret_keys, account_id, teacher)
            for teacher in range(TEACHERS)
        ]:
            done.result(timeout=120)

    assert len(taught(any_sessions, account_id)) == TEACHERS * LESSONS


def test_a_model_is_asked_last(sessions):
    class Model:
        def consider(self, readings):
            self.heard = [reading.heard for reading in readings]
            return [[Opinion(9, 0.9, "llm", "it says so")] for _ in readings]

    model = Model()
    categorizer = AccountCategorizer(sessions, 1, STARTING_CATEGORIES, llm=model)

    (decision,) = categorizer.decide([make_message(sender="x@y.example", text="hm")])

    assert (decision.category_id, decision.layer) == (9, "llm")
    assert len(model.heard) == 1


def test_a_rule_decides_from_the_next_run_on(any_sessions):
    account_id = make_account(any_sessions)
    message = make_message(sender="a@lufthansa.com")
    running = AccountCategorizer(any_sessions, account_id, STARTING_CATEGORIES)
    running.decide([message])

    with transaction(any_sessions) as session:
        condition = read_condition({"domain": "lufthansa.com"})
        add_rule(session, NewRule("Airlines", condition, 2), now=NOW)
    (before,) = running.decide([message])
    following = AccountCategorizer(any_sessions, account_id, STARTING_CATEGORIES)
    (after,) = following.decide([message])

    assert before.layer != "rule"
    assert (after.category_id, after.layer) == (2, "rule")


def test_a_rule_may_ask_for_the_account(any_sessions):
    account_id = make_account(any_sessions)
    with transaction(any_sessions) as session:
        condition = read_condition({"account": "ada@example.org"})
        add_rule(session, NewRule("Mine", condition, 2), now=NOW)

    categorizer = AccountCategorizer(any_sessions, account_id, STARTING_CATEGORIES)
    (decision,) = categorizer.decide([make_message()])

    assert decision.layer == "rule"


def test_what_a_person_did_to_categories_acts_in_the_next_run_and_is_undone(
    any_sessions,
):
    account_id = make_account(any_sessions)
    teach(any_sessions, row(account_id, PROMOTIONS, mail(1)))

    def decided():
        with any_sessions() as session:
            categories = enabled_categories(session)
        run = AccountCategorizer(any_sessions, account_id, categories)
        return run.decide([mail(2)])

    def after(do, *arguments, **more):
        with transaction(any_sessions) as session:
            do(session, *arguments, **more)
        return decided()

    before = decided()
    (merged,) = after(merge_category, PROMOTIONS, FINANCE, now=NOW)
    restored = after(restore_category, PROMOTIONS)
    (removed,) = after(remove_category, PROMOTIONS, now=NOW)
    again = after(restore_category, PROMOTIONS)
    (renamed,) = after(change_category, PROMOTIONS, {"name": "Offers"})

    assert (before[0].category_id, before[0].layer) == (PROMOTIONS, "memory")
    assert merged.category_id == FINANCE
    assert removed.category_id != PROMOTIONS
    assert renamed.category_id == PROMOTIONS
    assert restored == again == before


def test_not_this_but_that_is_that_where_both_became_one(any_sessions):
    account_id = make_account(any_sessions)
    teach(any_sessions, row(account_id, PROMOTIONS, mail(1), is_negative=True))
    teach(any_sessions, row(account_id, FINANCE, mail(1)))

    with transaction(any_sessions) as session:
        merge_category(session, PROMOTIONS, FINANCE, now=NOW)

    assert taught(any_sessions, account_id) == [example_of(mail(1), FINANCE)]
