"""Labels as folders, on servers that keep neither labels nor keywords (Outlook).

A labelled message has a copy in the folder of its label, or was moved there, if the
person chose that. A COPY done twice makes two copies (RFC 3501, 6.4.7). So whoever may
be repeating one looks into the folder first, and knows the copy by what it is.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from mailbeat.mail import refusal
from mailbeat.mail.answers import (
    FIELD_ITEMS,
    imap_date,
    in_quotes,
    message_of,
    parts,
    quoted,
    uid_sets,
    values_of,
    words_in,
)
from mailbeat.mail.errors import LabelRefused
from mailbeat.mail.labels import encode_utf7, folder
from mailbeat.mail.mailbox import Identity
from mailbeat.mail.refusal import Step
from mailbeat.mail.rows import Rows
from mailbeat.mail.session import Answer, Session

LOOKED_AT_ONCE = 250  # messages
ASKED_FOR = 2  # times: some servers leave out rows

# A copy that a person marked is one that a run has made. A correction wants one that
# stays. A message that was marked before it was copied gives a copy that is.
KEPT = b"UNDELETED "  # criteria

_HIDDEN = {"\\noselect", "\\nonexistent"}  # attributes of what only stands above others


class _Filing(NamedTuple):
    """Commands that are on their way, by tag."""

    label: str
    folder: bytes
    commands: dict[bytes, bytes]


class Folders:
    """Puts the messages of a selected mailbox into folders; that stays selected.

    `uid_validity` is the mailbox's, and `search` returns the UIDs of the selected
    folder that fit some criteria. `moves` is what the person chose.
    """

    def __init__(
        self,
        session: Session,
        *,
        prefix: str,
        moves: bool,
        uid_validity: int,
        search: Callable[[bytes], list[int]],
    ) -> None:
        self._session = session
        self._prefix = prefix
        self._uid_validity = uid_validity
        self._search = search
        self._moves = moves
        self._can_move = session.offers("MOVE")
        self._can_expunge = session.offers("UIDPLUS")
        self._verb = b"MOVE" if moves and self._can_move else b"COPY"
        self._root: tuple[bytes, str] | None = None  # what names start with, delimiter

    # Filing

    def put(
        self,
        wanted: Mapping[str, Sequence[int]],
        again: Collection[int],
        *,
        criteria: bytes = b"",
    ) -> dict[str, LabelRefused]:
        """Put messages into the folders of their labels, which are made if missing.

        `again` are those that may be there already; only copies that fit the `criteria`
        of a search count. Whatever is gone from the mailbox is left out. Returns the
        labels that are not kept.
        """
        refused: dict[str, LabelRefused] = {}
        folders: dict[str, bytes] = {}
        for label in wanted:
            try:
                folders[label] = self._folder(label)
            except LabelRefused as error:
                refused[label] = error
        there: set[int] = set()
        if self._verb == b"COPY":  # what was moved is not here to be moved again
            doubtful = {
                label: [uid for uid in wanted[label] if uid in again]
                for label in folders
            }
            there = self._there(doubtful, folders, refused, criteria)
        on_their_way = [
            self._send(label, [uid for uid in wanted[label] if uid not in there], name)
            for label, name in folders.items()
            if label not in refused
        ]
        for filing in on_their_way:
            try:
                self._finish(filing)
                if self._moves and not self._can_move:
                    self._remove(wanted[filing.label])
            except LabelRefused as error:
                refused[filing.label] = error
        return refused

    def _send(self, label: str, uids: Sequence[int], name: bytes) -> _Filing:
        commands = [
            b"UID %b %b %b" % (self._verb, uid_set, name) for uid_set in uid_sets(uids)
        ]
        sent = {self._session.send(command): command for command in commands}
        return _Filing(label, name, sent)

    def _finish(self, filing: _Filing) -> None:
        """Wait for the ends. A NO did nothing, and may mean that there is no folder.

        Raises:
            LabelRefused: the server does not let us.
        """
        failed: dict[bytes, Answer] = {}
        for tag, command in filing.commands.items():
            answer = self._session.wait(tag)
            if answer.kind != "OK":
                failed[command] = answer
        if not failed:
            return
        if not self._make(filing.folder):
            raise self._session.refused(next(iter(failed.values())), Step.COPY)
        for tag in [self._session.send(command) for command in failed]:
            self._session.must_be_ok(tag, Step.COPY)

    def _remove(self, uids: Sequence[int]) -> None:
        r"""Remove messages from the selected folder, and no other.

        Where UID EXPUNGE is not offered they are only marked: EXPUNGE would remove what
        others marked, too.
        """
        session = self._session
        for uid_set in uid_sets(uids):
            session.ask(Step.COPY, b"UID STORE %b +FLAGS.SILENT (\\Deleted)" % uid_set)
            if self._can_expunge:
                session.ask(Step.COPY, b"UID EXPUNGE " + uid_set)

    # Names

    def _folder(self, label: str) -> bytes:
        """Return the name of a label's folder, in quotes.

        Raises:
            LabelRefused: there can be none, or mail cannot be moved into it.
        """
        host = self._session.login.host
        if self._moves and not (self._can_move or self._can_expunge):
            raise refusal.cannot_move(host)
        start, delimiter = self._root or self._ask_root()
        self._root = start, delimiter
        name = folder(self._prefix, label, delimiter)
        coded = in_quotes(start + encode_utf7(name))
        own = {b'"INBOX"', quoted(self._session.mailbox).upper()}
        if not name or coded.upper() in own:
            raise refusal.refused(LabelRefused, host=host)
        return coded

    def _ask_root(self) -> tuple[bytes, str]:
        """Ask where the person's folders are, and what parts their names.

        That is `INBOX.` on some servers (RFC 2342).
        """
        if self._session.offers("NAMESPACE"):
            for personal, *_ in self._told(b"NAMESPACE", b"NAMESPACE"):
                match personal:
                    case ((bytes(start), bytes(delimiter), *_), *_):
                        return start, delimiter.decode("ascii", "replace")[:1]
        for row in self._told(b'LIST "" ""', b"LIST"):
            match row:
                case (_, bytes(delimiter), _):
                    return b"", delimiter.decode("ascii", "replace")[:1]
        return b"", ""

    def _told(self, command: bytes, kind: bytes) -> Iterator[tuple[object, ...]]:
        """Ask about folders, and yield what is told, without what cannot be read."""
        session = self._session
        session.told.clear()
        session.ask(Step.READ, command)
        for response in session.told.pop(kind, []):
            try:
                yield values_of(response)
            except ValueError:
                continue

    def _exists(self, name: bytes) -> bool:
        return any(
            not words_in(attributes) & _HIDDEN
            for attributes, *_ in self._told(b'LIST "" ' + name, b"LIST")
        )

    def _make(self, name: bytes) -> bool:
        """Make a folder if it is missing; say whether it was.

        Raises:
            LabelRefused: it is, and cannot be made.
        """
        if self._exists(name):
            return False
        session = self._session
        answer = session.wait(session.send(b"CREATE " + name))
        if answer.kind != "OK":
            if self._exists(name):  # somebody was faster
                return False
            raise session.refused(answer, Step.CREATE)
        # Many programs show only what is subscribed to. It is no harm if this fails.
        session.wait(session.send(b"SUBSCRIBE " + name))
        return True

    # Looking

    def _there(
        self,
        doubtful: Mapping[str, Sequence[int]],
        folders: Mapping[str, bytes],
        refused: dict[str, LabelRefused],
        criteria: bytes,
    ) -> set[int]:
        """Return which messages have a copy in the folder of their label already.

        Folders that are missing are made on the way, and `refused` where they cannot.
        """
        looked: dict[str, Mapping[int, Identity]] = {}
        for label, uids in doubtful.items():
            try:
                if uids and not self._make(folders[label]):
                    looked[label] = self._identities(uids)
            except LabelRefused as error:
                refused[label] = error
        there: set[int] = set()
        if any(looked.values()):
            with self._elsewhere():
                for label, messages in looked.items():
                    try:
                        name, sought = folders[label], messages.values()
                        copies = self._copies(name, sought, criteria)
                    except LabelRefused as error:
                        refused[label] = error
                    else:
                        there |= _paired(messages, copies).keys()
        return there

    def _copies(
        self, name: bytes, wanted: Collection[Identity], criteria: bytes
    ) -> dict[Identity, list[int]]:
        """Look into a folder without changing it, which leaves it selected."""
        if not wanted:
            return {}
        self._session.ask(Step.COPY, b"EXAMINE " + name)
        return self._find(wanted, criteria)

    def _find(
        self, wanted: Collection[Identity], criteria: bytes
    ) -> dict[Identity, list[int]]:
        """Return the UIDs, in the selected folder, of messages that are wanted."""
        found: dict[Identity, list[int]] = {}
        sought = frozenset(wanted)
        uids = self._search(criteria + _days(sought))
        for uid, identity in self._identities(uids).items():
            if identity in sought:
                found.setdefault(identity, []).append(uid)
        return found

    def _identities(self, uids: Sequence[int]) -> dict[int, Identity]:
        """Say what messages of the selected folder are; those that are gone are not."""
        session = self._session
        session.settle()
        rows = Rows("FLAGS")
        take_row, session.take_row = session.take_row, rows.take
        found = {}
        for part in parts(uids, LOOKED_AT_ONCE):
            missing = part
            for _ in range(ASKED_FOR):
                rows.ask(missing)
                rows.first = frozenset(missing)
                session.ask(
                    Step.READ,
                    *(
                        b"UID FETCH %b %b" % (uid_set, FIELD_ITEMS)
                        for uid_set in uid_sets(missing)
                    ),
                )
                missing = [uid for uid in missing if not rows.has_text(uid)]
            for uid in part:
                if rows.has_text(uid):
                    message = message_of(uid, rows.pop(uid))
                    found[uid] = Identity(message.key, message.received_at)
            rows.forget(part)
        session.take_row = take_row
        return found

    @contextmanager
    def _elsewhere(self) -> Iterator[None]:
        """Select other folders in between, and the mailbox again at the end.

        What is told in between is of other messages with the same numbers.

        Raises:
            ServerBusy: the mailbox was numbered anew meanwhile.
        """
        session = self._session
        session.settle()
        take_row, session.take_row = session.take_row, lambda _row: None
        refused = None
        try:
            yield
        except LabelRefused as error:
            refused = error
        session.codes.clear()
        session.ask(Step.SELECT, b"SELECT " + quoted(session.mailbox))
        if session.codes.get(b"UIDVALIDITY", b"0") != b"%d" % self._uid_validity:
            raise refusal.numbered_anew(session.login.host)
        session.take_row = take_row
        if refused is not None:
            raise refused

    # Corrections

    def relabel(
        self,
        uids: Sequence[int],
        *,
        add: str | None,
        remove: str | None,
        known: Mapping[int, Identity],
    ) -> None:
        """Take messages out of one label's folder and put them into another's.

        A message that was moved is not in the mailbox any more; `known` says what to
        look for.

        Raises:
            LabelRefused: the server does not let us, or a moved message is not found.
        """
        folders = [self._folder(label) for label in (add, remove) if label is not None]
        if len(folders) > len(set(folders)):  # two labels, one folder
            return
        here = self._identities(uids)
        if add is not None:
            errors = self.put({add: list(here)}, again=here, criteria=KEPT).values()
            for error in errors:
                raise error
        if remove is None:
            return
        self._take_out(self._folder(remove), here)
        moved = [uid for uid in uids if uid not in here] if self._moves else []
        if moved:
            messages = {uid: known[uid] for uid in moved if uid in known}
            self._move_on(self._folder(remove), add, messages)
            if len(messages) < len(moved):
                raise refusal.not_found(self._session.login.host)

    def _take_out(self, name: bytes, messages: Mapping[int, Identity]) -> None:
        """Remove the copies of messages from a folder."""
        if not messages or not self._exists(name):
            return
        with self._elsewhere():
            self._session.ask(Step.COPY, b"SELECT " + name)
            copies = _paired(messages, self._find(messages.values(), KEPT))
            self._remove(sorted(copies.values()))

    def _move_on(
        self, old: bytes, add: str | None, messages: Mapping[int, Identity]
    ) -> None:
        """Move messages from the folder of one label into that of another."""
        host = self._session.login.host
        if add is None:
            raise refusal.no_way_back(host)
        new = self._folder(add)
        is_new, has_old = self._make(new), self._exists(old)
        done: Mapping[int, int] = {}
        found: Mapping[int, int] = {}
        with self._elsewhere():
            if not is_new:
                done = _paired(messages, self._copies(new, messages.values(), KEPT))
            if has_old:
                self._session.ask(Step.COPY, b"SELECT " + old)
                found = _paired(messages, self._find(messages.values(), KEPT))
            left = [there for uid, there in found.items() if uid not in done]
            self._finish(self._send(add, left, new))
            if not self._can_move:
                self._remove(sorted(found.values()))
        if messages.keys() - found.keys() - done.keys():
            raise refusal.not_found(host)


def _paired(
    messages: Mapping[int, Identity], copies: Mapping[Identity, Sequence[int]]
) -> dict[int, int]:
    """Give each message one of its copies. Of two that are alike each wants its own."""
    left = {identity: list(uids) for identity, uids in copies.items()}
    return {
        uid: left[identity].pop(0)
        for uid, identity in messages.items()
        if left.get(identity)
    }


def _days(messages: Collection[Identity]) -> bytes:
    """Return the criteria of a search around the days on which messages arrived.

    IMAP compares dates only, in whatever zone the server keeps them.
    """
    times = [one.received_at for one in messages]
    try:
        first, end = min(times) - timedelta(days=1), max(times) + timedelta(days=2)
    except (OverflowError, ValueError):  # the first or last of all days, or no message
        return b"ALL"
    return b"SINCE %b BEFORE %b" % (imap_date(first), imap_date(end))
