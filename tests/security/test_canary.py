"""A password is met by servers that fail at every step and repeat it: it stays here."""

import base64
import json
import sqlite3
import sys
import threading
import urllib.request
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import redis
import sqlalchemy as sa
from celery import Celery
from sqlalchemy.engine import make_url
from websockets.exceptions import ConnectionClosed

from mailbeat.db.accounts import NewAccount, add_account
from mailbeat.db.models import Run
from mailbeat.db.session import transaction
from mailbeat.mail.mailbox import Security
from tests.integration.cluster.test_worker import everything_sent_to
from tests.integration.web.conftest import api, wait_for
from tests.security.canary import PASSWORDS, forms_of, sings
from tests.servers.container import ProcessContainer
from tests.servers.rude_imap import DEFAULTS, HANG_UP, rude_imap
from tests.unit.tasks.test_reporter import listening
from tests.unit.test_run import invoice

TASK = "tasks.account.process_account"
NO_PLAIN = b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"
STARTTLS = b"* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done\r\n"


def a_message() -> bytes:
    """An invoice that arrived just now, whatever of it is asked for."""
    head, _, body = invoice(1).partition(b"\r\n\r\n")
    head += b"\r\n\r\n"
    arrived = datetime.now(UTC).strftime("%d-%b-%Y %H:%M:%S +0000").encode()
    return (
        b'* 1 FETCH (UID 1 INTERNALDATE "%b" RFC822.SIZE 900 '
        b"BODY[HEADER.FIELDS (FROM)]<0> {%d}\r\n%b BODY[TEXT]<0> {%d}\r\n%b"
        b" FLAGS (Receipts))\r\n{tag} OK done\r\n"
        % (arrived, len(head), head, len(body), body)
    )


def rude_servers(password):
    """Steps, each with how its server fails there, and with what greeting."""
    raw = password.encode()
    said = b"%b %b %b" % (
        raw,
        base64.b64encode(raw),
        base64.b64encode(b"\0ada\0" + raw),
    )
    no = b"{tag} NO [ALERT] no, not with " + said + b"\r\n"
    bad = b"* BAD " + said + b"\r\n{tag} BAD " + said + b"\r\n"
    bye = b"* BYE go away with " + said + b"\r\n" + HANG_UP
    nonsense = b"* " + said + b"\r\n(((" + said + b"\r\n{tag} " + said + b"\r\n"
    works = {"UID SEARCH": b"* SEARCH 1\r\n{tag} OK done\r\n", "UID FETCH": a_message()}
    hello = b"* OK hello\r\n"
    servers = {"greeting": ({}, b"* BYE " + said + b"\r\n")}
    for way, answer in {
        "no": no,
        "bad": bad,
        "bye": bye,
        "nonsense": nonsense,
    }.items():
        for command in (
            "CAPABILITY",
            "STARTTLS",
            "AUTHENTICATE",
            "LOGIN",
            "SELECT",
            "UID SEARCH",
            "UID FETCH",
            "UID STORE",
            "LOGOUT",
        ):
            answers = works | {command: answer}
            if command == "LOGIN":
                answers["CAPABILITY"] = NO_PLAIN
            if command == "STARTTLS":
                answers["CAPABILITY"] = STARTTLS
            servers[f"{command} {way}"] = (answers, hello)
    return servers


@pytest.fixture
def web(redis_url, make_dashboard, capfd):
    """A web whose log is what this process has on stderr."""
    dashboard = make_dashboard(
        redis_url, IMAP_ALLOWED_NETWORKS="127.0.0.0/8", LOG_LEVEL="debug"
    )
    dashboard.start()
    yield dashboard
    dashboard.stop()


@pytest.fixture
def real_worker(web, tmp_path):
    worker = ProcessContainer(
        [
            *(sys.executable, "-m", "celery", "-A", "tasks", "worker"),
            *("-c", "4", "-E", "--without-mingle", "--without-gossip"),
        ],
        env={
            **web.environment,
            "BACKGROUND_PROCESS_HOURS": "24",
            "PYTHONPATH": ".",
        },
        directory=tmp_path,
        ready=" ready.",
    )
    yield worker
    worker.stop()


@pytest.fixture
def celery_client(redis_url):
    with Celery("client", broker=redis_url, set_as_current=False) as app:
        yield app


def add_account_on(web, step, server, password):
    security = Security.STARTTLS if "STARTTLS" in step else Security.NONE
    with transaction(web.sessions) as session:
        new = NewAccount(
            email_address=f"{step.replace(' ', '-').lower()}@example.org",
            host="127.0.0.1",
            port=server.login().port,
            security=security,
            username="ada",
            password=password,
        )
        account = add_account(session, new, now=datetime.now(UTC))
        account.next_run_at += timedelta(days=1)
        return account.id


class Overheard:
    """Every frame that a program on the feed gets."""

    def __init__(self, listener):
        self._socket = listener.socket
        self.frames: list[str] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        try:
            while True:
                self.frames.append(self._socket.recv())
        except ConnectionClosed:
            pass

    def end(self):
        self._socket.close()
        self._thread.join(5)
        return self.frames


