"""The whole API does what its description says, whatever is sent to it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import schemathesis
import sqlalchemy as sa
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.stateful import run_state_machine_as_test

from mailbeat.db.accounts import NewAccount, add_account, take_lease
from mailbeat.db.corrections import correct
from mailbeat.db.models import Account, APIKey, MessageRow, RuleRow
from mailbeat.db.runs import end_run, start_run
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.db.task_gaps import runs_since
from mailbeat.db.tasks import write_tasks
from mailbeat.labeling.progress import Outcome
from mailbeat.mail.mailbox import Security
from mailbeat.settings import Settings
from tests.unit.webapp.conftest import offline
from webapp import create_app
from webapp.api.openapi import IN_PATHS
from webapp.parts import parts_of

USERS = ("ada@example.org", "bob@example.org")
KEY = "bootstrap-key-0123456789"
HEADERS = {"X-API-Key": KEY}
EXAMPLE = {name: example for name, (_, example) in IN_PATHS.items()}
EXAMPLES = 12  # of each operation, beside those that try out every keyword
STORIES, STEPS = 12, 10
CONFIG = {
    "generation": {"deterministic": True, "database": "none"},
    # Conditions have short forms, which their description leaves out.
    "operations": [
        {
            "include-path-regex": "^/api/rules",
            "checks": {"negative_data_rejection": {"enabled": False}},
        }
    ],
}


def build_app(url, secret_keys):
    values = {
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",  # where no Redis listens
        "MAILBEAT_API_KEY": KEY,
        "MAILBEAT_SECRET_KEYS": ",".join(secret_keys),
        "IMAP_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    return offline(create_app(Settings.model_validate(values)))


class Installation:
    """The web on a database in which the examples of the description are found."""

    def __init__(self, url, secret_keys, imap):
        self.app = build_app(url, secret_keys)
        self.imap = imap
        self.path = sa.make_url(url).database
        self.engine = create_engine(url, secret_keys=secret_keys)
        self.sessions = create_sessions(self.engine)
        self._fill()
        self._filled = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.path)) as database:
            database.backup(self._filled)

    def _fill(self):
        now = datetime.now(UTC)
        with transaction(self.sessions) as session:
            one, other = [
                add_account(session, self._account(name), now=now) for name in USERS
            ]
            run_id, ttl = EXAMPLE["run_id"], timedelta(hours=1)
            take_lease(session, one.id, run_id, now=now, ttl=ttl)
            start_run(session, one, run_id, now=now)
            found, _ = runs_since(session, now, after=0, limit=1, now=now)
            write_tasks(session, found)
            for outcome in Outcome:
                start_run(session, other, outcome, now=now)
                end_run(session, outcome, outcome, "What happened.", now=now)
            session.add(_key(now))
            session.add(_rule(now))
            session.add_all(_messages(now))
            session.flush()
            correct(session, 2, 3, source="api", actor="me", now=now)

    def _account(self, address):
        password = self.imap.passwords[address]
        return NewAccount(
            address, self.imap.host, self.imap.port, Security.NONE, address, password
        )

    def refill(self):
        """Bring everything back to how it was."""
        with closing(sqlite3.connect(self.path)) as database:
            self._filled.backup(database)

    def keep_at_home(self):
        """Let no account lead anywhere but to this machine."""
        with transaction(self.sessions) as session:
            session.execute(sa.update(Account).values(host=self.imap.host))

    def stop(self):
        parts_of(self.app).live.stop()
        parts_of(self.app).engine.dispose()
        self.engine.dispose()
        self._filled.close()


def _key(now):
    return APIKey(
        key_id=EXAMPLE["key_id"],
        secret_hash=bytes(32),
        name="A program",
        scope="read",
        created_at=now,
    )


def _rule(now):
    return RuleRow(
        position=1,
        name="Airlines",
        condition='{"domain": {"is": "example.org"}}',
        category_id=2,
        created_at=now,
        updated_at=now,
    )


def _messages(now):
    for uid, state in enumerate(["planned", "applied", "failed"], start=1):
        yield MessageRow(
            account_id=1,
            mailbox="INBOX",
            uid_validity=1,
            uid=uid,
            key=str(uid),
            run_id=EXAMPLE["run_id"],
            state=state,
            category_id=None if state == "failed" else uid,
            label=None if state == "failed" else "Receipts",
            confidence=0.9,
            layer="facts",
            evidence="The sender sends receipts",
            sender="shop@shop.example",
            sender_domain="shop.example",
            subject="Order 7",
            received_at=now,
            decided_at=now,
            applied_at=now if state == "applied" else None,
        )


@pytest.fixture
def installation(sqlite_url, secret_keys, imap_server, monkeypatch):
    # Each operation is asked with wrong keys, and all of it comes from one address.
    monkeypatch.setattr("webapp.attempts.PER_MINUTE", 10**6)
    monkeypatch.setattr("webapp.attempts.ATTACK", 10**6)
    for name in USERS:
        if name not in imap_server.passwords:
            imap_server.add_user(name)
    installation = Installation(sqlite_url, secret_keys, imap_server)
    yield installation
    installation.stop()


# Not `from_fixture`: that changes the ids of tests in a way that pytest 9.2 refuses.
api = schemathesis.openapi.from_wsgi(
    "/api/openapi.json",
    build_app("sqlite://", [Fernet.generate_key().decode()]),
    config=SchemathesisConfig.from_dict(CONFIG),
    headers=HEADERS,
)


OPTIONS = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}


@api.parametrize()
@settings(max_examples=EXAMPLES, **OPTIONS)
def test_the_api_does_what_its_description_says(case, installation):
    if case.path.endswith("/verify"):
        installation.keep_at_home()

    answer = case.call_and_validate(app=installation.app, headers=HEADERS)

    if case.method != "GET" and answer.status_code < 400:
        installation.refill()


def test_what_was_made_can_be_used_and_what_was_removed_is_gone(installation):
    """Operations follow each other with the ids that the one before answered."""

    class Story(api.as_state_machine()):
        def setup(self):
            installation.refill()

        def before_call(self, case):
            if case.path.endswith("/verify"):
                installation.keep_at_home()

        def get_call_kwargs(self, case):
            return {"app": installation.app, "headers": HEADERS}

        def validate_response(self, response, case, additional_checks=None, **sent):
            case.validate_response(
                response,
                additional_checks=additional_checks,
                headers=HEADERS,
                transport_kwargs=sent,
                recorder=self.recorder,
            )

    run_state_machine_as_test(
        Story,
        settings=settings(max_examples=STORIES, stateful_step_count=STEPS, **OPTIONS),
    )
