"""Which of our labels messages have now, told by rows however and whenever they come.

A server tells of as many messages as it likes. So what is kept is bounded: few labels
of a message, and the newest messages.
"""

from collections.abc import Collection, Mapping

from mailbeat.mail.answers import MAX_UID, fetched_row, words_in
from mailbeat.mail.mailbox import LabelsNow
from mailbeat.mail.wire import Response

MOST_MESSAGES = 5000  # of which is kept what they have; those of the lowest UIDs go
# A message with more labels of ours says nothing about what a person meant.
MOST_LABELS = 4
MAX_MODSEQ = 2**63 - 1  # RFC 7162, 3.1


def modseq_of(told: bytes | None) -> int | None:
    """Read HIGHESTMODSEQ, if it is one."""
    if told is None or not told.isdigit() or len(told) > len(str(MAX_MODSEQ)):
        return None
    number = int(told)
    return number if 0 < number <= MAX_MODSEQ else None


class LabelRows:
    """Notes which labels messages have, of those that are looked for.

    `names` is what each label is called on the server. Two labels of one name are not
    told apart there, so none of them is looked for.
    """

    def __init__(self, item: str, names: Mapping[str, str]) -> None:
        self._item = item.encode("ascii")
        by_name: dict[str, list[str]] = {}
        for label, name in names.items():
            by_name.setdefault(name.lower(), []).append(label)
        self._labels = {
            name: labels[0] for name, labels in by_name.items() if len(labels) == 1
        }
        self._on: dict[int, frozenset[str]] = {}

    def take(self, response: Response) -> None:
        """Note a `* n FETCH` if it tells of a message's labels."""
        try:
            row = fetched_row(response)
        except ValueError:
            return
        uid, words = row.get(b"UID"), row.get(self._item)
        if not isinstance(uid, int) or not 0 < uid <= MAX_UID:
            return
        if not isinstance(words, tuple):
            return
        on = {self._labels[word] for word in words_in(words) if word in self._labels}
        if len(on) > MOST_LABELS:
            self._on.pop(uid, None)
            return
        self._on[uid] = frozenset(on)
        if len(self._on) >= 2 * MOST_MESSAGES:
            self._on = self._newest()

    def _newest(self) -> dict[int, frozenset[str]]:
        return {uid: self._on[uid] for uid in sorted(self._on)[-MOST_MESSAGES:]}

    def now(self, wanted: Collection[int]) -> LabelsNow:
        """Return what is known of wanted messages."""
        on = {uid: labels for uid, labels in self._newest().items() if uid in wanted}
        return LabelsNow(frozenset(self._labels.values()), on)
