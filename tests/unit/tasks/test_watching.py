"""Workers and beat have a watch: in threads, from the environment."""

import pytest

from mailbeat.db import watchers
from tests.waiting import wait_for


@pytest.fixture
def environment(monkeypatch, sqlite_url, secret_keys):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("MAILBEAT_SECRET_KEYS", ",".join(secret_keys))


@pytest.mark.parametrize("kind", ["worker", "beat"])
def test_a_watch_shows_that_its_process_lives(kind, environment, sessions):
    from tasks import wiring

    wiring._build.cache_clear()
    from tasks.watching import start_watch

    watch = start_watch(kind)

    def seen():
        with sessions() as session:
            return [one.kind for one in watchers.list_watchers(session)]

    wait_for(lambda: seen() == [kind])
    watch.stop()
    wiring.parts().leases.close()
    wiring._build.cache_clear()
