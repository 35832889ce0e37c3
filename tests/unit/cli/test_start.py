"""`mailbeat migrate`; tests/e2e starts `demo` and `up`."""

import pytest


def test_migrating_twice_is_harmless(mailbeat, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new.db")

    first, second = mailbeat("migrate"), mailbeat("migrate")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "schema" in second.stdout


def test_a_database_that_is_away_cannot_be_migrated(mailbeat, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@127.0.0.1:1/none")

    done = mailbeat("migrate")

    assert done.exit_code == 1
    assert "could not be migrated" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--interval", "0"), ("--port", "99999"), ("--accounts", "1"), ("--what",)],
)
def test_wrong_usage_of_the_demo_is_exit_code_2(mailbeat, arguments):
    assert mailbeat("demo", *arguments).exit_code == 2
