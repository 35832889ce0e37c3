"""A short fault run on each database. `make chaos MINUTES=30` is a long one."""

import pytest

from tests.faults import chaos, checker

SECONDS = 90
ACCOUNTS = 50  # `make chaos` has 100
SEED = 4


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_runs_survive_whatever_dies(database, tmp_path):
    story = chaos.run(
        tmp_path, database=database, seconds=SECONDS, seed=SEED, accounts=ACCOUNTS
    )

    assert len(story.faults) > 10
    assert checker.findings(story) == [], chaos.report(story) + chaos.timeline(story)
