"""Which facts are trouble."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbeat.alerts.rules import (
    RULES,
    Facts,
    Failures,
    Process,
    TroubledAccount,
    troubles,
)

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ADA = TroubledAccount(7, "ada@example.org", last_run_at=NOW)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


WELL = Facts(
    now=NOW,
    looking_since=ago(3600),
    has_accounts=True,
    beat_ticked_at=ago(2),
    processes=(
        Process("web", "a", ago(1)),
        Process("worker", "b", ago(3)),
        Process("beat", "b", ago(4)),
    ),
)


def without(kind: str, *, seen: float = 60) -> tuple[Process, ...]:
    gone = Process(kind, "b", ago(seen))
    return tuple(gone if one.kind == kind else one for one in WELL.processes)


def names(**changes) -> list[str]:
    return [one.rule for one in troubles(replace(WELL, **changes))]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"processes": without("worker")}, ["no_worker"]),
        ({"processes": without("worker", seen=29)}, []),  # a restart
        ({"processes": without("beat"), "beat_ticked_at": ago(60)}, ["no_beat"]),
        ({"processes": without("beat")}, []),  # another one ticks
        ({"beat_ticked_at": ago(60)}, ["beat_stuck"]),
        ({"beat_ticked_at": None}, ["beat_stuck"]),
        (
            {"processes": (Process("web", "a", NOW, deaf_since=ago(16)),)},
            ["feed_deaf", "no_worker"],
        ),
        ({"processes": (), "has_accounts": False}, []),
        ({"processes": (), "looking_since": ago(10)}, []),  # all just started
        ({"processes": without("worker"), "looking_since": ago(40)}, []),
        (
            {"processes": without("worker", seen=31), "looking_since": ago(40)},
            ["no_worker"],  # it was there
        ),
        (
            {
                "processes": without("beat", seen=31),
                "beat_ticked_at": ago(31),
                "looking_since": ago(40),
            },
            ["no_beat"],
        ),
        ({"accounts": (replace(ADA, failures=3),)}, ["account_failing"]),
        ({"accounts": (replace(ADA, failures=2),)}, []),
        (
            {
                "accounts": (replace(ADA, failures=1),),
                "is_open": {("account_failing", "account 7")},
            },
            ["account_failing"],
        ),
        ({"accounts": (replace(ADA, failures=9, is_paused=True),)}, []),
        (
            {"accounts": (replace(ADA, is_paused=True, needs_person=True),)},
            ["needs_person"],
        ),
        ({"accounts": (replace(ADA, last_run_at=ago(901)),)}, ["not_run"]),
        ({"accounts": (replace(ADA, last_run_at=ago(899)),)}, []),
        (
            {"accounts": (replace(ADA, last_run_at=ago(901), is_running=True),)},
            [],
        ),
        (
            {
                "accounts": (
                    replace(ADA, last_run_at=ago(901), is_waiting_on_purpose=True),
                )
            },
            [],
        ),
        (
            {"accounts": (replace(ADA, last_run_at=ago(901)),), "is_all_paused": True},
            [],
        ),
        # Nobody is told of a thousand accounts when one worker is missing.
        (
            {
                "accounts": (replace(ADA, last_run_at=ago(901)),),
                "processes": without("worker"),
            },
            ["no_worker"],
        ),
        (
            {"failures": Failures(20, 12, 4, 100, 5)},
            ["errors_jump"],
        ),
        ({"failures": Failures(20, 12, 2, 100, 5)}, []),  # of two accounts
        ({"failures": Failures(20, 12, 4, 100, 55)}, []),  # as before
        (
            {"failures": Failures(20, 7, 4, 9, 9), "is_open": {("errors_jump", "")}},
            ["errors_jump"],
        ),
        ({"failures": Failures(20, 5, 4, 9, 9), "is_open": {("errors_jump", "")}}, []),
    ],
)
def test_what_is_trouble(changes, expected):
    assert names(**changes) == expected


def test_a_host_whose_disk_is_almost_full_is_named():
    full = Process("web", "web-1", NOW, disk_free=2**20, disk_size=2**40)

    (found,) = troubles(replace(WELL, processes=(full, *WELL.processes[1:])))

    assert (found.rule, found.subject) == ("disk_full", "host web-1")


def counts(*numbers: int) -> tuple[tuple[datetime, int], ...]:
    """One look each ten seconds, the last of them now."""
    last = len(numbers) - 1
    return tuple((ago(10 * (last - i)), n) for i, n in enumerate(numbers))


@pytest.mark.parametrize(
    ("waiting", "grows"),
    [
        (range(0, 60, 2), True),
        (range(15), False),  # few
        ([40] * 30, False),  # long, and stays so
        (list(range(0, 60, 4)) + list(range(60, 0, -4)), False),
        (range(0, 60, 10), False),  # not looked at for long enough
    ],
)
def test_a_queue_grows_when_it_is_longer_in_each_part_of_the_time(waiting, grows):
    assert names(waiting=counts(*waiting)) == (["queue_growing"] if grows else [])


def test_of_a_queue_that_nobody_looks_at_nothing_is_said():
    grew = tuple((at - timedelta(seconds=31), n) for at, n in counts(*range(0, 52, 2)))

    assert names(waiting=grew) == []


def test_what_a_person_reads_names_the_account_and_its_error():
    failing = replace(ADA, failures=4, error="The server was busy.")

    (found,) = troubles(replace(WELL, accounts=(failing,)))

    assert found.detail == (
        "ada@example.org failed 4 times in a row. The server was busy."
    )
    assert found.account_id == 7


def test_every_rule_says_what_to_do_and_names_only_rules_as_causes():
    for rule in RULES.values():
        assert rule.todo.endswith(".")
        assert rule.causes <= set(RULES)
        assert "{" not in rule.headline(1) + rule.headline(3)
