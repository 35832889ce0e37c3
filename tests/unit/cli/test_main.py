"""The command as a whole."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMANDS = ("account", "categorize", "demo", "doctor", "key", "migrate", "run", "up")


def test_help_names_every_command(mailbeat):
    text = mailbeat("--help").stdout

    assert all(f"\n  {name} " in text for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(mailbeat, name):
    done = mailbeat(name, "--help")

    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) > 4


def test_an_unknown_command_is_wrong_usage(mailbeat):
    assert mailbeat("dance").exit_code == 2


def test_help_loads_nothing_heavy():
    program = (
        "import sys; from mailbeat.cli import main\n"
        "print([m for m in ('sqlalchemy', 'alembic', 'imapclient', 'celery', 'flask')"
        " if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
