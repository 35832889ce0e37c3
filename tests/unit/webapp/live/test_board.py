"""The newest state wins, whatever the order in which news arrive."""

import tracemalloc
from datetime import timedelta
from itertools import permutations

import pytest

from tests.frames import check, split
from webapp.live.board import ABANDONED, BELIEVED, IDLE_AFTER, UNFINISHED

from .conftest import NOW


@pytest.fixture
def loaded(database, board):
    """A board with one account and nothing running."""
    database.add_account()
    board.load(database.standing())
    return board


@pytest.fixture
def status(board):
    """The status of an account."""

    def status(account_id=1):
        (found,) = [
            one
            for one in board.snapshot()["accounts"]
            if one["account_id"] == account_id
        ]
        return found

    return status


@pytest.fixture
def news(board):
    """The messages since the last time one looked: type and data."""
    seen = [0]

    def news():
        seen[0], frames = board.since(seen[0])
        return [(one["type"], one["data"]) for one in split(frames)[0]]

    return news


def as_snapshot(board):
    """The snapshot, held against the schema."""
    seq = board.position()[1]
    stamp = "2026-01-05T08:00:00.000Z"
    message = {"type": "snapshot", "timestamp": stamp, "v": 1, "seq": seq}
    return check(message | {"data": board.snapshot()})["data"]


def test_an_account_that_never_ran_is_idle(loaded, status):
    assert status()["state"] == "idle"
    assert as_snapshot(loaded)["current_processing"] is None


def test_an_event_shows_at_once(loaded, database, event, status):
    database.run("one", 1, alive=True)

    assert loaded.apply(event(seq=7))

    assert status()["state"] == "labeling"
    assert status()["current_step"] == "Labeling 7 of 20"
    assert status()["progress"] == {"current": 7, "total": 20}
    assert status()["last_updated"] == "2026-01-05T08:00:07.000Z"
    assert as_snapshot(loaded)["current_processing"]["account_id"] == 1


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_the_order_of_arrival_does_not_matter(loaded, database, event, status, order):
    database.run("one", 1, alive=True)

    for seq in order:
        loaded.apply(event(seq=seq))

    assert status()["progress"]["current"] == 3


def test_a_repeated_event_is_no_news(loaded, database, event):
    database.run("one", 1, alive=True)
    loaded.apply(event(seq=2))
    before = loaded.position()

    assert not loaded.apply(event(seq=2))
    assert loaded.position() == before


def test_a_late_event_of_an_older_run_never_wins(loaded, database, event, status):
    database.run("old", 1)
    database.end("old")
    database.run("new", 2, alive=True)
    loaded.apply(event("new", seq=1))

    # By the clock of its worker the old run is the later one.
    loaded.apply(event("old", seq=99, started_at=NOW + timedelta(hours=1)))

    assert status()["run_id"] == "new"


def test_a_newer_run_wins_whatever_its_worker_s_clock_says(
    loaded, database, event, status
):
    database.run("old", 1, alive=True)
    loaded.apply(event("old", seq=50))
    database.run("new", 2, alive=True)

    loaded.apply(event("new", seq=1, started_at=NOW - timedelta(days=1)))

    assert status()["run_id"] == "new"


def test_a_finished_run_is_read_from_its_row(loaded, database, event, status, news):
    database.run("one", 1, alive=True)
    loaded.apply(event(seq=3))
    news()
    database.end(
        "one",
        state="error",
        outcome="failed",
        error_code="auth_failed",
        error_message="The password was refused.",
    )
    database.accounts[0].paused_at = NOW

    loaded.apply(event(seq=4, state="error"))

    assert status()["state"] == "error"
    assert status()["error_message"] == "The password was refused."
    assert status()["paused"]
    assert [kind for kind, _ in news()] == ["status_update", "run_finished"]
    assert as_snapshot(loaded)["recent_runs"][0]["outcome"] == "failed"


