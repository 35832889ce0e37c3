"""Stand-ins with the real interfaces; contract tests hold both to them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from mailbeat.labeling.categorizer import Decision
from mailbeat.labeling.pipeline import Entry, Plan
from mailbeat.mail.errors import LabelRefused
from mailbeat.mail.mailbox import Identity, Labelling, LabelsNow, Told
from mailbeat.mail.message import Message
from mailbeat.mail.stage import Keeps


class FakeMailbox:
    """A mailbox in memory. `refuses` are labels that it does not keep.

    One that `moves` has what it labelled in `moved`, by label.
    """

    def __init__(
        self,
        messages: Sequence[Message] = (),
        *,
        uid_validity: int = 7,
        moves: bool = False,
    ) -> None:
        self.messages = {message.uid: message for message in messages}
        self.labels: dict[int, set[str]] = {uid: set() for uid in self.messages}
        self.uid_validity = uid_validity
        self.uid_next = max(self.messages, default=0) + 1
        self.moves = moves
        self.throttled = None
        self.keeps = Keeps.FOLDERS if moves else Keeps.KEYWORDS
        self.modseq: int | None = None
        self.moved: dict[str, list[Identity]] = {}
        self.refuses: set[str] = set()
        self.again: list[int] = []
        self.fetched: list[int] = []
        self.stores: list[tuple[tuple[int, ...], str | None, str | None]] = []

    def deliver(self, *messages: Message) -> None:
        for message in messages:
            self.messages[message.uid] = message
            self.labels[message.uid] = set()
        self.uid_next = max(self.messages, default=0) + 1

    def remove(self, uid: int) -> None:
        del self.messages[uid]
        del self.labels[uid]

    def new_uids(self, *, after: int, since: datetime) -> list[int]:
        return sorted(
            uid
            for uid, message in self.messages.items()
            if (uid > after if after else message.received_at >= since)
        )

    def fetch(
        self, uids: Sequence[int], *, one_by_one: Told | None = None
    ) -> Iterator[Message]:
        for uid in uids:
            if uid in self.messages:
                if one_by_one:
                    one_by_one(uid)
                self.fetched.append(uid)
                yield self.messages[uid]

    def existing(self, uids: Sequence[int]) -> Collection[int]:
        return self.messages.keys() & set(uids)

    def put_labels(
        self, wanted: Mapping[str, Sequence[int]], again: Collection[int] = ()
    ) -> Mapping[str, LabelRefused]:
        self.again += [uid for uids in wanted.values() for uid in uids if uid in again]
        refused = {}
        for label, uids in wanted.items():
            try:
                self.relabel(uids, add=label)
            except LabelRefused as error:
                refused[label] = error
        return refused

    def send_labels(
        self, wanted: Mapping[str, Sequence[int]], again: Collection[int] = ()
    ) -> Labelling:
        """They are on at once, which is known only when it is asked."""
        refused = self.put_labels(wanted, again)
        return lambda: refused

    def relabel(
        self,
        uids: Sequence[int],
        *,
        add: str | None,
        remove: str | None = None,
        known: Mapping[int, Identity] | None = None,
    ) -> None:
        self.stores.append((tuple(uids), add, remove))
        if add in self.refuses:
            raise LabelRefused(f"The fake does not keep {add}.")
        if self.moves:
            self._move(uids, add, remove, known or {})
            return
        for uid in uids:
            if uid in self.labels:
                self.labels[uid] |= {add} if add else set()
                self.labels[uid] -= {remove} if remove else set()

    def labels_on(self, labels: Collection[str], uids: Sequence[int]) -> LabelsNow:
        on = {
            uid: frozenset(self.labels[uid] & set(labels))
            for uid in uids
            if uid in self.labels
        }
        return LabelsNow(frozenset(labels), on)

    def labels_changed(
        self, labels: Collection[str], *, since: int, uids: range
    ) -> LabelsNow | None:
        """It keeps no count of changes: all may have changed."""
        return self.labels_on(labels, uids)

    def _move(
        self,
        uids: Sequence[int],
        add: str | None,
        remove: str | None,
        known: Mapping[int, Identity],
    ) -> None:
        for uid in uids:
            if add and uid in self.messages:
                message = self.messages[uid]
                identity = Identity(message.key, message.received_at)
                self.moved.setdefault(add, []).append(identity)
                self.remove(uid)
            elif remove and uid not in self.messages:
                identity = known.get(uid)
                old = self.moved.get(remove, [])
                if add is None or (
                    identity not in old and identity not in self.moved.get(add, [])
                ):
                    raise LabelRefused("The fake does not find it.")
                if identity in old:
                    old.remove(identity)
                    self.moved.setdefault(add, []).append(identity)


class MemoryLedger:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.watermark = 0
        self.rows: dict[int, Plan] = {}
        self.states: dict[int, str] = {}
        self.older: dict[str, Entry] = {}  # by key: messages of another UIDVALIDITY
        self.is_careful = False
        self.killer = 0
        self.read: list[int] = []

    def reading(self, uid: int) -> None:
        self.read.append(uid)

    def pending(self, uids: Sequence[int]) -> Mapping[int, Entry | None]:
        return {
            uid: self._entry(uid)
            for uid in uids
            if self.states.get(uid) not in {"applied", "failed"}
        }

    def _entry(self, uid: int) -> Entry | None:
        if uid not in self.rows:
            return None
        return Entry(self.rows[uid].label, self.states[uid] != "planned")

    def refused(self) -> Mapping[int, Entry]:
        return {
            uid: Entry(one.label, finished=False)
            for uid, one in self.rows.items()
            if self.states[uid] == "failed" and one.label is not None
        }

    def planned(self) -> Mapping[int, Entry]:
        return {
            uid: Entry(one.label, finished=False)
            for uid, one in self.rows.items()
            if self.states[uid] == "planned"
        }

    def renumbered(self, messages: Sequence[Message]) -> Mapping[int, Entry]:
        return {
            message.uid: self.older.pop(message.key)
            for message in messages
            if message.key in self.older
        }

    def plan(self, plans: Sequence[Plan]) -> None:
        for one in plans:
            self.rows.setdefault(one.message.uid, one)
            state = "failed" if one.failed else "planned"
            self.states.setdefault(one.message.uid, state)

    def applied(
        self, uids: Sequence[int], *, failed: Sequence[int] = (), watermark: int
    ) -> None:
        self.states |= dict.fromkeys(uids, "applied")
        self.states |= dict.fromkeys(failed, "failed")
        self.watermark = watermark


class FakeCategorizer:
    """Decides by the first word of the subject: `Receipts 4` is category 2."""

    NAMES = {"Personal": 1, "Receipts": 2, "Finance": 3}

    def __init__(self) -> None:
        self.asked: list[int] = []

    def decide(self, messages: Sequence[Message]) -> list[Decision]:
        self.asked += [message.uid for message in messages]
        return [self._decide(message) for message in messages]

    def _decide(self, message: Message) -> Decision:
        category_id = self.NAMES.get(message.subject.partition(" ")[0])
        if category_id is None:
            return Decision(None, 0.1, "none", "Not sure: no known word")
        return Decision(category_id, 0.9, "fake", "the first word of the subject")
