"""Changing the categories, on SQLite and PostgreSQL."""

import threading
from datetime import UTC, datetime

import pytest

from mailbeat.db.categories import (
    CategoryNotFound,
    effective_categories,
    enabled_categories,
    living_categories,
    removed_categories,
)
from mailbeat.db.category_changes import (
    MOST,
    CategoryInvalid,
    CategoryTaken,
    NewCategory,
    add_category,
    add_preset,
    change_category,
    merge_category,
    move_category,
    order_categories,
    remove_category,
    restore_category,
)
from mailbeat.db.models import CategoryRow
from mailbeat.db.session import transaction
from mailbeat.labeling.presets import PRESETS

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
PERSONAL, RECEIPTS, FINANCE, SOCIAL = 1, 2, 3, 9


def rows(sessions):
    """Everything there is, as it stands in the table."""
    names = CategoryRow.__table__.columns.keys()
    with sessions() as session:
        found = session.query(CategoryRow).order_by(CategoryRow.id)
        return [{name: getattr(row, name) for name in names} for row in found]


def names(sessions):
    with sessions() as session:
        return [row.name for row in living_categories(session)]


@pytest.fixture
def change(any_sessions):
    """Do something to the categories, in a transaction of its own."""

    def change(what, *args, **kwargs):
        with transaction(any_sessions) as session:
            return what(session, *args, **kwargs)

    return change


def test_an_own_category_is_decided_for_after_the_others(any_sessions, change):
    row = change(add_category, NewCategory("Health", "Doctors", color="green"))

    with any_sessions() as session:
        last = enabled_categories(session)[-1]
    assert (last.id, last.slug, last.name) == (row.id, "health", "Health")
    assert (last.label, last.color, last.bar) == ("Health", "green", 0.75)


def test_what_is_not_told_of_a_category_is_found(change):
    first = change(add_category, NewCategory("👩‍👧 Family \\o/ x"))
    second = change(add_category, NewCategory("Ärzte & Co"))

    assert first.label == "👩👧 Family o- x"
    assert first.color != second.color
    assert second.slug == "arzte-co"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("健康", "category"), ("Uncategorized!", "uncategorized-2"), ("x" * 64, "x" * 48)],
)
def test_every_name_has_a_slug(change, name, slug):
    assert change(add_category, NewCategory(name, label="Own")).slug == slug


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " \u200e "),
        ("name", "x" * 65),
        ("name", "a\nb"),
        ("name", "uncategorized"),
        ("name", "None"),  # a rule that gives no category is written so
        ("definition", "x" * 301),
        ("definition", "a\0b"),
        ("label", "INBOX"),
        ("label", "a\u202eb"),
        ("color", "#ff0000"),
        ("bar", 0.29),
        ("bar", 1.01),
        ("bar", float("nan")),
    ],
)
def test_a_field_that_can_never_be_is_named(any_sessions, change, field, value):
    before = rows(any_sessions)
    new = {"name": "Health", "label": "Health", field: value}

    with pytest.raises(CategoryInvalid) as added:
        change(add_category, NewCategory(**new))
    with pytest.raises(CategoryInvalid) as changed:
        change(change_category, SOCIAL, {field: value})

    assert (added.value.field, changed.value.field) == (field, field)
    assert rows(any_sessions) == before


@pytest.mark.parametrize(
    ("name", "label", "field"),
    [
        ("RECEIPTS", "Other", "name"),
        ("  receipts\u200e", "Other", "name"),
        ("\uff32eceipts", "Other", "name"),
        ("Bills", "receipts", "label"),
        ("Bills", "Receipts ", "label"),
    ],
)
def test_a_name_and_a_label_are_one_categorys(change, name, label, field):
    with pytest.raises(CategoryTaken) as error:
        change(add_category, NewCategory(name, label=label))

    assert error.value.field == field


def test_labels_that_a_server_cannot_tell_apart_are_one(change):
    change(add_category, NewCategory("One", label="My mail"))

    for label in ("my_mail", "My*mail"):
        with pytest.raises(CategoryTaken):
            change(add_category, NewCategory("Two", label=label))


def test_a_removed_category_gives_its_name_free(any_sessions, change):
    change(remove_category, RECEIPTS, now=NOW)

    row = change(add_category, NewCategory("Receipts"))

    assert row.slug == "receipts-2"
    with pytest.raises(CategoryTaken, match="Receipts already"):
        change(restore_category, RECEIPTS)


def test_a_renamed_category_keeps_its_slug_and_its_label(change):
    row = change(change_category, RECEIPTS, {"name": " Bills ", "bar": 0.9})

    assert (row.slug, row.name, row.label, row.bar) == (
        *("receipts", "Bills", "Receipts", 0.9),
    )


