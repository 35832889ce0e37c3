"""`mailbeat category ...`: what messages are sorted into."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mailbeat.cli.installation import Failed, Installation, pass_installation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from mailbeat.db.models import CategoryRow


@click.group()
def category() -> None:
    """List, add, change, merge, remove and restore categories.

    CATEGORY is a name, a slug or an id. What is changed acts in the next run.
    """


@contextmanager
def _change(installation: Installation) -> "Iterator[tuple[Session, datetime]]":
    from mailbeat.db.categories import CategoryNotFound
    from mailbeat.db.category_changes import CategoryRefused
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction

    try:
        with (
            installation.sessions(secrets=False) as sessions,
            transaction(sessions) as session,
        ):
            yield session, database_now(session)
    except CategoryNotFound as error:
        text = f"{error} `mailbeat category list` shows all."
        raise Failed(text) from None
    except CategoryRefused as error:
        raise Failed(str(error)) from None


def _note(
    session: "Session", now: "datetime", action: str, target: str, detail: str = ""
) -> None:
    from mailbeat.db.audit import record

    record(session, "cli", f"category.{action}", target, detail, now=now)


@category.command("list")
@click.option("--removed", is_flag=True, help="Those that were removed or merged.")
@click.option("--json", "as_json", is_flag=True, help="One object for each.")
@pass_installation
def list_(installation: Installation, *, removed: bool, as_json: bool) -> None:
    """Show the categories in your order."""
    from mailbeat.db.categories import living_categories, removed_categories

    read = removed_categories if removed else living_categories
    with installation.sessions(secrets=False) as sessions, sessions() as session:
        rows = read(session)
    for row in rows:
        click.echo(json.dumps(_facts(row)) if as_json else _line(row))


def _facts(row: "CategoryRow") -> dict[str, Any]:
    gone = row.deleted_at.isoformat(timespec="seconds") if row.deleted_at else None
    return {
        "category_id": row.id,
        "slug": row.slug,
        "name": row.name,
        "label": row.label,
        "definition": row.definition,
        "color": row.color,
        "bar": row.bar,
        "enabled": row.enabled,
        "deleted_at": gone,
        "merged_into_id": row.merged_into_id,
    }


def _line(row: "CategoryRow") -> str:
    state = "" if row.enabled else "off"
    if row.deleted_at:
        into = row.merged_into_id
        state = f"merged into {into}" if into else "removed"
    facts = f"{row.id:4}  {row.name:20} {row.label:20} from {row.bar:.2f}  {state}"
    return facts.rstrip()


F = TypeVar("F", bound=Callable[..., object])


def _fields(command: F) -> F:
    """Give a command the fields of a category as options."""
    for option in (
        click.option("--on/--off", "enabled", default=None, help="Decide for it."),
        click.option("--bar", type=float, help="Confidence needed to label, 0.3 to 1."),
        click.option("--color", help="A colour of the dashboard, e.g. green."),
        click.option("--label", help="What is put on mail; as the name unless told."),
        click.option("--definition", help="What belongs there, in a sentence."),
    ):
        command = option(command)
    return command


def _told(options: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in options.items() if value is not None}


@category.command("add")
@click.argument("name", required=False)
@_fields
@click.option("--preset", help="Add a set instead: cat-emails or work.")
@pass_installation
def add(
    installation: Installation,
    /,
    name: str | None,
    preset: str | None,
    **options: Any,
) -> None:
    """Add your own category; it is learned by examples and rules."""
    from mailbeat.db import category_changes as changes

    if (name is None) == (preset is None):
        raise click.UsageError("Give a NAME, or --preset.")
    with _change(installation) as (session, now):
        if preset is not None:
            added, there = changes.add_preset(session, preset)
            _note(session, now, "preset", "categories", preset)
        else:
            new = changes.NewCategory(name or "", **_told(options))
            added, there = [changes.add_category(session, new)], []
            _note(session, now, "add", f"category {added[0].id}", added[0].name)
        lines = [f"Added {row.name} (category {row.id})." for row in added]
    for line in [*lines, *(f"{one} is there already." for one in there)]:
        click.echo(line)


@category.command("change")
@click.argument("named", metavar="CATEGORY")
@click.option("--name", help="What it is called.")
@_fields
@pass_installation
def change(installation: Installation, /, named: str, **options: Any) -> None:
    """Change a category; labels that are on mail already stay."""
    from mailbeat.db.categories import find_category
    from mailbeat.db.category_changes import change_category

    told = _told(options)
    if not told:
        raise click.UsageError("Say what to change; --help lists the options.")
    with _change(installation) as (session, now):
        row = find_category(session, named)
        change_category(session, row.id, told)
        _note(session, now, "change", f"category {row.id}", ", ".join(sorted(told)))
        text = _line(row)
    click.echo(text)


@category.command("merge")
@click.argument("named", metavar="CATEGORY")
@click.argument("other", metavar="INTO")
@pass_installation
def merge(installation: Installation, named: str, other: str) -> None:
    """Read a category as another one from now on; `restore` undoes it."""
    from mailbeat.db.categories import find_category
    from mailbeat.db.category_changes import merge_category

    with _change(installation) as (session, now):
        row, into = find_category(session, named), find_category(session, other)
        merge_category(session, row.id, into.id, now=now)
        _note(session, now, "merge", f"category {row.id}", f"into category {into.id}")
    click.echo(f"{row.name} is part of {into.name} now.")
    click.echo(f"Undo it with `mailbeat category restore {row.id}`.")


@category.command("remove")
@click.argument("named", metavar="CATEGORY")
@pass_installation
def remove(installation: Installation, named: str) -> None:
    """Decide for a category no more; `restore` undoes it."""
    from mailbeat.db.categories import find_category
    from mailbeat.db.category_changes import remove_category

    with _change(installation) as (session, now):
        row = find_category(session, named)
        remove_category(session, row.id, now=now)
        _note(session, now, "remove", f"category {row.id}")
    click.echo(f"{row.name} is removed; labels that are on mail already stay.")
    click.echo(f"Undo it with `mailbeat category restore {row.id}`.")


@category.command("restore")
@click.argument("category_id", type=click.IntRange(1, 2**31 - 1))
@pass_installation
def restore(installation: Installation, category_id: int) -> None:
    """Undo that the category with this id was removed or merged."""
    from mailbeat.db.category_changes import restore_category

    with _change(installation) as (session, now):
        row = restore_category(session, category_id)
        _note(session, now, "restore", f"category {row.id}")
    click.echo(f"{row.name} is there as it was.")
