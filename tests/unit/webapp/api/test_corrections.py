"""What people said that messages are, and back again."""

import pytest

from mailbeat.db.audit import newest_entries
from tests.factories import make_row
from webapp.api import answers

ROOT = "/api/corrections"


@pytest.fixture
def corrected(admin, sessions, add):
    """Two messages of an account; the first is corrected twice, the other once."""
    account_id = add()
    ids = [make_row(sessions, account_id, uid) for uid in (1, 2)]
    said = [(ids[0], "Finance"), (ids[0], None), (ids[1], "Receipts")]
    return [
        admin.post(f"/api/messages/{one}/category", json={"category": category}).json[
            "correction_id"
        ]
        for one, category in said
    ]


def listed(admin, asked=""):
    return [one["correction_id"] for one in admin.get(f"{ROOT}?{asked}").json["items"]]


def test_corrections_are_listed_newest_first(admin, corrected):
    told = admin.get(ROOT).json

    answers.Corrections.model_validate(told)
    assert [one["correction_id"] for one in told["items"]] == corrected[::-1]
    confirmed, none, _ = told["items"]
    assert (none["from_category"], none["to_category"]) == ("Finance", None)
    assert (none["old_label"], none["new_label"]) == ("Finance", None)
    assert none["pending_since"] is not None
    assert confirmed["pending_since"] is None


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("pending=true", [1]),
        ("pending=false", [2, 0]),
        ("message_id=2", [2]),
        ("message_id=99", []),
        ("account_id=1", [2, 1, 0]),
        ("account_id=2", []),
        ("limit=1", [2]),
    ],
)
def test_corrections_are_filtered(admin, corrected, asked, numbers):
    assert listed(admin, asked) == [corrected[number] for number in numbers]


@pytest.mark.parametrize("asked", ["limit=0", "cursor=x", "pending=7", "q=1"])
def test_odd_questions_are_refused(admin, asked):
    assert admin.get(f"{ROOT}?{asked}").status_code == 422


def test_a_correction_is_taken_back(admin, corrected, sessions):
    told = admin.post(f"{ROOT}/{corrected[1]}/undo", json={})

    assert told.status_code == 200
    answers.Correction.model_validate(told.json)
    assert told.json["undone_at"] is not None
    message = admin.get("/api/messages/1").json
    assert (message["category"], message["label"]) == ("Finance", "Finance")
    with sessions() as session:
        entry = newest_entries(session)[0]
    assert (entry.action, entry.target) == ("message.undo", "message 1")


def test_an_older_or_undone_one_is_not_taken_back(admin, corrected):
    def undo(number):
        told = admin.post(f"{ROOT}/{corrected[number]}/undo", json={})
        return told.status_code, told.json.get("code")

    assert undo(0) == (409, "cannot_undo")
    assert undo(1) == (200, None)
    assert undo(1) == (409, "cannot_undo")
    assert undo(0) == (200, None)


@pytest.mark.parametrize("correction_id", [99, 10**12])
def test_no_correction(admin, corrected, correction_id):
    assert admin.post(f"{ROOT}/{correction_id}/undo", json={}).status_code == 404


def test_who_may_only_read_takes_nothing_back(with_scope, corrected):
    path = f"{ROOT}/{corrected[1]}/undo"

    assert with_scope("read").post(path, json={}).status_code == 403
    assert with_scope("control").post(path, json={}).status_code == 200
