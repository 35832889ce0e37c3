"""Finding runs among many, on both databases."""

from datetime import timedelta
from itertools import chain, count

import pytest
from sqlalchemy import select

from mailbeat.db import accounts, run_history
from mailbeat.db.models import Run
from mailbeat.db.paging import BadCursor
from mailbeat.db.run_history import Wanted
from mailbeat.db.session import transaction
from tests.unit.db.test_accounts import NOW, new_account

MANY = range(2, 3 + run_history.FEW_ACCOUNTS)  # not the first
HOUR = timedelta(hours=1)
FAILED = {"state": "error", "outcome": "failed", "error_code": "auth_failed"}
LEFT = {"state": "error", "outcome": "interrupted"}


@pytest.fixture
def people(any_sessions):
    """The ids of three accounts."""
    with transaction(any_sessions) as session:
        return [
            accounts.add_account(session, new_account(f"{one}@x.org"), now=NOW).id
            for one in ("ada", "bob", "eve")
        ]


@pytest.fixture
def ran(any_sessions):
    """Write a run that began some hours ago, by the name it has in the test."""

    def ran(name, account_id, ago=0.0, **values):
        start = NOW - ago * HOUR
        with transaction(any_sessions) as session:
            given = {
                "run_id": name,
                "account_id": account_id,
                "email_address": f"{account_id}@x.org",
                "start_time": start,
                "end_time": start + timedelta(seconds=4),
                "updated_at": start,
                "state": "completed",
                "outcome": "succeeded",
            }
            session.add(Run(**(given | values)))

    return ran


@pytest.fixture
def mixed(people, ran):
    ada, bob, eve = people
    ran("now", ada, state="labeling", outcome=None, end_time=None)
    ran("refused", ada, 1, **FAILED)
    ran("left", bob, 2, **LEFT)
    ran("busy", bob, 3, **(FAILED | {"error_code": "server_busy"}))
    ran("stopped", eve, 4, outcome="cancelled")
    ran("good", ada, 5)
    ran("gone", None, 6, email_address="old@x.org")
    return people


def names(runs):
    return [run.run_id for run in runs]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["now", "refused", "left", "busy", "stopped", "good", "gone"]),
        ({"account_ids": [1]}, ["now", "refused", "good"]),
        ({"account_ids": [1, 3]}, ["now", "refused", "stopped", "good"]),
        ({"account_ids": []}, []),
        ({"account_ids": MANY}, ["left", "busy", "stopped"]),
        ({"email_address": "old@x.org"}, ["gone"]),
        ({"outcome": "failed"}, ["refused", "busy"]),
        ({"outcome": "failed", "account_ids": [2]}, ["busy"]),
        ({"error_code": "auth_failed"}, ["refused"]),
        ({"error_code": "auth_failed", "account_ids": [1, 2]}, ["refused"]),
        ({"error_code": "auth_failed", "outcome": "succeeded"}, []),
        ({"state": "completed"}, ["stopped", "good", "gone"]),
        ({"state": "error"}, ["refused", "left", "busy"]),
        ({"state": "labeling"}, ["now"]),
        ({"since": NOW - 2 * HOUR}, ["now", "refused", "left"]),
        ({"until": NOW - 4 * HOUR}, ["good", "gone"]),
        ({"since": NOW - 5 * HOUR, "until": NOW - HOUR, "account_ids": [1]}, ["good"]),
    ],
)  # fmt: skip
def test_runs_are_found_by_all_that_is_asked(any_sessions, mixed, wanted, expected):
    with any_sessions() as session:
        page = run_history.page_of(session, Wanted(**wanted), limit=50)

    assert names(page.runs) == expected
    assert (page.older, page.newer) == (None, None)


