"""Stored secrets under a new key."""

from dataclasses import replace

import pytest
from cryptography.fernet import Fernet

from mailbeat.db import accounts, pending
from mailbeat.db.pending import Pending
from mailbeat.db.secrets import reencrypt
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.db.types import SecretUnreadable
from tests.unit.db.test_accounts import NOW, new_account

TOKENS = accounts.SignedIn("google", "lasts", "opens", NOW)


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
        other = new_account("grace@example.org")
        accounts.add_account(session, replace(other, tokens=TOKENS), now=NOW)
        begun = Pending("google", "https://mail.example.org", "the verifier")
        pending.remember(session, "a state", begun, owner="session 1", now=NOW)

    with transaction(both) as session:
        assert reencrypt(session) == 4

    only_new = with_keys(any_database_url, new_key)
    with transaction(only_new) as session:
        assert accounts.find_account(session, 1).password == "open sesame"
        grace = accounts.find_account(session, 2)
        assert (grace.refresh_token, grace.access_token) == ("lasts", "opens")
        found = pending.take(session, "a state", owner="session 1", now=NOW)
        assert found == begun
    with old() as session, pytest.raises(SecretUnreadable):
        accounts.find_account(session, 1)
    for sessions in (old, both, only_new):
        sessions.kw["bind"].dispose()
