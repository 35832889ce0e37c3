"""What runs, what ran, and the buttons."""

from datetime import timedelta

import pytest

from mailbeat.db import accounts, audit, runs
from mailbeat.db.models import Run
from mailbeat.db.session import transaction
from mailbeat.labeling.progress import Outcome, Progress, RunState

ROOT = "/api/processing"
TTL = timedelta(minutes=5)


@pytest.fixture
def begin(sessions, now):
    def begin(account_id, run_id):
        with transaction(sessions) as session:
            accounts.take_lease(session, account_id, run_id, now=now, ttl=TTL)
            account = accounts.find_account(session, account_id)
            runs.start_run(session, account, run_id, now=now)

    return begin


@pytest.fixture
def ran(sessions, now, begin):
    def ran(account_id, run_id, outcome=Outcome.SUCCEEDED, **error):
        begin(account_id, run_id)
        with transaction(sessions) as session:
            good = outcome == Outcome.SUCCEEDED
            done = Progress(
                RunState.COMPLETED if good else RunState.ERROR, 3, 3, labeled=2
            )
            end = now + timedelta(seconds=4)
            runs.finish_run(session, run_id, done, 9, outcome=outcome, now=end, **error)
            accounts.release_lease(
                session, account_id, run_id, now=now, interval_seconds=300
            )

    return ran


def test_the_current_status_has_the_three_keys_of_the_specification(admin, add):
    account_id = add()

    found = admin.get(f"{ROOT}/current-status").json

    assert found["current_processing"] is None
    assert found["recent_runs"] == []
    assert found["timestamp"].endswith("Z")
    assert [one["account_id"] for one in found["accounts"]] == [account_id]
    assert found["accounts"][0]["state"] == "idle"


def test_the_current_status_is_read_from_the_database_without_any_event(
    admin, add, begin, ran
):
    ran(add(), "one")
    begin(add("bob@example.org"), "two")

    found = admin.get(f"{ROOT}/current-status").json

    assert found["current_processing"]["email_address"] == "bob@example.org"
    assert found["current_processing"]["state"] == "connecting"
    assert [run["run_id"] for run in found["recent_runs"]] == ["one"]


def test_a_run_is_shown_with_its_phases(admin, add, ran):
    ran(add(), "one")

    found = admin.get(f"{ROOT}/runs/one").json

    assert (found["state"], found["outcome"]) == ("completed", "succeeded")
    assert found["duration_seconds"] == 4.0
    assert (found["emails_found"], found["emails_labeled"]) == (3, 2)
    assert [phase["state"] for phase in found["phases"]] == ["connecting"]


def test_runs_are_listed_newest_first_and_paged(admin, add, ran):
    account_id = add()
    for run_id in ("one", "two", "three"):
        ran(account_id, run_id)

    first = admin.get(f"{ROOT}/runs?limit=2").json
    rest = admin.get(f"{ROOT}/runs?limit=2&cursor={first['next_cursor']}").json

    assert [run["run_id"] for run in first["items"]] == ["three", "two"]
    assert [run["run_id"] for run in rest["items"]] == ["one"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("outcome=failed", ["two"]),
        ("error_code=auth_failed", ["two"]),
        ("error_code=internal", []),
        ("error_code=auth_failed&outcome=failed&account_id=1", ["two"]),
        ("state=completed", ["one"]),
        ("account_id=1", ["two", "one"]),
        ("account_id=2", []),
        ("until=2020-01-01T00:00:00Z", []),
    ],
)
def test_runs_are_filtered(admin, add, ran, asked, expected):
    account_id = add()
    ran(account_id, "one")
    ran(account_id, "two", Outcome.FAILED, error_code="auth_failed")

    found = admin.get(f"{ROOT}/runs?{asked}").json["items"]

    assert [run["run_id"] for run in found] == expected


@pytest.mark.parametrize("run_id", ["nothing", "x" * 5000, "%F0%9F%92%A9", "a b"])
def test_a_run_that_is_not_there_is_not_found(admin, run_id):
    assert admin.get(f"{ROOT}/runs/{run_id}").status_code == 404
    assert admin.post(f"{ROOT}/runs/{run_id}/cancel").status_code == 404


def test_a_run_now_is_a_wish_in_the_database(admin, add, sessions):
    account_id = add()

    response = admin.post(f"{ROOT}/runs", json={"account_id": account_id})

    assert response.status_code == 202
    with sessions() as session:
        account = accounts.find_account(session, account_id)
        entry = audit.newest_entries(session)[0]
    assert account.wanted_run_id == response.json["run_id"]
    assert (entry.action, entry.target) == ("run.want", f"account {account_id}")


def test_what_runs_cannot_be_run_again(admin, add, begin):
    account_id = add()
    begin(account_id, "one")

    response = admin.post(f"{ROOT}/runs", json={"account_id": account_id})

    assert (response.status_code, response.json["code"]) == (409, "busy")


def test_what_is_paused_cannot_be_run(admin, add):
    account_id = add()
    admin.post(f"{ROOT}/pause")

    response = admin.post(f"{ROOT}/runs", json={"account_id": account_id})

    assert (response.status_code, response.json["code"]) == (409, "paused")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"account_id": 999}, 404),
        ({"account_id": "1; DROP TABLE accounts"}, 422),
        ({"account_id": 10**30}, 422),
        ({}, 422),
    ],
)
def test_odd_wishes_are_refused(admin, sent, status):
    assert admin.post(f"{ROOT}/runs", json=sent).status_code == status


def test_a_running_run_is_cancelled(admin, add, begin, sessions):
    account_id = add()
    begin(account_id, "one")

    response = admin.post(f"{ROOT}/runs/one/cancel")

    assert response.status_code == 202
    with sessions() as session:
        assert accounts.find_account(session, account_id).cancel_run_id == "one"


def test_a_finished_run_cannot_be_cancelled(admin, add, ran):
    ran(add(), "one")

    response = admin.post(f"{ROOT}/runs/one/cancel")

    assert (response.status_code, response.json["code"]) == (409, "not_running")


def test_everything_is_paused_and_resumed(admin, sessions):
    assert admin.post(f"{ROOT}/pause").json == {"paused": True}
    assert admin.get(f"{ROOT}/current-status").json["paused"]

    assert admin.post(f"{ROOT}/resume").json == {"paused": False}
    assert not admin.get(f"{ROOT}/current-status").json["paused"]
    with sessions() as session:
        assert session.query(Run).count() == 0


def test_a_run_that_waits_for_a_worker_is_cancelled(admin, add):
    asked = admin.post(f"{ROOT}/runs", json={"account_id": add()})
    run_id = asked.json["run_id"]

    answer = admin.post(f"{ROOT}/runs/{run_id}/cancel")

    assert (answer.status_code, answer.json) == (202, {"run_id": run_id})
    found = admin.get(f"{ROOT}/runs/{run_id}").json
    assert (found["state"], found["outcome"]) == ("completed", "cancelled")


def test_the_last_run_of_each_account_is_told(admin, add, ran):
    first, second = add("a@example.org"), add("b@example.org")
    ran(first, "old")
    ran(first, "new", Outcome.FAILED)
    ran(second, "other")

    found = admin.get(f"{ROOT}/last-runs").json

    runs_of = {one["account_id"]: one["run_id"] for one in found["items"]}
    assert runs_of == {first: "new", second: "other"}
