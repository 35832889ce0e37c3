"""Which accounts the live page shows."""

import pytest

from webapp.dashboard import shown as module
from webapp.dashboard.shown import Asked, in_order, kinds_of, shown


def status(account_id, state="idle", **values):
    return {
        "account_id": account_id,
        "email_address": f"a{account_id}@example.org",
        "state": state,
        "error_code": None,
        "paused": False,
        "setting_up": False,
        **values,
    }


ALL = [
    status(1),
    status(2, "labeling"),
    status(3, "error", error_code="auth_failed", paused=True),
    status(4, paused=True),
    status(5, "connecting", email_address="Straße@example.org"),
]


def ids(found):
    return [one["account_id"] for one in found.statuses]


def test_working_accounts_come_first_and_the_rest_stay_in_order():
    states = ["idle", "labeling", "completed", "connecting"]
    statuses = [{"account_id": i, "state": state} for i, state in enumerate(states)]

    assert [one["account_id"] for one in in_order(statuses)] == [1, 3, 0, 2]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(), [2, 5, 1, 3, 4]),
        (Asked("working"), [2, 5]),
        (Asked("needs"), [3]),
        (Asked("paused"), [4]),
        (Asked(text="A2@"), [2]),
        (Asked("working", "nobody"), []),
        (Asked(text="sTRA"), [5]),
    ],
)
def test_accounts_are_found_by_state_and_by_address(asked, expected):
    found = shown(ALL, {}, asked, all_paused=False)

    assert ids(found) == expected
    assert found.total == len(expected)
    assert found.counts == {"all": 5, "working": 2, "needs": 1, "paused": 1}


def test_an_account_that_tries_again_works_and_still_needs_a_person():
    last = {"error_code": "auth_failed", "run_id": "before"}

    kinds = kinds_of(status(1, "connecting"), last, all_paused=False)

    assert kinds == {"all", "working", "needs"}


def test_when_everything_is_paused_all_that_rest_are():
    found = shown(ALL, {}, Asked("paused"), all_paused=True)

    assert ids(found) == [1, 4]


def test_many_are_shown_a_part_at_a_time(monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)

    parts = [shown(ALL, {}, Asked(start=n), all_paused=False) for n in (0, 2, 4, 99)]

    assert [ids(one) for one in parts] == [[2, 5], [1, 3], [4], []]
    assert [one.end for one in parts] == [2, 4, 5, 5]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Asked()),
        ({"state": "needs", "q": " ada ", "from": "60"}, Asked("needs", "ada", 60)),
        ({"state": "gone", "from": "-1"}, Asked()),
        ({"from": "9" * 5}, Asked(start=99999)),
        ({"from": "٣"}, Asked()),
        ({"q": "x" * 10_000}, Asked(text="x" * 200)),
    ],
)
def test_what_is_asked_is_read_from_the_address(values, expected):
    assert Asked.of(values) == expected


def test_the_address_says_only_what_does_not_go_without_saying():
    assert Asked().query() == {}
    assert Asked("needs", "ada", 60).query(**{"from": 120}) == {
        "state": "needs",
        "q": "ada",
        "from": 120,
    }
