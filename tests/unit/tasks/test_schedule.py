"""Beat's scheduler, on both databases and a real Redis."""

import json
import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import redis
import sqlalchemy as sa
from celery import Celery
from sqlalchemy import event

from mailbeat.db import accounts, queues
from mailbeat.db.models import Installation
from mailbeat.db.processes import Kind, list_processes
from mailbeat.db.session import transaction
from tasks.broker import patience
from tasks.schedule import EPOCH_KEY, TASK, AccountScheduler
from tests.servers.gate import Gate
from tests.unit.db.test_accounts import NOW, new_account
from tests.unit.tasks.test_reporter import until

INTERVAL = 300


@pytest.fixture
def scheduler(any_sessions, redis_url):
    scheduler = make_scheduler(any_sessions, redis_url)
    yield scheduler
    close(scheduler)


def make_scheduler(sessions, url):
    app = Celery("schedule-test", broker=url, set_as_current=False)
    app.conf.broker_transport_options = {"socket_connect_timeout": 1}
    return AccountScheduler(app=app, sessions=sessions, interval=INTERVAL)


def close(scheduler):
    scheduler.close()
    scheduler.app.close()


def add(sessions, n=1, first=1):
    with transaction(sessions) as session:
        return [
            accounts.add_account(
                session, new_account(f"user{k}@example.org"), now=NOW
            ).id
            for k in range(first, first + n)
        ]


def queued(url):
    """How many messages wait in the broker, and their bytes."""
    with redis.Redis.from_url(url) as client:
        waiting = client.lrange("celery", 0, -1)
    return [one for one in waiting if b"process_account" in one]


def test_a_due_account_is_sent_once_with_ids_only(scheduler, any_sessions, redis_url):
    add(any_sessions)

    assert scheduler.send_due(now=NOW) == 1
    assert scheduler.send_due(now=NOW) == 0

    (message,) = queued(redis_url)
    assert b"process_account" in message
    assert b"example.org" not in message
    assert b"sesame" not in message


def test_a_new_account_is_sent_at_the_next_tick(scheduler, any_sessions):
    add(any_sessions)
    scheduler.send_due(now=NOW)

    add(any_sessions, first=2)

    assert scheduler.send_due(now=NOW + timedelta(seconds=1)) == 1


def test_a_run_asked_for_is_sent_under_its_id(scheduler, any_sessions, redis_url):
    (account,) = add(any_sessions)
    scheduler.send_due(now=NOW)
    with transaction(any_sessions) as session:
        run_id = accounts.want_run(session, account, now=NOW)

    scheduler.send_due(now=NOW)

    assert run_id.encode() in queued(redis_url)[0]


def test_a_message_that_was_lost_is_sent_again_under_its_id(
    scheduler, any_sessions, redis_url
):
    add(any_sessions)
    scheduler.send_due(now=NOW)

    assert scheduler.send_due(now=NOW + timedelta(seconds=20)) == 1

    sent = [json.loads(one)["headers"]["id"] for one in queued(redis_url)]
    assert len(sent) == 2
    assert len(set(sent)) == 1


def test_without_workers_messages_do_not_pile_up(
    scheduler, any_sessions, redis_url, monkeypatch
):
    monkeypatch.setattr("tasks.schedule.MOST_WAITING", 5)
    add(any_sessions, 8)

    for minute in range(4):
        scheduler.send_due(now=NOW + timedelta(minutes=minute))

    # One more is the hourly forgetting.
    assert len(queued(redis_url)) <= 5


def test_a_run_asked_for_is_sent_though_the_queue_is_full(
    scheduler, any_sessions, redis_url, monkeypatch
):
    monkeypatch.setattr("tasks.schedule.MOST_WAITING", 5)
    *_, last = add(any_sessions, 8)
    scheduler.send_due(now=NOW)
    scheduler.send_due(now=NOW)
    with transaction(any_sessions) as session:
        run_id = accounts.want_run(session, last, now=NOW)

    assert scheduler.send_due(now=NOW) == 1
    assert run_id.encode() in queued(redis_url)[0]


def test_a_result_backend_that_is_away_keeps_no_run_from_being_sent(
    any_sessions, redis_url
):
    app = Celery("schedule-test", broker=redis_url, set_as_current=False)
    app.conf.result_backend = "redis://127.0.0.1:1/0"
    scheduler = AccountScheduler(app=app, sessions=any_sessions, interval=INTERVAL)
    add(any_sessions)

    sent = scheduler.send_due(now=NOW)
    close(scheduler)

    assert sent == len(queued(redis_url)) == 1


