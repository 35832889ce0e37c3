"""The categories of an installation."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbeat.db.models import CategoryRow
from mailbeat.labeling.category import Category


def enabled_categories(session: Session) -> list[Category]:
    """Return the categories that may be decided for, in the user's order."""
    rows = session.scalars(
        select(CategoryRow)
        .where(CategoryRow.enabled)
        .order_by(CategoryRow.position, CategoryRow.id)
    )
    return [
        Category(
            id=row.id,
            slug=row.slug,
            name=row.name,
            label=row.label,
            definition=row.definition,
            color=row.color,
        )
        for row in rows
    ]


def category_names(session: Session) -> dict[int, str]:
    """Return the name of every category, disabled ones too, by id."""
    rows = session.execute(
        select(CategoryRow.id, CategoryRow.name).order_by(
            CategoryRow.position, CategoryRow.id
        )
    )
    return {row.id: row.name for row in rows}
