"""What is sent is what the models say; tests/integration/web asks for all of it."""

import json

import pytest
from pydantic import ValidationError

from mailbeat.db import accounts, audit, runs
from mailbeat.db.api_keys import Scope, issue_key
from mailbeat.db.categories import living_categories
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import Outcome
from tests.frames import SCHEMA
from webapp.api import answers, schemas


@pytest.fixture
def account_id(add):
    return add()


@pytest.fixture
def session(sessions, account_id):
    with transaction(sessions) as session:
        yield session


@pytest.fixture
def account(session, account_id):
    return accounts.find_account(session, account_id)


def test_an_account_is_as_described(account):
    answers.Account.model_validate(schemas.account_json(account))


@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_a_run_is_as_described(session, account, now, outcome):
    runs.start_run(session, account, "run-1", now=now)
    if outcome is not None:
        runs.end_run(session, "run-1", outcome, "What happened.", now=now)

    answers.Run.model_validate(schemas.run_json(runs.get_run(session, "run-1")))


def test_a_key_is_as_described(session, now):
    key, _ = issue_key(session, name="CI", scope=Scope.READ, now=now)

    answers.Key.model_validate(schemas.key_json(key))


def test_an_entry_of_the_audit_log_is_as_described(session, now):
    audit.record(session, "cli", "account.add", "account 1", now=now)

    for entry in audit.newest_entries(session):
        answers.AuditEntry.model_validate(schemas.audit_json(entry))


def test_every_category_is_as_described(session):
    for category in living_categories(session):
        answers.Category.model_validate(schemas.category_json(category))


def test_a_field_that_is_not_described_is_noticed(account):
    with pytest.raises(ValidationError):
        answers.Account.model_validate(schemas.account_json(account) | {"new": 1})


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (answers.CurrentStatus, "current_status"),
        (answers.AccountStatus, "account_status"),
        (answers.Run, "run"),
    ],
)
def test_the_live_feed_is_described_with_the_same_fields(model, name):
    definition = json.loads(SCHEMA.read_text())["$defs"][name]

    assert set(model.model_fields) == set(definition["properties"])