def test_the_runs_of_a_tick_go_out_in_one_round_trip(
    scheduler, any_sessions, redis_url
):
    scheduler.send_due(now=NOW)  # the connections
    add(any_sessions, 50)

    with redis.Redis.from_url(redis_url) as client:
        before = client.info("stats")["total_reads_processed"]
        scheduler.send_due(now=NOW)
        reads = client.info("stats")["total_reads_processed"] - before

    assert len(queued(redis_url)) == 50
    assert reads < 25  # of 16 KiB each


def test_a_message_expires_but_not_because_of_another_hosts_clock(
    scheduler, any_sessions, redis_url
):
    add(any_sessions)
    scheduler.send_due(now=NOW)

    (message,) = queued(redis_url)
    expires = datetime.fromisoformat(json.loads(message)["headers"]["expires"])
    left = expires - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)


def test_by_itself_it_goes_by_the_clock_of_the_database(scheduler, any_sessions):
    add(any_sessions)

    scheduler.tick()

    with any_sessions() as session:
        (account,) = accounts.list_accounts(session)
        ticked = session.get(Installation, 1).beat_ticked_at
    assert abs(datetime.now(UTC) - ticked) < timedelta(seconds=5)
    assert account.next_run_at > ticked


def test_a_redis_that_lost_its_data_gets_everything_again(
    scheduler, any_sessions, redis_url
):
    add(any_sessions, 3)
    scheduler.send_due(now=NOW)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()

    assert scheduler.send_due(now=NOW) == 3
    with redis.Redis.from_url(redis_url) as client:
        assert client.exists(EPOCH_KEY)


def test_the_loss_is_not_forgotten_when_the_database_fails_then(
    scheduler, any_sessions, redis_url
):
    add(any_sessions, 3)
    scheduler.send_due(now=NOW)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    engine = any_sessions.kw["bind"]

    def fail(_connection):
        raise ConnectionError

    event.listen(engine, "commit", fail)
    with pytest.raises(ConnectionError):
        scheduler.send_due(now=NOW)
    event.remove(engine, "commit", fail)

    assert scheduler.send_due(now=NOW) == 3


def test_beat_leaves_a_sign_of_life(scheduler, any_sessions):
    scheduler.send_due(now=NOW)

    with any_sessions() as session:
        assert session.get(Installation, 1).beat_ticked_at == NOW


def test_with_redis_away_accounts_stay_due_and_beat_lives(sessions, redis_server):
    add(sessions, 2)
    scheduler = make_scheduler(sessions, redis_server.url)
    redis_server.kill()

    assert scheduler.tick() > 0
    with sessions() as session:
        assert {a.queued_until for a in accounts.list_accounts(session)} == {None}

    redis_server.start()
    scheduler.tick()
    assert len(queued(redis_server.url)) == 2
    close(scheduler)


@pytest.fixture
def gate(redis_server):
    gate = Gate(redis_server.port)
    yield gate
    gate.end()


@pytest.fixture
def gated(sessions, redis_server, gate):
    """A scheduler with 500 accounts, and a gate before its Redis."""
    url = redis_server.url.replace(str(redis_server.port), str(gate.port))
    scheduler = make_scheduler(sessions, url)
    scheduler.send_due(now=NOW)
    add(sessions, 500)
    yield scheduler
    gate.open()
    close(scheduler)


def takes_the_write_lock(sqlite_url):
    """Whether nobody has SQLite's write lock at this moment."""
    path = sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
    return True


def test_nobody_waits_for_a_database_because_beat_waits_for_redis(
    gated, gate, sqlite_url
):
    passed = gate.passed
    gate.close()
    beat = threading.Thread(target=gated.tick)
    beat.start()
    until(lambda: gate.passed > passed)  # and the answer is held back

    assert takes_the_write_lock(sqlite_url)
    beat.join()


def test_a_redis_that_hangs_in_the_middle_is_not_waited_for(
    gated, gate, sessions, sqlite_url
):
    gate.stop_after = gate.passed + 500  # bytes: some 100 messages
    beat = threading.Thread(target=gated.tick)
    beat.start()
    until(lambda: gate.is_holding)
    assert not takes_the_write_lock(sqlite_url)

    until(lambda: takes_the_write_lock(sqlite_url), seconds=4)
    beat.join()
    with sessions() as session:
        assert {a.queued_until for a in accounts.list_accounts(session)} == {None}


def test_with_the_database_away_beat_lives(sessions, redis_url):
    scheduler = make_scheduler(sessions, redis_url)
    sessions.kw["bind"] = None  # every statement fails from here on

    assert scheduler.tick() > 0
    close(scheduler)


def test_what_is_old_is_forgotten_once_an_hour(scheduler, redis_url):
    def asked():
        with redis.Redis.from_url(redis_url) as client:
            waiting = client.lrange("celery", 0, -1)
        return sum(b"forget_old" in one for one in waiting)

    scheduler.send_due(now=NOW)
    scheduler.send_due(now=NOW + timedelta(minutes=59))
    assert asked() == 1

    scheduler.send_due(now=NOW + timedelta(minutes=60))
    assert asked() == 2


