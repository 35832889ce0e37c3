"""A pymap in a process of its own, with as many users as a test wants."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

from imapclient import IMAPClient

from mailbeat.mail.mailbox import Login, Security
from tests.servers import process

LOOPBACK = (ip_network("127.0.0.0/8"),)


class IMAPServer:
    host = "127.0.0.1"

    def __init__(self, *, keeps_keywords: bool = True) -> None:
        self._more = [] if keeps_keywords else ["stock"]
        self.port = process.free_port()
        self.passwords: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty and without users."""
        root = Path(__file__).parents[2]
        command = [sys.executable, "-m", "tests.servers.pymap_process", str(self.port)]
        command += self._more
        self._process = process.start(command, self.port, cwd=root, talks=True)

    def add_user(self, address: str, password: str = "a password") -> None:
        self._tell({"address": address, "password": password})
        self.passwords[address] = password

    def login(self, address: str, *, password: str | None = None) -> Login:
        return Login(
            host=self.host,
            port=self.port,
            security=Security.NONE,
            username=address,
            password=self.passwords[address] if password is None else password,
            allowed_networks=LOOPBACK,
        )

    def append(
        self, address: str, *messages: bytes, received_at: datetime | None = None
    ) -> None:
        """Deliver messages to a user's INBOX."""
        when = received_at or datetime.now(UTC)
        with self.client(address) as client:
            for message in messages:
                client.append("INBOX", message, msg_time=when)

    def flags(self, address: str) -> dict[str, set[str]]:
        """All flags by Message-ID of a user's INBOX."""
        with self.client(address) as client:
            client.select_folder("INBOX", readonly=True)
            field = "BODY[HEADER.FIELDS (MESSAGE-ID)]"
            uids = client.search("ALL")
            rows = client.fetch(uids, ["FLAGS", field.replace("BODY", "BODY.PEEK")])
        return {
            row[field.encode()].partition(b":")[2].strip().decode("ascii", "replace"): {
                flag.decode() for flag in row[b"FLAGS"]
            }
            for row in rows.values()
        }

    def messages(self, address: str) -> list[tuple[int, str, frozenset[str]]]:
        """UID, Message-ID and keywords of each message of a user's INBOX."""
        with self.client(address) as client:
            client.select_folder("INBOX", readonly=True)
            field = "BODY[HEADER.FIELDS (MESSAGE-ID)]"
            uids = client.search("ALL")
            rows = client.fetch(uids, ["FLAGS", field.replace("BODY", "BODY.PEEK")])
        return [
            (
                uid,
                row[field.encode()].partition(b":")[2].strip().decode(),
                frozenset(flag.decode() for flag in row[b"FLAGS"] if flag[:1] != b"\\"),
            )
            for uid, row in rows.items()
        ]

    def keywords(self, address: str) -> dict[str, set[str]]:
        """Our kind of flags by Message-ID."""
        return {
            message_id: {flag for flag in flags if not flag.startswith("\\")}
            for message_id, flags in self.flags(address).items()
        }

    @contextmanager
    def client(self, address: str) -> Iterator[IMAPClient]:
        with IMAPClient(self.host, port=self.port, ssl=False, timeout=10) as client:
            client.login(address, self.passwords[address])
            yield client

    def pause(self) -> None:
        """Make it hang: connections are accepted, and nothing is ever said."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        process.stop(self._process)

    def stop(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self.resume()
            process.stop(self._process)

    def _tell(self, order: dict[str, str]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == b"done\n"