def test_a_category_that_is_off_is_living_but_not_decided_for(any_sessions, change):
    change(change_category, SOCIAL, {"enabled": False})

    with any_sessions() as session:
        assert SOCIAL not in {one.id for one in enabled_categories(session)}
        assert effective_categories(session)[SOCIAL] == SOCIAL


def test_what_is_put_first_leaves_the_others_as_they_were(any_sessions, change):
    change(order_categories, [SOCIAL, RECEIPTS, SOCIAL])

    assert names(any_sessions)[:4] == ["Social", "Receipts", "Personal", "Finance"]


def test_a_category_moves_by_one_place_and_not_over_the_end(any_sessions, change):
    change(move_category, RECEIPTS, up=True)
    change(move_category, RECEIPTS, up=True)
    change(move_category, FINANCE, up=False)

    assert names(any_sessions)[:4] == ["Receipts", "Personal", "Calendar", "Finance"]


def test_a_merged_category_is_read_as_the_other_through_a_chain(any_sessions, change):
    change(merge_category, PERSONAL, RECEIPTS, now=NOW)
    change(merge_category, RECEIPTS, FINANCE, now=NOW)

    with any_sessions() as session:
        read_as = effective_categories(session)
        gone = [row.name for row in removed_categories(session)]
    assert (read_as[PERSONAL], read_as[RECEIPTS], read_as[FINANCE]) == (3, 3, 3)
    assert gone == ["Receipts", "Personal"]


def test_what_became_part_of_a_removed_category_has_none(any_sessions, change):
    change(merge_category, PERSONAL, RECEIPTS, now=NOW)
    change(remove_category, RECEIPTS, now=NOW)

    with any_sessions() as session:
        assert effective_categories(session)[PERSONAL] is None

    change(restore_category, RECEIPTS)
    with any_sessions() as session:
        assert effective_categories(session)[PERSONAL] == RECEIPTS


@pytest.mark.parametrize(
    "undone",
    [
        lambda change: change(remove_category, RECEIPTS, now=NOW),
        lambda change: change(merge_category, RECEIPTS, FINANCE, now=NOW),
    ],
    ids=["removing", "merging"],
)
def test_undoing_restores_exactly_what_was(any_sessions, change, undone):
    before = rows(any_sessions)

    undone(change)
    changed = [
        one for one, old in zip(rows(any_sessions), before, strict=True) if one != old
    ]
    change(restore_category, RECEIPTS)

    assert [one["id"] for one in changed] == [RECEIPTS]
    assert rows(any_sessions) == before


def test_nothing_becomes_part_of_itself_or_of_what_is_gone(change):
    with pytest.raises(CategoryInvalid):
        change(merge_category, RECEIPTS, RECEIPTS, now=NOW)
    change(remove_category, FINANCE, now=NOW)
    with pytest.raises(CategoryNotFound):
        change(merge_category, RECEIPTS, FINANCE, now=NOW)


@pytest.mark.parametrize(
    "do",
    [
        lambda change: change(change_category, 77, {"name": "x"}),
        lambda change: change(remove_category, 77, now=NOW),
        lambda change: change(merge_category, 77, 1, now=NOW),
        lambda change: change(restore_category, 77),
        lambda change: change(order_categories, [1, 77]),
        lambda change: change(move_category, 77, up=True),
        lambda change: change(add_preset, "77"),
    ],
)
def test_what_is_not_there_is_said(change, do):
    with pytest.raises(CategoryNotFound, match="77"):
        do(change)


def test_restoring_what_is_there_changes_nothing(any_sessions, change):
    before = rows(any_sessions)

    change(restore_category, RECEIPTS)

    assert rows(any_sessions) == before


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_adds_what_is_not_there(any_sessions, change, preset):
    proposals = PRESETS[preset].proposals
    change(add_category, NewCategory(proposals[0].name.upper()))

    added, there = change(add_preset, preset)

    assert there == [proposals[0].name]
    assert [row.name for row in added] == [one.name for one in proposals[1:]]
    assert change(add_preset, preset) == ([], [one.name for one in proposals])


def test_there_is_an_end_of_categories(change):
    for number in range(MOST - 10):
        change(add_category, NewCategory(f"Own {number}"))

    with pytest.raises(CategoryTaken, match="Remove one first"):
        change(add_category, NewCategory("One more"))
    change(remove_category, SOCIAL, now=NOW)
    change(add_category, NewCategory("One more"))
    with pytest.raises(CategoryTaken, match="Remove one first"):
        change(restore_category, SOCIAL)


def test_of_two_who_add_the_same_at_once_one_is_told(any_sessions):
    together = threading.Barrier(2)
    refused = []

    def add():
        together.wait(timeout=10)
        try:
            with transaction(any_sessions) as session:
                add_category(session, NewCategory("Health"))
        except CategoryTaken as error:
            refused.append(error.field)

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["name"]
    assert names(any_sessions).count("Health") == 1
