"""The categories at the start."""

import sqlalchemy as sa

from mailbeat.db.models import CategoryRow
from mailbeat.labeling.category import STARTING_CATEGORIES


def test_the_first_migration_writes_them(sessions):
    with sessions() as session:
        rows = session.scalars(sa.select(CategoryRow).order_by(CategoryRow.position))

        written = [
            (row.id, row.slug, row.name, row.label, row.definition, row.color)
            for row in rows
        ]

    assert written == [
        (c.id, c.slug, c.name, c.label, c.definition, c.color)
        for c in STARTING_CATEGORIES
    ]
