"""Counts since the beginning, on both databases."""

import threading

import pytest

from mailbeat.db.session import transaction
from mailbeat.db.totals import MOST_LABELS, Meter, add_totals, read_totals


def add(sessions, amounts):
    with transaction(sessions) as session:
        add_totals(session, amounts)


def read(sessions):
    with sessions() as session:
        return read_totals(session)


def test_what_is_added_twice_is_the_sum(any_sessions):
    add(any_sessions, {("runs", ("failed",)): 1, ("tokens", ()): 2.5})
    add(any_sessions, {("runs", ("failed",)): 2, ("runs", ("succeeded",)): 1})

    assert read(any_sessions) == {
        "runs": {("failed",): 3.0, ("succeeded",): 1.0},
        "tokens": {(): 2.5},
    }


def test_nothing_can_be_added(any_sessions):
    add(any_sessions, {})

    assert read(any_sessions) == {}


def test_what_is_too_long_for_a_row_is_not_counted(any_sessions):
    add(any_sessions, {("runs", ("x" * MOST_LABELS,)): 1, ("runs", ("ok",)): 1})

    assert read(any_sessions) == {"runs": {("ok",): 1.0}}


def test_many_that_add_at_once_lose_nothing(any_sessions):
    keys = [("runs", (str(n),)) for n in range(5)]

    def work(order):
        for _ in range(5):
            add(any_sessions, dict.fromkeys(keys[::order], 1))

    threads = [threading.Thread(target=work, args=(one,)) for one in (1, -1, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(read(any_sessions)["runs"].values()) == {15.0}


@pytest.mark.parametrize(
    ("value", "bucket"), [(0.5, "1.0"), (1.0, "1.0"), (1.1, "5.0"), (9.0, "+Inf")]
)
def test_a_value_is_in_the_first_bucket_that_holds_it(value, bucket):
    meter = Meter()

    meter.observe("s", "a", value=value, bounds=(1.0, 5.0))

    assert meter.take() == {("s_bucket", ("a", bucket)): 1, ("s_sum", ("a",)): value}


def test_what_could_not_be_added_is_put_back():
    meter = Meter()
    meter.add("runs", "failed")
    taken = meter.take()
    meter.add("runs", "failed")
    meter.add("runs", "none", by=0)

    meter.put_back(taken)

    assert meter.take() == {("runs", ("failed",)): 2}
    assert meter.take() == {}
