"""Which of our labels the server may have on a message."""

import pytest

from mailbeat.db.labels_there import (
    LABEL_STATES,
    label_state,
    labels_there_of,
    note_labels_there,
    want_label,
)
from mailbeat.db.models import Correction, MessageRow
from tests.factories import NOW


def make(label, *, state="applied"):
    return MessageRow(label=label, state=state)


@pytest.mark.parametrize("label", ["Receipts", None])
def test_without_a_correction_that_is_the_label(label):
    assert labels_there_of(make(label)) == ([label] if label else [])


@pytest.mark.parametrize(
    ("state", "labels", "waits", "there"),
    [
        ("applied", ["A", "A"], False, ["A"]),
        ("applied", ["A", "B"], True, ["A"]),
        ("applied", ["A", None], True, ["A"]),
        ("applied", [None, "A"], True, []),
        ("applied", [None, None], False, []),
        # B was never on: only what we wrote is taken off.
        ("applied", ["A", "B", "C"], True, ["A"]),
        ("applied", ["A", "B", "A"], False, ["A"]),
        ("applied", [None, "B", None], False, []),
        # A run may be putting on what the row says, at any time.
        ("planned", ["A", "A"], False, ["A"]),
        ("planned", ["A", "B"], True, ["A", "B"]),
        ("planned", ["A", None], True, ["A"]),
        ("planned", [None, "A"], True, ["A"]),
        ("planned", [None, "A", None], True, ["A"]),
        ("planned", ["A", "B", "A"], True, ["A", "B"]),
        ("failed", ["A", "B", "C"], True, ["A", "B", "C"]),
    ],
)
def test_a_label_waits_until_the_server_has_it_alone(state, labels, waits, there):
    row = make(labels[0], state=state)

    told = [want_label(row, label) for label in labels[1:]]

    assert told[-1] == waits
    assert labels_there_of(row) == there
    assert row.label == labels[-1]


def test_a_label_that_the_person_put_on_the_server_does_not_wait():
    row = make("A")
    note_labels_there(row, ["B"])

    assert not want_label(row, "B")
    assert row.labels_there is None


WAITS = Correction(pending_since=NOW)
REFUSED = Correction(error="The server does not keep it.")
UNDONE = Correction(error="The server does not keep it.", undone_at=NOW)


@pytest.mark.parametrize(
    ("state", "label", "corrections", "told"),
    [
        ("applied", "A", [], "on"),
        ("applied", None, [], "none"),
        ("planned", "A", [], "planned"),
        ("failed", "A", [], "refused"),
        ("failed", None, [], "none"),
        ("applied", "A", [WAITS], "waits"),
        ("applied", None, [UNDONE, WAITS], "waits"),
        ("applied", "A", [REFUSED], "refused"),
        ("applied", "A", [UNDONE], "on"),
    ],
)
def test_one_word_says_how_the_label_is(state, label, corrections, told):
    assert label_state(make(label, state=state), corrections) == told
    assert told in LABEL_STATES
