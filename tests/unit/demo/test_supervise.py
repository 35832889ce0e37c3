"""The rest of its behaviour is shown in test_processes.py, with a parent that dies."""

import os
import subprocess
import sys


def test_it_does_not_begin_when_its_parent_is_gone(tmp_path):
    stranger = os.getppid()

    done = subprocess.run(
        [sys.executable, "-m", "mailbeat.demo.supervise", str(tmp_path), str(stranger)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert done.returncode == 1
    assert "parent ended" in done.stderr
