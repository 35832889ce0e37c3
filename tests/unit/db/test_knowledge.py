"""A categorizer that is loaded when it is asked."""

import pytest

from mailbeat.db.knowledge import AccountCategorizer
from mailbeat.labeling.category import STARTING_CATEGORIES
from tests.factories import make_message


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
