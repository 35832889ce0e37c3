"""Labels on the server follow what people said that messages are.

A correction is in the ledger at once; here it reaches the mailbox. What a message may
have of us is written down before anything is done about it, and done is noted after:
killed in between, the next run does the same once more, which is harmless.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from mailbeat.mail.errors import LabelRefused
from mailbeat.mail.mailbox import Identity, Mailbox

AT_ONCE = 250  # messages

GONE = (
    "The message is not in the mailbox any more, so its label was left as it is. What "
    "you chose is remembered, and was learned from."
)


@dataclass(frozen=True, slots=True)
class Change:
    """One message's labels: to have `label`, and none of `remove`, which are ours.

    `was_begun`: a run that was killed may have done so already.
    """

    correction_id: int
    uid: int
    label: str | None
    remove: frozenset[str]
    identity: Identity
    was_begun: bool = False


class Waiting(Protocol):
    """Corrections of one mailbox that its labels wait for. Each is one transaction."""

    def take(self) -> Sequence[Change]:
        """Return some that wait, and note which labels will have been put on."""
        ...

    def followed(self, changes: Sequence[Change]) -> None:
        """Note that the labels are now as they were to be."""
        ...

    def refused(
        self, changes: Sequence[Change], error: str, *, has_label: bool
    ) -> None:
        """Give up, and say why; `has_label`: it is on, and an older one may be, too."""
        ...


def follow_corrections(mailbox: Mailbox, waiting: Waiting) -> Iterator[int]:
    """Do all that waits; yield after each step how many messages it was about.

    Stopping is ceasing to iterate, at any point.

    Raises:
        MailError: the server failed; what was not done waits for the next run.
    """
    while changes := waiting.take():
        gone = _gone(mailbox, changes)
        if gone:
            waiting.refused(gone, GONE, has_label=False)
        left = [one for one in changes if one not in gone]
        for group in _groups(left):
            _follow(mailbox, waiting, group)
            yield len(group)


def _gone(mailbox: Mailbox, changes: Sequence[Change]) -> list[Change]:
    """Those that are not in the mailbox, but for those that a label moved elsewhere."""
    moved = [one for one in changes if mailbox.moves and (one.remove or one.was_begun)]
    here = [one for one in changes if one not in moved]
    existing = mailbox.existing([one.uid for one in here]) if here else set()
    return [one for one in here if one.uid not in existing]


def _groups(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Those for which the same is to be done."""
    groups: dict[tuple[str | None, frozenset[str]], list[Change]] = {}
    for one in changes:
        groups.setdefault((one.label, one.remove), []).append(one)
    for group in groups.values():
        for start in range(0, len(group), AT_ONCE):
            yield group[start : start + AT_ONCE]


def _follow(mailbox: Mailbox, waiting: Waiting, group: Sequence[Change]) -> None:
    try:
        _relabel(mailbox, group)
    except LabelRefused as error:
        if mailbox.moves and len(group) > 1:  # perhaps one of them is not found
            for one in group:
                _follow(mailbox, waiting, [one])
            return
        has_label = _puts_label(mailbox, group)
        waiting.refused(group, str(error), has_label=has_label)
    else:
        waiting.followed(group)


def _relabel(mailbox: Mailbox, group: Sequence[Change]) -> None:
    """Take each old label off and put the new one on.

    Where labels move messages, each is in the folder of one of its old labels only.
    """
    label, remove = group[0].label, sorted(group[0].remove)
    uids = sorted(one.uid for one in group)
    known = {one.uid: one.identity for one in group}
    for number, old in enumerate(remove or [None], 1):
        try:
            mailbox.relabel(uids, add=label, remove=old, known=known)
        except LabelRefused:
            if not mailbox.moves or number >= len(remove):
                raise
        else:
            if mailbox.moves:
                return


def _puts_label(mailbox: Mailbox, group: Sequence[Change]) -> bool:
    """Whether only taking the old label off was refused."""
    label = group[0].label
    if label is None:
        return False
    try:
        mailbox.relabel(sorted(one.uid for one in group), add=label)
    except LabelRefused:
        return False
    return True
