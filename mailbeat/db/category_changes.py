"""Categories are added, changed, put in order, merged, removed and restored.

Removing one, or merging it into another, changes nothing but `deleted_at` and
`merged_into_id` of its row, so that restoring it brings back exactly what was. All of
it acts in the next run.
"""

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbeat.db.categories import (
    CATEGORIES,
    MOST,
    ROWS,
    CategoryNotFound,
    any_category,
    known_category,
    living_categories,
)
from mailbeat.db.models import CategoryRow
from mailbeat.labeling.category import (
    BAR,
    COLORS,
    LOWEST_BAR,
    definition_fault,
    folded_name,
    name_fault,
)
from mailbeat.labeling.presets import PRESETS
from mailbeat.mail.labels import label_fault, label_keys

MAX_SLUG = 48  # characters, before a number
RESERVED_SLUGS = frozenset({"uncategorized"})  # what statistics call no category


class CategoryRefused(Exception):
    """What was asked is not done. `field` is the one to change, if it is one.

    CategoryRefused
    +-- CategoryTaken     another one has the name or the label, or there are too many
    +-- CategoryInvalid   a field can never be like this
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class CategoryTaken(CategoryRefused):
    pass


class CategoryInvalid(CategoryRefused):
    pass


@dataclass(frozen=True, slots=True)
class NewCategory:
    """An own category, learned by examples and rules only.

    Its label is its name and its colour one that is seldom used, unless told.
    """

    name: str
    definition: str = ""
    label: str | None = None
    color: str | None = None
    bar: float = BAR
    enabled: bool = True


def add_category(session: Session, new: NewCategory) -> CategoryRow:
    """Add a category after the others.

    Raises:
        CategoryInvalid: a field can never be like this.
        CategoryTaken: another one has the name or the label, or there are too many.
    """
    rows = _locked(session)
    living = _check_room(rows)
    name = new.name.strip()
    row = CategoryRow(
        slug=_new_slug(name, {one.slug for one in rows}),
        name=name,
        definition=new.definition.strip(),
        label=_label_of(name) if new.label is None else new.label.strip(),
        color=new.color or _seldom_color(living),
        bar=new.bar,
        position=max((one.position for one in living), default=0) + 1,
        enabled=new.enabled,
    )
    _check(row, living)
    session.add(row)
    session.flush()
    return row


def change_category(
    session: Session, category_id: int, changes: Mapping[str, Any]
) -> CategoryRow:
    """Change name, definition, label, colour, bar or whether it is on.

    Its slug stays, and with it what facts and examples say of it; a label that is on a
    message already stays there.

    Raises:
        CategoryNotFound: there is none with this id.
        CategoryInvalid, CategoryTaken: as for `add_category`.
    """
    rows = _locked(session)
    row = known_category(session, category_id)
    with session.no_autoflush:
        for field, value in changes.items():
            setattr(row, field, value.strip() if isinstance(value, str) else value)
        _check(row, [one for one in _living(rows) if one.id != row.id], changes)
    session.flush()
    return row


def order_categories(session: Session, ids: Sequence[int]) -> None:
    """Put categories first, in this order; the others follow as they were.

    Raises:
        CategoryNotFound: there is none with one of these ids.
    """
    living = {row.id: row for row in _living(_locked(session))}
    for one in ids:
        if one not in living:
            raise CategoryNotFound(f"There is no category {one}.")
    for position, one in enumerate(dict.fromkeys([*ids, *living]), start=1):
        living[one].position = position
    session.flush()


def move_category(session: Session, category_id: int, *, up: bool) -> None:
    """Change a category's place with the one before or after it, if there is one.

    Raises:
        CategoryNotFound: there is none with this id.
    """
    _locked(session)
    known_category(session, category_id)
    ids = [row.id for row in living_categories(session)]
    at = ids.index(category_id)
    other = max(at - 1, 0) if up else min(at + 1, len(ids) - 1)
    ids[at], ids[other] = ids[other], ids[at]
    order_categories(session, ids)


def remove_category(session: Session, category_id: int, *, now: datetime) -> None:
    """Decide for a category no more; what was filed there has no category.

    Raises:
        CategoryNotFound: there is none with this id.
    """
    _locked(session)
    known_category(session, category_id).deleted_at = now
    session.flush()


def merge_category(
    session: Session, category_id: int, into_id: int, *, now: datetime
) -> CategoryRow:
    """Read a category as another one from now on, and return it.

    Raises:
        CategoryNotFound: there is none with one of the ids.
        CategoryInvalid: both are the same.
    """
    _locked(session)
    row, into = known_category(session, category_id), known_category(session, into_id)
    if row is into:
        text = f"{row.name} cannot become part of itself. Choose another category."
        raise CategoryInvalid(text, "into")
    row.deleted_at, row.merged_into_id = now, into.id
    session.flush()
    return row


def restore_category(session: Session, category_id: int) -> CategoryRow:
    """Undo that a category was removed or merged; one that was not stays as it is.

    Raises:
        CategoryNotFound: there never was one with this id.
        CategoryTaken: its name or its label is another one's now.
    """
    rows = _locked(session)
    row = any_category(session, category_id)
    if row.deleted_at is not None:
        _check(row, _check_room(rows), ())
        row.deleted_at = row.merged_into_id = None
        session.flush()
    return row


def add_preset(session: Session, name: str) -> tuple[list[CategoryRow], list[str]]:
    """Add the categories of a preset that are not there; return also the others' names.

    Raises:
        CategoryNotFound: there is no preset of this name.
        CategoryTaken: there would be too many.
    """
    if name not in PRESETS:
        raise CategoryNotFound(f"There is no preset {name!r}: {', '.join(PRESETS)}.")
    added, there = [], []
    for one in PRESETS[name].proposals:
        taken = _taken(one.name, one.name, living_categories(session))
        if taken is not None:
            there.append(one.name)
            continue
        new = NewCategory(one.name, one.definition, color=one.color)
        added.append(add_category(session, new))
    return added, there


def _locked(session: Session) -> list[CategoryRow]:
    """Return all rows; whoever else changes categories waits for the transaction's end.

    There is always a row to wait for: none is ever deleted.
    """
    # NO KEY: runs that write down messages of these categories need not wait.
    ids = select(CATEGORIES.c.id).order_by(CATEGORIES.c.id)
    session.execute(ids.with_for_update(key_share=True))
    return [*session.scalars(ROWS.execution_options(populate_existing=True))]


def _living(rows: Sequence[CategoryRow]) -> list[CategoryRow]:
    return [row for row in rows if row.deleted_at is None]


def _check_room(rows: Sequence[CategoryRow]) -> list[CategoryRow]:
    living = _living(rows)
    if len(living) >= MOST:
        raise CategoryTaken(f"There are {MOST} categories already. Remove one first.")
    return living


def _color_fault(color: str) -> str | None:
    return None if color in COLORS else f"is one of {', '.join(COLORS)}"


def _bar_fault(bar: float) -> str | None:
    return None if LOWEST_BAR <= bar <= 1 else f"is a number from {LOWEST_BAR} to 1"


_CHECKS: Mapping[str, tuple[str, Callable[[Any], str | None]]] = {
    "name": ("name", name_fault),
    "definition": ("definition", definition_fault),
    "label": ("label on the server", label_fault),
    "color": ("colour", _color_fault),
    "bar": ("bar", _bar_fault),
}


def _check(
    row: CategoryRow, others: Sequence[CategoryRow], changed: Collection[str] = _CHECKS
) -> None:
    """Look at the fields that changed, and whether the row is like another one."""
    for field, (word, fault_of) in _CHECKS.items():
        if field in changed and (fault := fault_of(getattr(row, field))) is not None:
            raise CategoryInvalid(f"The {word} {fault}.", field)
    if (taken := _taken(row.name, row.label, others)) is not None:
        raise taken


def _taken(
    name: str, label: str, others: Sequence[CategoryRow]
) -> CategoryTaken | None:
    keys = label_keys(label)
    for one in others:
        if folded_name(one.name) == folded_name(name):
            return CategoryTaken(f"There is a category {one.name} already.", "name")
        if label_keys(one.label) & keys:
            text = (
                f"{one.name} has the label {one.label}, which is the same to servers."
            )
            return CategoryTaken(text, "label")
    return None


def _new_slug(name: str, taken: set[str]) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = "".join(one if one.isalnum() else " " for one in ascii_only.lower()).split()
    slug = "-".join(words)[:MAX_SLUG].strip("-") or "category"
    numbers = (f"{slug}-{number}" for number in range(2, len(taken) + 4))
    free = (one for one in (slug, *numbers) if one not in taken | RESERVED_SLUGS)
    return next(free)


def _label_of(name: str) -> str:
    """What of a name every server can keep, not nested; it may be nothing."""
    kept = (one for one in name if one.isprintable() and one != "\\")
    return "".join(kept).replace("/", "-").strip()


def _seldom_color(living: Sequence[CategoryRow]) -> str:
    used = [row.color for row in living]
    return min(COLORS, key=used.count)
