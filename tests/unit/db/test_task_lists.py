"""Lists of tasks on both databases, whatever is asked for together."""

from datetime import timedelta
from itertools import chain, product

import pytest
import sqlalchemy as sa

from mailbeat.db.models import RUN_TASK
from mailbeat.db.paging import BadCursor
from mailbeat.db.session import transaction
from mailbeat.db.task_lists import TaskSort, failures, known_names, list_tasks
from mailbeat.db.task_record import TaskState
from mailbeat.db.tasks import write_tasks
from tests.unit.db.test_task_record import NOW, record

STATES = ("succeeded", "failed", "started")
NAMES = (RUN_TASK, "shop.send", "shop.tidy")


@pytest.fixture
def write(any_sessions):
    def write(*records):
        with transaction(any_sessions) as session:
            write_tasks(session, records)

    return write


@pytest.fixture
def many(write):
    """90 tasks, one a second, of each state and name ten."""
    kinds = list(product(STATES, NAMES)) * 10
    write(
        *(
            record(
                state,
                k,
                task_id=f"t{k:02}",
                name=name,
                worker=f"w{k % 2}",
                arguments=f"({k},)",
                runtime=float(k % 7) if state != "started" else None,
            )
            for k, (state, name) in enumerate(kinds)
        )
    )


@pytest.fixture
def pages(any_sessions):
    """The ids on each page that one gets by following the cursor."""

    def pages(**asked):
        found, cursor = [], None
        while True:
            with any_sessions() as session:
                rows, cursor = list_tasks(session, cursor=cursor, **asked)
            found.append([row.task_id for row in rows])
            if cursor is None:
                return found

    return pages


def test_all_come_in_pages_newest_first(many, pages):
    found = pages(limit=40)

    assert [len(page) for page in found] == [40, 40, 10]
    assert list(chain(*found)) == [f"t{k:02}" for k in reversed(range(90))]


@pytest.mark.parametrize("sort", TaskSort)
@pytest.mark.parametrize(
    "states", [(), ("failed",), ("succeeded",), ("failed", "started")]
)
@pytest.mark.parametrize("name", [None, *NAMES[:2]])
def test_filters_leave_what_was_asked_for(many, pages, sort, states, name):
    asked = tuple(map(TaskState, states))
    found = list(
        chain(*pages(states=asked, name=name, worker="w1", sort=sort, limit=7))
    )

    kinds = list(product(STATES, NAMES)) * 10
    expected = {
        f"t{k:02}"
        for k, kind in enumerate(kinds)
        if kind[0] in (states or STATES)
        and name in {None, kind[1]}
        and k % 2
        and (sort is TaskSort.RECEIVED or kind[0] != "started")
    }
    assert len(found) == len(expected)
    assert set(found) == expected


def test_the_slowest_come_first(many, any_sessions):
    with any_sessions() as session:
        rows, _ = list_tasks(session, sort=TaskSort.RUNTIME)

    runtimes = [row.runtime for row in rows]
    assert runtimes == sorted(runtimes, reverse=True)
    assert runtimes[0] == 6


def test_no_more_rows_are_looked_at_for_a_page_than_its_share(many, pages):
    found = pages(q="(3,)", scan=29)

    assert found == [[], [], ["t03"], []]


def test_the_share_of_several_states_is_one(many, pages):
    """As many rows of each are read as of all together, and not one is left out."""
    states = (TaskState.FAILED, TaskState.STARTED)
    found = pages(states=states, worker="w1", limit=100, scan=7)

    assert max(map(len, found)) <= 7
    everything = list(chain(*found))
    assert len(everything) == 30
    assert everything == sorted(everything, reverse=True)


def test_what_failed_of_a_name_is_found_however_rare_it_is(many, pages):
    found = pages(states=(TaskState.FAILED,), name="shop.send", limit=7, scan=1)

    assert [len(page) for page in found] == [7, 3]


def test_a_search_finds_names_arguments_exceptions_and_ids(write, pages):
    write(
        record("started", 1, task_id="abc", name="Shop.Send"),
        record("failed", 2, task_id="def", exception="ValueError"),
        record("failed", 3, task_id="ghi", arguments="('100%_',)"),
    )

    assert pages(q="shop") == [["abc"]]
    assert pages(q="valueerr") == [["def"]]
    assert pages(q="%_") == [["ghi"]]
    assert pages(q="_") == [["ghi"]]
    assert pages(q="abc") == [["abc"]]
    assert pages(q="bc") == [["abc"]]
    assert pages(q="nothing") == [[]]


def test_since_and_until_bound_the_time_of_receipt(many, pages):
    second = timedelta(seconds=1)

    assert pages(since=NOW + 88 * second) == [["t89", "t88"]]
    assert pages(until=NOW + second) == [["t00"]]
    assert len(pages(since=NOW, until=NOW + 9 * second, sort=TaskSort.RUNTIME)[0]) == 6


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "r1", "r1_x", "t1.2.3_1", "r99999999999999999999_1", "r1_1\n"],
)
def test_a_cursor_that_is_none_of_ours_is_refused(any_sessions, cursor):
    with any_sessions() as session, pytest.raises(BadCursor):
        list_tasks(session, cursor=cursor)


def test_names_are_known_each_once(many, any_sessions):
    with any_sessions() as session:
        assert known_names(session) == sorted(NAMES)


def test_without_tasks_there_are_no_names(any_sessions):
    with any_sessions() as session:
        assert known_names(session) == []
        assert failures(session) == []


def test_failures_are_grouped_without_a_look_at_their_rows(sessions):
    plans = []

    def explain(_connection, cursor, statement, parameters, *_):
        if "count(*)" in statement:
            found = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in found)

    with sessions() as session:
        sa.event.listen(session.get_bind(), "before_cursor_execute", explain)
        failures(session, since=NOW)

    assert "USING COVERING INDEX ix_tasks_failed " in plans[1]


def test_failures_are_grouped_by_what_failed_and_why(write, any_sessions):
    write(
        record("failed", 1, task_id="a", name="x", exception="ValueError"),
        record("failed", 3, task_id="b", name="x", exception="ValueError"),
        record("failed", 2, task_id="c", name="x", exception="KeyError"),
        record("failed", 9, task_id="d", name=None),
        record("succeeded", 9, task_id="e", name="x"),
    )

    with any_sessions() as session:
        found = failures(session)
        recent = failures(session, since=NOW + timedelta(seconds=3))

    assert [(one.name, one.exception, one.count) for one in found] == [
        (None, None, 1),
        ("x", "ValueError", 2),
        ("x", "KeyError", 1),
    ]
    assert found[1].example_id == "b"
    assert found[1].last_at - found[1].first_at == timedelta(seconds=2)
    assert [one.count for one in recent] == [1, 1]
