"""Where every account stands, in one reading."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm.exc import DetachedInstanceError

from mailbeat.db import accounts, runs, status
from mailbeat.db.accounts import NewAccount
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.labeling.progress import Outcome, Progress, RunState
from mailbeat.mail.mailbox import Security
from tests.unit.db.test_accounts import new_account

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
TTL = timedelta(seconds=15)


@pytest.fixture
def ada(any_sessions):
    with transaction(any_sessions) as session:
        new = NewAccount(
            "ada@example.org", "imap.example.org", 993, Security.TLS, "ada", "secret"
        )
        return accounts.add_account(session, new, now=NOW).id


def begin(sessions, account_id, run_id):
    with transaction(sessions) as session:
        accounts.take_lease(session, account_id, run_id, now=NOW, ttl=TTL)
        account = accounts.find_account(session, account_id)
        runs.start_run(session, account, run_id, now=NOW)


def end(sessions, account_id, run_id):
    with transaction(sessions) as session:
        done = Progress(RunState.COMPLETED, found=2, processed=2, labeled=2)
        runs.finish_run(session, run_id, done, 9, outcome=Outcome.SUCCEEDED, now=NOW)
        accounts.release_lease(
            session, account_id, run_id, now=NOW, interval_seconds=300
        )


def read(sessions, now=NOW):
    with sessions() as session:
        return status.read_standing(session, now=now)


def test_an_account_that_never_ran_has_no_run(any_sessions, ada):
    standing = read(any_sessions)

    assert [one.id for one in standing.accounts] == [ada]
    assert (standing.running, standing.abandoned, standing.last) == ({}, {}, {})


def test_a_run_with_a_lease_is_running(any_sessions, ada):
    begin(any_sessions, ada, "one")

    standing = read(any_sessions)

    assert standing.running[ada].run_id == "one"
    assert not standing.abandoned


def test_a_run_whose_lease_ended_is_abandoned(any_sessions, ada):
    begin(any_sessions, ada, "one")

    standing = read(any_sessions, NOW + TTL)

    assert standing.abandoned[ada].run_id == "one"
    assert not standing.running


def test_a_finished_run_is_the_last_and_recent(any_sessions, ada):
    for run_id in ("one", "two"):
        begin(any_sessions, ada, run_id)
        end(any_sessions, ada, run_id)

    standing = read(any_sessions)

    assert standing.last[ada].run_id == "two"
    assert [run.run_id for run in standing.recent] == ["two", "one"]


def test_a_pause_of_everything_is_seen(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.pause_everything(session, now=NOW)

    assert read(any_sessions).paused_since == NOW


def test_passwords_are_not_read(any_sessions, ada):
    """So that a lost encryption key does not take the live page with it."""
    engine = create_engine(any_sessions.kw["bind"].url)

    (account,) = read(create_sessions(engine)).accounts
    engine.dispose()

    assert account.email_address == "ada@example.org"
    with pytest.raises(DetachedInstanceError):
        _ = account.password


def test_a_run_is_read_with_its_account(any_sessions, ada):
    begin(any_sessions, ada, "one")

    with any_sessions() as session:
        run, account = status.read_run(session, "one")
        unknown = status.read_run(session, "two")

    assert (run.run_id, account.id, unknown) == ("one", ada, None)


def test_the_run_of_a_removed_account_is_read_without_one(any_sessions, ada):
    begin(any_sessions, ada, "one")
    with transaction(any_sessions) as session:
        accounts.remove_account(session, ada, now=NOW)

    with any_sessions() as session:
        assert status.read_run(session, "one")[1] is None


def test_accounts_are_found_by_a_part_of_their_address(any_sessions, ada):
    with transaction(any_sessions) as session:
        accounts.add_account(session, new_account("bob_b@example.org"), now=NOW)

    with any_sessions() as session:

        def found(part, limit=9):
            named = status.accounts_by_address(session, part, limit=limit)
            return [address.partition("@")[0] for _, address in named]

        assert found("") == found("EXAMPLE") == ["ada", "bob_b"]
        assert found("", limit=1) == ["ada"]
        assert found("b_b") == ["bob_b"]
        assert found("%") == found("a_a") == found("z") == []


def test_the_account_that_waits_for_a_run_is_known_by_it(any_sessions, ada):
    with transaction(any_sessions) as session:
        wanted = accounts.want_run(session, ada, now=NOW)

    with any_sessions() as session:
        assert status.account_that_waits_for(session, wanted).id == ada
        assert status.account_that_waits_for(session, "another") is None


def test_some_accounts_are_read_at_once(any_sessions, ada):
    with any_sessions() as session:
        assert list(status.some_accounts_without_secrets(session, {ada, 99})) == [ada]
