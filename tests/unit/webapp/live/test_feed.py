"""The live feed as a whole: what it reads, when, and what it tells."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from mailbeat.db import accounts, audit, runs, sign_in
from mailbeat.db.clock import database_now
from mailbeat.db.session import transaction
from mailbeat.lease import TTL
from tests.unit.db.test_accounts import new_account
from webapp.live import feed as module
from webapp.live.client import Visitor
from webapp.live.handshakes import PER_MINUTE
from webapp.parts import parts_of


@pytest.fixture
def live(app):
    yield parts_of(app).live
    parts_of(app).live.stop()


@pytest.fixture
def begin(sessions, now):
    def begin(account_id, run_id="one"):
        with transaction(sessions) as session:
            accounts.take_lease(
                session, account_id, run_id, now=now, ttl=timedelta(minutes=5)
            )
            account = accounts.find_account(session, account_id)
            runs.start_run(session, account, run_id, now=now)

    return begin


def states(live):
    return [one["state"] for one in live.snapshot()["accounts"]]


def test_without_events_the_database_is_read_at_most_once_a_second(
    live, add, begin, monkeypatch
):
    account_id = add()
    clock = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    assert states(live) == ["idle"]

    begin(account_id)
    assert states(live) == ["idle"]
    clock[0] += module.AT_MOST_EVERY

    assert states(live) == ["connecting"]


def test_a_change_from_here_is_shown_at_once(live, add, sessions, now):
    account_id = add()
    live.snapshot()

    with transaction(sessions) as session:
        accounts.pause_account(session, account_id, now=now)
    live.refresh()

    assert live.board.snapshot()["accounts"][0]["paused"]


def test_an_event_finds_its_run_in_the_database(live, add, begin, event):
    account_id = add()
    live.snapshot()
    begin(account_id)

    live._take_event(event("one", seq=2, account_id=account_id))

    assert states(live) == ["labeling"]


@pytest.fixture
def times(live, monkeypatch):
    """A clock for the timekeeper, and a feed that is up and was read just now."""
    clock = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    live.receiver.deaf_since = None
    live._read()
    return clock


@pytest.mark.parametrize(
    ("seconds", "read"), [(29, False), (30, True), (31, True), (1000, True)]
)
def test_the_database_is_read_every_30_s(live, times, seconds, read):
    times[0] += seconds

    assert live._must_read() is read


def test_without_the_feed_it_is_read_every_2_s(live, times, now):
    live.receiver.deaf_since = now
    times[0] += 1.5
    assert not live._must_read()

    times[0] += 0.5
    assert live._must_read()


def test_while_a_run_is_silent_it_is_read_every_3_s(live, times, add, begin):
    begin(add())
    live._read()
    times[0] += 2.5
    assert not live._must_read()

    times[0] += 0.5
    assert live._must_read()


def test_a_killed_worker_is_seen_in_time_though_the_database_is_slow():
    lease, slow = TTL.total_seconds(), 1
    turns = module.TICK + module.AT_LEAST

    assert lease + module.RESYNC_QUIET + turns + slow < 20


def test_a_change_is_made_though_it_cannot_be_shown_yet(live, monkeypatch):
    def away():
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(live, "_sessions", away)

    live.refresh()

    assert live._wanted.is_set()


def test_a_reading_that_is_wished_for_comes_and_is_not_forgotten(live, times):
    live._wanted.set()  # as the receiver does when it has subscribed

    assert not live._must_read()  # it was read this very moment
    times[0] += module.TICK
    assert live._must_read()


def test_an_event_of_an_unknown_account_asks_for_a_reading(live, times, event):
    live._take_event(event(account_id=99))

    times[0] += module.RESYNC_ASKED - 1
    assert not live._must_read()
    times[0] += 1
    assert live._must_read()


def test_a_flood_of_unknown_runs_does_not_become_one_of_queries(live):
    asked = []
    original = live._sessions

    def counted():
        asked.append(1)
        return original()

    live._sessions = counted
    for number in range(module.LOOKUPS * 3):
        live._find_run(f"run-{number}")

    assert len(asked) <= module.LOOKUPS * 2  # the second may turn in between


def test_an_absent_database_does_not_end_the_receiver(live, event, add):
    add()
    live.snapshot()

    def away():
        raise RuntimeError("the database is away")

    live._sessions = away

    live._take_event(event("one", seq=2))

    assert live.board.snapshot()["accounts"][0]["state"] == "labeling"


def test_starting_twice_starts_once(live):
    live.start()
    threads = live.hub._thread, live.receiver._thread, live._timekeeper
    live.start()

    assert (live.hub._thread, live.receiver._thread, live._timekeeper) == threads
    assert live.is_whole


@pytest.fixture
def put_out(live, monkeypatch):
    """Which visitors the timekeeper would put out."""

    def put_out(*visitors):
        for visitor in visitors:
            live.hub.reserve(visitor)
        gone = []

        def close_where(ended, code, _reason):
            gone.extend((one.key_id, code) for one in visitors if ended(one))

        monkeypatch.setattr(live.hub, "close_where", close_where)
        live._look()
        return gone

    return put_out


def test_a_revoked_key_is_put_out(put_out):
    assert put_out(Visitor("gone", "read"), Visitor("bootstrap", "admin")) == [
        ("gone", 4401)
    ]


def test_an_ended_session_is_put_out(put_out, sessions, now):
    with transaction(sessions) as session:
        token = sign_in.start_session(
            session, key_id="bootstrap-x", scope="read", now=now
        )
        alive = sign_in.find_session(session, token, now=now).id

    gone = put_out(
        Visitor("bootstrap", "read", alive), Visitor("bootstrap", "read", alive + 1)
    )

    assert gone == [("bootstrap", 4401)]


def test_nobody_there_asks_nothing(live):
    live._sessions = None

    live._look()
    live.put_out()


@pytest.fixture
def gone(live, monkeypatch):
    """Who is put out of a feed that runs and that `gone-key` is on."""
    gone = []

    def close_where(ended, code, _reason):
        gone.extend(code for one in live.hub.visitors() if ended(one))

    monkeypatch.setattr(live.hub, "close_where", close_where)
    live._started = True
    live.hub.reserve(Visitor("gone-key", "read"))
    yield gone
    live._started = False


def test_who_was_shut_out_from_here_goes_without_waiting_for_a_look(live, gone):
    live.put_out()

    assert gone == [4401]


def test_a_database_that_is_away_leaves_it_to_the_next_look(live, gone, monkeypatch):
    def fail(*_):
        raise OperationalError("SELECT", {}, Exception())

    monkeypatch.setattr(live, "_valid_keys", fail)

    live.put_out()

    assert gone == []


def test_a_change_by_somebody_else_asks_for_a_reading(live, sessions, now):
    live.hub.reserve(Visitor("bootstrap", "read"))
    live._read()
    live._look()
    assert not live._wanted.is_set()

    with transaction(sessions) as session:
        audit.record(session, "cli", "all.pause", "all", now=now)
    live._look()
    assert live._wanted.is_set()
    live._wanted.clear()
    live._read()
    live._look()

    assert not live._wanted.is_set()


def test_what_the_clients_waste_is_counted_for_their_address(live):
    for _ in range(PER_MINUTE):
        live.hub._wasted(Visitor("bootstrap", "read", address="192.0.2.1"))

    assert live.handshakes.are_spent("192.0.2.1")
    assert not live.handshakes.are_spent("192.0.2.2")


def test_health_tells_how_many_sockets_are_open(live):
    live.hub.reserve(Visitor("ada", "read"))

    assert live.health()["sockets"] == {"open": 1}


def test_health_tells_how_many_events_were_refused(live):
    live.receiver.take({"type": "task-labeling", "account_id": "none"})
    live.receiver.take("no event")

    assert live.health()["feed"]["refused"] == 2


def test_a_lease_ends_by_the_clock_of_the_database(make_app, ahead_url, ahead):
    live = parts_of(make_app(database_url=ahead_url)).live
    with transaction(ahead) as session:
        past = database_now(session) - timedelta(minutes=5)
        ada = accounts.add_account(session, new_account(), now=past)
        ttl = timedelta(seconds=15)
        accounts.take_lease(session, ada.id, "one", now=past, ttl=ttl)
        runs.start_run(session, ada, "one", now=past)

    (status,) = live.snapshot()["accounts"]

    assert "worker stopped" in status["current_step"]
    live.stop()


def test_one_account_is_told_from_the_database_while_nothing_is_heard(live, add):
    account_id = add()

    status, all_paused = live.status(account_id)

    assert (status["state"], all_paused) == ("idle", False)
