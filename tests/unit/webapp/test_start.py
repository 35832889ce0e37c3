"""What is refused at the start, with the reason."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from mailbeat.db.api_keys import Scope, issue_key
from mailbeat.db.session import transaction
from mailbeat.settings import SettingsError
from tests.servers.dashboard import ROOT
from webapp.parts import parts_of
from webapp.start import BESIDE, WORKER, StartRefused, check_start, live_of


@pytest.fixture
def environment(monkeypatch, sqlite_url, secret_keys):
    values = {
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "MAILBEAT_API_KEY": "bootstrap-key-0123456789",
        "MAILBEAT_SECRET_KEYS": ",".join(secret_keys),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("webapp.configure_logging", lambda *_: None)
    return monkeypatch


@pytest.mark.parametrize("worker_class", ["gthread", "gevent", "sync", "asgi"])
def test_a_server_whose_sockets_cannot_be_taken_over_is_refused(worker_class):
    with pytest.raises(StartRefused, match="gthread"):
        check_start(worker_class, tls=False)


def test_a_server_that_speaks_tls_itself_is_refused():
    with pytest.raises(StartRefused, match="proxy"):
        check_start(WORKER, tls=True)


def test_good_settings_start(environment):
    check_start(WORKER, tls=False)


@pytest.mark.parametrize("name", ["REDIS_URL", "MAILBEAT_SECRET_KEYS"])
def test_a_missing_setting_is_named(environment, name):
    environment.delenv(name)

    with pytest.raises(StartRefused, match=name):
        check_start(WORKER, tls=False)


def test_without_any_key_nothing_is_opened_to_everyone(make_app):
    with pytest.raises(SettingsError, match="MAILBEAT_API_KEY"):
        make_app(mailbeat_api_key=None)


def test_without_any_key_and_tables_the_migration_is_named(make_app, tmp_path):
    with pytest.raises(SettingsError, match="mailbeat migrate"):
        make_app(mailbeat_api_key=None, database_url=f"sqlite:///{tmp_path}/new.db")


def test_an_issued_key_is_enough(make_app, sessions):
    with transaction(sessions) as session:
        issue_key(session, name="Ada", scope=Scope.ADMIN, now=datetime.now(UTC))

    assert make_app(mailbeat_api_key=None) is not None


def test_the_feed_of_an_app_is_found(app):
    assert live_of(app) is parts_of(app).live


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_debugging_is_refused(environment, value):
    environment.setenv("FLASK_DEBUG", value)

    with pytest.raises(StartRefused, match="FLASK_DEBUG"):
        check_start(WORKER, tls=False)


def test_debugging_that_is_off_is_none(environment):
    environment.setenv("FLASK_DEBUG", "0")

    check_start(WORKER, tls=False)


LIMITED = """
import resource, sys
from webapp.start import StartRefused, allow_files

soft, hard, sockets, connections = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
try:
    allow_files(sockets, connections)
except StartRefused as error:
    sys.exit(str(error))
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def files(*numbers):
    """Ask for files where the system allows so many; returns what was said."""
    return subprocess.run(
        [sys.executable, "-c", LIMITED, *map(str, numbers)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("soft", "hard", "sockets", "allowed"),
    [
        (256, 4096, 500, 500 + 1000 + BESIDE),
        (256, 1024, 500, 1024),  # fewer connections beside the sockets
        (4096, 4096, 50, 4096),  # never lowered
    ],
)
def test_as_many_files_are_allowed_as_the_sockets_need(soft, hard, sockets, allowed):
    assert files(soft, hard, sockets, 1000).stdout == f"{allowed}\n"


def test_more_sockets_than_the_system_allows_are_refused_with_the_reason():
    done = files(256, 1024, 1000, 1000)

    assert done.returncode == 1
    assert "WS_MAX_CLIENTS=1000 needs 1200 open files" in done.stderr
    assert "824 at most" in done.stderr


PROGRAM = """
import threading
from webapp import start

start.LEAVE_AFTER = 0.2
leave = start.leave_in_time()
print("still here", flush=True)
leave()
leave()
threading.Event().wait(20)
print("never got here", flush=True)
"""


def test_a_process_that_is_asked_to_leave_does_so_though_it_waits():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=15,
        check=True,
    )

    assert done.stdout == "still here\n"
