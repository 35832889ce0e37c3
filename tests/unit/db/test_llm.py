"""What is remembered of a model, on both databases, and across workers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from mailbeat.db.clock import database_now
from mailbeat.db.llm import LLMNotes, Use, asking_of, llm_days, read_use
from mailbeat.db.models import LLMAnswer, LLMDay
from mailbeat.db.session import transaction
from mailbeat.db.totals import read_totals
from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.llm.layer import RUN_SECONDS
from mailbeat.labeling.llm.prices import Prices


def day_of(sessions):
    with sessions() as session:
        (day,) = llm_days(session, since=database_now(session))
    return day


def test_answers_are_found_again(any_sessions):
    notes = LLMNotes(any_sessions, 10)

    notes.remember({"a": 2, "b": None})

    assert notes.known(["a", "b", "c"]) == {"a": 2, "b": None}
    assert notes.known([]) == {}


def test_a_newer_answer_replaces_an_older_one(any_sessions):
    notes = LLMNotes(any_sessions, 10)
    notes.remember({"a": 2})

    notes.remember({"a": 3})

    assert notes.known(["a"]) == {"a": 3}


def test_an_answer_of_last_month_is_none(any_sessions):
    notes = LLMNotes(any_sessions, 10)
    notes.remember({"a": 2})
    with transaction(any_sessions) as session:
        old = database_now(session) - timedelta(days=31)
        session.execute(sa.update(LLMAnswer).values(created_at=old))

    assert notes.known(["a"]) == {}


def test_more_than_the_day_s_messages_are_not_given(any_sessions):
    notes = LLMNotes(any_sessions, 10)

    assert [notes.take(4) for _ in range(4)] == [4, 4, 2, 0]
    assert day_of(any_sessions).messages == 10


def test_workers_that_take_at_once_take_no_more_than_there_is(any_sessions):
    notes = LLMNotes(any_sessions, 50)

    with ThreadPoolExecutor(8) as workers:
        taken = list(workers.map(lambda _: notes.take(3), range(40)))

    assert sum(taken) == 50
    assert day_of(any_sessions).messages == 50


def test_questions_are_counted(any_sessions):
    notes = LLMNotes(any_sessions, 10)

    notes.note(tokens=40)
    notes.note(failures=1)

    day = day_of(any_sessions)
    assert (day.calls, day.tokens, day.failures) == (2, 40, 1)


def test_questions_cost_what_their_tokens_do(any_sessions):
    notes = LLMNotes(any_sessions, 10, Prices(1000, 3000, "EUR"))

    notes.note(tokens=40, written=10)
    notes.note(tokens=40, written=10)

    assert day_of(any_sessions).cost == pytest.approx(0.12)
    with any_sessions() as session:
        cost = read_totals(session)["llm_cost"]
    assert cost == {("EUR",): pytest.approx(0.12)}


def test_what_has_no_price_has_no_cost(any_sessions):
    LLMNotes(any_sessions, 10).note(tokens=40)

    assert day_of(any_sessions).cost == 0
    with any_sessions() as session:
        assert "llm_cost" not in read_totals(session)


def test_the_use_of_today_and_of_the_month_is_summed(any_sessions):
    now = datetime(2026, 3, 5, 23, 0, tzinfo=UTC)
    with transaction(any_sessions) as session:
        for day, cost in (
            ("2026-02-28", 8.0),
            ("2026-03-01", 0.5),
            ("2026-03-05", 0.25),
        ):
            session.add(LLMDay(day=day, messages=9, tokens=100, cost=cost))

    with any_sessions() as session:
        today, month = read_use(session, now=now)

    assert today == Use(9, 100, 0.25)
    assert month == Use(18, 200, 0.75)


def test_the_days_before_are_left_alone(any_sessions):
    with transaction(any_sessions) as session:
        session.add(LLMDay(day="2026-01-05", messages=9))

    assert LLMNotes(any_sessions, 10).take(10) == 10


def test_workers_that_remember_the_same_at_once_do_not_fail(any_sessions):
    notes = LLMNotes(any_sessions, 10)
    answers = {f"key {n}": n for n in range(20)}
    backwards = dict(reversed(answers.items()))

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(notes.remember, [answers, backwards] * 10))

    assert notes.known(answers) == answers


def asking(**changes):
    told = {
        "networks": (),
        "daily_messages": 10,
        "secret_keys": ["a key"],
    } | changes
    return asking_of(("http://127.0.0.1:1/v1", "m", "hidden"), **told)


def test_nothing_is_asked_without_an_address():
    told = {"networks": (), "daily_messages": 1, "secret_keys": ()}

    assert asking_of(None, **told) is None


def test_what_is_secret_shows_in_no_representation():
    shown = repr(asking())

    assert "hidden" not in shown
    assert str(asking().salt) not in shown


def test_the_salt_is_that_of_the_installation():
    assert asking().salt == asking().salt
    assert asking().salt != asking(secret_keys=["another"]).salt


def test_a_run_waits_for_a_model_for_a_part_of_its_time(sessions):
    def seconds(deadline):
        layer = asking().layer(sessions, 1, STARTING_CATEGORIES, deadline=deadline)
        return layer._seconds

    assert seconds(1800) == RUN_SECONDS
    assert seconds(60) == 15
