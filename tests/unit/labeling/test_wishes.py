"""What a person meant: a table of what is on, beside what the ledger says."""

import pytest

from mailbeat.labeling.wishes import MOST_LOST, Wish, wishes_of
from mailbeat.mail.mailbox import LabelsNow

OURS = frozenset({"Receipts", "Finance", "Social"})


def wish(label, on, looked_for=OURS):
    return wishes_of({7: label}, LabelsNow(looked_for, {7: frozenset(on)})).get(7)


@pytest.mark.parametrize(
    ("ledger", "on", "expected"),
    [
        ("Receipts", {"Receipts"}, None),
        (None, set(), None),
        ("Receipts", set(), Wish(None)),
        ("Receipts", {"Finance"}, Wish("Finance")),
        ("Receipts", {"Receipts", "Finance"}, Wish("Finance")),
        (None, {"Finance"}, Wish("Finance")),
        # Nobody can tell which of them is meant.
        ("Receipts", {"Finance", "Social"}, None),
        ("Receipts", {"Receipts", "Finance", "Social"}, None),
        (None, {"Finance", "Social"}, None),
    ],
)
def test_what_is_on_beside_what_the_ledger_says(ledger, on, expected):
    assert wish(ledger, on) == expected


def test_a_label_that_cannot_be_seen_is_not_missed():
    """Of a category that was turned off, say; what stands in its place is seen."""
    assert wish("Old", set()) is None
    assert wish("Old", {"Finance"}) == Wish("Finance")


def test_a_message_that_is_gone_or_was_moved_has_no_wish():
    assert wishes_of({7: "Receipts"}, LabelsNow(OURS, {})) == {}


def test_where_nothing_can_be_seen_nothing_is_meant():
    assert wish("Receipts", set(), looked_for=frozenset()) is None


@pytest.mark.parametrize(("more", "teaches"), [(0, True), (1, False)])
def test_a_label_that_goes_from_very_many_at_once_was_deleted(more, teaches):
    labels = dict.fromkeys(range(1, MOST_LOST + 1 + more), "Receipts")
    labels |= {900: "Social", 901: "Receipts"}
    on = dict.fromkeys(labels, frozenset()) | {901: frozenset({"Finance"})}

    found = wishes_of(labels, LabelsNow(OURS, on))

    assert found[1] == Wish(None, teaches=teaches)
    assert found[900] == Wish(None)
    assert found[901] == Wish("Finance")