def test_a_run_is_told_to_be_finished_once(loaded, database, event, news):
    database.run("one", 1, alive=True)
    database.end("one")

    loaded.apply(event(seq=9, state="completed"))
    loaded.apply(event(seq=9, state="completed"))
    loaded.load(database.standing())

    assert [kind for kind, _ in news()].count("run_finished") == 1


def test_a_run_that_ended_unheard_is_told_at_the_next_reading(
    loaded, database, news, status
):
    news()
    database.run("one", 1)
    database.end("one")

    loaded.load(database.standing())

    assert [kind for kind, _ in news()] == ["status_update", "run_finished"]
    assert status()["state"] == "completed"


def test_runs_from_before_the_start_are_history_and_no_news(database, board, news):
    database.add_account()
    database.run("one", 1)
    database.end("one")

    board.load(database.standing())

    assert "run_finished" not in [kind for kind, _ in news()]
    assert [run["run_id"] for run in board.recent_runs(10)] == ["one"]


def test_a_run_that_ended_late_is_told_though_a_newer_one_goes_on(
    loaded, database, event, news, status
):
    database.run("old", 1, alive=True)
    loaded.apply(event("old", seq=3))
    database.run("new", 2, alive=True)
    loaded.apply(event("new", seq=1))
    news()

    database.end("old")
    loaded.apply(event("old", seq=4, state="completed"))

    assert [kind for kind, _ in news()] == ["run_finished"]
    assert status()["run_id"] == "new"


def test_a_reading_older_than_the_events_does_not_win(loaded, database, event, status):
    database.run("one", 1, alive=True, seq=3)
    before = database.standing()
    loaded.apply(event(seq=8))

    loaded.load(before)

    assert status()["progress"]["current"] == 8


def test_a_reading_newer_than_the_events_wins(loaded, database, event, status):
    database.run("one", 1, alive=True)
    loaded.apply(event(seq=3))
    run = database.runs["one"]
    run.seq, run.state, run.emails_found, run.emails_processed = 9, "labeling", 20, 15

    loaded.load(database.standing())

    assert status()["progress"] == {"current": 15, "total": 20}


def test_a_run_whose_worker_died_is_not_shown_for_ever(loaded, database, event, status):
    database.run("one", 1, alive=True)
    loaded.apply(event(seq=3))
    database.alive.clear()

    loaded.load(database.standing())

    assert status()["state"] == "error"
    assert status()["error_message"] == ABANDONED
    assert loaded.snapshot()["current_processing"] is None


@pytest.mark.parametrize("was_seen", [True, False])
def test_a_run_that_another_took_over_is_told_to_be_interrupted_at_once(
    loaded, database, event, news, was_seen
):
    """Its worker is dead and tells nothing; the heir's first event is all there is."""
    database.run("one", 1, alive=True)
    loaded.apply(event("one", seq=3))
    if was_seen:
        database.alive.clear()
        loaded.load(database.standing())
    news()

    database.end("one", state="error", outcome="interrupted")
    database.run("two", 2, alive=True)
    loaded.apply(event("two", seq=1, state="connecting"))

    (finished, run), (update, shown) = news()
    assert (finished, run["run_id"]) == ("run_finished", "one")
    assert run["outcome"] == "interrupted"
    assert (update, shown["run_id"]) == ("status_update", "two")


def test_a_run_that_ended_long_ago_is_no_news_when_another_begins(
    database, board, event, news
):
    database.add_account()
    database.run("one", 1)
    database.end("one")
    standing = database.standing()
    standing.recent.clear()  # there were many since
    board.load(standing)
    news()

    database.run("two", 2, alive=True)
    board.apply(event("two", seq=1, state="connecting"))

    assert [kind for kind, _ in news()] == ["status_update"]


