"""The `mailbeat` command.

Exit codes: 0 done, 1 the thing failed (a sentence on stderr), 2 wrong usage.
"""

from mailbeat.cli.main import main

__all__ = ["main"]
