"""When the mailbox is looked at, and what it is asked."""

from types import SimpleNamespace

import pytest

from mailbeat.mail.mailbox import LabelsNow
from mailbeat.noticing import notice_changes

LABELS = {"Receipts": 2}
NOW = LabelsNow(frozenset(LABELS), {})


class Box:
    def __init__(self, modseq, *, tells=True):
        self.modseq = modseq
        self.asked = []
        self.tells = tells

    def labels_changed(self, labels, *, since, uids):
        self.asked.append(("changed", since, uids))
        return NOW if self.tells else None

    def labels_on(self, labels, uids):
        self.asked.append(("on", uids))
        return NOW


def notice(box, modseq, known=range(1, 4), labels=LABELS):
    recorded = []

    def record(now, categories, modseq):
        recorded.append((now, modseq))
        return 0

    notes = SimpleNamespace(
        modseq=modseq, known=lambda: known, newest=lambda: [*known], record=record
    )
    notice_changes(box, notes, labels)
    return box.asked, recorded


def test_where_nothing_changed_nothing_is_asked_or_written():
    assert notice(Box(9), 9) == ([], [])


def test_what_changed_since_the_last_time_is_asked_for():
    asked = [("changed", 7, range(1, 4))]

    assert notice(Box(9), 7) == (asked, [(NOW, 9)])


@pytest.mark.parametrize(
    ("there", "noted"),
    [(None, None), (9, None), (None, 7), (3, 7)],
    ids=["no count", "the first time", "no count any more", "the count began anew"],
)
def test_without_a_count_the_newest_messages_are_looked_at(there, noted):
    assert notice(Box(there), noted) == ([("on", [1, 2, 3])], [(NOW, there)])


def test_a_server_that_does_not_tell_is_looked_at_instead():
    asked, recorded = notice(Box(9, tells=False), 7)

    assert asked == [("changed", 7, range(1, 4)), ("on", [1, 2, 3])]
    assert recorded == [(NOW, 9)]


@pytest.mark.parametrize(("known", "labels"), [(range(0), LABELS), (range(1, 4), {})])
def test_where_nothing_is_known_there_is_only_the_count(known, labels):
    assert notice(Box(9), 7, known, labels) == ([], [(None, 9)])
