"""The app on a new database, with a person signed in, and a history to show."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from mailbeat.db.accounts import NewAccount, add_account
from mailbeat.db.api_keys import Scope, issue_key
from mailbeat.db.models import MessageRow, Run, RunPhase
from mailbeat.db.session import transaction
from mailbeat.mail.mailbox import Security
from mailbeat.settings import Settings
from tests.unit.webapp.conftest import end, offline

KEY = "a key for the tests 0815"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def app(sqlite_url, secret_keys):
    # Not at the top: pytest looks into the modules of its plugins while it starts, one
    # of them is Celery's, and a default app would have to be configured by then.
    from webapp import create_app

    settings = Settings.model_validate(
        {
            "DATABASE_URL": sqlite_url,
            "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody listens there
            "MAILBEAT_API_KEY": KEY,
            "MAILBEAT_SECRET_KEYS": ",".join(secret_keys),
        }
    )
    app = offline(create_app(settings))
    yield app
    end(app)


@pytest.fixture
def browser(app):
    """A client that holds a session, as a browser of our own pages."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert client.post("/login", data={"key": KEY}).status_code == 303
    return client


@pytest.fixture
def reader(app, sessions):
    """The same with a key that may only look."""
    with transaction(sessions) as session:
        _, text = issue_key(
            session, name="Reader", scope=Scope.READ, now=datetime.now(UTC)
        )
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = text
    return client


@pytest.fixture
def now():
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def add(sessions, now):
    def add(address="ada@example.org"):
        with transaction(sessions) as session:
            new = NewAccount(
                email_address=address,
                host="imap.example.org",
                port=993,
                security=Security.TLS,
                username=address,
                password="never shown",
            )
            return add_account(session, new, now=now).id

    return add


@pytest.fixture
def ran(sessions, now):
    """Write a finished run of 12 messages, 8 s long, `minutes` ago."""

    def ran(account_id, run_id="run-1", *, minutes=3, messages=2, **values):
        start = now - timedelta(minutes=minutes)
        with transaction(sessions) as session:
            run = Run(
                **{
                    "run_id": run_id,
                    "account_id": account_id,
                    "email_address": "ada@example.org",
                    "start_time": start,
                    "end_time": start + timedelta(seconds=8),
                    "updated_at": start,
                    "created_at": start,
                    "state": "completed",
                    "outcome": "succeeded",
                    "emails_found": 12,
                    "emails_processed": 12,
                    "emails_labeled": 11,
                    **values,
                }
            )
            session.add(run)
            session.flush()
            for number, state in enumerate(("connecting", "fetching", "labeling")):
                began = start + timedelta(seconds=2 * number)
                session.add(RunPhase(run_row_id=run.id, state=state, start_time=began))
            for number in range(messages):
                session.add(_message(account_id, run_id, run.id * 100 + number, start))

    return ran


@pytest.fixture
def decide(sessions, now):
    """Write a message that was decided about, and return its id."""
    uids = count(1)

    def decide(account_id, **values):
        with transaction(sessions) as session:
            row = _message(account_id, "run-1", next(uids), now)
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)
            session.flush()
            return row.id

    return decide


def _message(account_id, run_id, uid, when):
    return MessageRow(
        account_id=account_id,
        mailbox="INBOX",
        uid_validity=1,
        uid=uid,
        key=str(uid),
        run_id=run_id,
        state="applied",
        category_id=uid % 2 + 1,
        label="Receipts",
        confidence=0.93,
        layer="facts",
        evidence="The sender's domain sends receipts",
        sender=f"Shop {HOSTILE} <orders@shop.example>",
        sender_domain="shop.example",
        subject=f"Order {HOSTILE}",
        received_at=when,
        decided_at=when,
        applied_at=when,
    )
