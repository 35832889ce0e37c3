"""The workers by their rows and by what is heard of them."""

from datetime import timedelta

import pytest

from mailbeat.db.processes import Kind, ProcessState, Who, say
from mailbeat.db.session import transaction
from tests.factories import NOW, make_account
from webapp.crew import read_crew
from webapp.live.receiver import Heard

HEARD = (0.5, Heard(at=0.0, active=2, processed=9))


@pytest.fixture
def tell(sessions):
    def tell(name="celery@one", instance="1", facts=None, *, now=NOW):
        who = Who(Kind.WORKER, name, instance, host="one", pid=7, version="0.1")
        with transaction(sessions) as session:
            say(session, who, facts or {}, now=now)

    return tell


@pytest.fixture
def crew(sessions):
    def crew(heartbeats, now=NOW):
        with sessions() as session:
            return read_crew(session, heartbeats, now=now)

    return crew


def test_one_that_writes_and_is_heard_is_one_worker(tell, crew):
    tell()

    found = crew({"celery@one": HEARD})

    assert (found.online, len(found.workers)) == (1, 1)
    assert found.workers[0].heard_ago == 0.5


def test_one_that_is_only_heard_is_shown_without_a_row(crew):
    (one,) = crew({"celery@other": HEARD}).workers

    assert (one.state, one.row, one.heard.processed) == (ProcessState.ONLINE, None, 9)


def test_rows_tell_who_is_online_while_nothing_is_heard(tell, crew):
    assert crew(None).online is None  # nobody knows

    tell()

    assert (crew(None).online, crew(None).hears) == (1, False)


def test_one_that_is_gone_is_not_online_and_comes_last(tell, crew):
    tell("celery@a")
    later = NOW + timedelta(minutes=5)
    tell("celery@b", "2", now=later)

    found = crew({}, later)

    assert [one.name for one in found.workers] == ["celery@b", "celery@a"]
    assert (found.online, found.workers[1].state) == (1, ProcessState.GONE)


def test_two_of_one_name_are_doubles(tell, crew):
    tell(instance="1")
    tell(instance="2")

    assert [one.has_double for one in crew({}).workers] == [True, True]


def test_what_is_in_hand_has_its_account_and_age(tell, crew, sessions):
    account_id = make_account(sessions)
    run = {"id": "r", "task": "t", "account_id": account_id, "age": 3}
    tell(facts={"running": [run, run | {"account_id": 99}]})

    (one,) = crew({}, NOW + timedelta(seconds=2)).workers

    assert [each.email_address for each in one.running] == ["ada@example.org", None]
    assert one.running[0].age == 5.0
