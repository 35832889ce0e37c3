"""The categories of an installation."""

from dataclasses import fields

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from mailbeat.db.models import CategoryRow, table_of
from mailbeat.labeling.category import Category

CATEGORIES = table_of(CategoryRow)
COLUMNS = tuple(CATEGORIES.c[one.name] for one in fields(Category))
IS_ENABLED = and_(CATEGORIES.c.enabled, CATEGORIES.c.deleted_at.is_(None))
_ENABLED = (
    select(*COLUMNS).where(IS_ENABLED).order_by(CATEGORIES.c.position, CATEGORIES.c.id)
)


def enabled_categories(session: Session) -> list[Category]:
    """Return the categories that may be decided for, in the user's order."""
    return [Category(*row) for row in session.execute(_ENABLED)]


def category_names(session: Session) -> dict[int, str]:
    """Return the name of every category, disabled ones too, by id."""
    rows = session.execute(
        select(CategoryRow.id, CategoryRow.name).order_by(
            CategoryRow.position, CategoryRow.id
        )
    )
    return {row.id: row.name for row in rows}
