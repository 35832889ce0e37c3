"""The Celery application."""

import subprocess
import sys
from pathlib import Path

import pytest
from celery import Celery
from celery.exceptions import Ignore
from structlog.testing import capture_logs

ROOT = Path(__file__).parents[3]


def test_the_application_is_found_from_anywhere(tmp_path, redis_url, monkeypatch):
    """An installed `celery -A tasks` need not run in the project's root."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    program = (
        "from tasks import app; print(app.conf.worker_pool, sorted(app.tasks)[-1])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split()[0] == "tasks.pool:ThreadPool"


def test_it_knows_the_task(redis_url, monkeypatch):
    monkeypatch.setenv("REDIS_URL", redis_url)
    program = (
        "from tasks import app; app.loader.import_default_modules();"
        "print('tasks.account.process_account' in app.tasks)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "True"


@pytest.fixture
def quiet_app():
    from tasks.celery import QuietTask

    with Celery("test", set_as_current=False, task_cls=QuietTask) as app:
        yield app


def test_what_breaks_a_task_is_in_the_log_and_in_nothing_that_celery_tells(
    quiet_app,
):
    @quiet_app.task
    def breaks(secret):
        raise UnicodeEncodeError("ascii", secret, 0, 1, secret)

    with capture_logs() as lines:
        result = breaks.apply(["pässword"])

    assert result.state == "FAILURE"
    told = repr(result.result) + result.traceback + str(vars(result))
    assert "TaskBroke" in told
    assert "pässword" not in told
    assert "UnicodeEncodeError" not in told
    assert [(one["event"], one["exc_info"]) for one in lines] == [("task broke", True)]


def test_what_is_no_failure_passes(quiet_app):
    @quiet_app.task
    def ignores():
        raise Ignore

    assert ignores.apply().state == "IGNORED"


def test_a_task_returns_what_it_returned(quiet_app):
    @quiet_app.task(bind=True)
    def name_of(self, end):
        return self.name + end

    assert name_of.apply(["!"]).result == name_of.name + "!"