@pytest.fixture(params=["redis_server", "rabbitmq"])
def broker(request):
    return request.getfixturevalue(request.param)


def impatient(sessions, url):
    scheduler = make_scheduler(sessions, url)
    scheduler.app.conf.broker_connection_timeout = 1
    scheduler.app.conf.broker_transport_options = patience(url, answer=1, connect=1)
    return scheduler


def test_a_broker_that_hangs_does_not_lock_the_database(sessions, broker):
    add(sessions)
    scheduler = impatient(sessions, broker.url)
    scheduler.tick()
    broker.pause()
    ticking = threading.Thread(target=scheduler.tick)
    worst = 0.0

    ticking.start()
    while ticking.is_alive():
        began = time.monotonic()
        with transaction(sessions) as session:
            session.execute(sa.text("SELECT 1"))
        worst = max(worst, time.monotonic() - began)
        ticking.join(0.01)

    assert worst < 0.5
    broker.resume()
    close(scheduler)


def test_beat_stops_at_once_though_rabbitmq_hangs(sessions, rabbitmq):
    scheduler = make_scheduler(sessions, rabbitmq.url)
    scheduler.app.conf.broker_transport_options = {}
    scheduler.tick()

    rabbitmq.pause()
    stopping = threading.Thread(target=scheduler.close)
    stopping.start()
    stopping.join(1)

    assert not stopping.is_alive()
    rabbitmq.resume()
    scheduler.app.close()


def test_over_rabbitmq_a_due_account_is_sent_once_with_ids_only(any_sessions, rabbitmq):
    add(any_sessions)
    scheduler = make_scheduler(any_sessions, rabbitmq.url)
    scheduler.app.conf.broker_transport_options = {}

    assert scheduler.send_due(now=NOW) == 1
    assert scheduler.send_due(now=NOW) == 0

    close(scheduler)
    until(lambda: len(rabbitmq.waiting()) == 2)  # one is the hourly forgetting
    (message,) = [one for one in rabbitmq.waiting() if one.headers["task"] == TASK]
    assert "example.org" not in f"{message.headers}{message.body}"
    assert "sesame" not in f"{message.headers}{message.body}"


def test_without_workers_messages_do_not_pile_up_in_rabbitmq(
    sessions, rabbitmq, monkeypatch
):
    monkeypatch.setattr("tasks.schedule.MOST_WAITING", 5)
    add(sessions, 8)
    scheduler = make_scheduler(sessions, rabbitmq.url)
    scheduler.app.conf.broker_transport_options = {}

    for minute in range(4):
        scheduler.send_due(now=NOW + timedelta(minutes=minute))
        until(lambda: len(rabbitmq.waiting()) >= 5)

    assert len(rabbitmq.waiting()) <= 6  # one is the hourly forgetting
    close(scheduler)


def test_a_rabbitmq_that_lost_its_data_gets_what_was_not_taken_again(
    sessions, rabbitmq
):
    add(sessions, 3)
    scheduler = make_scheduler(sessions, rabbitmq.url)
    scheduler.app.conf.broker_transport_options = {}
    scheduler.send_due(now=NOW)
    until(lambda: len(rabbitmq.waiting()) == 4)
    sent = {one.headers["id"] for one in rabbitmq.waiting()}

    rabbitmq.kill()
    scheduler.tick()
    rabbitmq.forget()
    rabbitmq.start()
    assert scheduler.send_due(now=NOW + timedelta(seconds=20)) == 3

    until(lambda: len(rabbitmq.waiting()) == 3)
    assert {one.headers["id"] for one in rabbitmq.waiting()} < sent
    close(scheduler)


def test_beat_says_what_waits_and_how_much_it_put_in(scheduler, any_sessions):
    add(any_sessions, n=3)
    scheduler.send_due(now=NOW)
    with any_sessions() as session:
        assert queues.read_queues(session, now=NOW)[0].depth == 0  # before it sent

    later = NOW + timedelta(seconds=10)
    scheduler.send_due(now=later)

    with any_sessions() as session:
        (queue,) = queues.read_queues(session, now=later)
        (beat,) = list_processes(session, Kind.BEAT, now=later)
    assert (queue.name, queue.depth) == ("celery", 4)  # and the order to forget
    assert (queue.rate_in, queue.rate_out) == (0.4, 0.0)
    assert (beat.state, beat.facts["processed"]) == ("online", 4)


def test_who_watches_is_told_after_a_good_cycle_only(any_sessions, redis_server):
    told = []
    scheduler = make_scheduler(any_sessions, redis_server.url)
    scheduler._deadman = SimpleNamespace(ping=lambda: told.append(1))
    scheduler.tick()
    redis_server.kill()

    scheduler.tick()

    close(scheduler)
    assert told == [1]
