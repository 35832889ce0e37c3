"""Logs: one line per event, and no secret in any."""

import json
import logging
from datetime import UTC, datetime
from functools import partial

import pytest
import structlog

from mailbeat.logs import (
    MAX_TEXT,
    configure_logging,
    log_to_a_person,
    register_secret,
    scrub,
)


@pytest.fixture(autouse=True)
def _logging_as_it_was():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_our_lines_and_a_librarys_have_one_shape(capsys):
    configure_logging("info", "json")

    with structlog.contextvars.bound_contextvars(run_id="r", account_id=7):
        structlog.get_logger("ours").info("run ended", labeled=3)
        logging.getLogger("library").warning("%s happened", "something")

    ours, theirs = lines(capsys)
    assert (ours["event"], ours["labeled"], ours["level"]) == ("run ended", 3, "info")
    assert theirs["event"] == "something happened"
    assert ours["run_id"] == theirs["run_id"] == "r"
    assert ours["timestamp"].endswith("Z")


def test_what_is_below_the_level_is_not_logged(capsys):
    configure_logging("warning", "json")

    structlog.get_logger("ours").info("chatter")

    assert lines(capsys) == []


def test_a_registered_secret_is_in_no_line(capsys):
    configure_logging("info", "json")
    register_secret("canary-password")

    try:
        int("LOGIN failed for canary-password")
    except ValueError:
        structlog.get_logger("ours").exception("it broke", what="canary-password")
        logging.getLogger("library").exception("and here: %s", "canary-password")

    text = capsys.readouterr().err
    assert "it broke" in text
    assert "ValueError" in text
    assert "canary" not in text


@pytest.mark.parametrize(
    "configure",
    [
        log_to_a_person,
        partial(configure_logging, "info", "console"),
        partial(configure_logging, "info", "json"),
    ],
)
def test_a_traceback_shows_no_values_of_variables(capsys, configure):
    configure()
    password = "only-a-local-variable"

    try:
        {}[len(password)]
    except KeyError:
        structlog.get_logger("ours").exception("it broke")
        logging.getLogger("library").exception("and this")

    said = capsys.readouterr()
    assert "KeyError" in said.err
    assert "only-a-local" not in said.out + said.err


def test_a_command_says_what_broke_on_stderr_and_without_secrets(capsys):
    log_to_a_person()
    register_secret("canary-password")

    structlog.get_logger("ours").warning("it broke", what="canary-password")

    said = capsys.readouterr()
    assert said.out == ""
    assert "it broke" in said.err
    assert "canary" not in said.err


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("redis://:hunter2@127.0.0.1/0", "redis://:***@127.0.0.1/0"),
        ("imap://ada:hunter2@host/", "imap://ada:***@host/"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("X-API-Key: abcdef", "X-API-Key: ***"),
        ("a1 LOGIN ada hunter2", "a1 LOGIN ***"),
        ("used mb_0123456789ab_" + "x" * 43, "used mb_***"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_what_looks_like_a_secret_is_scrubbed(text, clean):
    assert scrub(text) == clean


def test_a_long_text_is_cut():
    assert len(scrub("x" * 100_000)) < MAX_TEXT + 10


def test_of_a_long_traceback_the_end_is_kept(capsys):
    """There it says what happened, and in which line of ours."""
    configure_logging("info", "json")

    error = LookupError("what came first")
    for n in range(50):
        newer = LookupError(f"what came {n}")
        newer.__cause__ = error
        error = newer
    structlog.get_logger("ours").error("it broke", exc_info=error)

    (line,) = lines(capsys)
    assert line["exception"].endswith("LookupError: what came 49")
    assert len(line["exception"]) < MAX_TEXT + 10


def test_what_celery_says_of_a_run_names_the_run_and_the_account(capsys):
    configure_logging(fmt="json")
    told = {"id": "a-run", "name": "tasks.account.process_account", "args": "[7]"}

    logging.getLogger("celery.worker").warning("Task received", extra={"data": told})
    other = {"id": "a-task", "name": "another", "args": "['a secret']"}
    logging.getLogger("celery.worker").warning("Task received", extra={"data": other})

    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["run_id"], first["account_id"]) == ("a-run", 7)
    assert second["task_id"] == "a-task"
    assert "a secret" not in str(second)


def test_a_time_is_told_as_machines_tell_it(capsys):
    configure_logging(fmt="json")

    structlog.get_logger("a").warning("b", since=datetime(2026, 1, 5, tzinfo=UTC))

    line = json.loads(capsys.readouterr().err)
    assert line["since"] == "2026-01-05T00:00:00+00:00"
