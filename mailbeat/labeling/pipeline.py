"""The walk of new messages: found, read, decided, labelled, recorded.

Exactly once, by intention: what was decided is in the ledger before a label goes to
the server, and is marked as applied after. Killed in between, the next run finds the
plan and puts the same label again, which is harmless (RFC 3501, 6.4.6) or, where a
label is a folder, is looked at first.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from mailbeat.labeling.categorizer import Categorizer, Decision
from mailbeat.labeling.progress import Progress, RunState
from mailbeat.mail.errors import LabelRefused
from mailbeat.mail.mailbox import Mailbox
from mailbeat.mail.message import Message

# A batch is about a tenth of a run, so that progress is seen, within these bounds.
SMALLEST_BATCH = 5  # messages
LARGEST_BATCH = 250  # messages

UNREADABLE = Decision(None, 0.0, "none", "The message could not be read.")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with one message. A failed one is recorded and left alone."""

    message: Message
    decision: Decision
    label: str | None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger knows of a UID. Unless finished, the label may not be on yet."""

    label: str | None
    finished: bool


class Ledger(Protocol):
    """What is done in one mailbox. Each method is one transaction."""

    @property
    def watermark(self) -> int:
        """Every UID up to this one is finished."""
        ...

    def pending(self, uids: Sequence[int]) -> Mapping[int, Entry | None]:
        """Return those that are not finished, in the same order.

        An entry is what an earlier run planned for it; None is a message not seen yet.
        """
        ...

    def refused(self) -> Mapping[int, Entry]:
        """Return the messages whose label the server refused lately."""
        ...

    def planned(self) -> Mapping[int, Entry]:
        """Return what was planned lately and is not finished, in the mailbox or not."""
        ...

    def renumbered(self, messages: Sequence[Message]) -> Mapping[int, Entry]:
        """Take over what is known of messages that the server gave a new UID."""
        ...

    def plan(self, plans: Sequence[Plan]) -> None:
        """Record decisions, before anything is done about them."""
        ...

    def applied(
        self, uids: Sequence[int], *, failed: Sequence[int] = (), watermark: int
    ) -> None:
        """Record that labels are on the server, or failed, and move the watermark."""
        ...


def label_new_messages(
    mailbox: Mailbox,
    categorizer: Categorizer,
    ledger: Ledger,
    *,
    since: datetime,
    labels: Mapping[int, str],
) -> Iterator[Progress]:
    """Label what is new, and say after each step how far it is.

    `since` counts where the mailbox was never read; `labels` are by category id.
    Stopping is ceasing to iterate, at any point.

    Raises:
        MailError: the server failed, or refused every label that was tried.
    """
    progress = Progress(RunState.FETCHING)
    yield progress
    found = mailbox.new_uids(after=ledger.watermark, since=since)
    pending = ledger.pending(found)
    walk = _Walk(mailbox, categorizer, ledger, labels, pending=pending)
    left = dict(ledger.refused())
    if mailbox.moves:  # a run that was killed may have moved more than it could record
        left |= {
            uid: one for uid, one in ledger.planned().items() if uid not in pending
        }
    walk.try_again(left)
    yield walk.progress
    for batch in _batches(list(pending.items())):
        yield from walk.label(batch)
    walk.check_labels_are_kept()
    # Whatever was there before this run and is not new is older than `since`.
    end = max(mailbox.uid_next - 1, *found, ledger.watermark, 0)
    if end > ledger.watermark or not ledger.watermark:
        ledger.applied((), watermark=end)


def _batches(
    pending: Sequence[tuple[int, Entry | None]],
) -> Iterator[dict[int, Entry | None]]:
    size = min(max(len(pending) // 10, SMALLEST_BATCH), LARGEST_BATCH)
    for start in range(0, len(pending), size):
        yield dict(pending[start : start + size])


class _Walk:
    """The batches of one run: what they share is how far it is."""

    def __init__(
        self,
        mailbox: Mailbox,
        categorizer: Categorizer,
        ledger: Ledger,
        labels: Mapping[int, str],
        *,
        pending: Mapping[int, Entry | None],
    ) -> None:
        self.progress = Progress(RunState.PROCESSING, found=len(pending))
        new = [uid for uid, entry in pending.items() if entry is None]
        self._incoming = _Incoming(mailbox.fetch(new) if new else iter(()))
        self._mailbox = mailbox
        self._categorizer = categorizer
        self._ledger = ledger
        self._labels = labels
        self._refused: dict[str, LabelRefused] = {}
        self._unlabelled: list[int] = []  # refused, in no batch that is finished yet

    def try_again(self, left: Mapping[int, Entry]) -> None:
        """Put labels on that an earlier run did not; those that get theirs count."""
        wanted = {uid: entry.label for uid, entry in left.items()}
        labelled, refused = self._put(wanted, again=wanted)
        done = [uid for uid in wanted if uid not in refused]
        if not done:
            return
        self._ledger.applied(done, watermark=self._ledger.watermark)
        self.progress = replace(
            self.progress,
            found=(self.progress.found or 0) + len(done),
            processed=len(done),
            labeled=len(labelled),
            skipped=len(done) - len(labelled),
        )

    def check_labels_are_kept(self) -> None:
        """Raise the refusal if none was kept; the plans stay for another run."""
        if self._unlabelled:
            raise next(iter(self._refused.values()))

    def label(self, batch: Mapping[int, Entry | None]) -> Iterator[Progress]:
        """Bring one batch to its end. It must follow the one before without a gap."""
        messages = self._incoming.up_to(max(batch))
        known = {uid: entry for uid, entry in batch.items() if entry}
        known |= self._ledger.renumbered(messages)
        plans = self._decide([one for one in messages if one.uid not in known])
        processed = self.progress.processed + len(batch)
        yield self._at(RunState.CATEGORIZING, processed=processed)

        if plans:
            self._ledger.plan(plans)
        yield self._at(RunState.LABELING)

        wanted = {
            uid: entry.label for uid, entry in known.items() if not entry.finished
        }
        wanted |= {one.message.uid: one.label for one in plans if not one.failed}
        labelled, refused = self._put(wanted, again=known)
        self._unlabelled += refused
        done = [uid for uid in wanted if uid not in refused]
        failed, watermark = self._finished(max(batch), labelled)
        self._ledger.applied(done, failed=failed, watermark=watermark)
        before = self.progress
        unreadable = sum(one.failed for one in plans)
        # Left alone on purpose, done before, or gone from the mailbox meanwhile.
        skipped = len(batch) - len(labelled) - len(refused) - unreadable
        yield self._at(
            RunState.LABELING,
            labeled=before.labeled + len(labelled),
            failed=before.failed + len(failed) + unreadable,
            skipped=before.skipped + skipped,
        )

    def _finished(self, last: int, labelled: Sequence[int]) -> tuple[list[int], int]:
        """Return which messages failed, and the UID up to which all are finished.

        A refused label fails its messages where another label is kept. Until then the
        mailbox may keep none at all, and nothing is finished.
        """
        if self._unlabelled and not labelled and not self.progress.labeled:
            return [], self._ledger.watermark
        failed, self._unlabelled = self._unlabelled, []
        return failed, last

    def _at(self, state: RunState, **counts: int) -> Progress:
        self.progress = replace(self.progress, state=state, **counts)
        return self.progress

    def _decide(self, messages: Sequence[Message]) -> list[Plan]:
        readable = [message for message in messages if message.readable]
        decisions = self._categorizer.decide(readable) if readable else []
        plans = [
            Plan(message, decision, self._label(decision))
            for message, decision in zip(readable, decisions, strict=True)
        ]
        broken = [message for message in messages if not message.readable]
        return plans + [Plan(one, UNREADABLE, None, failed=True) for one in broken]

    def _label(self, decision: Decision) -> str | None:
        if decision.category_id is None:
            return None
        return self._labels.get(decision.category_id)

    def _put(
        self, wanted: Mapping[int, str | None], *, again: Collection[int]
    ) -> tuple[list[int], list[int]]:
        """Put labels on the server; return the UIDs that have theirs, and the refused.

        `again` are those that may have theirs from an earlier run. A label that was
        refused once is not tried again in the same run.
        """
        by_label = _by_label(wanted)
        untried = {
            one: uids for one, uids in by_label.items() if one not in self._refused
        }
        if untried:
            self._refused |= self._mailbox.put_labels(untried, again)
        labelled: list[int] = []
        refused: list[int] = []
        for label, uids in by_label.items():
            (refused if label in self._refused else labelled).extend(uids)
        return labelled, refused


class _Incoming:
    """Messages as they come, by ascending UID, taken out batch by batch."""

    def __init__(self, messages: Iterator[Message]) -> None:
        self._messages = messages
        self._next: Message | None = None

    def up_to(self, uid: int) -> list[Message]:
        """Return those that came since the last call, up to a UID."""
        taken = []
        while message := self._next or next(self._messages, None):
            self._next = message
            if message.uid > uid:
                break
            taken.append(message)
            self._next = None
        return taken


def _by_label(wanted: Mapping[int, str | None]) -> dict[str, list[int]]:
    by_label: dict[str, list[int]] = {}
    for uid, label in sorted(wanted.items()):
        if label is not None:
            by_label.setdefault(label, []).append(uid)
    return by_label
