"""`mailbeat doctor`"""

from datetime import timedelta

import pytest

from mailbeat.db.accounts import tick
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from tests.servers.llm import failing


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


def test_rabbitmq_as_broker_is_tried_and_redis_is_not_missed(
    mailbeat, account, rabbitmq, monkeypatch
):
    monkeypatch.setenv("BROKER_URL", rabbitmq.url)

    done = mailbeat("doctor")

    assert done.exit_code == 0, done.output
    assert "ok    broker: RabbitMQ version" in done.stdout
    assert "ok    redis: none configured, and none needed" in done.stdout


def test_an_encrypted_rabbitmq_is_verified(mailbeat, account, rabbitmq, monkeypatch):
    monkeypatch.setenv("BROKER_URL", rabbitmq.encrypted_url)
    unknown = mailbeat("doctor")
    monkeypatch.setenv("SSL_CERT_FILE", str(rabbitmq.authority))
    known = mailbeat("doctor")

    assert "does not answer (SSLCertVerificationError)" in unknown.stdout
    assert "ok    broker: RabbitMQ version" in known.stdout


def test_a_rabbitmq_that_hangs_or_refuses_is_named_with_what_to_do(
    mailbeat, account, rabbitmq, monkeypatch
):
    monkeypatch.setenv("BROKER_URL", f"amqp://eve:hunter2@127.0.0.1:{rabbitmq.port}")
    refused = mailbeat("doctor")
    rabbitmq.pause()
    hangs = mailbeat("doctor")

    assert (refused.exit_code, hangs.exit_code) == (1, 1)
    assert "FAIL  broker: refuses the user or the password" in refused.stdout
    assert "FAIL  broker: does not answer (TimeoutError)" in hangs.stdout
    assert "hunter2" not in refused.output + hangs.output


def test_another_redis_as_broker_is_tried_too(mailbeat, account, monkeypatch):
    monkeypatch.setenv("BROKER_URL", "redis://127.0.0.1:1/0")

    done = mailbeat("doctor")

    assert done.exit_code == 1
    assert "FAIL  broker: does not answer" in done.stdout
    assert "correct BROKER_URL" in done.stdout


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


def test_a_model_is_tried(mailbeat, account, llm_server, monkeypatch):
    monkeypatch.setenv("LLM_BASE_URL", llm_server.url)
    monkeypatch.setenv("LLM_MODEL", "stub-1")

    done = mailbeat("doctor")

    assert "ok    model: stub-1 at 127.0.0.1 answers in " in done.stdout
    assert len(llm_server.asked) == 1


def test_a_model_that_refuses_is_named_with_what_to_do(
    mailbeat, account, llm_server, monkeypatch
):
    llm_server.behaviour = failing(401)
    monkeypatch.setenv("LLM_BASE_URL", llm_server.url)
    monkeypatch.setenv("LLM_MODEL", "stub-1")
    monkeypatch.setenv("LLM_API_KEY", "hunter2")

    done = mailbeat("doctor")

    assert done.exit_code == 1
    assert "FAIL  model: stub-1 at 127.0.0.1 refuses the key (401)" in done.stdout
    assert "correct LLM_API_KEY" in done.stdout
    assert "hunter2" not in done.output


@pytest.mark.parametrize(
    ("told", "missing"),
    [("LLM_BASE_URL", "LLM_MODEL"), ("LLM_MODEL", "LLM_BASE_URL")],
)
def test_half_a_model_is_none(mailbeat, account, monkeypatch, told, missing):
    monkeypatch.setenv(told, "http://127.0.0.1:1/v1")

    done = mailbeat("doctor")

    assert f"FAIL  model: is not asked: {missing} is not set." in done.stdout


def test_without_a_model_nothing_is_said_of_it(mailbeat, account):
    assert "model" not in mailbeat("doctor").stdout
