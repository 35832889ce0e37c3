"""`python -m mailbeat.cli`"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_it_is_the_same_command():
    done = subprocess.run(
        [sys.executable, "-m", "mailbeat.cli", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("mailbeat, version")
