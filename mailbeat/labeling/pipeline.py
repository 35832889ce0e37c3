"""The walk of new messages: found, read, decided, labelled, recorded.

Exactly once, by intention: what was decided is in the ledger before a label goes to
the server, and is marked as applied after the server said so, which is not waited for
before the next batch is decided. Killed in between, the next run finds the plans and
puts the same labels again, which is harmless (RFC 3501, 6.4.6) or, where a label is a
folder, is looked at first.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

import structlog

from mailbeat.labeling.categorizer import Categorizer, Decision
from mailbeat.labeling.following import Waiting, follow_corrections
from mailbeat.labeling.progress import Progress, RunState
from mailbeat.mail.deadline import Stopped
from mailbeat.mail.errors import LabelRefused
from mailbeat.mail.mailbox import Mailbox
from mailbeat.mail.message import Message
from mailbeat.mail.parse import unreadable_message

# A batch is about a tenth of a run, so that progress is seen, within these bounds.
SMALLEST_BATCH = 5  # messages
LARGEST_BATCH = 250  # messages

# How many messages are taken one by one after the worker of a run died: as many as may
# have been read ahead.
CAREFUL_FOR = 1000

UNREADABLE = Decision(None, 0.0, "none", "The message could not be read.")
UNDECIDABLE = Decision(
    None, 0.0, "none", "Something went wrong while this message was decided about."
)
KILLER = Decision(
    None, 0.0, "none", "Three runs died while they read this message; it is left alone."
)

log = structlog.get_logger(__name__)


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

    @property
    def is_careful(self) -> bool:
        """Whether the worker of the run before died, perhaps of a message."""
        ...

    @property
    def killer(self) -> int:
        """The UID of a message that killed several workers in a row, or 0."""
        ...

    def reading(self, uid: int) -> None:
        """Note what is read next, so that a message that kills its worker is found."""
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
    waiting: Waiting | None = None,
) -> Iterator[Progress]:
    """Label what is new, and say after each step how far it is.

    `since` counts where the mailbox was never read; `labels` are by category id. First
    comes what was corrected and is `waiting`: then what is planned says the same.
    Stopping is ceasing to iterate, at any point.

    Raises:
        MailError: the server failed, or refused every label that was tried.
        Stopped: while it was waited for an answer; what is not planned stays undone.
    """
    progress = Progress(RunState.FETCHING)
    yield progress
    found = mailbox.new_uids(after=ledger.watermark, since=since)
    if waiting is not None:
        for _ in follow_corrections(mailbox, waiting):
            yield progress
    pending = ledger.pending(found)
    walk = _Walk(mailbox, categorizer, ledger, labels, pending=pending)
    left = dict(ledger.refused())
    if mailbox.moves:  # a run that was killed may have moved more than it could record
        left |= {
            uid: one for uid, one in ledger.planned().items() if uid not in pending
        }
    walk.try_again(left)
    yield walk.progress
    careful = CAREFUL_FOR if ledger.is_careful else 0
    for batch in _batches(pending, one_by_one=careful):
        yield from walk.label(batch)
    yield from walk.finish()
    walk.check_labels_are_kept()
    # Whatever was there before this run and is not new is older than `since`.
    end = max(mailbox.uid_next - 1, *found, ledger.watermark, 0)
    if end > ledger.watermark or not ledger.watermark:
        ledger.applied((), watermark=end)


def _batches(
    pending: Mapping[int, Entry | None], *, one_by_one: int
) -> Iterator[dict[int, Entry | None]]:
    pairs = iter(pending.items())
    for pair in islice(pairs, one_by_one):
        yield dict([pair])
    size = min(max(len(pending) // 10, SMALLEST_BATCH), LARGEST_BATCH)
    while batch := dict(islice(pairs, size)):
        yield batch


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
        killer = ledger.killer
        new = [uid for uid, entry in pending.items() if not entry and uid != killer]
        tell = self._note_reading if ledger.is_careful else None
        incoming = mailbox.fetch(new, one_by_one=tell) if new else iter(())
        self._incoming = _Incoming(incoming)
        self._mailbox = mailbox
        self._categorizer = categorizer
        self._ledger = ledger
        self._labels = labels
        self._refused: dict[str, LabelRefused] = {}
        self._unlabelled: list[int] = []  # refused, in no batch that is finished yet
        self._sent: _Sent | None = None
        self._is_alone = False  # one message is a batch

    def try_again(self, left: Mapping[int, Entry]) -> None:
        """Put labels on that an earlier run did not; those that get theirs count."""
        wanted = {uid: entry.label for uid, entry in left.items()}
        labelled, refused = self._send(wanted, again=wanted)()
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
        """Decide about one batch and send its labels; bring the one before to its end.

        So a batch is decided about while the server labels the one before. Each must
        follow that without a gap.
        """
        messages = self._read(batch)
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
        sent = _Sent(
            batch=batch,
            wanted=wanted,
            unreadable=sum(one.failed for one in plans),
            result=self._send(wanted, again=known),
        )
        yield from self.finish()
        self._sent = sent
        if self._ledger.is_careful:
            # What is not finished is read again, and would be suspected in place of
            # the message that kills.
            yield from self.finish()

    def finish(self) -> Iterator[Progress]:
        """Bring the batch whose labels are on their way to its end, if there is one."""
        if self._sent is None:
            return
        sent, self._sent = self._sent, None
        labelled, refused = sent.result()
        self._unlabelled += refused
        done = [uid for uid in sent.wanted if uid not in refused]
        failed, watermark = self._finished(max(sent.batch), labelled)
        self._ledger.applied(done, failed=failed, watermark=watermark)
        before = self.progress
        # Left alone on purpose, done before, or gone from the mailbox meanwhile.
        skipped = len(sent.batch) - len(labelled) - len(refused) - sent.unreadable
        yield self._at(
            RunState.LABELING,
            labeled=before.labeled + len(labelled),
            failed=before.failed + len(failed) + sent.unreadable,
            skipped=before.skipped + skipped,
        )

    def _note_reading(self, uid: int) -> None:
        """Note what is looked into, once it came.

        To note it before would suspect it for the whole wait on the server: a worker
        that is killed by somebody is killed most likely there.
        """
        if self._is_alone:
            # What it learned is read at the first question, which takes a while.
            self._categorizer.decide(())
            self._ledger.reading(uid)

    def _read(self, batch: Mapping[int, Entry | None]) -> list[Message]:
        killer = self._ledger.killer
        self._is_alone = len(batch) == 1
        messages = self._incoming.up_to(max(batch))
        if killer in batch and batch[killer] is None:
            now = datetime.now(UTC)
            messages.append(unreadable_message(uid=killer, received_at=now))
        return messages

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
        killer = self._ledger.killer
        unreadable = [
            Plan(one, KILLER if one.uid == killer else UNREADABLE, None, failed=True)
            for one in messages
            if not one.readable
        ]
        return (self._plans(readable) if readable else []) + unreadable

    def _plans(self, messages: Sequence[Message]) -> list[Plan]:
        try:
            decisions = self._categorizer.decide(messages)
        except Stopped:
            raise
        except Exception:  # what mail holds can make a categorizer raise anything
            if len(messages) == 1:
                raise
            return self._plans_one_by_one(messages)
        return [
            Plan(message, decision, self._label(decision))
            for message, decision in zip(messages, decisions, strict=True)
        ]

    def _plans_one_by_one(self, messages: Sequence[Message]) -> list[Plan]:
        """Decide about each by itself: one that breaks the categorizer fails alone.

        Raises:
            Exception: each of them does, so it is not the messages.
        """
        plans: list[Plan] = []
        failed: list[Plan] = []
        for one in messages:
            try:
                plans += self._plans([one])
            except Exception:  # as above
                if not plans and one is messages[-1]:
                    raise
                log.exception("message breaks the categorizer", uid=one.uid)
                failed.append(Plan(one, UNDECIDABLE, None, failed=True))
        return plans + failed

    def _label(self, decision: Decision) -> str | None:
        if decision.category_id is None:
            return None
        return self._labels.get(decision.category_id)

    def _send(
        self, wanted: Mapping[int, str | None], *, again: Collection[int]
    ) -> "_Result":
        """Send labels to the server; what is returned waits for what becomes of them.

        `again` are those that may have theirs from an earlier run. A label that is
        known to be refused is not tried again in the same run.
        """
        by_label = _by_label(wanted)
        known = {label for label in by_label if label in self._refused}
        untried = {one: uids for one, uids in by_label.items() if one not in known}
        labelling = self._mailbox.send_labels(untried, again) if untried else dict

        def result() -> tuple[list[int], list[int]]:
            found = labelling()
            self._refused |= found
            labelled: list[int] = []
            refused: list[int] = []
            for label, uids in by_label.items():
                is_refused = label in known or label in found
                (refused if is_refused else labelled).extend(uids)
            return labelled, refused

        return result


# Waits for the server; returns the UIDs that have their label, and the refused.
_Result = Callable[[], tuple[list[int], list[int]]]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A batch whose labels are on their way."""

    batch: Mapping[int, Entry | None]
    wanted: Mapping[int, str | None]
    unreadable: int  # messages
    result: _Result


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
            if message.uid == uid:  # the next is not looked into before it is its turn
                break
        return taken


def _by_label(wanted: Mapping[int, str | None]) -> dict[str, list[int]]:
    by_label: dict[str, list[int]] = {}
    for uid, label in sorted(wanted.items()):
        if label is not None:
            by_label.setdefault(label, []).append(uid)
    return by_label
