"""Each rule of the checker finds what breaks it: else a green run says nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults import checker
from tests.faults.records import (
    AuditRecord,
    Fault,
    MailRecord,
    RunRecord,
    Stop,
    Story,
    Wish,
)

BEGAN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def run(run_id, start, end, outcome="succeeded", account_id=1, **values):
    return RunRecord(
        run_id,
        account_id,
        at(start),
        None if end is None else at(end),
        outcome,
        **values,
    )


def mail(labels=("Receipts",), ledger=(("applied", "Receipts"),)):
    return MailRecord(1, "<one@x.org>", "Receipts", frozenset(labels), tuple(ledger))


def wish(action, seconds, target="account 1", account_id=1, run_id=None):
    return Wish(at(seconds), "cli", action, target, account_id, run_id)


def told(action, seconds, target="account 1"):
    return AuditRecord(at(seconds), "cli", action, target)


def story(**values) -> Story:
    """A fault run of one account in which all went well, but for `values`."""
    good = Story(
        interval=timedelta(seconds=10),
        began=at(0),
        ended=at(60),
        accounts=[1],
        runs=[run(f"run {n}", n * 10 + 1, n * 10 + 2) for n in range(6)],
        mail=[mail()],
        faults=[],
        wishes=[],
        refused={},
        stops=[Stop("worker-1", 0, 3.0), Stop("web", 0, 1.0)],
        audit=[],
        delivered=1,
    )
    return replace(good, **values)


def test_nothing_is_found_where_all_went_well():
    assert checker.findings(story()) == []


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [
        ({"runs": [run("a", 1, 30), run("b", 20, 40)]}, "while a went on"),
        ({"runs": [run("a", 1, 30), run("b", 40, None, None)]}, "b never ended"),
        ({"runs": [run("a", 1, 2)]}, "account 1 waited 59.0 s"),
        ({"accounts": [1, 2]}, "account 2 waited 60.0 s"),
        ({"mail": [mail(labels=())]}, "has no label"),
        ({"mail": [mail(labels=("Work",))]}, "has ['Work'], not Receipts"),
        ({"mail": [mail(labels=("Receipts", "Work"))]}, "has ['Receipts', 'Work']"),
        ({"mail": [mail(ledger=())]}, "is 0 times in the ledger"),
        (
            {"mail": [mail(ledger=[("failed", "Receipts")])]},
            "is ('failed', 'Receipts') in the ledger",
        ),
        ({"delivered": 2}, "2 messages were delivered, 1 are there"),
        ({"stops": [Stop("worker-2", 0, 20.5)]}, "worker-2 took 20.5 s to stop"),
        ({"stops": [Stop("beat-1", 0, 2.5)]}, "beat-1 took 2.5 s to stop"),
        ({"stops": [Stop("web", 1, 0.5)]}, "web ended with 1 after SIGTERM"),
        ({"stops": [Stop("web", None, 30)]}, "web ended with None after SIGTERM"),
    ],
)
def test_what_is_wrong_is_found(wrong, finding):
    assert finding in "\n".join(checker.findings(story(**wrong)))


def test_an_outage_excuses_a_wait_for_as_long():
    few = [run("a", 1, 2), run("b", 55, 56)]
    outage = Fault("SIGSTOP redis", at(10), at(30), is_outage=True)

    assert checker.findings(story(runs=few)) != []
    assert checker.findings(story(runs=few, faults=[outage])) == []
    assert checker.findings(story(runs=few, faults=[replace(outage, until=at(15))]))


def test_a_run_that_was_asked_for_and_never_was_is_found():
    lost = story(
        wishes=[wish("run.want", 5, run_id="gone")], audit=[told("run.want", 5)]
    )

    assert "run gone never was" in "\n".join(checker.findings(lost))


def test_a_run_that_was_asked_for_and_came_late_is_found():
    late = story(
        wishes=[wish("run.want", 5, run_id="run 5")], audit=[told("run.want", 5)]
    )

    assert "run.want" in "\n".join(checker.findings(late))


def test_a_cancelled_run_that_went_on_is_found():
    runs = [run("a", 1, 20), *(run(f"{n}", n * 10, n * 10 + 1) for n in (3, 4, 5))]
    deaf = story(
        runs=runs,
        wishes=[wish("run.cancel", 5, "run a", run_id="a")],
        audit=[told("run.cancel", 5, "run a")],
    )

    assert "took 15.0 s; 5.0 allowed" in "\n".join(checker.findings(deaf))


@pytest.mark.parametrize("target", ["account 1", "all"])
def test_a_run_of_a_paused_account_is_found(target):
    word = target.partition(" ")[0]
    deaf = story(
        wishes=[
            wish(f"{word}.pause", 15, target),
            wish(f"{word}.resume", 35, target),
        ],
        audit=[told(f"{word}.pause", 15, target), told(f"{word}.resume", 35, target)],
    )

    found = checker.findings(deaf)

    assert len(found) == 2  # the runs at 21 and 31
    assert all("paused from" in finding for finding in found)


def test_a_control_that_is_not_in_the_audit_log_is_found():
    silent = story(wishes=[wish("account.resume", 5)])

    assert checker.findings(silent) == [
        "the audit log lacks 1 x cli account.resume account 1"
    ]


def test_failures_in_a_row_move_the_next_run_further_away():
    failed = [run(f"{n}", n, n + 0.5, "failed") for n in range(3)]
    interval = timedelta(seconds=10)

    assert checker.distance(failed[:1], interval) == timedelta()
    assert checker.distance(failed, interval) == 3 * interval
    assert checker.distance([*failed, run("ok", 9, 10)], interval) == timedelta()


def test_runs_whose_workers_died_in_a_row_make_their_account_wait():
    died = [run(f"{n}", n, n + 0.5, "interrupted") for n in range(3)]
    handed_over = run("handed over", 9, 10, "interrupted", ended_itself=True)
    interval = timedelta(seconds=10)

    assert checker.distance(died[:2], interval) == timedelta()
    assert checker.distance(died, interval) == timedelta(minutes=1)
    assert checker.distance([*died, handed_over], interval) == timedelta(minutes=1)


def test_taking_over_is_measured_from_the_kill():
    killed = story(
        runs=[run("dead", 1, 21, "interrupted"), run("heir", 21, 22)],
        faults=[Fault("kill -9 worker", at(5), at(5))],
    )

    assert checker.takeovers(killed) == [16.0]
