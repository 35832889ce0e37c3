"""`/categories` and `/categories/<id>`: what a message can be; forms change it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import abort, g, render_template, request
from sqlalchemy.orm import Session

from mailbeat.db import audit, stats
from mailbeat.db import category_changes as changes
from mailbeat.db.categories import (
    CategoryNotFound,
    known_category,
    living_categories,
    removed_categories,
)
from mailbeat.db.category_changes import CategoryRefused, NewCategory
from mailbeat.db.clock import database_now
from mailbeat.db.models import CategoryRow
from mailbeat.db.session import transaction
from mailbeat.labeling.category import BAR, COLORS, LOWEST_BAR, folded_name
from mailbeat.labeling.presets import PRESETS
from webapp.auth import requires
from webapp.dashboard.actions import Answer, back
from webapp.dashboard.blueprint import pages, reading, refuse
from webapp.dashboard.new_account import is_checked
from webapp.language import _, percent
from webapp.parts import parts
from webapp.sentences import said

COUNTED = 30  # days
PERCENT = 100
# Bars that are offered, in per cent; one of the API's own is offered beside them.
BARS = (30, 50, 60, 70, 75, 80, 85, 90, 95, 99, 100)
NOTHING: Mapping[str, str] = {}
# No `<int>` of werkzeug that PostgreSQL would not take.
ONE = "/categories/<int(max=2147483647):category_id>"


@pages.get("/categories")
def categories() -> str:
    return categories_page({}, NOTHING)


def categories_page(form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The list, and the form to add one with what was typed and what is wrong."""
    with reading() as session:
        since = database_now(session) - timedelta(days=COUNTED)
        living = living_categories(session)
        removed = removed_categories(session)
        counts = stats.by_category(session, since=since)
    names = {folded_name(one.name) for one in living}
    return render_template(
        "categories.html",
        categories=living,
        removed=removed,
        by_id={one.id: one for one in [*living, *removed]},
        counts={one.category_id: one.count for one in counts},
        days=COUNTED,
        presets=[
            (one, [(each, folded_name(each.name) in names) for each in one.proposals])
            for one in PRESETS.values()
        ],
        form=form,
        errors=errors,
        colors=COLORS,
        bars=_bars(BAR),
    )


@pages.get(ONE)
def category(category_id: int) -> str:
    return category_page(category_id, {}, NOTHING)


def category_page(
    category_id: int, form: Mapping[str, str], errors: Mapping[str, str]
) -> str:
    """One category, with what was typed into its form and what is wrong there."""
    with reading() as session:
        try:
            row = known_category(session, category_id)
        except CategoryNotFound as error:
            abort(404, str(error))
        others = [one for one in living_categories(session) if one.id != row.id]
    return render_template(
        "category.html",
        category=row,
        others=others,
        form=form or _form_of(row),
        errors=errors,
        colors=COLORS,
        bars=_bars(row.bar),
    )


def _form_of(row: CategoryRow) -> dict[str, str]:
    """The form as it is sent when nothing is changed."""
    return {
        "name": row.name,
        "definition": row.definition,
        "label": row.label,
        "color": row.color,
        "bar": str(_percent(row.bar)),
        "enabled": "yes" if row.enabled else "",
    }


def _percent(bar: float) -> int:
    return round(bar * PERCENT)


def _bars(bar: float) -> list[int]:
    return sorted({*BARS, _percent(bar)})


def _fields(form: Mapping[str, str]) -> dict[str, Any]:
    """What a form says of a category.

    Raises:
        CategoryInvalid: it says something that no form of ours does.
    """
    typed = form.get("bar", str(_percent(BAR)))
    if not typed.isascii() or not typed.isdigit() or len(typed) > 3:  # noqa: PLR2004 # digits of 100
        text = _(
            "Choose a sureness from %(least)s to 100 %%.", least=percent(LOWEST_BAR)
        )
        raise changes.CategoryInvalid(text, "bar")
    return {
        "name": form.get("name", ""),
        "definition": form.get("definition", ""),
        "label": form.get("label", "").strip(),
        "color": form.get("color", ""),
        "bar": int(typed) / PERCENT,
    }


