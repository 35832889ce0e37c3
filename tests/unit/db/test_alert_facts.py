"""What the rules of alerts look at: see also tests/unit/alerts/test_look.py."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from mailbeat.db import alert_facts
from mailbeat.db.models import Account
from mailbeat.db.session import transaction
from tests.factories import NOW, make_account

MINUTE = timedelta(minutes=1)


def late_after(seconds):
    return 5 * MINUTE if seconds is None else timedelta(seconds=3 * seconds)


def test_an_account_without_a_run_counts_from_when_it_was_added(any_sessions):
    make_account(any_sessions)

    def found(session, now):
        return alert_facts.account_rows(session, now=now, late_after=late_after)

    with any_sessions() as session:
        (row,) = found(session, NOW + 10 * MINUTE)
        assert row.last_run_at == NOW
        assert not found(session, NOW)


@pytest.mark.parametrize("told_apart", [50, 1])
def test_how_late_is_too_late_is_a_matter_of_the_account_s_interval(
    any_sessions, monkeypatch, told_apart
):
    """Of very many intervals those that are not told apart are looked at again."""
    monkeypatch.setattr(alert_facts, "MOST_INTERVALS", told_apart)
    intervals = [None, 60, 600]
    for number, seconds in enumerate(intervals):
        make_account(any_sessions, f"a{number}@example.org")
        with transaction(any_sessions) as session:
            session.execute(
                update(Account)
                .where(Account.id == number + 1)
                .values(interval_seconds=seconds)
            )

    with any_sessions() as session:
        late = {
            minutes: {
                row.id
                for row in alert_facts.account_rows(
                    session, now=NOW + minutes * MINUTE, late_after=late_after
                )
            }
            for minutes in (0, 4, 10, 31)
        }

    assert late[0] <= {2, 3}
    assert late[31] == {1, 2, 3}
    assert {2} <= late[4]
    assert {1, 2} <= late[10]
    if told_apart > len(intervals):
        assert list(late.values()) == [set(), {2}, {1, 2}, {1, 2, 3}]


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
