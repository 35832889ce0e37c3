"""Columns that differ between the databases, or hide what they hold."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.exc import StatementError

from mailbeat.db import accounts
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.db.types import SecretUnreadable
from tests.unit.db.test_accounts import NOW, new_account


def test_a_time_comes_back_aware_and_in_utc(any_sessions):
    elsewhere = datetime(2026, 1, 5, 10, tzinfo=timezone(timedelta(hours=2)))
    with transaction(any_sessions) as session:
        accounts.add_account(session, new_account(), now=elsewhere)

    with any_sessions() as session:
        created = accounts.find_account(session, 1).created_at

    assert created == NOW
    assert created.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(sessions):
    naive = NOW.replace(tzinfo=None)

    with (
        pytest.raises(StatementError, match="without a zone"),
        transaction(sessions) as session,
    ):
        accounts.add_account(session, new_account(), now=naive)


def password_with(url, keys):
    engine = create_engine(url, secret_keys=keys)
    with create_sessions(engine)() as session:
        try:
            return accounts.find_account(session, 1).password
        finally:
            engine.dispose()


def test_an_older_key_still_decrypts_and_another_does_not(
    sqlite_url, sessions, secret_keys
):
    with transaction(sessions) as session:
        accounts.add_account(session, new_account(), now=NOW)
    new_key = Fernet.generate_key().decode()

    assert password_with(sqlite_url, [new_key, *secret_keys]) == "open sesame"
    with pytest.raises(SecretUnreadable, match="MAILBEAT_SECRET_KEYS"):
        password_with(sqlite_url, [new_key])


def test_without_keys_no_secret_is_stored(sqlite_url):
    engine = create_engine(sqlite_url)

    with (
        pytest.raises(StatementError, match="MAILBEAT_SECRET_KEYS"),
        transaction(create_sessions(engine)) as session,
    ):
        accounts.add_account(session, new_account(), now=NOW)
    engine.dispose()
