"""What holds for the installation when a run begins."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from mailbeat.db import accounts
from mailbeat.db.categories import enabled_categories
from mailbeat.db.installation import standing
from mailbeat.db.models import CategoryRow
from mailbeat.db.session import transaction
from tests.unit.db.test_accounts import NOW


def test_it_is_the_time_the_pause_and_the_categories(any_sessions):
    with transaction(any_sessions) as session:
        session.execute(sa.update(CategoryRow).values(position=-CategoryRow.id))
        session.execute(
            sa.update(CategoryRow).where(CategoryRow.id == 3).values(enabled=False)
        )
        accounts.pause_everything(session, now=NOW)

    with any_sessions() as session:
        found = standing(session)
        enabled = enabled_categories(session)

    assert abs(datetime.now(UTC) - found.now) < timedelta(seconds=5)
    assert found.now.utcoffset() == timedelta()
    assert found.paused_at == NOW
    assert found.categories == enabled != []


def test_without_a_category_there_is_still_a_time(any_sessions):
    with transaction(any_sessions) as session:
        session.execute(sa.update(CategoryRow).values(enabled=False))

    with any_sessions() as session:
        found = standing(session)

    assert (found.paused_at, found.categories) == (None, [])
