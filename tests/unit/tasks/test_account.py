"""The task; tests/integration/cluster runs it in a real worker."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_its_message_holds_an_id_and_nothing_else(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    program = (
        "import inspect\nfrom tasks.account import process_account as task\n"
        "print(task.name, list(inspect.signature(task.run).parameters))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "tasks.account.process_account ['account_id']"
