"""The ways to label a mailbox that benchmarks/mail.py compares, ours among them.

As a program it is one of them in a process of its own: for each line that comes in it
does its work once, and says what that took. All decide with the same rules; each reads
mail with what it comes with.

    python -m benchmarks.mail_peers METHOD '{"port": 143, "mailbox": "INBOX"}'
"""

import imaplib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.machine import peak_rss
from benchmarks.mail_samples import label_of, labels_of
from mailbeat.mail.message import Message
from mailbeat.mail.parse import FIELDS, MAX_BODY, message_from_bytes, parse_message

Work = Callable[[], None]
HOST = "127.0.0.1"
ADDRESS = "user1@example.org"  # the first account of benchmarks/databases.py
PASSWORD = "a password"
LOOPBACK = (ip_network("127.0.0.0/8"),)
DEADLINE = 600.0  # seconds
GROUP = 250  # messages that are labelled together
BULK = 500  # messages, where a peer reads many at once


@dataclass(frozen=True, slots=True)
class Place:
    """Where a method finds its mail, and the whole product its database."""

    port: int
    mailbox: str
    security: str = "none"
    database: str = ""
    secret_key: str = ""
    process_hours: int = 48
    limit: int = 0  # messages of the mailbox that are done; 0 is all


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one time: seconds on the clock and of the processor; MiB held at most."""

    wall: float
    cpu: float
    rss: float


# Ours


def ours(place: Place) -> Work:
    """`run_account` as a worker runs it: lease, status, ledger, mailbox."""
    from uuid import uuid4

    from mailbeat.db.session import create_engine, create_sessions
    from mailbeat.lease import LeaseKeeper
    from mailbeat.run import RunOptions, run_account

    engine = create_engine(place.database, secret_keys=[place.secret_key])
    sessions = create_sessions(engine)
    leases = LeaseKeeper(sessions)
    options = RunOptions(
        scan_interval=300,
        process_hours=place.process_hours,
        deadline=DEADLINE,
        allowed_networks=LOOPBACK,
    )

    def work() -> None:
        run = run_account(sessions, 1, str(uuid4()), options=options, leases=leases)
        outcomes = [step.outcome for step in run]
        if not outcomes or outcomes[-1] != "succeeded":
            raise SystemExit(f"the run ended as {outcomes[-1:]}")

    return work


def mail_alone(place: Place) -> Work:
    """The room `mail/` without a ledger; from the second time on, only what is new."""
    from mailbeat.mail.imap import open_mailbox
    from mailbeat.mail.mailbox import Labelling, LastSeen, Login, Security

    login = Login(
        host=HOST,
        port=place.port,
        security=Security(place.security),
        username=ADDRESS,
        password=PASSWORD,
        allowed_networks=LOOPBACK,
    )
    last_seen: LastSeen | None = None

    def work() -> None:
        nonlocal last_seen
        since = datetime.now(UTC) - timedelta(hours=place.process_hours)
        with open_mailbox(
            login, place.mailbox, deadline=DEADLINE, last_seen=last_seen, since=since
        ) as mailbox:
            after = last_seen.watermark if last_seen else 0
            uids = mailbox.new_uids(after=after, since=since)
            messages = iter(mailbox.fetch(uids)) if uids else iter(())
            on_their_way: list[Labelling] = []
            while group := list(islice(messages, GROUP)):
                wanted = _by_label(group, labels_of(group))
                on_their_way.append(mailbox.send_labels(wanted))
            for labelling in on_their_way:
                if refused := labelling():
                    raise SystemExit(f"refused: {refused}")
            watermark = max([after, mailbox.uid_next - 1, *uids])
            last_seen = LastSeen(mailbox.uid_validity, watermark)

    return work


# The others


def per_message(place: Place) -> Work:
    r"""One command after the other for each message, as cat-emails does it.

    FETCH of the whole message, SEARCH for it by its Message-ID, CREATE of the label's
    folder, COPY into it. Sets \Seen.
    """

    def work() -> None:
        imap = imaplib.IMAP4(HOST, place.port)
        imap.login(ADDRESS, PASSWORD)
        imap.select(place.mailbox)
        for uid in _limited(imap.uid("SEARCH", "ALL")[1][0].split(), place):
            _, data = imap.uid("FETCH", uid, "(RFC822)")
            message = message_from_bytes(data[0][1])
            label = label_of(message)
            if label is None:
                continue
            words = f'HEADER Message-ID "{message.message_id}"'
            _, found = imap.uid("SEARCH", words)
            imap.create(label)
            for copied in found[0].split():
                imap.uid("COPY", copied, label)
        imap.logout()

    return work


def imap_tools(place: Place) -> Work:
    r"""imap-tools as its first example has it: each message fetched, then flagged.

    Sets \Seen.
    """
    from imap_tools import MailBoxUnencrypted

    def work() -> None:
        with MailBoxUnencrypted(HOST, place.port).login(
            ADDRESS, PASSWORD, place.mailbox
        ) as mailbox:
            for one in mailbox.fetch(limit=place.limit or None):
                label = label_of(_of_imap_tools(one))
                if label is not None:
                    mailbox.flag(str(one.uid), [label], value=True)

    return work


def imap_tools_bulk(place: Place) -> Work:
    """imap-tools at its best: 500 whole messages a command, flagged by label."""
    from imap_tools import MailBoxUnencrypted

    def work() -> None:
        with MailBoxUnencrypted(HOST, place.port).login(
            ADDRESS, PASSWORD, place.mailbox
        ) as mailbox:
            messages = [
                _of_imap_tools(one) for one in mailbox.fetch(bulk=BULK, mark_seen=False)
            ]
            for label, some in _by_label(messages, labels_of(messages)).items():
                uids = [str(uid) for uid in some]
                mailbox.flag(uids, [label], value=True)

    return work


def _of_imap_tools(one: Any) -> Message:
    return Message(
        uid=int(one.uid),
        key="",
        message_id="",
        sender=one.from_,
        subject=one.subject,
        received_at=one.date,
        headers=one.headers,
        text=one.text or one.html,
        sender_name=one.from_values.name if one.from_values else "",
    )


def imapclient(place: Place) -> Work:
    """IMAPClient, batched: 500 messages a command, of each only what we read too."""
    from imapclient import IMAPClient

    fields = f"BODY[HEADER.FIELDS ({' '.join(FIELDS)})]"
    text = "BODY[TEXT]"
    items = [
        "INTERNALDATE",
        "RFC822.SIZE",
        fields.replace("BODY", "BODY.PEEK"),
        f"BODY.PEEK[TEXT]<0.{MAX_BODY}>",
    ]

    def read(uid: int, row: Any) -> Message:
        return parse_message(
            uid=uid,
            fields=row[fields.upper().encode()],
            body=row[f"{text}<0>".encode()],
            received_at=datetime.now(UTC),
            size=row[b"RFC822.SIZE"],
        )

    def work() -> None:
        with IMAPClient(HOST, port=place.port, ssl=False) as client:
            client.plain_login(ADDRESS, PASSWORD)
            client.select_folder(place.mailbox)
            uids = client.search("ALL")
            for start in range(0, len(uids), BULK):
                rows = client.fetch(uids[start : start + BULK], items)
                messages = [read(uid, row) for uid, row in rows.items()]
                for label, some in _by_label(messages, labels_of(messages)).items():
                    client.add_flags(some, [label], silent=True)

    return work


def _limited(uids: Sequence[bytes], place: Place) -> Sequence[str]:
    return [uid.decode() for uid in uids[: place.limit or None]]


def _by_label(
    messages: Sequence[Message], labels: Sequence[str | None]
) -> dict[str, list[int]]:
    by_label: dict[str, list[int]] = {}
    for message, label in zip(messages, labels, strict=True):
        if label is not None:
            by_label.setdefault(label, []).append(message.uid)
    return by_label


METHODS: dict[str, Callable[[Place], Work]] = {
    "ours": ours,
    "mail": mail_alone,
    "per_message": per_message,
    "imap_tools": imap_tools,
    "imap_tools_bulk": imap_tools_bulk,
    "imapclient": imapclient,
}


# mbsync, which is no Python

MBSYNC_CONFIG = """
FSync no
IMAPAccount bench
Host {host}
Port {port}
User {user}
Pass "{password}"
SSLType None
AuthMechs LOGIN

