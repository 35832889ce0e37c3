"""What the rules of alerts look at: see also tests/unit/alerts/test_look.py."""

from datetime import timedelta

from sqlalchemy import update

from mailbeat.db import alert_facts
from mailbeat.db.models import Account
from mailbeat.db.session import transaction
from tests.factories import NOW, make_account

MINUTE = timedelta(minutes=1)


def test_those_that_wait_for_a_worker_are_counted(any_sessions):
    for number in range(3):
        make_account(any_sessions, f"a{number}@example.org")
    with transaction(any_sessions) as session:
        session.execute(
            update(Account).where(Account.id != 3).values(wanted_run_id="run")
        )
        session.execute(
            update(Account).where(Account.id == 2).values(lease_until=NOW + MINUTE)
        )

        assert alert_facts.count_waiting(session, now=NOW) == 1


def test_an_account_without_a_run_counts_from_when_it_was_added(any_sessions):
    make_account(any_sessions)

    with any_sessions() as session:
        later = NOW + 10 * MINUTE
        (row,) = alert_facts.account_rows(session, now=later, late_after=5 * MINUTE)
        assert row.last_run_at == NOW
        assert not alert_facts.account_rows(session, now=NOW, late_after=5 * MINUTE)


def test_outcomes_are_those_of_the_last_half_hour_and_of_the_day_before(
    any_sessions, ran
):
    from tests.unit.db.conftest import NOW as THEN

    ran(timedelta(minutes=40))
    ran(timedelta(days=2), "failed")
    ran(timedelta(minutes=20), "failed")
    ran(timedelta(minutes=10), "interrupted")

    with any_sessions() as session:
        recent, before = alert_facts.newest_outcomes(session, now=THEN)

    assert [outcome for _, outcome in recent] == ["failed"]
    assert before == ["succeeded"]


def test_the_newest_error_of_each_account_is_told(any_sessions, ran, two):
    ran(timedelta(minutes=40), "failed")

    with any_sessions() as session:
        assert alert_facts.last_errors(session, two) == {}
        assert alert_facts.installation_row(session) == (None, None, True)
