"""One mailbox over IMAP: open it, find what is new, read a little, put labels on.

What does not depend on an answer is sent together with what comes before it, so that
a run of little mail takes few turns of the line, and a long one keeps it full.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mailbeat.mail import refusal
from mailbeat.mail.answers import (
    DATE_ITEMS,
    GMAIL_ITEMS,
    ITEMS,
    MAX_UID,
    Row,
    imap_date,
    in_quotes,
    message_of,
    parts,
    permanent_flags,
    quoted,
    received_at,
    uid_sets,
)
from mailbeat.mail.careful import careful_hosts
from mailbeat.mail.changes import LabelRows, modseq_of
from mailbeat.mail.deadline import Deadline, Stopped, never
from mailbeat.mail.errors import (
    ConnectFailed,
    DeadlineExceeded,
    LabelRefused,
    MailError,
    ServerBusy,
    Throttled,
)
from mailbeat.mail.far_text import with_far_text
from mailbeat.mail.folders import Folders
from mailbeat.mail.labels import encode_utf7, gmail_label, keyword
from mailbeat.mail.mailbox import (
    Identity,
    Labelling,
    LabelsNow,
    LastSeen,
    Login,
    Mailbox,
    Told,
)
from mailbeat.mail.message import Message
from mailbeat.mail.parse import unreadable_message
from mailbeat.mail.refusal import Step
from mailbeat.mail.rows import Rows
from mailbeat.mail.session import THROTTLED, Session, UnreadableAnswer
from mailbeat.mail.stage import Begins, Keeps, Stage, untold
from mailbeat.mail.wire import Response

FETCH_AT_ONCE = 250  # messages in one command
DEPTH = 4  # FETCH commands in flight
DATES_AT_ONCE = 2000  # messages of which only the date is asked
COMPRESS_FROM = 200  # messages: below, a turn of the line costs more than it saves


@contextmanager
def open_mailbox(
    login: Login,
    name: str = "INBOX",
    *,
    deadline: float,
    label_prefix: str = "Mailbeat",
    moves: bool = False,
    last_seen: LastSeen | None = None,
    counts_changes: bool = False,
    since: datetime | None = None,
    is_stopped: Callable[[], bool] = never,
    begins: Begins = untold,
) -> Iterator[Mailbox]:
    """Sign in and select a mailbox; sign out at the end.

    `deadline` is how many seconds from now the whole connection may last, and
    `label_prefix` the folder of our labels, where they are no keywords. Where they are
    folders, `moves` is whether mail is moved there, or copied. What came after
    `last_seen` is asked for at once; without it, what arrived at or after `since`. It
    `counts_changes` if the server can, for whoever wants to see what others do to
    labels. Once `is_stopped()`, nothing is waited for any more. `begins` is told of
    the stages.

    Raises:
        MailError: whatever went wrong, as our own sentence.
        Stopped: because of `is_stopped`.
    """
    is_pipelined = not careful_hosts.has(login.host)
    session = Session(
        login,
        name,
        Deadline(deadline, is_stopped=is_stopped),
        is_pipelined=is_pipelined,
        begins=begins,
    )
    try:
        session.sign_in()
        begins(Stage.OPEN)
        yield IMAPMailbox(
            session,
            label_prefix=label_prefix,
            moves=moves,
            last_seen=last_seen,
            counts_changes=counts_changes,
            since=since,
        )
    except (ConnectFailed, DeadlineExceeded, Stopped):
        session.close()  # there is nobody to say goodbye to, or no time
        raise
    except UnreadableAnswer:
        careful_hosts.add(login.host)  # perhaps it cannot be told much at once
        raise
    finally:
        session.sign_out()


class _Ahead(NamedTuple):
    """Messages that were asked for before it was known whether they exist."""

    uids: range
    fetch: list[bytes]  # tags


class _Search(NamedTuple):
    """A search that was sent before it was known that it is wanted."""

    criteria: bytes
    tag: bytes


class _Flagging(NamedTuple):
    """A label that is on its way, in these commands."""

    label: str
    name: str  # on the server
    uids: Sequence[int]
    tags: list[bytes]


class IMAPMailbox:
    r"""A selected mailbox.

    Labels are labels where the server is Gmail, else keywords where it keeps them, else
    folders.

    `uid_next` is above every UID that was in the mailbox when it was opened.
    """

    def __init__(
        self,
        session: Session,
        *,
        label_prefix: str = "Mailbeat",
        moves: bool = False,
        last_seen: LastSeen | None = None,
        counts_changes: bool = False,
        since: datetime | None = None,
    ) -> None:
        self._session = session
        self._label_prefix = label_prefix
        self._is_gmail = session.offers("X-GM-EXT-1")
        self._item = "X-GM-LABELS" if self._is_gmail else "FLAGS"
        self._items = GMAIL_ITEMS if self._is_gmail else ITEMS
        self._proven: set[str] = set()  # labels seen to stick on this connection
        self._rows = Rows(self._item)
        self._ahead: _Ahead | None = None
        self._early: _Search | None = None
        session.take_row = self._rows.take
        self._open(last_seen, since, counts_changes=counts_changes)
        self.moves = moves and self._is_filing
        self._folders = Folders(
            session,
            prefix=label_prefix,
            moves=moves,
            uid_validity=self.uid_validity,
            search=self._search,
        )

    def _open(
        self,
        last_seen: LastSeen | None,
        since: datetime | None,
        *,
        counts_changes: bool,
    ) -> None:
        session = self._session
        counts_changes = counts_changes and session.offers("CONDSTORE")
        # Some servers keep the number of each message's last change only from the time
        # on when somebody asked for it.
        how = b" (CONDSTORE)" if counts_changes else b""
        with session.together():
            if session.offers("ID"):  # Gmail asks for it
                session.send(b'ID ("name" "Mailbeat")')
            select = session.send(b"SELECT " + quoted(session.mailbox) + how)
            if last_seen and 0 < last_seen.watermark < MAX_UID:
                self._ahead = self._ask_ahead(last_seen.watermark)
            elif since:
                self._search_early(_arrived(since))
        self._session.must_be_ok(select, Step.SELECT)
        self.uid_validity = self._number(b"UIDVALIDITY")
        self.uid_next = self._number(b"UIDNEXT")
        told = session.codes.get(b"HIGHESTMODSEQ")
        self.modseq = modseq_of(told) if counts_changes else None
        self._is_readonly = b"READ-ONLY" in session.codes
        flags = permanent_flags(session.codes.get(b"PERMANENTFLAGS"))
        self._permanent = frozenset() if self._is_readonly else flags
        # Other keywords than those of the list are not kept: labels are folders.
        self._is_filing = not (
            self._is_gmail or self._is_readonly or "\\*" in self._permanent
        )
        if self._ahead and last_seen and self.uid_validity != last_seen.uid_validity:
            self._drop_ahead(self._ahead)

    @property
    def keeps(self) -> Keeps:
        if self._is_readonly:
            return Keeps.NOTHING
        if self._is_gmail:
            return Keeps.LABELS
        return Keeps.FOLDERS if self._is_filing else Keeps.KEYWORDS

    @property
    def throttled(self) -> Throttled | None:
        if THROTTLED not in self._session.codes:
            return None
        error = refusal.refused(Throttled, host=self._session.login.host)
        return error if isinstance(error, Throttled) else None

    def _number(self, name: bytes) -> int:
        text = self._session.codes.get(name, b"")
        return int(text) if text.isdigit() and len(text) <= len(str(MAX_UID)) else 0

    # Finding

    def new_uids(self, *, after: int, since: datetime) -> list[int]:
        if after > 0:
            return self._above(after) if after < MAX_UID else []
        candidates = self._search(_arrived(since))
        dates = self._dates(candidates)
        missing = [uid for uid in candidates if uid not in dates]
        if (
            missing
        ):  # gone; or the server left them out, and no run would see them again
            self._refresh()
            dates |= dict.fromkeys(self.existing(missing), since)
            dates |= self._dates(missing)
        return [uid for uid in candidates if uid in dates and dates[uid] >= since]

    def _above(self, after: int) -> list[int]:
        found = self._search(_above(after))
        if self._ahead:
            self._rows.forget(set(self._ahead.uids) - set(found))
        return [uid for uid in found if uid > after]

    def _search(self, criteria: bytes) -> list[int]:
        early, self._early = self._early, None
        found = self._found(early.tag) if early else None
        if early is None or early.criteria != criteria:
            found = self._found(self._ask_search(criteria))
        if found is None:
            # Not even `* SEARCH`: some servers mean that nothing was found, and one
            # that lost its thread would have us pass mail. It is asked once more.
            self._refresh()
            found = self._found(self._ask_search(criteria))
        return found or []

    def _search_early(self, criteria: bytes) -> None:
        self._early = _Search(criteria, self._ask_search(criteria))

    def _ask_search(self, criteria: bytes) -> bytes:
        return self._session.send(b"UID SEARCH " + criteria)

    def _found(self, search: bytes) -> list[int] | None:
        self._session.must_be_ok(search, Step.READ)
        lines, self._session.found = self._session.found, None
        if lines is None:
            return None
        digits = len(str(MAX_UID))
        words = b" ".join(lines).split()
        uids = {int(word) for word in words if word.isdigit() and len(word) <= digits}
        return sorted(uids - {0})

    def _refresh(self) -> None:
        """Have the server tell what others changed (RFC 3501, 6.1.2).

        Before that it may speak of messages that are gone already.
        """
        self._session.ask(Step.READ, b"NOOP")

    def _dates(self, uids: Sequence[int]) -> dict[int, datetime]:
        dates = {}
        for part in parts(uids, DATES_AT_ONCE):
            self._ask_for(part, DATE_ITEMS)
            for uid in part:
                row = self._rows.pop(uid)
                if row:
                    dates[uid] = received_at(row)
        return dates

    # Reading ahead

    def _ask_ahead(self, after: int) -> _Ahead:
        """Ask what is above a UID, and for the first of it, before it is known."""
        uids = range(after + 1, min(after + FETCH_AT_ONCE, MAX_UID) + 1)
        self._search_early(_above(after))
        self._rows.ask(uids)
        self._rows.first = uids
        return _Ahead(uids, self._send_fetch(uids, self._items))

    def _drop_ahead(self, ahead: _Ahead) -> None:
        """Forget what was asked for: the numbers are of other messages now."""
        early, self._ahead, self._early = self._early, None, None
        for tag in ([early.tag] if early else []) + ahead.fetch:
            self._session.wait(tag)
        self._session.found = None
        self._rows.forget(ahead.uids)

    def _send_fetch(self, uids: Sequence[int], items: bytes) -> list[bytes]:
        return [
            self._session.send(b"UID FETCH %b %b" % (uid_set, items))
            for uid_set in uid_sets(uids)
        ]

    def _ask_for(self, uids: Sequence[int], items: bytes) -> None:
        """Ask for some messages, and wait for what comes."""
        self._rows.ask(uids)
        self._rows.first = frozenset(uids)
        for tag in self._send_fetch(uids, items):
            self._session.must_be_ok(tag, Step.READ)

    # Reading

    def fetch(
        self, uids: Sequence[int], *, one_by_one: Told | None = None
    ) -> Iterator[Message]:
        r"""Yield the messages that still exist, by ascending UID. Never sets `\Seen`.

        They are read ahead while what came is worked on; `one_by_one`, none is looked
        into before it is taken, and before its UID was told.
        """
        if len(uids) >= COMPRESS_FROM:
            self._session.compress()
        for part in self._read(sorted(uids), 1 if one_by_one else FETCH_AT_ONCE):
            yield from self._messages(part, one_by_one)

    def _read(self, uids: Sequence[int], at_once: int) -> Iterator[Sequence[int]]:
        """Yield parts whose rows came, while the next ones are on their way."""
        waiting: deque[tuple[Sequence[int], list[bytes]]] = deque()
        for part in parts(uids, at_once):
            waiting.append((part, self._start_reading(part)))
            if len(waiting) == DEPTH:
                yield self._finish_reading(*waiting.popleft())
        while waiting:
            yield self._finish_reading(*waiting.popleft())

    def _start_reading(self, part: Sequence[int]) -> list[bytes]:
        ahead, tags = self._ahead, []
        if ahead and not set(ahead.uids).isdisjoint(part):
            tags, ahead.fetch[:] = ahead.fetch[:], []
            part = [uid for uid in part if uid not in ahead.uids]
        self._rows.ask(part)
        return tags + self._send_fetch(part, self._items)

    def _finish_reading(
        self, part: Sequence[int], tags: Sequence[bytes]
    ) -> Sequence[int]:
        self._rows.first = frozenset(part)
        for tag in tags:
            self._session.must_be_ok(tag, Step.READ)
        return part

    def _messages(self, part: Sequence[int], tell: Told | None) -> Iterator[Message]:
        """Yield what was read; what is missing is asked for once more."""
        rows = self._rows
        missing = [uid for uid in part if not rows.has_text(uid)]
        withheld = self._read_again(part, missing) if missing else set()
        messages = []
        for uid in part:
            if rows.has_text(uid):
                if tell:
                    tell(uid)
                messages.append(message_of(uid, rows.pop(uid)))
                continue
            rows.forget([uid])
            if uid in withheld:
                now = datetime.now(UTC)
                messages.append(unreadable_message(uid=uid, received_at=now))
        yield from with_far_text(messages, self._ask)

    def _ask(self, asked: Mapping[bytes, Sequence[int]]) -> dict[int, Row]:
        """Ask for items of messages, all at once; what a server refuses is left out."""
        uids = [uid for some in asked.values() for uid in some]
        self._rows.ask(uids)
        self._rows.first = frozenset(uids)
        tags = [
            tag
            for items, some in asked.items()
            for tag in self._send_fetch(some, items)
        ]
        for tag in tags:
            self._session.wait(tag)
        return {uid: row for uid in uids if (row := self._rows.pop(uid))}

    def _read_again(self, part: Sequence[int], missing: Sequence[int]) -> set[int]:
        """Ask for what did not come; return what exists and is withheld all the same.

        Raises:
            ServerBusy: it gave none at all, so it is in trouble, not the messages.
        """
        rows = self._rows
        rows.are_broken = False
        self._refresh()
        self._ask_for(missing, self._items)
        missing = [uid for uid in missing if not rows.has_text(uid)]
        withheld = self.existing(missing) if missing else set()
        came = rows.are_broken or any(map(rows.has_text, part))
        if withheld and not came:
            raise refusal.refused(ServerBusy, host=self._session.login.host)
        return withheld

    def existing(self, uids: Sequence[int]) -> set[int]:
        """Return those of some UIDs that are of a message in the mailbox."""
        listed = {
            uid for uid_set in uid_sets(uids) for uid in self._search(b"UID " + uid_set)
        }
        return listed & set(uids)

    # Labelling

    def put_labels(
        self, wanted: Mapping[str, Sequence[int]], again: Collection[int] = ()
    ) -> Mapping[str, LabelRefused]:
        """Put each label on its messages, all at once.

        Doing it twice is harmless if the second time they are in `again`. Returns the
        labels that the server does not keep.
        """
        return self.send_labels(wanted, again)()

    def send_labels(
        self, wanted: Mapping[str, Sequence[int]], again: Collection[int] = ()
    ) -> Labelling:
        """As `put_labels`, but not waited for: other messages can be read meanwhile.

        Where labels are folders they are waited for all the same.
        """
        filed = {label: uids for label, uids in wanted.items() if self._files(label)}
        flagged = {one: uids for one, uids in wanted.items() if one not in filed}
        with self._session.together():
            sent, refused = self._send_flags(flagged)
        if filed:
            refused |= self._folders.put(filed, again)
        return lambda: refused | self._finish_flags(sent)

    def _files(self, label: str) -> bool:
        """Whether a label is a folder here."""
        return self._is_filing and keyword(label).lower() not in self._permanent

    def _send_flags(
        self, wanted: Mapping[str, Sequence[int]]
    ) -> tuple[list[_Flagging], dict[str, LabelRefused]]:
        """Return what is on its way, and which labels have no name here."""
        sent: list[_Flagging] = []
        refused: dict[str, LabelRefused] = {}
        for label, uids in wanted.items():
            try:
                name = self._name(label)
            except LabelRefused as error:
                refused[label] = error
            else:
                self._rows.watch(uids)
                tags = self._send_store(uids, "+", name)
                sent.append(_Flagging(label, name, uids, tags))
        return sent, refused

    def _finish_flags(self, sent: Sequence[_Flagging]) -> dict[str, LabelRefused]:
        refused: dict[str, LabelRefused] = {}
        for one in sent:
            try:
                for tag in one.tags:
                    self._session.must_be_ok(tag, Step.LABEL)
            except LabelRefused as error:
                refused[one.label] = error
        for one in sent:
            if one.label not in refused and one.name not in self._proven:
                try:
                    self._prove(one.uids, one.name)
                except LabelRefused as error:
                    refused[one.label] = error
            self._rows.unwatch(one.uids)
        return refused

    def relabel(
        self,
        uids: Sequence[int],
        *,
        add: str | None,
        remove: str | None = None,
        known: Mapping[int, Identity] | None = None,
    ) -> None:
        """Put a label on messages and take another off; doing it twice is harmless.

        `known` are messages that a label moved out of the mailbox.

        Raises:
            LabelRefused: the server does not keep the label, or has a message that it
                moved no longer where it was.
        """
        labels = [label for label in (add, remove) if label is not None]
        if not uids or not labels:
            return
        if all(map(self._files, labels)):
            self._folders.relabel(uids, add=add, remove=remove, known=known or {})
            return
        if add is not None:
            for error in self.put_labels({add: uids}, again=uids).values():
                raise error
        if remove is None:
            return
        if self._files(remove):
            self._folders.relabel(uids, add=None, remove=remove, known=known or {})
            return
        name = self._name(remove)
        flags = [one for one in labels if not self._files(one)]
        if len({self._name(one).lower() for one in flags}) < len(flags):
            return  # two labels, one name
        for tag in self._send_store(uids, "-", name):
            self._session.must_be_ok(tag, Step.LABEL)

    def _name(self, label: str) -> str:
        """Return what the label is called here, if it can be kept."""
        if self._is_gmail:
            name = encode_utf7(gmail_label(self._label_prefix, label)).decode("ascii")
            possible = not self._is_readonly
        else:
            name = keyword(label)
            possible = bool(self._permanent & {"\\*", name.lower()})
        if not name or not possible:
            raise self._refused()
        return name

    def _send_store(self, uids: Sequence[int], sign: str, name: str) -> list[bytes]:
        """Have the server answer with the first of each label what it made of it."""
        coded = name.encode("ascii")
        value = in_quotes(coded) if self._is_gmail else coded
        is_silent = sign == "-" or name in self._proven
        item = f"{sign}{self._item}{'.SILENT' if is_silent else ''}"
        change = b"%b (%b)" % (item.encode("ascii"), value)
        return [
            self._session.send(b"UID STORE %b %b" % (uid_set, change))
            for uid_set in uid_sets(uids)
        ]

    def _prove(self, uids: Sequence[int], name: str) -> None:
        """Look whether the label is on; if not, put it on once more.

        Some servers accept a keyword and keep it not. Another program may have written
        all flags of a message anew, or removed it. Only a label that is on no message
        then is not kept here.

        Raises:
            LabelRefused: it is not.
        """
        told = self._rows.labelled(uids, name)
        if not any(told):
            told = self._look(uids, name)
        if told and not any(told):
            self._refresh()
            for tag in self._send_store(uids, "+", name):
                self._session.must_be_ok(tag, Step.LABEL)
            told = self._look(uids, name)
        if any(told):
            self._proven.add(name)
        elif told:
            raise self._refused()

    def _look(self, uids: Sequence[int], name: str) -> list[bool]:
        """Say for each message that is still there whether it has the label."""
        self._rows.watch(uids)
        for tag in self._send_fetch(uids, f"(UID {self._item})".encode()):
            self._session.must_be_ok(tag, Step.READ)
        return self._rows.labelled(uids, name)

    # What others did to labels

    def labels_on(self, labels: Collection[str], uids: Sequence[int]) -> LabelsNow:
        """Look which of some labels messages have."""
        items = f"(UID {self._item})".encode("ascii")
        rows = self._label_rows(labels)
        with self._taking(rows):
            for tag in self._send_fetch(uids, items):
                self._session.must_be_ok(tag, Step.READ)
        return rows.now(frozenset(uids))

    def labels_changed(
        self, labels: Collection[str], *, since: int, uids: range
    ) -> LabelsNow | None:
        """The same for those messages of a range that changed since a `modseq`.

        None when the server does not tell.
        """
        command = b"UID FETCH %d:%d (UID %b) (CHANGEDSINCE %d)" % (
            uids[0],
            uids[-1],
            self._item.encode("ascii"),
            since,
        )
        rows = self._label_rows(labels)
        with self._taking(rows):
            answer = self._session.wait(self._session.send(command))
        return rows.now(uids) if answer.kind == "OK" else None

    def _label_rows(self, labels: Collection[str]) -> LabelRows:
        names = {}
        for label in labels:
            if self._files(label):
                continue
            with suppress(LabelRefused):  # no message can have it
                names[label] = self._name(label)
        return LabelRows(self._item, names)

    @contextmanager
    def _taking(self, rows: LabelRows) -> Iterator[None]:
        """Have rows note what comes, beside those that note what was asked before."""

        def take(response: Response) -> None:
            self._rows.take(response)
            rows.take(response)

        self._session.take_row = take
        try:
            yield
        finally:
            self._session.take_row = self._rows.take

    def _refused(self) -> MailError:
        return refusal.refused(LabelRefused, host=self._session.login.host)


def _arrived(since: datetime) -> bytes:
    """Write which messages may have arrived at or after `since`.

    IMAP compares dates only, in whatever zone the server keeps them (RFC 3501, 6.4.4):
    so a day more.
    """
    return b"SINCE " + imap_date(since.astimezone(UTC) - timedelta(days=1))


def _above(uid: int) -> bytes:
    """Write which messages are above a UID; the newest of all is always found, too."""
    return b"UID %d:*" % (uid + 1)
