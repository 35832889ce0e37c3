"""What the mail figures are measured on: a Dovecot with mail in it, and databases."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from benchmarks.databases import fill
from benchmarks.mail_peers import ADDRESS, PASSWORD, Place
from benchmarks.mail_samples import LABELS, Sample
from mailbeat.db.models import Account
from mailbeat.db.schema import migrate
from mailbeat.db.session import create_engine
from tests.servers.certificates import Authority
from tests.servers.dovecot import DovecotServer

AT_ONCE = 100  # messages
MESSAGE_ID = "BODY[HEADER.FIELDS (MESSAGE-ID)]"


class Site:
    """A Dovecot of one user, and new databases with that user's account.

    Every mailbox is filled once and emptied of labels before each measurement: its
    server has the header fields of all its mail in its cache, as after a delivery.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        authority = Authority(folder)
        self.authority = authority.certificate
        self.server = DovecotServer(authority.issue("127.0.0.1"))
        self._template = folder / "template.db"
        self.secret_key = Fernet.generate_key().decode()
        migrate(f"sqlite:///{self._template}")

    def start(self) -> None:
        self.server.start()
        self.server.add_user(ADDRESS, PASSWORD)

    def stop(self) -> None:
        self.server.stop()

    def client(self) -> IMAPClient:
        client = IMAPClient("127.0.0.1", port=self.server.port, ssl=False, timeout=60)
        client.plain_login(ADDRESS, PASSWORD)
        return client

    # Mail

    def deliver(
        self, mailbox: str, samples: Iterable[Sample], *, days_ago: int = 0
    ) -> dict[str, str | None]:
        """Put messages into a mailbox; return the labels they must get, by Message-ID.

        Whatever was not there before is created.
        """
        when = datetime.now(UTC) - timedelta(days=days_ago)
        wanted: dict[str, str | None] = {}
        with self.client() as client:
            if not client.folder_exists(mailbox):
                client.create_folder(mailbox)
            part: list[dict[str, object]] = []
            for sample in samples:
                wanted[sample.message_id] = sample.label
                part.append({"msg": sample.raw, "date": when})
                if len(part) == AT_ONCE:
                    client.multiappend(mailbox, part)
                    part = []
            if part:
                client.multiappend(mailbox, part)
        return wanted

    def forget_labels(self, mailbox: str) -> None:
        """Take every flag off, and remove the folders that are named as labels."""
        with self.client() as client:
            client.select_folder(mailbox)
            client.set_flags("1:*", [], silent=True)
            for label in LABELS.values():
                if client.folder_exists(label):
                    client.delete_folder(label)

    def keywords(self, mailbox: str) -> tuple[dict[str, set[str]], int]:
        r"""Return our kind of flags by Message-ID, and how many messages are \Seen."""
        seen = 0
        found: dict[str, set[str]] = {}
        with self.client() as client:
            client.select_folder(mailbox, readonly=True)
            for message_id, flags in _flags(client):
                seen += b"\\Seen" in flags
                found[message_id] = {
                    flag.decode() for flag in flags if not flag.startswith(b"\\")
                }
        return found, seen

    def folders(self) -> dict[str, set[str]]:
        """Return by Message-ID in which of the labels' folders it lies."""
        found: dict[str, set[str]] = {}
        with self.client() as client:
            for label in LABELS.values():
                try:
                    client.select_folder(label, readonly=True)
                except IMAPClientError:
                    continue
                for message_id, _ in _flags(client):
                    found.setdefault(message_id, set()).add(label)
        return found

    def uids(self, mailbox: str) -> dict[int, set[str]]:
        """Return our kind of flags by UID."""
        with self.client() as client:
            client.select_folder(mailbox, readonly=True)
            rows = client.fetch(client.search("ALL"), ["FLAGS"])
        return {
            uid: {flag.decode() for flag in row[b"FLAGS"] if not flag.startswith(b"\\")}
            for uid, row in rows.items()
        }

    # Databases

    def sqlite(self) -> str:
        """Make a database with our tables; return its URL."""
        self._made += 1
        path = self._folder / f"{self._made}.db"
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"

    def with_account(self, where: Place, url: str) -> Place:
        """Store the account of a place in a database; return both together."""
        now = datetime.now(UTC)
        fill(
            url,
            1,
            secret_key=self.secret_key,
            port=where.port,
            now=now,
            next_run_at=lambda _n: now,
        )
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(
                sa.update(Account).values(
                    mailbox=where.mailbox, security=where.security
                )
            )
        engine.dispose()
        return replace(where, database=url, secret_key=self.secret_key)


def _flags(client: IMAPClient) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    uids = client.search("ALL")
    rows = client.fetch(uids, ["FLAGS", MESSAGE_ID.replace("BODY", "BODY.PEEK")])
    for row in rows.values():
        field = row[MESSAGE_ID.encode()]
        yield field.partition(b":")[2].strip().decode(), row[b"FLAGS"]


def count_wrong(
    wanted: Mapping[str, str | None], found: Mapping[str, set[str]], *, limit: int = 0
) -> int:
    """Count messages that have not exactly the label they must have.

    After the first `limit`, none may have any.
    """
    wrong = 0
    for n, (message_id, label) in enumerate(wanted.items()):
        is_done = label is not None and (not limit or n < limit)
        right = {label} if is_done else set()
        wrong += found.get(message_id, set()) != right
    return wrong


@contextmanager
def site() -> Iterator[Site]:
    """A running site in a directory that is removed at the end."""
    with tempfile.TemporaryDirectory() as name:
        made = Site(Path(name))
        made.start()
        try:
            yield made
        finally:
            made.stop()
