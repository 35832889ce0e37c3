"""`mailbeat alert`"""

import json

import pytest

from mailbeat.db import alerts
from mailbeat.db.session import create_engine, create_sessions, transaction
from tests.factories import NOW
from tests.servers.receiver import receiver
from tests.servers.smtp import mail_drop


@pytest.fixture
def opened(mailbeat, tmp_path):
    """An open alert in the database of the command."""
    mailbeat("alert", "list")  # makes the database
    engine = create_engine(f"sqlite:///{tmp_path}/var/mailbeat.db")
    found = alerts.Found("no_worker", "", "None was seen.")
    with transaction(create_sessions(engine)) as session:
        alerts.write_down(session, [found], {}, now=NOW)
    engine.dispose()


def test_a_test_says_of_each_way_what_came_of_it(mailbeat, monkeypatch):
    with mail_drop() as drop, receiver() as hook:
        hook.statuses.append(500)
        monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{drop.port}")
        monkeypatch.setenv("ALERT_TO", "ops@example.org")
        monkeypatch.setenv("ALERT_WEBHOOK_URL", hook.url)
        monkeypatch.setenv("ALERT_WEBHOOK_SECRET", "a-secret-of-the-hook")

        done = mailbeat("alert", "test")

    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "ok    Mail to ops@example.org: sent",
        "FAIL  Webhook of 127.0.0.1: 127.0.0.1 answered 500.",
    ]
    assert drop.mails[0]["Subject"] == "Mailbeat: A test of the alerts"


def test_without_a_way_out_a_test_says_what_to_set(mailbeat):
    done = mailbeat("alert", "test")

    assert done.exit_code == 1
    assert "Set SMTP_URL and ALERT_TO" in done.stderr


def test_a_webhook_without_a_secret_is_refused_at_once(mailbeat, monkeypatch):
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "https://hooks.example.org/t")

    done = mailbeat("alert", "test")

    assert done.exit_code == 1
    assert "needs ALERT_WEBHOOK_SECRET" in done.stderr


def test_what_is_wrong_is_listed_with_what_to_do(mailbeat, opened):
    lines = mailbeat("alert", "list").stdout.splitlines()

    assert lines[0] == "1  No worker runs since 2026-01-05 08:00:00 UTC"
    assert lines[1].strip() == "None was seen."
    assert "What to do: Start one" in lines[2]
    (line,) = mailbeat("alert", "list", "--json").stdout.splitlines()
    assert json.loads(line)["rule"] == "no_worker"


def test_where_nothing_is_wrong_that_is_said(mailbeat):
    assert mailbeat("alert", "list").stdout == "Nothing is wrong.\n"


def test_one_says_that_one_knows_or_wants_silence(mailbeat, opened):
    assert mailbeat("alert", "acknowledge", 1).exit_code == 0
    assert "known to cli" in mailbeat("alert", "list").stdout
    assert mailbeat("alert", "acknowledge", 9).exit_code == 1
    assert mailbeat("alert", "silence", "no_worker", "--hours", 2).exit_code == 0
    assert "There are: " in mailbeat("alert", "silence", "nonsense").stderr

    deeds = [line.split()[2] for line in mailbeat("audit").stdout.splitlines()]

    assert deeds == ["alert.silence", "alert.acknowledge"]
