"""Reading the categories."""

from sqlalchemy import update

from mailbeat.db.categories import category_names, enabled_categories
from mailbeat.db.models import CategoryRow
from mailbeat.db.session import transaction
from mailbeat.labeling.category import STARTING_CATEGORIES


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
