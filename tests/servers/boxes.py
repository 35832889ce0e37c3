"""One user's INBOX at a server of any kind, written and read back by IMAPClient."""

import itertools
from collections.abc import Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import LastSeen, Login, Mailbox, Security
from mailbeat.mail.message import Message
from tests.servers.dovecot import DovecotServer
from tests.servers.gmail import GmailServer
from tests.servers.gmail.words import encode_utf7
from tests.servers.imap import IMAPServer
from tests.servers.speaker import Speaker

PREFIX = "Mailbeat"

_numbers = itertools.count(1)


def new_address() -> str:
    """Each of a domain of its own, which the tests' Dovecot wants."""
    return f"ada@box-{next(_numbers)}.example.org"


@dataclass(frozen=True)
class Look:
    """What another program sees of a message."""

    uid: int
    flags: frozenset[str]
    labels: frozenset[str]  # ours, without the prefix; keywords where there are none


class Box:
    """`labels` are those of Gmail if the server has them, else keywords."""

    def __init__(
        self,
        server: GmailServer | IMAPServer | DovecotServer,
        *,
        security: Security = Security.NONE,
        password: str = "a password",
    ) -> None:
        self.server = server
        self.security = security
        self.address = new_address()
        server.add_user(self.address, password)
        self.has_labels = isinstance(server, GmailServer) and (
            "X-GM-EXT-1" in server.dialect.after
        )

    def login(self, **changes: object) -> Login:
        kind = {} if self.security is Security.NONE else {"security": self.security}
        return replace(self.server.login(self.address, **kind), **changes)

    def open(
        self,
        name: str = "INBOX",
        *,
        deadline: float = 60,
        last_seen: LastSeen | None = None,
        counts_changes: bool = False,
        **changes: object,
    ) -> AbstractContextManager[Mailbox]:
        """`changes` are of the login."""
        return open_mailbox(
            self.login(**changes),
            name,
            deadline=deadline,
            label_prefix=PREFIX,
            last_seen=last_seen,
            counts_changes=counts_changes,
        )

    def run(
        self, name: str = "INBOX", *, deadline: float = 20, **changes: object
    ) -> list[Message]:
        """Read all and label it; return what was read."""
        with self.open(name, deadline=deadline, **changes) as mailbox:
            uids = all_uids(mailbox)
            messages = list(mailbox.fetch(uids))
            mailbox.relabel(uids, add="Receipts")
        return messages

    # What the world does

    def deliver(
        self,
        *messages: bytes,
        received_at: datetime | None = None,
        folder: str = "INBOX",
    ) -> None:
        """All in one go: IMAPClient's APPEND takes 40 ms for each."""
        if isinstance(self.server, GmailServer):
            label = "\\Inbox" if folder == "INBOX" else folder
            for message in messages:
                self.server.deliver(
                    self.address, message, labels=[label], received_at=received_at
                )
            return
        when = (received_at or datetime.now(UTC)).strftime("%d-%b-%Y %H:%M:%S %z")
        name = encode_utf7(folder).decode().replace("\\", "\\\\").replace('"', '\\"')
        with Speaker(self.server.port) as speaker:
            password = self.server.login(self.address).password.encode()
            speaker.ask(f"LOGIN {self.address} {{{len(password)}}}")
            speaker.send(password + b"\r\n")
            assert speaker.answer(b"a1")[-1].startswith(b"OK")
            for number, message in enumerate(messages):
                start = f'x{number} APPEND "{name}" "{when}" {{{len(message)}+}}\r\n'
                speaker.send(start.encode() + message + b"\r\n")
            for number in range(len(messages)):
                *_, end = speaker.answer(b"x%d" % number)
                assert end.startswith(b"OK"), end

    def make_folder(self, name: str) -> None:
        with self.client() as client:
            client.create_folder(name)

    def delete_folder(self, name: str) -> None:
        with self.client() as client:
            client.delete_folder(name)

    def remove(self, *uids: int) -> None:
        with self.client() as client:
            client.select_folder("INBOX")
            client.delete_messages(uids)
            client.expunge()

    def change(self, uid: int, *, add: str = "", remove: str = "") -> None:
        """A person changes labels of ours in another program."""
        with self.client() as client:
            client.select_folder("INBOX")
            if self.has_labels and add:
                client.add_gmail_labels([uid], [f"{PREFIX}/{add}"])
            if self.has_labels and remove:
                client.remove_gmail_labels([uid], [f"{PREFIX}/{remove}"])
            if not self.has_labels and add:
                client.add_flags([uid], [add.encode()])
            if not self.has_labels and remove:
                client.remove_flags([uid], [remove.encode()])

    # What another program sees

    def client(self):
        return self.server.client(self.address)

    @contextmanager
    def selected(self, folder: str = "INBOX"):
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            yield client

    def look(self, folder: str = "INBOX") -> list[Look]:
        """All messages, ascending."""
        item = "X-GM-LABELS" if self.has_labels else "FLAGS"
        with self.selected(folder) as client:
            rows = client.fetch(client.search("ALL"), ["FLAGS", item])
            if self.has_labels:
                named = client.get_gmail_labels(list(rows)) if rows else {}
        looks = []
        for uid, row in sorted(rows.items()):
            flags = frozenset(flag.decode() for flag in row[b"FLAGS"]) - {"\\Recent"}
            if self.has_labels:
                start = f"{PREFIX}/"
                labels = frozenset(
                    label.removeprefix(start)
                    for label in named[uid]
                    if label.startswith(start)
                )
            else:
                labels = frozenset(flag for flag in flags if flag[0] != "\\")
            looks.append(Look(uid, flags, labels))
        return looks

    def labels(self) -> list[set[str]]:
        """Our labels of each message of the INBOX, ascending by UID."""
        return [set(look.labels) for look in self.look()]

    def is_unread(self) -> bool:
        r"""Whether no message has \Seen."""
        return not any("\\Seen" in look.flags for look in self.look())


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=9999)


def all_uids(mailbox: Mailbox) -> Sequence[int]:
    return mailbox.new_uids(after=0, since=long_ago())
