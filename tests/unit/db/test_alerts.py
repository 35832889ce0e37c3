"""Alerts as rows: opened, over, told, silenced, acknowledged."""

from datetime import timedelta

import pytest

from mailbeat.db import alerts
from mailbeat.db.alerts import Found
from mailbeat.db.session import transaction
from tests.factories import NOW

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
CALMS = {"no_worker": MINUTE}
NO_WORKER = Found("no_worker", "", "None was seen.")


def failing(number: int) -> Found:
    return Found("account_failing", f"account {number}", f"a{number} failed.")


@pytest.fixture
def look(any_sessions):
    """Write down what is found some minutes after the beginning."""

    def look(minutes, *found):
        with transaction(any_sessions) as session:
            alerts.write_down(session, found, CALMS, now=NOW + minutes * MINUTE)

    return look


@pytest.fixture
def tell(any_sessions):
    """The subjects, or else rules, of what is told then: opened, reminded, ended."""

    def tell(minutes):
        with transaction(any_sessions) as session:
            told = alerts.take_untold(
                session,
                now=NOW + minutes * MINUTE,
                at_most_every=HOUR,
                remind_every=24 * HOUR,
            )
            return tuple(
                [one.subject or one.rule for one in part]
                for part in (told.opened, told.reminded, told.ended)
            )

    return tell


@pytest.fixture
def rows(any_sessions):
    def rows(**asked):
        with any_sessions() as session:
            return alerts.list_alerts(session, **asked)[0]

    return rows


def test_what_is_wrong_is_one_row_however_often_it_is_seen(look, rows):
    look(0, NO_WORKER)
    look(1, NO_WORKER)

    (row,) = rows()

    assert (row.opened_at, row.resolved_at, row.count) == (NOW, None, 1)


def test_it_is_over_when_it_was_gone_for_as_long_as_the_rule_wants(look, rows):
    look(0, NO_WORKER, failing(1))
    look(5)

    by_rule = {row.rule: row for row in rows()}
    assert by_rule["account_failing"].resolved_at == NOW + 5 * MINUTE
    assert by_rule["no_worker"].resolved_at is None

    look(6)

    assert rows(state="open") == []


def test_what_goes_and_comes_is_not_over(look, rows):
    look(0, NO_WORKER)
    for minutes in (1, 1.5, 2, 2.5, 3):
        look(minutes)
        look(minutes + 0.3, NO_WORKER)

    (row,) = rows(state="open")

    assert row.count == 1


def test_what_comes_back_soon_is_the_same_alert_once_more(look, rows):
    look(0, failing(1))
    look(5)
    look(10, failing(1))
    look(15)
    look(100, failing(1))

    newest, oldest = rows()

    assert (oldest.count, oldest.opened_at) == (2, NOW + 10 * MINUTE)
    assert newest.count == 1


def test_it_is_told_once_and_its_end_once(look, tell):
    look(0, NO_WORKER)
    assert tell(0) == (["no_worker"], [], [])
    assert tell(1) == ([], [], [])

    look(2)
    look(4)

    assert tell(4) == ([], [], ["no_worker"])
    assert tell(5) == ([], [], [])


def test_many_of_one_rule_are_one_message_an_hour(look, tell):
    look(0, failing(1))
    assert tell(0)[0] == ["account 1"]

    look(10, *map(failing, range(1, 5)))
    assert tell(10) == ([], [], [])

    assert tell(60)[0] == ["account 2", "account 3", "account 4"]


def test_ends_are_told_together_when_all_of_it_is_over(look, tell):
    look(0, *map(failing, range(1, 4)))
    tell(0)

    look(5, failing(3))
    assert tell(5)[2] == ["account 1", "account 2"]  # the first end, at once
    look(6, failing(3), failing(9))
    tell(6)
    look(10)

    assert tell(10)[2] == ["account 3"]  # 9 was never told


def test_what_was_over_before_it_was_told_is_not_told(look, tell):
    look(0, failing(1))
    tell(0)
    look(10, failing(1), failing(2))
    look(20)

    assert tell(70)[2] == ["account 1"]


def test_a_rule_that_flaps_is_told_once_an_hour(look, tell):
    told = ends = 0
    for minutes in range(0, 120, 10):
        look(minutes, NO_WORKER)
        opened, _, over = tell(minutes)
        told, ends = told + len(opened), ends + len(over)
        look(minutes + 5)
        look(minutes + 7)
        opened, _, over = tell(minutes + 7)
        told, ends = told + len(opened), ends + len(over)

    assert (told, ends) == (2, 2)


def test_what_stays_is_told_again_each_day_until_somebody_knows(
    look, tell, any_sessions, rows
):
    look(0, NO_WORKER)
    tell(0)
    assert tell(24 * 60)[1] == ["no_worker"]

    with transaction(any_sessions) as session:
        alerts.acknowledge(session, rows()[0].id, by="a key", now=NOW)

    assert tell(72 * 60) == ([], [], [])
    look(72 * 60)
    look(72 * 60 + 2)
    assert tell(72 * 60 + 2)[2] == ["no_worker"]


def test_what_is_silenced_waits_till_that_is_over(look, tell, any_sessions):
    with transaction(any_sessions) as session:
        alerts.silence(
            session, "no_worker", None, until=NOW + 5 * MINUTE, by="me", now=NOW
        )
        one = "account 1"
        alerts.silence(
            session, "account_failing", one, until=NOW + HOUR, by="me", now=NOW
        )
    look(0, NO_WORKER, failing(1), failing(2))

    assert tell(0)[0] == ["account 2"]
    assert tell(6)[0] == ["no_worker"]


def test_a_silence_stands_in_place_of_the_one_before_and_can_end(any_sessions):
    with transaction(any_sessions) as session:
        for hours in (1, 2):
            made = alerts.silence(
                session, "no_beat", None, until=NOW + hours * HOUR, by="me", now=NOW
            )
        assert [one.until for one in alerts.silences(session, now=NOW)] == [
            NOW + 2 * HOUR
        ]

        alerts.end_silence(session, made.id)

        assert alerts.silences(session, now=NOW) == []
        with pytest.raises(alerts.AlertNotFound):
            alerts.end_silence(session, made.id)


def test_what_is_over_cannot_be_acknowledged(look, rows, any_sessions):
    look(0, failing(1))
    look(1)

    with transaction(any_sessions) as session:
        with pytest.raises(alerts.AlertIsOver):
            alerts.acknowledge(session, rows()[0].id, by="me", now=NOW)
        with pytest.raises(alerts.AlertNotFound):
            alerts.acknowledge(session, 99, by="me", now=NOW)


def test_what_was_told_while_nothing_could_be_written_is_not_told_again(
    any_sessions, look, tell, rows
):
    found = Found("database_failing", "", "It could not be written.")
    with transaction(any_sessions) as session:
        alerts.open_told(session, found, since=NOW - MINUTE, told_at=NOW)
        alerts.open_told(session, found, since=NOW - MINUTE, told_at=NOW)

    assert [row.opened_at for row in rows()] == [NOW - MINUTE]
    assert tell(0) == ([], [], [])
    look(1)
    assert tell(1)[2] == ["database_failing"]


def test_those_that_nobody_knows_of_are_counted(look, any_sessions, rows):
    look(0, failing(1), failing(2))
    with transaction(any_sessions) as session:
        alerts.acknowledge(session, rows()[0].id, by="me", now=NOW)

        assert alerts.count_open(session) == 1
