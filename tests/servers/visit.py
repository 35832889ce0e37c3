"""One whole run against a server, in a process whose memory is measured.

`python -m tests.servers.visit` reads a JSON object on stdin: `port`, `good_port`,
`address`, `password` and `deadline`. A run at the good port comes first, so that what
the run at `port` adds is its own. It prints how that ended as JSON; logs go to stderr.
"""

import gc
import json
import logging
import re
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mailbeat.mail.errors import MailError
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import Login, Security
from tests.servers.imap import LOOPBACK

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Visit:
    """`code` is the error's, or empty; `grown` are bytes of memory at the peak."""

    code: str
    said: str  # all that can be seen of the error
    logged: str
    seconds: float
    grown: int
    uids: list[int]  # of the messages that were read


def visit(server, good, address: str, *, deadline: float) -> Visit:
    order = {
        "port": server.port,
        "good_port": good.port,
        "address": address,
        "password": server.login(address).password,
        "deadline": deadline,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.servers.visit"],
        input=json.dumps(order).encode(),
        capture_output=True,
        cwd=ROOT,
        timeout=deadline + 60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return Visit(logged=done.stderr.decode(), **json.loads(done.stdout))


def main() -> None:
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    order = json.load(sys.stdin)
    _run(order | {"port": order["good_port"], "deadline": 60})
    gc.collect()
    before = _memory("VmRSS")
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    uids: list[int] = []
    code = said = ""
    start = time.monotonic()
    try:
        _run(order, uids)
    except MailError as error:
        code = error.code
        said = f"{error} {error!r} {error.args!r}"
    seconds = time.monotonic() - start
    grown = _memory("VmHWM") - before
    result = {"code": code, "said": said, "seconds": seconds, "grown": grown}
    sys.stdout.write(json.dumps(result | {"uids": uids}))


def _run(order: dict, uids: list[int] | None = None) -> None:
    login = Login(
        host="127.0.0.1",
        port=order["port"],
        security=Security.NONE,
        username=order["address"],
        password=order["password"],
        allowed_networks=LOOPBACK,
    )
    read = [] if uids is None else uids
    with open_mailbox(login, deadline=order["deadline"]) as mailbox:
        found = mailbox.new_uids(after=0, since=EPOCH)
        for message in mailbox.fetch(found):
            read.append(message.uid)
        mailbox.relabel(found, add="Receipts")


def _memory(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    assert found
    return int(found[1]) * 1024


if __name__ == "__main__":
    main()
