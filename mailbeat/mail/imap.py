"""One mailbox over IMAP: open it, find what is new, read a little, put labels on."""

import imaplib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from mailbeat.mail import refusal
from mailbeat.mail.answers import (
    GMAIL_ITEMS,
    HEADER,
    ITEMS,
    MAX_UID,
    Row,
    fetched_rows,
    imap_date,
    message_of,
    parts,
    permanent_flags,
    quoted,
    received_at,
    section,
    uid_sets,
    words_in,
)
from mailbeat.mail.deadline import Deadline, Stopped, never
from mailbeat.mail.errors import (
    ConnectFailed,
    DeadlineExceeded,
    LabelRefused,
    MailError,
    ServerBusy,
)
from mailbeat.mail.labels import gmail_label, keyword
from mailbeat.mail.mailbox import Login, Mailbox
from mailbeat.mail.message import Message
from mailbeat.mail.parse import unreadable_message
from mailbeat.mail.refusal import Step
from mailbeat.mail.session import Session, UnreadableAnswer

FETCH_AT_ONCE = 100  # messages: at most 4 MB in memory
DATES_AT_ONCE = 2000  # messages of which only the date is asked


@contextmanager
def open_mailbox(
    login: Login,
    name: str = "INBOX",
    *,
    deadline: float,
    label_prefix: str = "Mailbeat",
    is_stopped: Callable[[], bool] = never,
) -> Iterator[Mailbox]:
    """Sign in and select a mailbox; sign out at the end.

    `deadline` is how many seconds from now the whole connection may last, and
    `label_prefix` the folder of our labels on Gmail. Once `is_stopped()`, nothing is
    waited for any more.

    Raises:
        MailError: whatever went wrong, as our own sentence.
        Stopped: because of `is_stopped`.
    """
    session = Session(login, name, Deadline(deadline, is_stopped=is_stopped))
    try:
        session.sign_in()
        mailbox = IMAPMailbox(session, label_prefix=label_prefix)
        yield mailbox
    except (ConnectFailed, DeadlineExceeded, Stopped):
        session.close()  # there is nobody to say goodbye to, or no time
        raise
    finally:
        session.sign_out()


