"""The Celery application."""

import subprocess
import sys
from pathlib import Path

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

    assert done.stdout.split()[0] == "threads"


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
