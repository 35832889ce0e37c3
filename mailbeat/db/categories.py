"""The categories of an installation; category_changes.py changes them.

One that is removed, or merged into another, keeps its row. Messages, examples and rules
that point at it are read by `effective_categories`.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from mailbeat.db.models import CategoryRow, table_of
from mailbeat.labeling.category import Category, folded_name

MOST = 100  # categories at once: a person chooses from them, and a model reads them

CATEGORIES = table_of(CategoryRow)
COLUMNS = tuple(CATEGORIES.c[one.name] for one in fields(Category))
IS_ENABLED = and_(CATEGORIES.c.enabled, CATEGORIES.c.deleted_at.is_(None))
_ENABLED = (
    select(*COLUMNS).where(IS_ENABLED).order_by(CATEGORIES.c.position, CATEGORIES.c.id)
)
ROWS = select(CategoryRow).order_by(CategoryRow.position, CategoryRow.id)


class CategoryNotFound(LookupError):
    """There is no category like this, or it is removed."""


def enabled_categories(session: Session) -> list[Category]:
    """Return the categories that may be decided for, in the user's order."""
    return [Category(*row) for row in session.execute(_ENABLED)]


def living_categories(session: Session) -> list[CategoryRow]:
    """Return all that are not removed, also those that are off, in the user's order."""
    return [*session.scalars(ROWS.where(CategoryRow.deleted_at.is_(None)))]


def removed_categories(session: Session) -> list[CategoryRow]:
    """Return what was removed or merged, the newest first."""
    query = select(CategoryRow).where(CategoryRow.deleted_at.is_not(None))
    order = (CategoryRow.deleted_at.desc(), CategoryRow.id.desc())
    return [*session.scalars(query.order_by(*order).limit(MOST))]


def category_names(session: Session) -> dict[int, str]:
    """Return the name of every category, disabled and removed ones too, by id.

    One that became part of another has the other's.
    """
    rows = session.execute(
        select(CategoryRow.id, CategoryRow.name).order_by(
            CategoryRow.position, CategoryRow.id
        )
    )
    names = {row.id: row.name for row in rows}
    read_as = effective_categories(session)
    return {one: names[read_as.get(one) or one] for one in names}


def effective_categories(session: Session) -> dict[int, int | None]:
    """Say as what each id that a row may point at is read: a living one, or None.

    A category that is off is living: nothing new is decided for it.
    """
    rows = {
        row.id: (row.deleted_at, row.merged_into_id)
        for row in session.execute(
            select(CategoryRow.id, CategoryRow.deleted_at, CategoryRow.merged_into_id)
        )
    }
    return {one: _effective(one, rows) for one in rows}


def those_read_as(
    category_id: int, read_as: Mapping[int, int | None]
) -> list[int | None]:
    """Return what points at a category, by `effective_categories`.

    Of 0, what points at none: None among them.
    """
    if category_id == 0:
        return [None, *(one for one, now in read_as.items() if now is None)]
    return [one for one, now in read_as.items() if now == category_id]


def _effective(
    category_id: int, rows: Mapping[int, tuple[datetime | None, int | None]]
) -> int | None:
    for _ in rows:  # a chain of merges is no longer than that
        deleted_at, merged_into_id = rows.get(category_id, (None, None))
        if deleted_at is None:
            return category_id if category_id in rows else None
        if merged_into_id is None:
            return None
        category_id = merged_into_id
    return None


def known_category(session: Session, category_id: int) -> CategoryRow:
    """Return a living category.

    Raises:
        CategoryNotFound: there is none with this id, or it is removed.
    """
    row = session.get(CategoryRow, category_id)
    if row is None or row.deleted_at is not None:
        raise CategoryNotFound(f"There is no category {category_id}.")
    return row


def any_category(session: Session, category_id: int) -> CategoryRow:
    """Return a category, also a removed one.

    Raises:
        CategoryNotFound: there never was one with this id.
    """
    row = session.get(CategoryRow, category_id)
    if row is None:
        raise CategoryNotFound(f"There never was a category {category_id}.")
    return row


def find_category(session: Session, named: str) -> CategoryRow:
    """Return the living category with this id, slug or name, whatever its case.

    Raises:
        CategoryNotFound: none is called so.
    """
    folded = folded_name(named)
    for row in living_categories(session):
        if named in {str(row.id), row.slug} or folded_name(row.name) == folded:
            return row
    raise CategoryNotFound(f"There is no category {named!r}.")


def enabled_category(session: Session, category_id: int) -> Category:
    """Return a category that messages may get, by its id.

    Raises:
        CategoryNotFound: there is none, or it was deleted or turned off.
    """
    for one in enabled_categories(session):
        if one.id == category_id:
            return one
    raise CategoryNotFound(
        f"There is no category {category_id}. `GET /api/categories` shows them."
    )


def enabled_category_named(session: Session, name: str) -> Category:
    """Return a category that messages may get, by its name, else by its slug.

    Raises:
        CategoryNotFound: none is called so, or it was deleted or turned off.
    """
    known = enabled_categories(session)
    folded = folded_name(name)
    for called in ("name", "slug"):
        for one in known:
            if folded_name(getattr(one, called)) == folded:
                return one
    names = ", ".join(one.name for one in known) or "none"
    raise CategoryNotFound(f"There is no category {name[:64]!r}. There are: {names}.")
