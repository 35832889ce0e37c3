"""One look at everything, from real rows."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from mailbeat.alerts.look import Look, Rulings
from mailbeat.db import accounts, alerts, outbox, watchers
from mailbeat.db.models import Account, Run
from mailbeat.db.session import transaction
from mailbeat.db.watchers import Sign
from tests.factories import NOW, make_account

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Way:
    key, shown = "way", "A way"

    def send(self, note):
        raise NotImplementedError  # who looks only writes down what is to be sent


@pytest.fixture
def ways():
    return [Way()]


@pytest.fixture
def look(any_sessions, ways):
    """Look some seconds after the beginning, all processes being well but `gone`."""
    taken = Look(Rulings(public_url="https://x.org"), ways)

    def look(seconds=0, *, gone=()):
        now = NOW + seconds * SECOND
        with transaction(any_sessions) as session:
            for kind in {"web", "worker", "beat"} - set(gone):
                watchers.show_life(session, Sign(kind, kind, "a"), now=now)
            if "beat" not in gone:
                accounts.tick(session, now=now)
            found = taken.take(session, now=now, alive_since=NOW - HOUR)
            return [(one.rule, one.account_id) for one in found]

    return look


@pytest.fixture
def change(any_sessions):
    def change(account_id, **values):
        with transaction(any_sessions) as session:
            session.execute(
                update(Account).where(Account.id == account_id).values(values)
            )

    return change


@pytest.fixture
def ran(any_sessions):
    numbers = iter(range(1000))

    def ran(account_id, outcome="succeeded", *, ago=SECOND, error=None):
        with transaction(any_sessions) as session:
            session.add(
                Run(
                    run_id=f"run-{next(numbers)}",
                    account_id=account_id,
                    email_address="ada@example.org",
                    start_time=NOW - ago,
                    updated_at=NOW,
                    state="completed",
                    outcome=outcome,
                    error_message=error,
                )
            )

    return ran


def test_a_worker_that_is_gone_is_found_told_once_and_over(look, any_sessions):
    make_account(any_sessions)
    assert look(0) == []

    assert look(31, gone=["worker"]) == [("no_worker", None)]
    assert look(36, gone=["worker"]) == [("no_worker", None)]
    for seconds in (40, 50, 60):
        assert look(seconds) == []

    with any_sessions() as session:
        titles = [one.title for one in outbox.newest_deliveries(session)]
        assert alerts.open_alerts(session) == []
    assert titles == ["Mailbeat: Over: No worker runs", "Mailbeat: No worker runs"]


@pytest.mark.parametrize("ways", [[]])
def test_where_nobody_is_told_nothing_counts_as_told(look, any_sessions):
    make_account(any_sessions)

    look(31, gone=["worker"])

    with any_sessions() as session:
        (alert,) = alerts.open_alerts(session)
    assert alert.last_notified_at is None


def test_an_account_that_fails_is_found_with_its_error(look, change, ran, any_sessions):
    one = make_account(any_sessions)
    ran(one, "failed", error="The server was busy.")
    change(one, failures_in_a_row=3)

    assert look() == [("account_failing", one)]

    with any_sessions() as session:
        (alert,) = alerts.open_alerts(session)
    assert alert.detail == (
        "ada@example.org failed 3 times in a row. The server was busy."
    )
    change(one, failures_in_a_row=0)
    assert look(5) == []


@pytest.mark.parametrize(
    ("reason", "found"), [("auth_failed", True), ("user", False), ("set-up", False)]
)
def test_an_account_needs_a_person_unless_a_person_paused_it(
    reason, found, look, change, any_sessions
):
    one = make_account(any_sessions)
    change(one, paused_at=NOW, pause_reason=reason)

    assert look() == ([("needs_person", one)] if found else [])


def test_an_account_that_was_not_run_is_found_after_a_minute(
    look, change, ran, any_sessions
):
    one, other = make_account(any_sessions), make_account(any_sessions, "b@x.org")
    ran(one, ago=20 * 60 * SECOND)
    ran(other, ago=20 * 60 * SECOND)
    change(other, interval_seconds=3600)
    change(one, next_run_at=NOW)

    assert look(0) == []
    assert look(30) == []
    assert look(61) == [("not_run", one)]

    ran(one, ago=-70 * SECOND)
    assert look(75) == []


def test_what_is_tried_less_often_on_purpose_is_not_late(
    look, change, ran, any_sessions
):
    one = make_account(any_sessions)
    ran(one, "failed", ago=40 * 60 * SECOND)
    change(one, failures_in_a_row=1, next_run_at=NOW + 20 * 60 * SECOND)

    assert look(0) == look(61) == []


def test_many_failures_of_several_accounts_are_found(look, ran, any_sessions):
    several = [make_account(any_sessions, f"a{n}@x.org") for n in range(4)]
    for one in several:
        for _ in range(4):
            ran(one, ago=5 * HOUR)
        for _ in range(3):
            ran(one, "failed", ago=60 * SECOND)

    assert look() == [("errors_jump", None)]


def test_nothing_of_a_table_without_accounts_is_missing(look):
    assert look(0, gone=["worker", "beat"]) == []
