"""What a person wants at once: the wish and its entry in the audit log."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db import accounts, runs
from mailbeat.db.session import create_engine, create_sessions, transaction


@pytest.fixture
def database(account, tmp_path):
    """Sessions on the command's own database, in which account 1 is."""
    engine = create_engine(f"sqlite:///{tmp_path}/var/mailbeat.db")
    yield create_sessions(engine)
    engine.dispose()


def row(database, column):
    with database() as session:
        return session.scalar(
            accounts.select(getattr(accounts.Account, column))  # without its password
        )


@pytest.fixture
def running(database):
    """Run `working` of account 1, as a worker has it in hand."""
    with transaction(database) as session:
        now = datetime.now(UTC)
        lease = {"lease_run_id": "working", "lease_until": now + timedelta(seconds=15)}
        session.execute(accounts.update(accounts.Account).values(lease))
        runs_row = accounts.select(accounts.Account.email_address)
        session.add(
            runs.Run(
                run_id="working",
                account_id=1,
                email_address=session.scalar(runs_row),
                start_time=now,
                updated_at=now,
                created_at=now,
                state="labeling",
                attempt=1,
                seq=1,
            )
        )


def audited(mailbeat):
    lines = mailbeat("audit", "--json").stdout.splitlines()
    entries = [json.loads(line) for line in reversed(lines)]
    return [(one["actor"], one["action"], one["target"]) for one in entries][1:]


def test_an_account_is_paused_and_resumed(mailbeat, account):
    mailbeat("account", "pause", account)
    paused = json.loads(mailbeat("account", "show", account, "--json").stdout)
    mailbeat("account", "resume", account)
    resumed = json.loads(mailbeat("account", "show", account, "--json").stdout)

    assert (paused["state"], resumed["state"]) == ("paused", "idle")
    assert audited(mailbeat) == [
        ("cli", "account.pause", "account 1"),
        ("cli", "account.resume", "account 1"),
    ]


def test_run_now_is_a_wish_in_the_database(mailbeat, account, database):
    done = mailbeat("account", "run", account, "--json")

    assert row(database, "wanted_run_id") == json.loads(done.stdout)["run_id"]
    assert audited(mailbeat) == [("cli", "run.want", "account 1")]


def test_run_now_of_a_paused_account_says_why_not(mailbeat, account):
    mailbeat("account", "pause", account)

    done = mailbeat("account", "run", account)

    assert done.exit_code == 1
    assert "is paused. Resume it first" in done.stderr
    assert audited(mailbeat) == [("cli", "account.pause", "account 1")]


@pytest.mark.parametrize("ref", ["working", "1"])
def test_a_run_is_cancelled_by_its_id_or_its_account(mailbeat, database, running, ref):
    done = mailbeat("cancel", ref)

    assert done.stdout.startswith("Run working is cancelled")
    assert row(database, "cancel_run_id") == "working"
    assert audited(mailbeat) == [("cli", "run.cancel", "run working")]


@pytest.mark.parametrize("by_id", [True, False])
def test_a_run_that_waits_is_cancelled(mailbeat, account, database, by_id):
    run_id = json.loads(mailbeat("account", "run", account, "--json").stdout)["run_id"]

    done = mailbeat("cancel", run_id if by_id else account)

    assert done.exit_code == 0
    assert row(database, "wanted_run_id") is None
    with database() as session:
        assert runs.get_run(session, run_id).outcome == "cancelled"


def test_what_does_not_run_cannot_be_cancelled(mailbeat, account):
    done = mailbeat("cancel", account)

    assert (done.exit_code, done.stderr) == (1, f"{account} is not running.\n")
    assert audited(mailbeat) == []


def test_a_run_that_ended_cannot_be_cancelled(mailbeat, database, running):
    with transaction(database) as session:
        session.execute(accounts.update(accounts.Account).values(lease_run_id=None))

    done = mailbeat("cancel", "working")

    assert done.exit_code == 1
    assert "not running any more" in done.stderr


def test_everything_is_paused_and_resumed(mailbeat, database):
    mailbeat("pause")
    with database() as session:
        assert accounts.everything_paused_since(session) is not None

    mailbeat("resume")
    with database() as session:
        assert accounts.everything_paused_since(session) is None
    assert audited(mailbeat) == [
        ("cli", "all.pause", "all"),
        ("cli", "all.resume", "all"),
    ]