IMAPStore far
Account bench

MaildirStore near
Path {folder}/near/
Inbox {folder}/near/INBOX

Channel bench
Far :far:
Near :near:
Patterns {mailbox}
Create Near
Sync PullNew
SyncState *
"""


def run_mbsync(place: Place, folder: Path) -> tuple[Figures, int]:
    """Download a mailbox; return what it took, and how many messages came."""
    near = folder / "near"
    near.mkdir()
    config = folder / "mbsyncrc"
    config.write_text(
        MBSYNC_CONFIG.format(
            host=HOST,
            port=place.port,
            user=ADDRESS,
            password=PASSWORD,
            folder=folder,
            mailbox=place.mailbox,
        )
    )
    began = time.perf_counter()
    child = subprocess.Popen(
        ["mbsync", "-q", "-c", str(config), "bench"], stderr=subprocess.DEVNULL
    )
    rss, status = 0.0, 0
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        with suppress(RuntimeError, OSError):
            rss = max(rss, peak_rss(child.pid))
        time.sleep(0.005)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    came = sum(1 for path in near.rglob("*/new/*") if path.is_file())
    came += sum(1 for path in near.rglob("*/cur/*") if path.is_file())
    return Figures(wall, usage.ru_utime + usage.ru_stime, rss), came


# A method in a process of its own


class Worker:
    """One method, ready to do its work as often as one likes."""

    def __init__(
        self, method: str, place: Place, *, environment: dict[str, str] | None = None
    ) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.mail_peers",
                method,
                json.dumps(asdict(place)),
            ],
            cwd=Path(__file__).parents[1],
            env=os.environ | (environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._read()  # it is ready

    def work(self) -> Figures:
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        return Figures(**self._read())

    def _read(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._process.args!r} gave up")
        said: dict[str, float] = json.loads(line)
        return said

    def end(self) -> None:
        self._process.communicate()


def main(method: str, place: Place) -> None:
    import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    work = METHODS[method](place)
    print("{}", flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(json.dumps(asdict(Figures(wall, cpu, peak_rss()))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Place(**json.loads(sys.argv[2])))
