"""What processes say of themselves, on both databases."""

from datetime import timedelta

import pytest

from mailbeat.db.processes import (
    GONE_AFTER,
    GOODBYE_SHOWN,
    SILENCE_SHOWN,
    Kind,
    ProcessGone,
    ProcessState,
    Who,
    Wishes,
    list_processes,
    say,
    want_size,
    want_stop,
)
from mailbeat.db.session import transaction
from tests.factories import NOW

SECOND = timedelta(seconds=1)


def who(name="celery@one", instance="1", kind=Kind.WORKER, host="one"):
    return Who(kind, name, instance, host=host, pid=7, version="0.1")


@pytest.fixture
def tell(any_sessions):
    def tell(one=None, facts=None, *, now=NOW, **how):
        with transaction(any_sessions) as session:
            return say(session, one or who(), facts or {}, now=now, **how)

    return tell


@pytest.fixture
def seen(any_sessions):
    def seen(now=NOW, kind=None):
        with any_sessions() as session:
            return list_processes(session, kind, now=now)

    return seen


def states(found):
    return [(one.instance, one.state) for one in found]


def test_who_spoke_just_now_is_online_since_its_start(tell, seen):
    tell(facts={"size": 50})
    tell(facts={"size": 40}, now=NOW + 3 * SECOND)

    (one,) = seen(NOW + 4 * SECOND)

    assert (one.state, one.since) == (ProcessState.ONLINE, NOW)
    assert (one.number("size"), one.beat_at) == (40, NOW + 3 * SECOND)


def test_who_is_silent_is_gone_since_it_was_heard_last(tell, seen):
    tell()

    (one,) = seen(NOW + GONE_AFTER + SECOND)

    assert (one.state, one.since) == (ProcessState.GONE, NOW)
    assert one.running() == []


def test_it_is_gone_within_twenty_seconds():
    assert GONE_AFTER + timedelta(seconds=6) < timedelta(seconds=20)  # page, database


def test_who_is_asked_to_end_is_stopping_and_then_stopped(tell, seen):
    tell()
    tell(now=NOW + SECOND, stopping=True)
    tell(now=NOW + 2 * SECOND, stopping=True)
    assert [(one.state, one.since) for one in seen(NOW + 2 * SECOND)] == [
        (ProcessState.STOPPING, NOW + SECOND)
    ]

    tell(now=NOW + 3 * SECOND, stopping=True, stopped=True)

    assert states(seen(NOW + 4 * SECOND)) == [("1", ProcessState.STOPPED)]


def test_those_that_ended_are_shown_for_a_while(tell, seen):
    tell(who("celery@silent", "1"))
    tell(who("celery@polite", "2"), stopped=True)

    assert len(seen(NOW + GOODBYE_SHOWN - SECOND)) == 2
    assert states(seen(NOW + GOODBYE_SHOWN + SECOND)) == [("1", ProcessState.GONE)]
    assert seen(NOW + SILENCE_SHOWN + SECOND) == []


def test_a_new_life_takes_the_place_of_the_old_one(tell, seen):
    tell(who(instance="old"))

    later = NOW + GONE_AFTER + SECOND
    tell(who(instance="new"), now=later)

    assert states(seen(later)) == [("new", ProcessState.ONLINE)]


def test_two_that_live_under_one_name_are_both_shown(tell, seen):
    tell(who(instance="1"))
    tell(who(instance="2"))

    assert states(seen()) == [("1", ProcessState.ONLINE), ("2", ProcessState.ONLINE)]


def test_a_web_process_forgets_the_former_ones_of_its_host_only(tell, seen):
    tell(who("web@one/1", "1", Kind.WEB, host="one"))
    tell(who("web@two/1", "2", Kind.WEB, host="two"))
    later = NOW + GONE_AFTER + SECOND

    tell(who("web@one/2", "3", Kind.WEB, host="one"), now=later)

    assert {one.instance for one in seen(later, Kind.WEB)} == {"2", "3"}
    assert seen(later, Kind.WORKER) == []


def test_a_wish_is_heard_with_the_next_sign_of_life(tell, seen, any_sessions):
    assert tell() == Wishes()
    (one,) = seen()

    with transaction(any_sessions) as session:
        want_size(session, one.id, 3, now=NOW)
        want_stop(session, one.id, now=NOW)

    assert tell(now=NOW + SECOND) == Wishes(size=3, stop=True)


@pytest.mark.parametrize("ends", ["silent", "stopped", "web", "none"])
def test_nothing_can_be_wanted_of_who_is_no_worker_that_runs(
    tell, seen, any_sessions, ends
):
    now = NOW
    if ends != "none":
        kind = Kind.WEB if ends == "web" else Kind.WORKER
        tell(who(kind=kind), stopped=ends == "stopped")
        now += GONE_AFTER + SECOND if ends == "silent" else SECOND
    found = [one.id for one in seen(now)] or [99]

    with transaction(any_sessions) as session:
        with pytest.raises(ProcessGone):
            want_stop(session, found[0], now=now)
        with pytest.raises(ProcessGone):
            want_size(session, found[0], 3, now=now)


@pytest.mark.parametrize("size", [0, -1, 1001])
def test_no_worker_has_so_many_threads(tell, seen, any_sessions, size):
    tell()
    (one,) = seen()

    with transaction(any_sessions) as session, pytest.raises(ValueError, match="1000"):
        want_size(session, one.id, size, now=NOW)


def test_what_it_has_in_hand_is_listed_with_the_oldest_first(tell, seen):
    task = {"task": "tasks.account.process_account", "account_id": 7}
    tell(
        facts={"running": [{"id": "a", "age": 2, **task}, {"id": "b", "age": 9} | task]}
    )

    (one,) = seen(NOW + SECOND)

    assert [(each.task_id, each.account_id, each.since) for each in one.running()] == [
        ("b", 7, NOW - 9 * SECOND),
        ("a", 7, NOW - 2 * SECOND),
    ]


def test_who_came_back_under_its_name_at_once_is_not_missed(tell, seen):
    tell(who(instance="killed"))
    tell(who(instance="new"), now=NOW + 5 * SECOND)

    later = NOW + GONE_AFTER + SECOND

    assert states(seen(later)) == [("new", ProcessState.ONLINE)]
