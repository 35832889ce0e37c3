"""Celery's settings: all of them known to Celery, wrong ones explained."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from celery import Celery
from celery.app.defaults import SETTING_KEYS
from kombu.exceptions import OperationalError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def config(monkeypatch):
    """Run celeryconfig.py in an environment, and return what Celery would see."""

    def run(**variables):
        for name in ("BROKER_URL", "REDIS_URL", "WORKER_CONCURRENCY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        names = runpy.run_path(str(ROOT / "celeryconfig.py"))
        return {name: v for name, v in names.items() if not name.startswith("_")}

    return run


def test_every_name_is_a_setting_of_celery(config):
    names = set(config(REDIS_URL="redis://127.0.0.1/0"))
    names |= set(config(BROKER_URL="amqp://127.0.0.1//"))

    # Celery documents this one and reads it, but has it in no list.
    assert names - SETTING_KEYS == {"result_backend_thread_safe"}


def test_a_verified_rediss_is_the_default(config):
    verified = config(REDIS_URL="rediss://127.0.0.1/0")
    chosen = config(REDIS_URL="rediss://127.0.0.1/0?ssl_cert_reqs=none")

    assert verified["broker_use_ssl"]["ssl_cert_reqs"] == 2
    assert verified["redis_backend_use_ssl"]["ssl_cert_reqs"] == 2
    assert chosen["broker_use_ssl"] is None


def test_the_threads_of_a_worker_share_one_backend_of_results(config):
    app = Celery("test", set_as_current=False)
    app.config_from_object(config(REDIS_URL="redis://127.0.0.1/0"))
    others = []

    thread = Thread(target=lambda: others.append(app.backend))
    thread.start()
    thread.join()

    assert others == [app.backend]


def test_another_broker_gets_no_options_of_redis(config):
    settings = config(BROKER_URL="amqp://127.0.0.1//")

    assert settings["broker_transport_options"] == {
        "read_timeout": 5,
        "write_timeout": 5,
    }
    assert settings["result_backend"] == "disabled://"


def test_with_rabbitmq_as_broker_results_may_go_to_redis(config):
    settings = config(
        BROKER_URL="amqp://127.0.0.1//", REDIS_URL="redis://127.0.0.1:1/0"
    )

    assert settings["broker_url"] == "amqp://127.0.0.1//"
    assert settings["result_backend"] == "redis://127.0.0.1:1/0"


@pytest.mark.parametrize("broker", ["redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"])
def test_the_client_of_the_broker_knows_its_options(config, broker):
    app = Celery(set_as_current=False)
    app.conf.update(config(BROKER_URL=broker))

    with app.connection_for_write() as connection, pytest.raises(OperationalError):
        connection.ensure_connection(max_retries=1, interval_start=0)

    app.close()


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "REDIS_URL is not set"),
        (
            {"REDIS_URL": "redis://127.0.0.1/0", "WORKER_CONCURRENCY": "many"},
            "WORKER_CONCURRENCY='many' is not a whole number",
        ),
    ],
)
@pytest.mark.parametrize("process", ["worker", "beat"])
def test_a_wrong_environment_stops_the_start_with_a_sentence(variables, words, process):
    bare = {
        name: value
        for name, value in os.environ.items()
        if name not in {"REDIS_URL", "BROKER_URL"}
    }

    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "tasks", process],
        cwd=ROOT,
        env=bare | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(words)
    assert "Traceback" not in done.stderr
