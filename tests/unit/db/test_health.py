"""How accounts are: the function and the query say the same, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mailbeat.db import accounts, health
from mailbeat.db.health import Facts, Kind, Last, kind_of
from mailbeat.db.models import Account, Run
from mailbeat.db.session import transaction
from tests.factories import make_account

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
INTERVAL = 300

GOOD = Last("succeeded", None, NOW - 3 * MINUTE)
FACTS = Facts(
    now=NOW,
    interval=timedelta(seconds=INTERVAL),
    next_run_at=NOW + 2 * MINUTE,
    last=GOOD,
)


def refused(code="auth_failed"):
    return Last("failed", code, NOW - 3 * MINUTE)


KINDS = [
    (Kind.WORKING, {}),
    (Kind.WORKING, {"last": refused()}),  # something was changed since
    (Kind.WORKING, {"last": Last("cancelled", None, NOW)}),
    (Kind.WORKING, {"next_run_at": NOW - MINUTE / 2}),
    (Kind.WORKING, {"interruptions": 1}),
    (Kind.WORKING, {"is_wanted": True}),
    (Kind.WORKING, {"is_sent": True, "next_run_at": NOW + 5 * MINUTE}),
    (Kind.WORKING, {"is_running": True, "next_run_at": NOW - 9 * MINUTE}),
    (Kind.NEW, {"last": None}),
    (Kind.NEW, {"last": None, "is_running": True}),
    (Kind.LATE, {"next_run_at": NOW - 2 * MINUTE}),
    (Kind.LATE, {"next_run_at": NOW - 2 * MINUTE, "last": None}),
    (Kind.LATE, {"is_sent": True, "next_run_at": NOW + 3 * MINUTE}),
    (Kind.FAILING, {"failures": 1, "last": refused("connect_failed")}),
    (Kind.FAILING, {"failures": 1, "next_run_at": NOW - 9 * MINUTE}),
    (Kind.FAILING, {"interruptions": 2}),
    (Kind.NEEDS_YOU, {"failures": 1, "last": refused("tls_failed")}),
    (Kind.NEEDS_YOU, {"paused_at": NOW, "pause_reason": "auth_failed"}),
    (Kind.NEEDS_YOU, {"failures": 9, "last": refused(), "all_paused_at": NOW}),
    (Kind.PAUSED, {"paused_at": NOW, "pause_reason": "user"}),
    (Kind.PAUSED, {"all_paused_at": NOW, "failures": 1}),
    (Kind.PAUSED, {"all_paused_at": NOW, "last": None}),
    (Kind.SETTING_UP, {"paused_at": NOW, "pause_reason": "set-up", "last": None}),
]


@pytest.mark.parametrize(("kind", "changes"), KINDS)
def test_a_kind_follows_from_the_facts(kind, changes):
    assert kind_of(replace(FACTS, **changes)) is kind


def write(sessions, number, facts):
    """Store an account, and its last run, of which these are the facts."""
    account_id = make_account(sessions, f"a{number}@example.org")
    with transaction(sessions) as session:
        account = session.get(Account, account_id)
        account.interval_seconds = INTERVAL
        account.next_run_at = facts.next_run_at
        account.paused_at, account.pause_reason = facts.paused_at, facts.pause_reason
        account.failures_in_a_row = facts.failures
        account.interruptions_in_a_row = facts.interruptions
        if facts.is_running:
            account.lease_run_id, account.lease_until = f"r{number}", NOW + MINUTE
        if facts.is_wanted or facts.is_sent:
            account.wanted_run_id = f"w{number}"
        if facts.is_sent:
            account.queued_until = NOW + MINUTE / 6
        if facts.last:
            add_run(session, account_id, f"run-{number}", facts.last)
    return account_id


def add_run(session, account_id, run_id, last):
    session.add(
        Run(
            run_id=run_id,
            account_id=account_id,
            email_address="ada@example.org",
            start_time=last.at,
            end_time=last.at,
            updated_at=last.at,
            state="completed",
            outcome=last.outcome,
            error_code=last.error_code,
            emails_found=last.found,
            emails_labeled=last.labeled,
        )
    )
    session.flush()


@pytest.mark.parametrize("all_paused", [None, NOW])
def test_the_query_tells_the_same_kinds(any_sessions, all_paused):
    wanted = {}
    for number, (_, changes) in enumerate(KINDS):
        facts = replace(FACTS, **changes)
        account_id = write(any_sessions, number, facts)
        wanted[account_id] = kind_of(replace(facts, all_paused_at=all_paused))
    with transaction(any_sessions) as session:
        if all_paused:
            accounts.pause_everything(session, now=all_paused)

    with any_sessions() as session:
        kind = health.kind(session, now=NOW, default_interval=60)
        found = dict(session.execute(select(Account.id, kind)).all())
        read = {
            account_id: kind_of(
                health.read_facts(
                    session,
                    session.get(Account, account_id),
                    now=NOW,
                    default_interval=60,
                )
            )
            for account_id in wanted
        }
        counts = health.counts(session, now=NOW, default_interval=60)

    assert found == wanted
    assert read == wanted
    assert counts == {kind: [*wanted.values()].count(kind) for kind in Kind}


def test_failures_are_counted_since_the_last_good_run(any_sessions):
    account_id = make_account(any_sessions)
    ends = [
        ("failed", 9),
        ("succeeded", 8),
        ("failed", 7),
        ("interrupted", 6),
        ("failed", 5),
    ]
    with transaction(any_sessions) as session:
        for outcome, minutes in ends:
            last = Last(outcome, None, NOW - minutes * MINUTE)
            add_run(session, account_id, f"run-{minutes}", last)

    with any_sessions() as session:
        account = session.get(Account, account_id)
        found = health.read_facts(session, account, now=NOW, default_interval=60)

    assert (found.failed_runs, found.failing_since) == (2, NOW - 7 * MINUTE)
    assert found.last_good_at == NOW - 8 * MINUTE
    assert found.last.at == NOW - 5 * MINUTE
