"""The task that forgets; what it forgets is told in tests/unit/db/test_retention.py."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from mailbeat.db import accounts
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from tests.unit.db.test_accounts import NOW, new_account
from tests.unit.db.test_retention import message

ROOT = Path(__file__).parents[3]


def forget(url, secret_keys):
    """Run the task, in a process of its own."""
    environment = {
        "DATABASE_URL": url,
        "MAILBEAT_SECRET_KEYS": secret_keys[0],
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "MESSAGE_DAYS": "30",
        "SUBJECT_DAYS": "3",
    }
    subprocess.run(
        [sys.executable, "-c", "from tasks.retention import forget_old; forget_old()"],
        cwd=ROOT,
        env=os.environ | environment,
        check=True,
    )


def test_it_takes_bites_until_nothing_is_old(sessions, sqlite_url, secret_keys):
    with transaction(sessions) as session:
        ada = accounts.add_account(session, new_account(), now=NOW).id
        for uid in range(1, 1200):
            session.add(message(ada, uid, days_ago=2000))

    forget(sqlite_url, secret_keys)

    with sessions() as session:
        kept = session.connection().exec_driver_sql("SELECT count(*) FROM messages")
        assert kept.scalar_one() == 0


def test_what_is_old_tells_the_clock_of_the_database(ahead, ahead_url, secret_keys):
    with transaction(ahead) as session:
        now = database_now(session)
        ada = accounts.add_account(session, new_account(), now=now).id
        old = message(ada, 1, days_ago=0)
        old.decided_at = now - timedelta(days=3, minutes=5)
        session.add(old)

    forget(ahead_url, secret_keys)

    with ahead() as session:
        subject = session.connection().exec_driver_sql("SELECT subject FROM messages")
        assert subject.scalar_one() is None
