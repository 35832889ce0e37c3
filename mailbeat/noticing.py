"""Seeing which labels of ours a person changed in the mailbox itself.

It costs a run nothing where the server counts changes and nothing changed, else one
turn of the line.
"""

from collections.abc import Collection, Mapping

import structlog

from mailbeat.db.noticed import LabelNotes
from mailbeat.mail.mailbox import LabelsNow, Mailbox

log = structlog.get_logger(__name__)


def notice_changes(
    mailbox: Mailbox, notes: LabelNotes, categories: Mapping[str, int]
) -> int:
    """Take what a person changed since the last time for corrections.

    `categories` are by label. Where labels are folders, nothing can be seen: whether a
    message lies in another folder would have to be looked for there. Returns how many
    messages were corrected.

    Raises:
        MailError: the server failed.
        LeaseLost: the account is another run's now.
    """
    modseq = mailbox.modseq
    if modseq is not None and modseq == notes.modseq:
        return 0
    now = _look(mailbox, notes, categories)
    count = notes.record(now, categories, modseq)
    if count:
        log.info("labels were changed in the mailbox", messages=count)
    return count


def _look(
    mailbox: Mailbox, notes: LabelNotes, labels: Collection[str]
) -> LabelsNow | None:
    known = notes.known()
    if not known or not labels:
        return None
    before, modseq = notes.modseq, mailbox.modseq
    if before is not None and modseq is not None and before < modseq:
        changed = mailbox.labels_changed(labels, since=before, uids=known)
        if changed is not None:
            return changed
    # Nobody counted; or the count began anew, as after the server was restored.
    return mailbox.labels_on(labels, notes.newest())
