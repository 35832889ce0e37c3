"""`mailbeat demo` as a user starts it, seen through its socket, mail and rows."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from imapclient import IMAPClient
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from mailbeat.demo.ports import choose_port
from tests.frames import check

ROOT = Path(__file__).parents[2]
KEY = "an end to end key 4711"
ORDER = ["connecting", "fetching", "processing", "categorizing", "labeling"]


class Demo:
    def __init__(self, directory):
        self.directory = directory
        self.port = choose_port()
        self.output = (directory.parent / "output").open("w+")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "mailbeat.cli", "demo"),
                *("--dir", str(directory)),
                *("--port", str(self.port)),
                *("--interval", "5"),
            ],
            cwd=ROOT,
            env=os.environ | {"MAILBEAT_API_KEY": KEY, "PYTHONPATH": str(ROOT)},
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    @property
    def said(self):
        return Path(self.output.name).read_text()

    def wait_until(self, find, seconds=30.0):
        """Return what `find` finds, once it is there."""
        end = time.monotonic() + seconds
        while not (found := find()):
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)
        return found

    def rows(self, query, *values):
        path = f"file:{self.directory}/mailbeat.db?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as database:
            return database.execute(query, values).fetchall()

    def listen(self):
        url = f"ws://127.0.0.1:{self.port}/ws/status"
        return connect(url, additional_headers={"X-API-Key": KEY})

    def inbox(self):
        """A client that is signed in to the first account, and its address."""
        line = (self.directory / "imap.url").read_text().split()[0]
        url = urlsplit(line)
        client = IMAPClient(url.hostname, port=url.port, ssl=False, timeout=10)
        client.login(unquote(url.username or ""), unquote(url.password or ""))
        client.select_folder("INBOX")
        return client, unquote(url.username or "")

    @property
    def pids(self):
        """The newest process of each child."""
        log = (self.directory / "logs" / "supervisord.log").read_text()
        found = re.findall(r"spawned: '(\w+)' with pid (\d+)", log)
        return {name: int(pid) for name, pid in found}

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.output.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    demo = Demo(tmp_path_factory.mktemp("demo") / "var")
    try:
        demo.wait_until(lambda: "Mailbeat runs at" in demo.said)
        yield demo
    finally:
        demo.close()


def descendants(pid):
    """The process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [pid, *(found for child in children for found in descendants(int(child)))]


def is_alive(pid):
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except FileNotFoundError:
        return False


def in_order(states):
    """Whether the last run heard from its beginning went through the states."""
    if "completed" not in states:
        return False
    run = states[: states.index("completed")]
    wanted = [state for state in ORDER if state in run]
    firsts = [run.index(state) for state in wanted]
    return wanted[:2] == ORDER[:2] and firsts == sorted(firsts)


def test_the_demo_from_the_first_look_to_ctrl_c(demo):
    address = deliver(demo)
    hear_the_states_in_order(demo, address)
    see_the_label(demo)
    see_the_runs(demo)
    lose_the_worker(demo)
    link_signs_in_once(demo)
    end_within_5_seconds(demo)


def deliver(demo):
    message = EmailMessage()
    message["From"] = "Harbour Books <orders@harbour-books.example>"
    message["Subject"] = "Your order A4711 has shipped"
    message["Message-ID"] = "<e2e@harbour-books.example>"
    message.set_content("Your invoice: 12.00, paid by card. Order number A4711.")
    client, address = demo.inbox()
    message["To"] = address
    with client:
        client.append("INBOX", message.as_bytes())
    return address


def hear_the_states_in_order(demo, address):
    heard, refused = [], None
    with demo.listen() as socket:
        end = time.monotonic() + 45
        while not (in_order(since_connecting(heard)) and refused):
            try:
                text = socket.recv(timeout=max(0.1, end - time.monotonic()))
            except (TimeoutError, ConnectionClosed):
                pytest.fail(f"heard {heard}, refused: {refused}")
            for status in statuses(check(json.loads(text))):
                if status["email_address"] == address:
                    heard.append(status["state"])
                if status["state"] == "error":
                    refused = status
    assert refused["error_code"] == "auth_failed"
    assert refused["error_message"]


def statuses(frame):
    if frame["type"] == "status_update":
        return [frame["data"]] if frame["data"] else []
    return frame["data"]["accounts"] if frame["type"] == "snapshot" else []


def since_connecting(states):
    """From the last `connecting` that a completed run followed."""
    starts = [i for i, state in enumerate(states) if state == "connecting"]
    for start in reversed(starts):
        if "completed" in states[start:]:
            return states[start:]
    return []


def see_the_label(demo):
    client, _ = demo.inbox()
    with client:

        def keywords():
            client.noop()
            uids = client.search(["HEADER", "Message-ID", "e2e@harbour-books.example"])
            return set(client.get_flags(uids)[uids[0]]) - {rb"\Recent"}

        assert demo.wait_until(keywords) == {b"Receipts"}


def see_the_runs(demo):
    """All accounts ran; one was refused; the sample mail got labels."""
    query = "SELECT count(DISTINCT email_address) FROM processing_runs"
    demo.wait_until(lambda: demo.rows(query) == [(5,)])
    errors = "SELECT DISTINCT error_code FROM processing_runs WHERE state = 'error'"
    assert demo.rows(errors) == [("auth_failed",)]
    labeled = "SELECT sum(emails_labeled) FROM processing_runs"
    assert demo.wait_until(lambda: demo.rows(labeled)[0][0]) > 100


def lose_the_worker(demo):
    lost = demo.pids["worker"]
    (before,) = demo.rows("SELECT max(id) FROM processing_runs")

    os.kill(lost, signal.SIGKILL)

    demo.wait_until(lambda: "worker runs again" in demo.said)
    assert "worker ended (terminated by SIGKILL) and is started again" in demo.said
    demo.wait_until(lambda: demo.pids["worker"] != lost)
    completed = "SELECT id FROM processing_runs WHERE id > ? AND state = 'completed'"
    demo.wait_until(lambda: demo.rows(completed, *before))


def link_signs_in_once(demo):
    assert f"http://127.0.0.1:{demo.port}/login?once=" in demo.said
    assert "with the key of MAILBEAT_API_KEY" in demo.said
    assert KEY not in demo.said


def end_within_5_seconds(demo):
    processes = descendants(demo.process.pid)
    assert len(processes) >= 7
    began = time.monotonic()

    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(15) == 0

    assert time.monotonic() - began < 5
    assert not [pid for pid in processes if is_alive(pid)]
    assert "Traceback" not in demo.said
