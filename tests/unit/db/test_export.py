"""Everything as one document, and nothing that opens anything."""

import json
import tracemalloc
from datetime import timedelta

import pytest
from sqlalchemy import update

from mailbeat.db import audit
from mailbeat.db.api_keys import Scope, issue_key
from mailbeat.db.export import PARTS, export
from mailbeat.db.models import Account, Correction, RuleRow, Run, RunPhase, table_of
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.db.sign_in import start_session
from mailbeat.db.types import SecretUnreadable
from tests.factories import NOW, make_account, make_row

# What is kept back, and why nobody misses it.
WITHHELD = {
    "accounts": {
        *("password", "refresh_token", "access_token", "token_expires_at"),  # secret
        *("queued_until", "wanted_run_id", "lease_run_id", "lease_until", "due_at"),
        *("cancel_run_id", "failures_in_a_row", "interruptions_in_a_row"),
    },
    "runs": {"seq"},
    "messages": {"details"},  # the words of a mail, to learn from
}


def text_of(sessions, *, subjects=False, **options):
    return "".join(
        export(sessions, subjects=subjects, version="1.0", now=NOW, **options)
    )


def document(sessions, **options):
    return json.loads(text_of(sessions, **options))


@pytest.fixture
def house(any_sessions):
    """An installation with one of each kind; the id of its account."""
    account_id = make_account(any_sessions)
    message_id = make_row(any_sessions, account_id, considered='[["x", 1]]')
    with transaction(any_sessions) as session:
        run = Run(
            run_id="run-1",
            account_id=account_id,
            email_address="ada@example.org",
            start_time=NOW,
            state="completed",
            updated_at=NOW,
            created_at=NOW,
        )
        session.add(run)
        session.flush()
        session.add_all(
            RunPhase(run_row_id=run.id, state=state, start_time=NOW)
            for state in ("connecting", "labeling")
        )
        session.add(
            RuleRow(name="r", condition='{"from": "x"}', created_at=NOW, updated_at=NOW)
        )
        session.add(
            Correction(
                account_id=account_id,
                message_id=message_id,
                former='{"layer": "facts"}',
                source="api",
                actor="k",
                created_at=NOW,
            )
        )
        audit.record(session, "cli", "account.add", "account 1", now=NOW)
    return account_id


def test_an_empty_installation_is_a_whole_document(any_sessions):
    found = document(any_sessions)

    assert found["mailbeat_export"] == 1
    assert found["made_at"] == "2026-01-05T08:00:00Z"
    assert found["messages"] == []
    assert len(found["categories"]) == 10
    assert list(found)[-1] == "complete"


@pytest.mark.usefixtures("house")
def test_one_of_each_kind_is_in_it(any_sessions):
    found = document(any_sessions)

    assert found["accounts"][0]["email_address"] == "ada@example.org"
    assert found["rules"][0]["condition"] == {"from": "x"}
    assert [one["state"] for one in found["runs"][0]["phases"]] == [
        "connecting",
        "labeling",
    ]
    assert found["messages"][0]["considered"] == [["x", 1]]
    assert found["messages"][0]["decided_at"] == "2026-01-05T08:00:00Z"
    assert found["corrections"][0]["former"] == {"layer": "facts"}
    assert found["audit_log"][0]["action"] == "account.add"


@pytest.mark.usefixtures("house")
def test_subjects_are_in_it_by_choice_only(any_sessions):
    without, with_them = document(any_sessions), document(any_sessions, subjects=True)

    assert "subject" not in without["messages"][0]
    assert (without["subjects"], with_them["subjects"]) == (False, True)
    assert with_them["messages"][0]["subject"] == "Order 1"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_column_is_exported_or_withheld_on_purpose(part):
    columns = {column.name for column in table_of(part.model).columns}

    assert columns - set(part.columns) == WITHHELD.get(part.name, set())


def test_nothing_that_opens_something_is_in_it(any_sessions, house):
    with transaction(any_sessions) as session:
        session.execute(
            update(Account).values(refresh_token="a refresh", access_token="an access")
        )
        key, text = issue_key(session, name="n", scope=Scope.ADMIN, now=NOW)
        token = start_session(session, key_id=key.key_id, scope="admin", now=NOW)

    found = text_of(any_sessions, subjects=True)

    secrets = ("a password", "a refresh", "an access", text[-43:], key.key_id, token)
    assert [one for one in secrets if one in found] == []


def test_no_row_is_lost_or_doubled_between_two_bites(any_sessions, house):
    for uid in range(2, 12):
        make_row(any_sessions, house, uid)

    for bite in (1, 3, 11, 12):
        found = document(any_sessions, bite=bite)
        assert [one["uid"] for one in found["messages"]] == list(range(1, 12))


def test_what_comes_while_it_is_read_does_no_harm(any_sessions, house):
    pieces = export(any_sessions, subjects=False, version="1", now=NOW, bite=1)
    text = ""
    for number, piece in enumerate(pieces):
        text += piece
        if number < 9:
            make_row(any_sessions, house, 100 + number)

    uids = [one["uid"] for one in json.loads(text)["messages"]]
    assert len(set(uids)) == len(uids)


def test_hostile_text_stays_text(any_sessions, house):
    hostile = '</script>"\\\n\u2028\u202e\U0001f4e7' + "x" * 200
    make_row(any_sessions, house, 2, evidence=hostile)

    text = text_of(any_sessions)

    assert text.isascii()
    assert json.loads(text)["messages"][1]["evidence"] == hostile


def test_subjects_that_no_key_opens_say_so(sqlite_url, sessions):
    make_row(sessions, make_account(sessions))
    engine = create_engine(sqlite_url)
    without_keys = create_sessions(engine)

    assert document(without_keys)["messages"]
    with pytest.raises(SecretUnreadable, match="MAILBEAT_SECRET_KEYS"):
        text_of(without_keys, subjects=True)
    engine.dispose()


def test_a_long_history_needs_no_more_memory(sessions):
    account_id = make_account(sessions)
    with transaction(sessions) as session:
        session.execute(
            table_of(Run).insert(),
            [
                {
                    "run_id": f"run-{number}",
                    "account_id": account_id,
                    "email_address": "ada@example.org",
                    "start_time": NOW + timedelta(seconds=number),
                    "state": "error",
                    "error_message": "x" * 1000,
                    "updated_at": NOW,
                    "attempt": 1,
                }
                for number in range(8000)
            ],
        )
    size = 0
    tracemalloc.start()
    try:
        for piece in export(sessions, subjects=False, version="1", now=NOW, bite=100):
            size += len(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size > 8_000_000
    assert peak < 3_000_000