def _done(
    do: Callable[[Session, datetime], tuple[str, str, str]],
    page: Callable[[Mapping[str, str]], str],
) -> tuple[str, int] | None:
    """Change categories and write it down, or show a page with why it was not done.

    `do` returns the audit log's words: the action, to what, and the detail.
    """
    try:
        with transaction(parts().sessions) as session:
            now = database_now(session)
            action, target, detail = do(session, now)
            actor = g.caller.key_id
            audit.record(session, actor, action, target, detail, now=now)
    except CategoryNotFound as error:
        abort(404, str(error))
    except CategoryRefused as error:
        if not error.field:
            refuse(str(error))
        return page({error.field: said(str(error))} if error.field else NOTHING), 409
    return None


def _list_again(errors: Mapping[str, str]) -> str:
    for text in errors.values():
        refuse(text)
    return categories_page({}, NOTHING)


@pages.post("/categories")
@requires("control")
def categories_add() -> Answer:
    form = request.form.to_dict()

    def add(session: Session, _now: datetime) -> tuple[str, str, str]:
        fields = _fields(form)
        new = NewCategory(**fields | {"label": fields["label"] or None})
        row = changes.add_category(session, new)
        return "category.add", f"category {row.id}", row.name

    refused = _done(add, lambda errors: categories_page(form, errors))
    return refused or back("pages.categories", "category-added", _anchor="list")


@pages.post(ONE)
@requires("control")
def category_change(category_id: int) -> Answer:
    form = request.form.to_dict()

    def change(session: Session, _now: datetime) -> tuple[str, str, str]:
        fields = _fields(form) | {"enabled": is_checked(form, "enabled")}
        row = known_category(session, category_id)
        changed = {
            name for name, value in fields.items() if getattr(row, name) != value
        }
        wanted = {name: fields[name] for name in sorted(changed)}
        changes.change_category(session, category_id, wanted)
        return "category.change", f"category {category_id}", ", ".join(wanted)

    refused = _done(change, lambda errors: category_page(category_id, form, errors))
    return refused or back("pages.categories", "category-changed", _anchor="list")


@pages.post(ONE + "/enable")
@requires("control")
def category_enable(category_id: int) -> Answer:
    """Switch a category on or off."""
    enabled = is_checked(request.form, "enabled")

    def switch(session: Session, _now: datetime) -> tuple[str, str, str]:
        changes.change_category(session, category_id, {"enabled": enabled})
        return "category.change", f"category {category_id}", "enabled"

    done = "category-on" if enabled else "category-off"
    anchor = f"c{category_id}"
    return _done(switch, _list_again) or back("pages.categories", done, _anchor=anchor)


@pages.post(ONE + "/move")
@requires("control")
def category_move(category_id: int) -> Answer:
    up = request.form.get("to") == "up"

    def move(session: Session, _now: datetime) -> tuple[str, str, str]:
        changes.move_category(session, category_id, up=up)
        return "category.order", "categories", f"category {category_id}"

    refused = _done(move, _list_again)
    anchor = f"c{category_id}"
    return refused or back("pages.categories", "category-moved", _anchor=anchor)


@pages.post(ONE + "/remove")
@requires("control")
def category_remove(category_id: int) -> Answer:
    def remove(session: Session, now: datetime) -> tuple[str, str, str]:
        changes.remove_category(session, category_id, now=now)
        return "category.remove", f"category {category_id}", ""

    refused = _done(remove, _list_again)
    return refused or back("pages.categories", "category-removed", undo=category_id)


@pages.post(ONE + "/merge")
@requires("control")
def category_merge(category_id: int) -> Answer:
    text = request.form.get("into", "")
    into = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 # ids are 32 bits

    def merge(session: Session, now: datetime) -> tuple[str, str, str]:
        changes.merge_category(session, category_id, into, now=now)
        return "category.merge", f"category {category_id}", f"into category {into}"

    refused = _done(merge, lambda errors: category_page(category_id, {}, errors))
    return refused or back("pages.categories", "category-merged", undo=category_id)


@pages.post(ONE + "/restore")
@requires("control")
def category_restore(category_id: int) -> Answer:
    def restore(session: Session, _now: datetime) -> tuple[str, str, str]:
        changes.restore_category(session, category_id)
        return "category.restore", f"category {category_id}", ""

    refused = _done(restore, _list_again)
    anchor = f"c{category_id}"
    return refused or back("pages.categories", "category-restored", _anchor=anchor)


@pages.post("/categories/presets/<preset>")
@requires("control")
def categories_preset(preset: str) -> Answer:
    def add(session: Session, _now: datetime) -> tuple[str, str, str]:
        changes.add_preset(session, preset)
        return "category.preset", "categories", preset

    refused = _done(add, _list_again)
    return refused or back("pages.categories", "categories-added", _anchor="list")