def read_page(web, path, data=None):
    request = urllib.request.Request(
        web.url + path, data=data, headers={"X-API-Key": web.key}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.read().decode()


def pages_and_answers(web, account_ids, run_ids):
    """Whatever can be read of accounts and runs, as a person and as a program."""
    paths = ["/", "/accounts", "/runs", "/messages", "/insights", "/workers"]
    paths += ["/settings", "/api/accounts", "/api/processing/runs?limit=100"]
    paths += ["/api/processing/current-status", "/api/messages", "/api/audit"]
    paths += ["/api/health", "/api/statistics/performance", "/api/workers"]
    for account_id in account_ids:
        paths += [f"/accounts/{account_id}", f"/api/accounts/{account_id}"]
    for run_id in run_ids:
        paths += [f"/runs/{run_id}", f"/api/processing/runs/{run_id}"]
    return [read_page(web, path) for path in paths]


def dump(web):
    """Every row of every table, and the files as they are."""
    path = make_url(web.environment["DATABASE_URL"]).database
    with closing(sqlite3.connect(path)) as connection:
        rows = "\n".join(connection.iterdump())
    with ExitStack() as stack:
        names = [f"{path}{end}" for end in ("", "-wal")]
        files = [stack.enter_context(open(name, "rb")).read() for name in names]  # noqa: PTH123
    return [rows, *files]


def kept_in(redis_url):
    """Every key of a Redis with its value."""
    with redis.Redis.from_url(redis_url) as client:
        read = {
            b"string": client.get,
            b"hash": client.hgetall,
            b"set": client.smembers,
            b"list": lambda key: client.lrange(key, 0, -1),
            b"zset": lambda key: client.zrange(key, 0, -1),
        }
        return [f"{key} {read[client.type(key)](key)}" for key in client.scan_iter()]


@pytest.mark.parametrize("password", PASSWORDS.values(), ids=list(PASSWORDS))
def test_a_canary_is_found_in_whatever_form_it_is_written_down(password):
    forms = forms_of(password)

    assert [name for name, text in forms.items() if not sings(text)] == []
    assert not sings("a canary, Kanarie, S2FuYXJp and 7x")


@pytest.mark.parametrize("password", PASSWORDS.values(), ids=list(PASSWORDS))
def test_asvs_16_2_5_a_password_leaves_nothing_behind_wherever_the_server_fails(  # noqa: PLR0917 # fixtures
    password, web, real_worker, celery_client, listen, redis_url, capfd
):
    with ExitStack() as stack:
        servers, ids = {}, {}
        for step, (answers, greeting) in rude_servers(password).items():
            server = stack.enter_context(
                rude_imap(DEFAULTS | answers, greeting=greeting)
            )
            servers[step] = server
            ids[step] = add_account_on(web, step, server, password)
        overheard = Overheard(listen(web))
        sent = stack.enter_context(everything_sent_to(redis_url))

        runs = {step: str(uuid4()) for step in servers}
        for step, run_id in runs.items():
            celery_client.send_task(TASK, [ids[step]], task_id=run_id)
        wait_for(lambda: len(ended_runs(web)) == len(runs), timeout=60)

        verified = [
            read_page(web, f"/accounts/{account_id}/verify", b"")
            for account_id in ids.values()
        ]
        verified += [
            json.dumps(api(web, f"/api/accounts/{account_id}/verify", {}))
            for account_id in ids.values()
        ]
        pages = pages_and_answers(web, ids.values(), runs.values())
        kept = kept_in(redis_url)
        frames = overheard.end()

    outcomes = ended_runs(web)
    in_all = {
        "redis": sent,
        "keys": kept,
        "frames": frames,
        "pages": pages,
        "verified": verified,
        "database": dump(web),
        "worker's log": [real_worker.logs()],
        "web's log": [capfd.readouterr().err],
    }
    for where, texts in in_all.items():
        assert texts, where
        assert [text[:300] for text in texts if sings(text)] == [], where
        assert [text[:300] for text in texts if web.key in str(text)] == [], where
    # The steps were reached, and the password was sent to the servers.
    for step, server in servers.items():
        command = step.rpartition(" ")[0]
        assert not command or any(
            said.startswith(command) for said in server.commands
        ), step
        fails = not step.startswith("LOGOUT")
        assert (outcomes[runs[step]] == "failed") == fails, step
    sent_passwords = [
        said for server in servers.values() for said in server.commands if sings(said)
    ]
    assert len(sent_passwords) > 20


def ended_runs(web):
    with web.sessions() as session:
        found = session.execute(
            sa.select(Run.run_id, Run.outcome).where(Run.end_time.is_not(None))
        )
        return dict(found.all())


def test_asvs_16_5_1_a_task_that_breaks_tells_the_broker_nothing_of_why(
    web, real_worker, celery_client, redis_url
):
    """The exception's text holds the statement that failed."""
    with rude_imap() as server:
        account_id = add_account_on(web, "any", server, "a password")
    with transaction(web.sessions) as session:
        session.execute(sa.text("ALTER TABLE processing_runs RENAME TO kanarie7x"))

    with (
        everything_sent_to(redis_url) as sent,
        listening(celery_client) as events,
    ):
        celery_client.send_task(TASK, [account_id], task_id="broken")
        wait_for(lambda: any(one["type"] == "task-failed" for one in events))

    (failed,) = [one for one in events if one["type"] == "task-failed"]
    assert "TaskBroke" in failed["exception"]
    assert "processing_runs" in real_worker.logs().decode()
    assert "processing_runs" not in str(events) + "".join(sent)
