"""`mailbeat doctor`"""

from datetime import timedelta

from mailbeat.db.accounts import tick
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction


def test_a_well_installation_is_said_to_be_well(
    mailbeat, account, redis_url, monkeypatch
):
    monkeypatch.setenv("REDIS_URL", redis_url)

    done = mailbeat("doctor", "--mail")

    assert done.exit_code == 0, done.output
    assert "FAIL" not in done.stdout
    assert "answers" in done.stdout
    assert f"accepts {account}" in done.stdout


def test_a_redis_that_is_away_is_named_with_what_to_do(mailbeat, account, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@127.0.0.1:1/0")

    done = mailbeat("doctor")

    assert done.exit_code == 1
    assert "FAIL  redis: does not answer" in done.stdout
    assert "hunter2" not in done.output


def test_a_wrong_setting_is_the_first_finding(mailbeat, monkeypatch):
    monkeypatch.setenv("PORT", "many")

    done = mailbeat("doctor")

    assert done.exit_code == 1
    assert done.stdout.startswith("FAIL  settings: PORT='many' is not")


def test_an_old_schema_is_named(mailbeat, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")

    done = mailbeat("doctor")

    assert "FAIL  database: has schema None. Run `mailbeat migrate`." in done.stdout


def test_an_account_that_needs_a_person_is_a_finding(mailbeat, user, server_options):
    mailbeat("account", "add", user, *server_options, "--no-verify", stdin="wrong\n")
    mailbeat("run", user)

    done = mailbeat("doctor")

    assert done.exit_code == 1
    assert "set-password" in done.stdout


def test_beat_is_silent_by_the_clock_of_the_database(
    mailbeat, monkeypatch, ahead_url, ahead, secret_keys
):
    monkeypatch.setenv("DATABASE_URL", ahead_url)
    monkeypatch.setenv("MAILBEAT_SECRET_KEYS", secret_keys[0])
    with transaction(ahead) as session:
        tick(session, now=database_now(session) - timedelta(minutes=20))

    assert "FAIL  beat: is silent" in mailbeat("doctor").stdout