def test_a_hundred_thousand_unknown_accounts_are_not_kept(loaded, database, event):
    asked = database.asked
    tracemalloc.start()

    for account_id in range(2, 100_000):
        loaded.apply(event(f"run {account_id}", account_id=account_id))

    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000
    assert database.asked == asked
    assert len(loaded.snapshot()["accounts"]) == 1


def test_thousands_of_unknown_runs_of_a_known_account_are_not_kept(loaded, event):
    tracemalloc.start()

    for number in range(5_000):
        later = NOW + timedelta(seconds=number)
        loaded.apply(event(f"run {number}", seq=1, started_at=later))

    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000


@pytest.mark.parametrize("state", ["completed", "error"])
def test_a_last_event_whose_row_cannot_be_read_asks_for_a_reading(
    loaded, database, event, news, state
):
    """The event does not tell why a run failed; the row does."""
    database.run("one", 1, alive=True)
    loaded.apply(event(seq=3))
    run = database.runs.pop("one")
    loaded.apply(event(seq=4, state=state))
    assert loaded.wants_resync
    database.runs["one"] = run
    news()

    database.end("one", state=state, seq=4, error_message="Say what to do.")
    loaded.load(database.standing())

    (update, shown), (finished, _) = news()
    assert (update, finished) == ("status_update", "run_finished")
    assert shown["error_message"] == "Say what to do."


def test_a_run_that_was_never_found_is_found_by_a_reading(
    loaded, database, event, status, monkeypatch
):
    """No row is known for a run that began while the database was away."""
    database.run("one", 1, alive=True)
    monkeypatch.setattr(loaded, "_find_run", lambda _run_id: None)
    loaded.apply(event(seq=3))
    loaded.apply(event(seq=4, state="error"))

    database.end("one", state="error", seq=4, error_message="Say what to do.")
    loaded.load(database.standing())

    assert status()["error_message"] == "Say what to do."


def test_late_events_of_finished_runs_ask_the_database_nothing(
    loaded, database, event, status
):
    database.run("one", 1)
    database.end("one")
    database.run("two", 2, alive=True)
    loaded.load(database.standing())
    loaded.apply(event("two", seq=3))
    asked = database.asked

    for seq in range(1, 50):
        assert not loaded.apply(event("one", seq=seq))

    assert database.asked == asked
    assert status()["run_id"] == "two"


def test_a_worker_that_was_thought_dead_may_go_on(loaded, database, event, status):
    database.run("one", 1, alive=True)
    loaded.apply(event(seq=3))
    database.alive.clear()
    loaded.load(database.standing())

    loaded.apply(event(seq=4))

    assert status()["state"] == "labeling"


def test_events_of_a_run_without_a_row_are_believed_for_a_while(
    loaded, database, event, status, clock
):
    loaded.apply(event("unknown", seq=3))
    loaded.load(database.standing())
    assert status()["state"] == "labeling"

    clock.now += BELIEVED
    loaded.load(database.standing())

    assert status()["state"] == "idle"


def test_an_unknown_account_asks_for_a_reading_and_is_not_kept(loaded, event):
    for account_id in range(2, 2000):
        assert not loaded.apply(event(account_id=account_id))

    assert loaded.wants_resync
    assert len(loaded.snapshot()["accounts"]) == 1


def test_an_event_of_another_account_s_run_is_refused(loaded, database, event, status):
    database.add_account(2)
    loaded.load(database.standing())
    database.run("one", 1, account_id=2, alive=True)

    assert not loaded.apply(event("one", account_id=1))
    assert status(1)["state"] == "idle"


def test_a_removed_account_goes(loaded, database, news):
    news()
    database.accounts.clear()

    loaded.load(database.standing())

    assert news() == [("account_removed", {"account_id": 1})]
    assert loaded.snapshot()["accounts"] == []


def test_a_pause_shows_on_the_card_and_for_all(loaded, database, status, news):
    news()
    database.accounts[0].paused_at = database.paused_since = NOW

    loaded.load(database.standing())

    assert status()["paused"]
    assert [kind for kind, _ in news()] == ["status_update", "snapshot"]
    assert as_snapshot(loaded)["paused"]


