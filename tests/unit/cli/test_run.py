"""`mailbeat run`"""

import json
from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.db import accounts
from mailbeat.db.session import create_engine, create_sessions, transaction
from mailbeat.lease import LeaseKeeper
from tests.unit.test_run import invoice


@pytest.fixture
def taken(tmp_path):
    """Have another run take account 1, for so many seconds."""
    engine = create_engine(f"sqlite:///{tmp_path}/var/mailbeat.db")
    sessions = create_sessions(engine)

    def take(seconds):
        with transaction(sessions) as session:
            accounts.take_lease(
                session,
                1,
                "another",
                now=datetime.now(UTC),
                ttl=timedelta(seconds=seconds),
            )
        return sessions

    yield take
    engine.dispose()


def test_a_run_labels_and_says_so(mailbeat, account, imap_server):
    imap_server.append(account, *[invoice(n) for n in range(3)])

    done = mailbeat("run", account)

    assert done.exit_code == 0
    assert "3 new, 3 labelled" in done.stdout
    assert list(imap_server.keywords(account).values()) == [{"Receipts"}] * 3


def test_each_step_is_one_object(mailbeat, account, imap_server):
    imap_server.append(account, invoice(1))

    done = mailbeat("run", account, "--json")

    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert steps[0]["state"] == "connecting"
    assert (steps[-1]["state"], steps[-1]["outcome"]) == ("completed", "succeeded")
    assert steps[-1]["labeled"] == 1


def test_a_failed_run_says_what_to_do(mailbeat, user, server_options):
    mailbeat("account", "add", user, *server_options, "--no-verify", stdin="wrong\n")

    done = mailbeat("run", user)

    assert done.exit_code == 1
    assert "set-password" in done.stderr


def test_what_breaks_inside_is_told_without_any_value(mailbeat, account, monkeypatch):
    """A traceback with local variables would show the password."""

    def broken(_mailbox, *_, password="canary", **__):
        raise KeyError

    monkeypatch.setattr("mailbeat.run.label_new_messages", broken)

    done = mailbeat("run", account, "--json")

    assert done.exit_code == 1
    assert "KeyError" in done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()]
    assert "canary" not in done.output


def test_a_paused_account_is_not_run(mailbeat, account):
    mailbeat("account", "pause", account)

    done = mailbeat("run", account)

    assert done.exit_code == 1
    assert "paused" in done.stderr


def test_a_dry_run_changes_nothing(mailbeat, account, imap_server):
    imap_server.append(account, invoice(1))

    done = mailbeat("run", account, "--dry-run", "--json")

    (row,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert row["category"] == "Receipts"
    assert row["reason"]
    assert list(imap_server.keywords(account).values()) == [set()]


def test_a_run_in_the_foreground_is_in_the_audit_log(mailbeat, account):
    steps = mailbeat("run", account, "--json").stdout.splitlines()
    mailbeat("account", "pause", account)
    mailbeat("run", account)  # which does not run

    wished = [
        json.loads(line)
        for line in mailbeat("audit", "--json").stdout.splitlines()
        if "run.want" in line
    ]
    assert [(one["actor"], one["target"], one["detail"]) for one in wished] == [
        ("cli", "account 1", json.loads(steps[0])["run_id"])
    ]


def test_a_run_that_was_killed_is_waited_for(mailbeat, account, imap_server, taken):
    imap_server.append(account, invoice(1))
    taken(0.6)

    done = mailbeat("run", account)

    assert done.exit_code == 0, done.output
    assert "or its last run was killed. Waiting up to 15 s" in done.stderr
    assert list(imap_server.keywords(account).values()) == [{"Receipts"}]


def test_a_run_that_lives_is_not_waited_for(mailbeat, account, taken):
    leases = LeaseKeeper(taken(60), renew_seconds=0.05)
    with leases.hold("another"):
        done = mailbeat("run", account)
    leases.close()

    assert done.exit_code == 1
    assert "Its next run can be asked for when this one has ended" in done.stderr
