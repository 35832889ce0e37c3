"""The writer's thread, and what it makes of a database that comes and goes."""

import time
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError

from mailbeat.db import task_gaps
from mailbeat.db.session import transaction
from mailbeat.db.tasks import get_task
from tests.unit.webapp.live.test_task_events import RECEIVED
from tests.waiting import wait_for
from webapp.live import task_history as module
from webapp.live.task_board import TaskBoard
from webapp.live.task_history import TaskHistory


@pytest.fixture
def hearing():
    return SimpleNamespace(is_hearing=True, workers=["celery@one"])


@pytest.fixture
def make(sessions, hearing):
    made = []

    def make(sessions=sessions):
        made.append(
            TaskHistory(
                sessions,
                is_hearing=lambda: hearing.is_hearing,
                workers=lambda: hearing.workers,
                kept_for=timedelta(days=7),
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.stop()


def event(kind, task_id, **more):
    fields = RECEIVED if kind == "received" else {"hostname": "celery@one"}
    return {**fields, "type": f"task-{kind}", "uuid": task_id, **more}


def state(sessions, task_id):
    with sessions() as session:
        row = get_task(session, task_id)
        return row and row.state


def test_what_is_heard_is_written_soon(make, sessions):
    history = make()
    history.start()

    history.take(event("received", "a"))
    history.take(event("started", "a"))

    wait_for(lambda: state(sessions, "a") == "started")
    assert history.status()["waiting"] == 0


def test_two_processes_that_hear_the_same_write_it_once(make, sessions):
    one, two = make(), make()
    said_at = time.time()
    for history in (one, two):
        for kind in ("received", "started", "succeeded"):
            history.take(event(kind, "a", timestamp=said_at))

    one.write()
    with sessions() as session:
        first = get_task(session, "a").heard_at
    two.write()

    with sessions() as session:
        assert get_task(session, "a").heard_at == first
    assert state(sessions, "a") == "succeeded"


def test_a_slower_process_never_turns_a_newer_state_back(make, sessions):
    quick, slow = make(), make()
    slow.take(event("started", "a"))
    quick.take(event("succeeded", "a"))

    quick.write()
    slow.write()

    assert state(sessions, "a") == "succeeded"


def test_a_database_that_is_away_costs_freshness_only(make, sessions, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.05)
    broken = OperationalError("no", {}, Exception())
    is_away = [True]

    class Sometimes:
        kw = sessions.kw

        def __call__(self):
            if is_away[0]:
                raise broken
            return sessions()

    history = make(Sometimes())
    history.start()
    history.take(event("received", "a", retries=0))
    wait_for(lambda: history.behind_since is not None)
    history.take(event("succeeded", "a"))
    is_away[0] = False

    wait_for(lambda: state(sessions, "a") == "succeeded")
    wait_for(lambda: history.behind_since is None)
    assert history.board.dropped == 0


def test_the_end_of_the_process_writes_what_waits(make, sessions):
    history = make()
    history.start()
    for k in range(2500):
        history.take(event("received", str(k)))

    history.stop()

    assert state(sessions, "2499") == "received"


def test_the_end_of_the_process_writes_what_is_packed(make, sessions):
    history = make()
    history.board = TaskBoard(fresh=6, pack=4)
    for k in range(20):
        history.take(event("received", str(k)))
    history.end()

    history.start()
    history._thread.join(20)

    assert [state(sessions, str(k)) for k in range(20)] == ["received"] * 20


def test_events_that_name_no_task_are_counted(make):
    history = make()

    history.take(event("received", "a/b"))
    history.take({"type": "task-received"})

    assert history.status()["refused"] == 2


def test_an_app_that_is_killed_forgets_nothing_that_was_written(make, sessions):
    """Nothing is kept but rows: whoever starts next reads the same."""
    before = make()
    task_id = str(uuid4())
    before.take(event("received", task_id, retries=0))
    before.take(event("succeeded", task_id))
    before.write()  # and then nothing more is ever called of it

    make().connected()

    assert state(sessions, task_id) == "succeeded"


def test_who_begins_to_listen_calls_what_was_open_unknown(make, sessions):
    before = make()
    before.take(event("started", "a"))
    before.write()
    with transaction(sessions) as session:
        row = get_task(session, "a")
        row.heard_at -= timedelta(minutes=1)

    after = make()
    after.connected()
    after.start()

    wait_for(lambda: state(sessions, "a") == "unknown")


def test_nobody_says_that_he_listens_while_he_is_deaf(make, sessions, hearing):
    hearing.is_hearing = False
    history = make()
    history.connected()

    history._look()

    with sessions() as session:
        assert task_gaps.heard_until(session) is None
