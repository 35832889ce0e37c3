"""What the demo's mail server remembers: messages, their UIDs and flags, in SQLite."""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

from mailbeat.demo.private_files import private_directory

_TABLES = """
CREATE TABLE IF NOT EXISTS mailboxes (
  address TEXT PRIMARY KEY, uid_validity INTEGER NOT NULL, last_uid INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS messages (
  address TEXT NOT NULL REFERENCES mailboxes, uid INTEGER NOT NULL,
  received_at REAL NOT NULL, flags TEXT NOT NULL, content BLOB NOT NULL,
  PRIMARY KEY (address, uid)
);
"""


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A message without its content, which is read when somebody fetches it."""

    uid: int
    received_at: datetime
    flags: frozenset[str]


def mail_file(directory: Path) -> "MailFile":
    """Open the file of the installation in `directory`."""
    return MailFile(private_directory(directory / "imap") / "mail.db")


class MailFile:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=10)
        # A killed process loses nothing in this mode, only a power cut does.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_TABLES)
        path.chmod(0o600)

    def close(self) -> None:
        self._db.close()

    def open_mailbox(self, address: str) -> tuple[int, int]:
        """Return UIDVALIDITY and the highest UID ever given; both are made once."""
        self._db.execute(
            "INSERT INTO mailboxes VALUES (?, ?, 0) ON CONFLICT DO NOTHING",
            (address, SystemRandom().randrange(1, 2**31)),
        )
        found = self._db.execute(
            "SELECT uid_validity, last_uid FROM mailboxes WHERE address = ?", (address,)
        ).fetchone()
        return int(found[0]), int(found[1])

    def messages(self, address: str) -> Iterator[StoredMail]:
        """All messages of a mailbox by ascending UID."""
        rows = self._db.execute(
            "SELECT uid, received_at, flags FROM messages WHERE address = ? ORDER BY 1",
            (address,),
        )
        for uid, received_at, flags in rows:
            when = datetime.fromtimestamp(received_at, UTC)
            yield StoredMail(uid, when, frozenset(flags.split()))

    def content(self, address: str, uid: int) -> bytes:
        """The whole message; empty when it is gone."""
        row = self._db.execute(
            "SELECT content FROM messages WHERE address = ? AND uid = ?", (address, uid)
        ).fetchone()
        return bytes(row[0]) if row else b""

    def deliver(
        self, address: str, messages: Sequence[tuple[bytes, datetime]]
    ) -> Sequence[int]:
        """Add messages without flags, and return their UIDs; all of them or none."""
        _, last_uid = self.open_mailbox(address)
        uids = range(last_uid + 1, last_uid + 1 + len(messages))
        self._db.execute("BEGIN IMMEDIATE")
        for uid, (content, received_at) in zip(uids, messages, strict=True):
            self.put(address, uid, received_at, (), content)
        self._db.execute("COMMIT")
        return uids

    def put(
        self,
        address: str,
        uid: int,
        received_at: datetime,
        flags: Collection[str],
        content: bytes,
    ) -> None:
        self._db.execute(
            "INSERT INTO messages VALUES (?, ?, ?, ?, ?)",
            (address, uid, received_at.timestamp(), " ".join(sorted(flags)), content),
        )
        self._db.execute(
            "UPDATE mailboxes SET last_uid = max(last_uid, ?) WHERE address = ?",
            (uid, address),
        )

    def set_flags(self, address: str, uid: int, flags: Collection[str]) -> None:
        self._db.execute(
            "UPDATE messages SET flags = ? WHERE address = ? AND uid = ?",
            (" ".join(sorted(flags)), address, uid),
        )

    def remove(self, address: str, uids: Collection[int]) -> None:
        self._db.executemany(
            "DELETE FROM messages WHERE address = ? AND uid = ?",
            [(address, uid) for uid in uids],
        )
