"""Stored secrets under a new key."""

import pytest
from cryptography.fernet import Fernet

from mailbeat.db import accounts
from mailbeat.db.secrets import reencrypt
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.db.types import SecretUnreadable
from tests.unit.db.test_accounts import NOW, new_account


def with_keys(url, *keys):
    return create_sessions(create_engine(url, secret_keys=keys))


def test_the_first_key_is_enough_afterwards(any_database_url, secret_keys):
    new_key = Fernet.generate_key().decode()
    old, both = (
        with_keys(any_database_url, *secret_keys),
        with_keys(any_database_url, new_key, *secret_keys),
    )
    with transaction(old) as session:
        accounts.add_account(session, new_account(), now=NOW)

    with transaction(both) as session:
        assert reencrypt(session) == 1

    only_new = with_keys(any_database_url, new_key)
    with only_new() as session:
        assert accounts.find_account(session, 1).password == "open sesame"
    with old() as session, pytest.raises(SecretUnreadable):
        accounts.find_account(session, 1)
    for sessions in (old, both, only_new):
        sessions.kw["bind"].dispose()
