"""The app on a new database, and those who ask it something."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailbeat.db.accounts import NewAccount, add_account
from mailbeat.db.api_keys import Scope, issue_key
from mailbeat.db.session import transaction
from mailbeat.mail.mailbox import Security
from mailbeat.settings import Settings
from tests.factories import find_offline

KEY = "bootstrap-key-0123456789"
NOBODY = "redis://127.0.0.1:1/0"  # where no Redis listens
JSON = {"Content-Type": "application/json"}


def offline(app):
    """Let an app ask nobody outside where the mail of a domain is."""
    from webapp.parts import parts_of, put_parts

    put_parts(app, replace(parts_of(app), find_server=find_offline))
    return app


def end(app):
    """Leave no threads behind: thousands of them would write every few seconds."""
    from webapp.parts import parts_of

    parts_of(app).live.stop()
    parts_of(app).engine.dispose()


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def make_app(sqlite_url, secret_keys):
    """Build an app; environment variables may be given in lower case."""
    # Not at the top: pytest looks into the modules of its plugins while it starts, one
    # of them is Celery's, and a default app would have to be configured by then.
    from webapp import create_app

    made = []

    def make(**changes):
        values = {
            "DATABASE_URL": sqlite_url,
            "REDIS_URL": NOBODY,
            "MAILBEAT_API_KEY": KEY,
            "MAILBEAT_SECRET_KEYS": ",".join(secret_keys),
        }
        values |= {name.upper(): value for name, value in changes.items()}
        made.append(offline(create_app(Settings.model_validate(values))))
        return made[-1]

    yield make
    for app in made:
        end(app)


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def nobody(app):
    """A client without key and session."""
    return app.test_client()


def admin_of(app):
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = KEY
    return client


@pytest.fixture
def admin(app):
    return admin_of(app)


@pytest.fixture
def admin_with(make_app):
    """An admin of an app with other settings."""
    return lambda **changes: admin_of(make_app(**changes))


@pytest.fixture
def with_scope(app, sessions, now):
    """A client with a key of a scope."""

    def with_scope(scope):
        with transaction(sessions) as session:
            _, text = issue_key(session, name=scope, scope=Scope(scope), now=now)
        client = app.test_client()
        client.environ_base["HTTP_X_API_KEY"] = text
        return client

    return with_scope


@pytest.fixture
def browser(app):
    """A client that signed in, as a browser on our own pages."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert client.post("/login", data={"key": KEY}).status_code == 303
    return client


@pytest.fixture
def add(sessions, now):
    """Add an account and return its id."""

    def add(address="ada@example.org", **changes):
        values = {
            "email_address": address,
            "host": "imap.example.org",
            "port": 993,
            "security": Security.TLS,
            "username": address,
            "password": "open sesame",
        }
        with transaction(sessions) as session:
            new = NewAccount(**(values | changes))
            return add_account(session, new, now=now).id

    return add
