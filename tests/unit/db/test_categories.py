"""Reading the categories."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from mailbeat.db.categories import (
    CategoryNotFound,
    category_names,
    effective_categories,
    enabled_categories,
    enabled_category,
    enabled_category_named,
    find_category,
    those_read_as,
)
from mailbeat.db.category_changes import merge_category, remove_category
from mailbeat.db.models import CategoryRow
from mailbeat.db.session import transaction
from mailbeat.labeling.category import STARTING_CATEGORIES

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_a_new_installation_has_the_starting_categories(any_sessions):
    with any_sessions() as session:
        assert tuple(enabled_categories(session)) == STARTING_CATEGORIES


def test_a_disabled_category_is_named_but_not_decided_for(sessions):
    with transaction(sessions) as session:
        session.execute(
            update(CategoryRow)
            .where(CategoryRow.slug == "social")
            .values(enabled=False)
        )

    with sessions() as session:
        assert "social" not in {one.slug for one in enabled_categories(session)}
        assert "Social" in category_names(session).values()


@pytest.mark.parametrize("named", ["2", "receipts", "RECEIPTS", "Receipts\u200e"])
def test_a_category_is_found_by_id_slug_or_name(sessions, named):
    with sessions() as session:
        assert find_category(session, named).id == 2


@pytest.mark.parametrize("named", ["77", "nobody"])
def test_a_category_that_is_not_there_is_said_by_its_name(sessions, named):
    with sessions() as session, pytest.raises(CategoryNotFound, match=named):
        find_category(session, named)


def test_what_points_at_each_other_is_read_as_nothing(sessions):
    """No function of ours makes such rows; a hand in the database may."""
    gone = {"deleted_at": datetime(2026, 1, 5, tzinfo=UTC)}
    with transaction(sessions) as session:
        for one, other in ((1, 2), (2, 1), (3, 3), (4, 4711)):
            change = update(CategoryRow).where(CategoryRow.id == one)
            session.execute(change.values(merged_into_id=other, **gone))

    with sessions() as session:
        read_as = effective_categories(session)
    assert [read_as[one] for one in (1, 2, 3, 4, 5)] == [None, None, None, None, 5]


def test_what_became_part_of_another_has_its_name_and_is_found_with_it(sessions):
    with transaction(sessions) as session:
        merge_category(session, 2, 3, now=NOW)
        remove_category(session, 9, now=NOW)

    with sessions() as session:
        names, read_as = category_names(session), effective_categories(session)
    assert (names[2], names[3], names[9]) == ("Finance", "Finance", "Social")
    assert sorted(those_read_as(3, read_as)) == [2, 3]
    assert those_read_as(0, read_as) == [None, 9]
    assert those_read_as(9, read_as) == []


@pytest.mark.parametrize("name", ["Receipts", "receipts", " RECEIPTS "])
def test_a_category_is_found_by_name_or_slug(any_sessions, name):
    with any_sessions() as session:
        assert enabled_category_named(session, name).id == 2
        assert enabled_category(session, 2).name == "Receipts"


def test_a_name_comes_before_a_slug(any_sessions):
    with transaction(any_sessions) as session:
        session.get_one(CategoryRow, 3).name = "receipts"
        session.get_one(CategoryRow, 2).name = "Bills"

    with any_sessions() as session:
        assert enabled_category_named(session, "Receipts").id == 3
        with pytest.raises(CategoryNotFound, match=r"'Odd'.*Bills"):
            enabled_category_named(session, "Odd")