@pytest.mark.parametrize("account_ids", [None, [1], [1, 2, 3]])
def test_pages_there_and_back_hold_every_run_once(
    any_sessions, people, ran, account_ids
):
    """Also of runs that began in the same moment, and were not written in order."""
    for n in range(10):
        ran(f"{n}", people[0], ago=(n * 7 % 10) // 2)

    there, back, cursor = [], [], {}
    with any_sessions() as session:
        wanted = Wanted(account_ids=account_ids)
        while True:
            page = run_history.page_of(session, wanted, limit=3, **cursor)
            there.append(names(page.runs))
            if page.older is None:
                break
            cursor = {"before": page.older}
        while page.newer is not None:
            page = run_history.page_of(session, wanted, limit=3, after=page.newer)
            back.append(names(page.runs))

    assert sorted(chain.from_iterable(there)) == [f"{n}" for n in range(10)]
    assert back == [there[2], there[1], there[0]]


def test_near_the_top_the_way_back_is_the_whole_first_page(any_sessions, people, ran):
    for n in range(5):
        ran(f"{n}", people[0], ago=5 - n)
    with any_sessions() as session:
        first = run_history.page_of(session, Wanted(), limit=2)
        second = run_history.page_of(session, Wanted(), limit=2, before=first.older)
    ran("new", people[0])

    with any_sessions() as session:
        up = run_history.page_of(session, Wanted(), limit=4, after=second.newer)

    assert names(up.runs) == ["new", "4", "3", "2"]
    assert up.newer is None


def test_a_run_that_is_forgotten_has_nothing_before_it(any_sessions, people, ran):
    ran("one", people[0])

    with any_sessions() as session:
        page = run_history.page_of(session, Wanted(), limit=2, before="99")

    assert page == ([], None, None)


@pytest.mark.parametrize("cursor", ["x", "", "-1", "1" * 19])
def test_what_is_no_cursor_is_refused(any_sessions, cursor):
    with any_sessions() as session, pytest.raises(BadCursor):
        run_history.page_of(session, Wanted(), limit=2, after=cursor)


def test_the_list_for_programs_has_one_account(any_sessions, mixed):
    with any_sessions() as session:
        found, cursor = run_history.list_runs(session, account_id=1, limit=2)

    assert names(found) == ["now", "refused"]
    assert cursor == str(found[-1].id)


def test_failures_are_told_once_for_each_account_and_cause(any_sessions, people, ran):
    ada, bob, _ = people
    for ago in (30, 2, 1):
        ran(f"refused {ago}", ada, ago, **FAILED)
    ran("busy", ada, 3, **(FAILED | {"error_code": "server_busy"}))
    ran("left", bob, 4, **LEFT)
    ran("well again", bob, 3)
    ran("gone", None, 5, **FAILED)

    with any_sessions() as session:
        found = run_history.failures(session, Wanted(since=NOW - 24 * HOUR))

    assert [(one.last.run_id, one.number, one.is_over) for one in found] == [
        ("refused 1", 2, False),
        ("busy", 1, True),
        ("left", 1, True),
        ("gone", 1, True),
    ]
    assert (found[0].first_at, found[0].last_at) == (NOW - 2 * HOUR, NOW - HOUR)


def test_failures_are_those_of_what_is_wanted(any_sessions, mixed):
    with any_sessions() as session:
        found = run_history.failures(
            session, Wanted(account_ids=[1, 2], error_code="server_busy")
        )

    assert [one.last.run_id for one in found] == ["busy"]


@pytest.fixture
def around(any_sessions):
    def around(name):
        with any_sessions() as session:
            run = session.scalars(select(Run).where(Run.run_id == name)).one()
            found = run_history.around(session, run)
            beside = [one and one.run_id for one in (found.older, found.newer)]
            return beside, names(found.chain)

    return around


def test_a_run_has_those_of_its_account_before_and_after_it(people, ran, around):
    ada, bob, _ = people
    ran("one", ada, 3)
    ran("not his", bob, 2)
    ran("two", ada, 1)
    ran("gone", None)

    assert around("one") == ([None, "two"], [])
    assert around("two") == (["one", None], [])
    assert around("gone") == ([None, None], [])


def test_a_run_whose_worker_died_is_told_with_those_that_went_on(people, ran, around):
    ago = count(9, -1)
    ran("before", people[0], next(ago))
    ran("left", people[0], next(ago), **LEFT)
    ran("left again", people[0], next(ago), **LEFT)
    ran("done", people[0], next(ago))
    ran("next", people[0], next(ago))

    together = ["left", "left again", "done"]
    for one in together:
        assert around(one)[1] == together
    assert around("before")[1] == around("next")[1] == []


def test_one_that_nobody_went_on_with_yet_stands_alone(people, ran, around):
    ran("left", people[0], **LEFT)

    assert around("left") == ([None, None], [])
