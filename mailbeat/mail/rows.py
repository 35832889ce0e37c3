"""What servers tell of messages, kept by UID, however and whenever it comes.

A server may answer commands that were sent together side by side, and tell of other
messages in between. So no row belongs to a command; it belongs to its UID, and whether
a command brought all that it was asked for is seen by comparing UIDs.
"""

from collections.abc import Collection

from mailbeat.mail.answers import HEADER, Row, fetched_row, section, words_in
from mailbeat.mail.parse import MAX_TEXT_PART
from mailbeat.mail.wire import Response

# What comes beyond is dropped, and asked for again.
MAX_AHEAD = 8 * 1024 * 1024  # bytes of rows that were read ahead
MAX_KEPT = 16 * 1024 * 1024  # bytes of all rows: 250 of the longest that we ask for


class Rows:
    """The rows of messages that were asked for.

    `first` are the messages that are waited for now: their rows are kept first.
    `are_broken` once one came that cannot be read.
    """

    def __init__(self, label_item: str) -> None:
        self.first: Collection[int] = ()
        self.are_broken = False
        self._item = label_item.encode()
        self._asked: set[int] = set()
        self._rows: dict[int, Row] = {}
        self._size = 0
        self._watched: set[int] = set()
        self._labels: dict[int, set[str]] = {}

    def ask(self, uids: Collection[int]) -> None:
        """Keep from now on what is told of these."""
        self._asked |= set(uids)

    def forget(self, uids: Collection[int]) -> None:
        """Keep nothing of these any more."""
        self._asked -= set(uids)
        for uid in uids:
            self._drop(uid)

    def take(self, response: Response) -> None:
        """Keep a `* n FETCH` if it tells of a message that was asked for."""
        try:
            row = fetched_row(response)
        except ValueError:
            self.are_broken = True
            return
        uid = row.get(b"UID")
        if not isinstance(uid, int):
            return  # a number in the mailbox, which is another message's UID
        if uid in self._watched and self._item in row:
            self._labels[uid] = words_in(row[self._item])
        if uid in self._asked:
            self._keep(uid, row)

    def _keep(self, uid: int, row: Row) -> None:
        for name, value in row.items():
            if isinstance(value, bytes):
                row[name] = value[:MAX_TEXT_PART]
        size = _size(row)
        limit = MAX_KEPT if uid in self.first else MAX_AHEAD
        if self._size + size > limit:
            return
        kept = self._rows.setdefault(uid, {})
        self._size += size - _size({name: kept[name] for name in row if name in kept})
        kept.update(row)

    def has_text(self, uid: int) -> bool:
        """Whether all came that one asks for to read a message.

        A server may tell of changed flags in between: such a row has no text.
        """
        return uid in self._rows and section(self._rows[uid], HEADER) != ()

    def pop(self, uid: int) -> Row:
        """Take what is known of a message out."""
        self._asked.discard(uid)
        return self._drop(uid)

    def _drop(self, uid: int) -> Row:
        row = self._rows.pop(uid, {})
        self._size -= _size(row)
        return row

    def watch(self, uids: Collection[int]) -> None:
        """Note from now on which labels these have."""
        self._watched |= set(uids)
        for uid in uids:
            self._labels.pop(uid, None)

    def unwatch(self, uids: Collection[int]) -> None:
        self._watched.difference_update(uids)
        for uid in uids:
            self._labels.pop(uid, None)

    def labelled(self, uids: Collection[int], name: str) -> list[bool]:
        """Say of each watched message that was told of whether it has the label."""
        known = (self._labels[uid] for uid in uids if uid in self._labels)
        return [name.lower() in labels for labels in known]


def _size(row: Row) -> int:
    return sum(len(value) for value in row.values() if isinstance(value, bytes))
