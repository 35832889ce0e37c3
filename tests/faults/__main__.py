"""`python -m tests.faults`: a fault run on the console."""

import argparse
import logging
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.faults import chaos, checker


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--minutes", type=float, default=3.0, help="in all")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument(
        "--database", choices=["sqlite", "postgres", "both"], default="both"
    )
    parser.add_argument("--accounts", type=int, default=100)
    parser.add_argument("--interval", type=int, default=10, help="seconds")
    parser.add_argument("--keep", action="store_true", help="logs and database")
    asked = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # the gate is cut off, too
    both = asked.database == "both"
    databases = ("sqlite", "postgres") if both else (asked.database,)
    minutes = asked.minutes / len(databases)
    wrong = 0
    for database in databases:
        folder = Path(tempfile.mkdtemp(prefix="mailbeat-faults-"))
        print(f"== {database}, {minutes:g} minutes, in {folder}", flush=True)
        story = chaos.run(
            folder,
            database=database,
            seconds=minutes * 60,
            seed=asked.seed,
            accounts=asked.accounts,
            interval=asked.interval,
        )
        print(chaos.report(story), flush=True)
        is_wrong = bool(checker.findings(story))
        wrong += is_wrong
        if is_wrong or asked.keep:
            (folder / "faults.txt").write_text(chaos.timeline(story))
            print(f"logs, database and faults.txt are in {folder}", flush=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
