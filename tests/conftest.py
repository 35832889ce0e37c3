"""Fixtures: real servers, one of each kind per test session, and fresh data in them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from cryptography.fernet import Fernet

from mailbeat.db.session import Sessions, create_engine, create_sessions
from mailbeat.mail import oauth
from mailbeat.mail.careful import CarefulHosts
from tests.compiled import compile_once
from tests.servers.imap import IMAPServer
from tests.servers.llm import LLMServer
from tests.servers.llm import running as running_llm
from tests.servers.oauth import OAuthServer, oauth_server
from tests.servers.postgres import PostgresServer
from tests.servers.rabbitmq import RabbitMQServer, find_rabbitmq
from tests.servers.redis import RedisServer

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"  # mail to test on; not part of the project

compile_once()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Run what starts the whole product last, after the random order was made.

    Playwright keeps an event loop running in this thread from its first test on, and
    no other test could use one of its own.
    """
    items.sort(key=lambda item: "tests/e2e/" in item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With MAILBEAT_NO_SKIPS set, a skipped test is a failed test.

    But for those that read what lies outside the repository, where it is absent.
    """
    report = yield
    skipped = report.skipped and not hasattr(report, "wasxfail")
    outside = not SHARED.exists() and "shared" in str(report.longrepr)
    if skipped and not outside and os.environ.get("MAILBEAT_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but MAILBEAT_NO_SKIPS is set: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _no_careful_hosts(monkeypatch):
    """All servers of the tests have one address; what one did is not another's."""
    monkeypatch.setattr("mailbeat.mail.imap.careful_hosts", CarefulHosts())


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    command.upgrade(config, revision)


@pytest.fixture(scope="session")
def secret_keys() -> list[str]:
    return [Fernet.generate_key().decode()]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def llm_server() -> Iterator[LLMServer]:
    with running_llm() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory) -> Iterator[PostgresServer]:
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture
def sqlite_url(tmp_path, sqlite_template) -> str:
    """A new SQLite file with our schema."""
    path = tmp_path / "mailbeat.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server) -> str:
    """A new PostgreSQL database with our schema."""
    return postgres_server.migrated_database(migrate)


@pytest.fixture
def ahead_url(postgres_url) -> str:
    """A database whose clock is an hour ahead of ours."""
    engine = sa.create_engine(postgres_url)
    statements = f"""
        CREATE SCHEMA ahead;
        CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE SQL
            AS $$ SELECT pg_catalog.clock_timestamp() + interval '1 hour' $$;
        ALTER DATABASE "{engine.url.database}"
            SET search_path = ahead, public, pg_catalog;
    """
    with engine.begin() as connection:
        connection.exec_driver_sql(statements)
    engine.dispose()
    return postgres_url


@pytest.fixture
def ahead(ahead_url, secret_keys) -> Iterator[Sessions]:
    """Sessions on the database whose clock is ahead."""
    yield from _sessions(ahead_url, secret_keys)


@pytest.fixture(params=["sqlite", "postgres"])
def any_database_url(request) -> str:
    return request.getfixturevalue(f"{request.param}_url")


def _sessions(url: str, keys: list[str]) -> Iterator[Sessions]:
    engine = create_engine(url, secret_keys=keys)
    yield create_sessions(engine)
    engine.dispose()


@pytest.fixture
def sessions(sqlite_url, secret_keys) -> Iterator[Sessions]:
    yield from _sessions(sqlite_url, secret_keys)


@pytest.fixture
def any_sessions(any_database_url, secret_keys) -> Iterator[Sessions]:
    yield from _sessions(any_database_url, secret_keys)


@pytest.fixture(scope="session")
def _redis_of_session(tmp_path_factory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(_redis_of_session) -> str:
    """An empty Redis, shared with nobody during the test."""
    with redis.Redis.from_url(_redis_of_session.url) as client:
        client.flushall()
    return _redis_of_session.url


@pytest.fixture
def redis_server(tmp_path) -> Iterator[RedisServer]:
    """A Redis of this test's own, to be killed, paused and started again."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _rabbitmq_of_session(tmp_path_factory) -> Iterator[RabbitMQServer]:
    if find_rabbitmq() is None:
        pytest.skip("needs RabbitMQ: Debian's package rabbitmq-server")
    server = RabbitMQServer(tmp_path_factory.mktemp("rabbitmq"))
    yield server
    server.stop()


@pytest.fixture
def rabbitmq(_rabbitmq_of_session) -> Iterator[RabbitMQServer]:
    """A RabbitMQ without messages, to be killed, paused and started again.

    It is one for all tests, for it takes 6 s to start.
    """
    server = _rabbitmq_of_session
    server.start()
    server.empty()
    yield server
    server.resume()


@pytest.fixture(scope="session")
def imap_server() -> Iterator[IMAPServer]:
    """One pymap for all tests; each adds users of its own."""
    server = IMAPServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def google(monkeypatch) -> Iterator[OAuthServer]:
    """A provider of this test's own, that everything in this process takes for Google.

    It listens on loopback, so IMAP_ALLOWED_NETWORKS has to let it be dialled.
    """
    with oauth_server("google") as server:
        monkeypatch.setitem(oauth.PROVIDERS, "google", server.provider)
        yield server


@pytest.fixture
def microsoft(monkeypatch) -> Iterator[OAuthServer]:
    """The same for Microsoft."""
    with oauth_server("microsoft") as server:
        monkeypatch.setitem(oauth.PROVIDERS, "microsoft", server.provider)
        yield server
