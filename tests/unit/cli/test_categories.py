"""`mailbeat category ...`"""

import json

import pytest


@pytest.fixture
def listed(mailbeat):
    def listed(*options):
        lines = mailbeat("category", "list", "--json", *options).stdout.splitlines()
        return [json.loads(line) for line in lines]

    return listed


@pytest.fixture
def deeds(mailbeat):
    def deeds():
        lines = mailbeat("audit", "--json").stdout.splitlines()
        found = [json.loads(line) for line in reversed(lines)]
        return [(one["actor"], one["action"], one["target"]) for one in found]

    return deeds


def test_an_own_category_is_added_changed_and_listed(mailbeat, listed, deeds):
    added = mailbeat("category", "add", "Health", "--bar", 0.9)
    changed = mailbeat("category", "change", "HEALTH", "--label", "Doctor", "--off")

    last = listed()[-1]
    assert added.stdout == f"Added Health (category {last['category_id']}).\n"
    assert (last["name"], last["label"], last["bar"]) == ("Health", "Doctor", 0.9)
    assert last["enabled"] is False
    assert changed.stdout.split() == ["11", "Health", "Doctor", "from", "0.90", "off"]
    assert deeds() == [
        ("cli", "category.add", "category 11"),
        ("cli", "category.change", "category 11"),
    ]


def test_a_preset_is_added_once(mailbeat, listed):
    first = mailbeat("category", "add", "--preset", "work")
    again = mailbeat("category", "add", "--preset", "work")

    assert "Added Customers" in first.stdout
    assert "Customers is there already." in again.stdout
    assert len(listed()) == 16


def test_removing_and_merging_say_how_to_undo_them(mailbeat, listed, deeds):
    merged = mailbeat("category", "merge", "receipts", "Finance")
    removed = mailbeat("category", "remove", "9")

    assert "Receipts is part of Finance now." in merged.stdout
    assert "mailbeat category restore 9" in removed.stdout
    assert {one["name"] for one in listed("--removed")} == {"Receipts", "Social"}
    text = mailbeat("category", "list", "--removed").stdout
    assert "merged into 3" in text
    assert "removed" in text

    assert mailbeat("category", "restore", 2).stdout == "Receipts is there as it was.\n"
    assert mailbeat("category", "restore", 9).exit_code == 0
    assert listed("--removed") == []
    assert [action for _, action, _ in deeds()] == [
        *("category.merge", "category.remove", "category.restore", "category.restore"),
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["add", "Receipts"], "Receipts already"),
        (["add", "Bills", "--label", "INBOX"], "use themselves"),
        (["add", "Bills", "--bar", "0.1"], "from 0.3 to 1"),
        (["add", "--preset", "none"], "cat-emails, work"),
        (["change", "nobody", "--off"], "mailbeat category list"),
        (["merge", "Receipts", "Receipts"], "part of itself"),
        (["remove", "nobody"], "no category 'nobody'"),
        (["restore", "77"], "never was a category 77"),
    ],
)
def test_what_is_refused_is_a_sentence_and_changes_nothing(
    mailbeat, listed, deeds, arguments, why
):
    done = mailbeat("category", *arguments)

    assert done.exit_code == 1
    assert why in done.stderr
    assert len(listed()) == 10
    assert deeds() == []


@pytest.mark.parametrize(
    "arguments", [["add"], ["add", "x", "--preset", "work"], ["change", "Receipts"]]
)
def test_half_a_command_is_wrong_usage(mailbeat, arguments):
    assert mailbeat("category", *arguments).exit_code == 2