class IMAPMailbox:
    r"""A selected mailbox. Labels are keywords, or labels where the server is Gmail.

    `uid_next` is above every UID that was in the mailbox when it was opened.
    """

    def __init__(self, session: Session, *, label_prefix: str = "Mailbeat") -> None:
        self._session = session
        self._label_prefix = label_prefix
        self._is_gmail = session.offers("X-GM-EXT-1")
        self._item = "X-GM-LABELS" if self._is_gmail else "FLAGS"
        self._proven: set[str] = set()  # labels seen to stick on this connection
        self._select()

    def _select(self) -> None:
        wire = self._session.wire
        name = quoted(self._session.mailbox)

        def select() -> None:
            try:
                kind, _ = wire.select(name)
            except imaplib.IMAP4.readonly:
                kind, _ = wire.select(name, readonly=True)
            if kind != "OK":
                raise wire.error("refused")

        self._session.ask(Step.SELECT, select)
        self.uid_validity = self._number("UIDVALIDITY")
        self.uid_next = self._number("UIDNEXT")
        _, flags = wire.response("PERMANENTFLAGS")
        self._permanent = permanent_flags(flags[-1])
        if wire.is_readonly:
            self._permanent = frozenset()

    def _number(self, name: str) -> int:
        _, data = self._session.wire.response(name)
        text = data[-1] if isinstance(data[-1], bytes) else b""
        return int(text) if text.isdigit() and len(text) <= len(str(MAX_UID)) else 0

    # Finding

    def new_uids(self, *, after: int, since: datetime) -> list[int]:
        if after > 0:
            if after >= MAX_UID:
                return []
            # `n:*` always includes the newest message, even when it is below n.
            found = self._search("UID", f"{after + 1}:*")
            return [uid for uid in found if uid > after]
        # IMAP compares dates only, in whatever zone the server keeps them (RFC 3501,
        # 6.4.4): a day more, then the exact time of each.
        day = since.astimezone(UTC) - timedelta(days=1)
        candidates = self._search("SINCE", imap_date(day))
        dates = self._dates(candidates)
        return [uid for uid in candidates if uid in dates and dates[uid] >= since]

    def _search(self, *criteria: str) -> list[int]:
        lines = self._session.command(Step.READ, "SEARCH", *criteria)
        if lines == [None]:
            # Not even `* SEARCH`: some servers mean that nothing was found, and one
            # that lost its thread would have us pass mail. It is asked once more.
            self._session.refresh()
            lines = self._session.command(Step.READ, "SEARCH", *criteria)
        words = b" ".join(line for line in lines if isinstance(line, bytes)).split()
        digits = len(str(MAX_UID))
        uids = {int(word) for word in words if word.isdigit() and len(word) <= digits}
        return sorted(uids - {0})

    def _dates(self, uids: Sequence[int]) -> dict[int, datetime]:
        dates = {}
        for part in parts(uids, DATES_AT_ONCE):
            for uid, row in self._rows(part, "(UID INTERNALDATE)").items():
                dates[uid] = received_at(row)
        return dates

    # Reading

    def fetch(self, uids: Sequence[int]) -> Iterator[Message]:
        r"""Yield the messages that still exist. Never sets `\Seen`."""
        for part in parts(uids, FETCH_AT_ONCE):
            yield from self._fetch_part(part)

    def _fetch_part(self, uids: Sequence[int]) -> Iterator[Message]:
        """Read some messages at once; one that breaks the parser breaks no other."""
        try:
            rows = self._whole_rows(uids)
            missing = [uid for uid in uids if uid not in rows]
            if missing:
                self._session.refresh()
                rows |= self._whole_rows(missing)
        except UnreadableAnswer:
            if self._session.wire.state != "SELECTED":
                raise
            if len(uids) == 1:
                yield unreadable_message(uid=uids[0], received_at=datetime.now(UTC))
                return
            half = len(uids) // 2
            yield from self._fetch_part(uids[:half])
            yield from self._fetch_part(uids[half:])
            return
        for uid, row in rows.items():
            yield message_of(uid, row)
        yield from self._withheld([uid for uid in uids if uid not in rows], rows)

    def _withheld(
        self, uids: Sequence[int], given: Collection[int]
    ) -> Iterator[Message]:
        """Yield those messages that exist, though the server did not give them.

        Raises:
            ServerBusy: it gave none at all, so it is in trouble, not the messages.
        """
        there = self._existing(uids)
        if there and not given:
            raise refusal.refused(ServerBusy, host=self._session.login.host)
        for uid in there:
            yield unreadable_message(uid=uid, received_at=datetime.now(UTC))

    def _existing(self, uids: Sequence[int]) -> list[int]:
        listed = {
            uid for uid_set in uid_sets(uids) for uid in self._search("UID", uid_set)
        }
        return [uid for uid in uids if uid in listed]

    def _whole_rows(self, uids: Sequence[int]) -> dict[int, Row]:
        items = GMAIL_ITEMS if self._is_gmail else ITEMS
        rows = self._rows(uids, items)
        # A server may tell of changed flags in between: such a row has no text.
        return {uid: row for uid, row in rows.items() if section(row, HEADER) != ()}

    def _rows(self, uids: Sequence[int], items: str) -> dict[int, Row]:
        asked = frozenset(uids)
        rows: dict[int, Row] = {}
        for uid_set in uid_sets(uids):
            rows |= self._asked_rows(uid_set, items, asked)
        return rows

    def _asked_rows(
        self, uid_set: str, items: str, asked: Collection[int]
    ) -> dict[int, Row]:
        """Ask for some messages.

        An answer may tell of others too: what came or changed in the meantime.
        """
        data = self._session.command(Step.READ, "FETCH", uid_set, items)
        rows = self._session.understand(partial(fetched_rows, data))
        return {uid: row for uid, row in rows.items() if uid in asked}

    # Labelling

    def relabel(
        self, uids: Sequence[int], *, add: str | None, remove: str | None = None
    ) -> None:
        """Put a label on messages and take another off; doing it twice is harmless.

        Raises:
            LabelRefused: the server does not keep the label.
        """
        if add is not None and uids:
            self._store(uids, "+", self._name(add))
        if remove is not None and uids:
            self._store(uids, "-", self._name(remove))

    def _name(self, label: str) -> str:
        """Return what the label is called here, if it can be kept."""
        if self._is_gmail:
            name = gmail_label(self._label_prefix, label)
            possible = not self._session.wire.is_readonly
        else:
            name = keyword(label)
            possible = bool(self._permanent & {"\\*", name.lower()})
        if not name or not possible:
            raise self._refused()
        return name

    def _store(self, uids: Sequence[int], sign: str, name: str) -> None:
        value = f"({quoted(name)})" if self._is_gmail else f"({name})"
        for uid_set in uid_sets(uids):
            words = (uid_set, f"{sign}{self._item}.SILENT", value)
            self._session.command(Step.LABEL, "STORE", *words)
            # The first of each label is read back: some servers accept a keyword and
            # keep it not.
            if sign == "+" and name not in self._proven:
                self._prove(words, uids, name)

    def _prove(self, store: Sequence[str], uids: Sequence[int], name: str) -> None:
        """Look whether the label is on; what lacks it gets it once more.

        Another program may have written all flags of a message anew, or removed the
        message. Only a label that is on no message then is not kept here.

        Raises:
            LabelRefused: it is not.
        """
        found = self._found(store[0], uids, name)
        if not all(found):
            self._session.refresh()
            self._session.command(Step.LABEL, "STORE", *store)
            found = self._found(store[0], uids, name)
        if any(found):
            self._proven.add(name)
        elif found:
            raise self._refused()

    def _found(self, uid_set: str, uids: Sequence[int], name: str) -> list[bool]:
        """Say for each message that is still there whether it has the label."""
        item = self._item.encode()
        rows = self._asked_rows(uid_set, f"(UID {self._item})", frozenset(uids))
        return [
            name.lower() in words_in(row[item]) for row in rows.values() if item in row
        ]

    def _refused(self) -> MailError:
        return refusal.refused(LabelRefused, host=self._session.login.host)
