"""Which of our labels the server may have on a message, while a correction waits.

`MessageRow.labels_there` is empty where that is exactly `label`, as for nearly all.
"""

import json
from collections.abc import Collection, Sequence

from mailbeat.db.ledger import APPLIED, FAILED, PLANNED
from mailbeat.db.models import Correction, MessageRow

# none: none is wanted. planned: a run is about to put it on. on. waits: a correction
# that the next run follows. refused: the server did not keep it.
LABEL_STATES = ("none", "planned", "on", "waits", "refused")


def want_label(row: MessageRow, label: str | None) -> bool:
    """Have a message labelled so; False when the server has it so already.

    What is not applied yet a run may be labelling at this moment, with what the row
    said before, or the next one will with what it says then.
    """
    there = set(labels_there_of(row))
    is_changed = label != row.label
    if row.state != APPLIED:
        there |= {one for one in (row.label, label) if one is not None}
    row.label = label
    waits = there != ({label} - {None}) or (is_changed and row.state != APPLIED)
    note_labels_there(row, there if waits else None)
    return waits


def labels_there_of(row: MessageRow) -> list[str]:
    """Which of our labels the server may have on a message."""
    if row.labels_there is not None:
        return list(json.loads(row.labels_there))
    return [] if row.label is None else [row.label]


def note_labels_there(row: MessageRow, labels: Collection[str] | None) -> None:
    """Remember them; None means exactly the label that the row has."""
    row.labels_there = None if labels is None else json.dumps(sorted(labels))


def label_state(row: MessageRow, corrections: Sequence[Correction]) -> str:
    """Say how the label on the server is: one word, see `LABEL_STATES`.

    `corrections` are those of the message, the newest first.
    """
    if any(one.pending_since is not None for one in corrections):
        return "waits"
    newest = next((one for one in corrections if one.undone_at is None), None)
    if newest is not None and newest.error is not None:
        return "refused"
    if row.state == PLANNED:
        return "planned"
    if row.label is None:
        return "none"
    return "refused" if row.state == FAILED else "on"