def test_reading_the_same_again_is_no_news(loaded, database):
    assert not loaded.load(database.standing())


def test_null_comes_a_moment_after_the_last_run_ended(
    loaded, database, event, news, clock
):
    database.run("one", 1, alive=True)
    loaded.apply(event(seq=1))
    database.end("one")
    loaded.apply(event(seq=2, state="completed"))
    news()

    assert not loaded.tick()
    clock.now += IDLE_AFTER
    assert loaded.tick()
    assert not loaded.tick()

    assert news() == [("status_update", None)]


def test_null_does_not_come_while_something_runs(loaded, database, event, clock):
    database.run("one", 1, alive=True)
    loaded.apply(event(seq=1))
    clock.now += 60

    assert not loaded.tick()


def test_the_workers_and_the_feed_are_told_with_a_snapshot(loaded, news):
    news()

    loaded.workers_online(2)
    loaded.feed_down(NOW)

    assert not loaded.workers_online(2)
    ((kind, data),) = news()
    assert kind == "snapshot"
    assert data["workers"] == {"online": 2}
    assert data["feed_down_since"] == "2026-01-05T08:00:00.000Z"


def test_a_run_of_which_nothing_is_heard_is_quiet(loaded, database, event, clock):
    assert not loaded.is_quiet(4)
    database.run("one", 1, alive=True)
    loaded.apply(event(seq=1))
    clock.now += 3
    assert not loaded.is_quiet(4)

    clock.now += 1

    assert loaded.is_quiet(4)


def test_the_current_account_is_the_one_that_changed_last(loaded, database, event):
    database.add_account(2)
    loaded.load(database.standing())
    database.run("one", 1, alive=True)
    database.run("two", 2, account_id=2, alive=True)

    loaded.apply(event("two", 1, account_id=2))
    loaded.apply(event("one", 1))
    assert loaded.snapshot()["current_processing"]["account_id"] == 1

    loaded.apply(event("two", 2, account_id=2))
    assert loaded.snapshot()["current_processing"]["account_id"] == 2


def test_a_steady_run_says_how_long_it_takes(loaded, database, event, status):
    database.run("one", 1, alive=True)

    for second in range(1, 11):
        loaded.apply(event(seq=second, total=30))  # a message each second

    assert status()["eta_seconds"] == 20


def test_a_known_run_is_looked_up_once(loaded, database, event):
    database.run("one", 1, alive=True)

    for seq in range(1, 100):
        loaded.apply(event(seq=seq))

    assert database.asked == 1


def test_the_last_run_of_an_account_is_the_newest_that_ended(loaded, database, event):
    ended = {"end_time": NOW, "state": "completed", "outcome": "succeeded"}
    database.run("new", 5, **ended)
    database.run("old", 4, **ended)
    for run_id in ("new", "old"):
        loaded.apply(event(run_id, 9, "completed"))

    assert [one["run_id"] for one in loaded.last_runs().values()] == ["new"]
    assert loaded.last_runs([]) == {}
    assert list(loaded.last_runs([1, 99])) == [1]


def test_the_status_of_one_account_needs_no_snapshot(loaded, status):
    assert loaded.status(1) == (status(1), False)
    assert loaded.status(2) == (None, False)


def test_an_account_in_set_up_says_so_until_that_is_finished(database, board, status):
    database.add_account(paused_at=NOW, pause_reason="set-up")
    board.load(database.standing())
    before = status()

    database.add_account(paused_at=None, pause_reason=None)
    board.load(database.standing())

    assert (before["setting_up"], before["current_step"]) == (True, UNFINISHED)
    assert (status()["setting_up"], status()["paused"]) == (False, False)
    assert status()["current_step"] != UNFINISHED
