"""What a person meant by changing labels of ours in the mailbox itself.

What counts is how the labels are, beside what the ledger says is on. That something
changed says nothing: our own labels are changes too, and so is reading a message.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from mailbeat.mail.mailbox import LabelsNow

# Who deletes or renames a label in the mail program takes it from all messages at once;
# nothing is said of any of them by that.
MOST_LOST = 50  # messages that lost the same label since the last run


@dataclass(frozen=True, slots=True)
class Wish:
    """The one label of ours that a message shall have; None if it shall have none.

    It `teaches` unless it says nothing about the message.
    """

    label: str | None
    teaches: bool = True


def wishes_of(labels: Mapping[int, str | None], now: LabelsNow) -> dict[int, Wish]:
    """Return what a person wants, by UID, where that is not what the ledger says.

    `labels` are the ledger's. A message of which there is no word is gone or was moved,
    which is no wish.
    """
    found = {}
    for uid, label in labels.items():
        if uid in now.on:
            wish = _wish(label, now.looked_for, now.on[uid])
            if wish is not None:
                found[uid] = wish
    lost = Counter(labels[uid] for uid, wish in found.items() if wish.label is None)
    return {
        uid: replace(wish, teaches=wish.label is not None or not _is_mass(lost, label))
        for uid, wish in found.items()
        for label in [labels[uid]]
    }


def _is_mass(lost: Counter[str | None], label: str | None) -> bool:
    return lost[label] > MOST_LOST


def _wish(
    label: str | None, looked_for: Collection[str], on: Collection[str]
) -> Wish | None:
    others = [one for one in on if one != label]
    if len(others) == 1:  # beside ours or in its place: it is newer than ours
        return Wish(others[0])
    if others:  # nobody can tell which is meant
        return None
    is_gone = label in looked_for and label not in on
    return Wish(None) if is_gone else None
