"""What messages are sorted into: read, added, changed, merged, removed, restored."""

import pytest

from mailbeat.db import audit
from mailbeat.labeling.presets import PRESETS

ROOT = "/api/categories"
RECEIPTS, FINANCE = f"{ROOT}/2", 3


@pytest.fixture
def deeds(sessions):
    """What was written down, the oldest first."""

    def deeds():
        with sessions() as session:
            found = reversed(audit.newest_entries(session))
            return [(one.action, one.target, one.detail) for one in found]

    return deeds


def names(client, **asked):
    return [one["name"] for one in client.get(ROOT, query_string=asked).json["items"]]


def test_the_starting_categories_are_listed_in_order(admin):
    found = admin.get(ROOT).json

    assert names(admin)[:3] == ["Personal", "Receipts", "Finance"]
    assert found["next_cursor"] is None
    assert found["items"][1] == {
        "category_id": 2,
        "slug": "receipts",
        "name": "Receipts",
        "label": "Receipts",
        "definition": "Orders, invoices, deliveries, tickets",
        "color": "green",
        "bar": 0.75,
        "enabled": True,
        "deleted_at": None,
        "merged_into_id": None,
    }


def test_an_own_category_is_added_and_found(admin, deeds):
    sent = {"name": "Health", "definition": "Doctors", "color": "pink", "bar": 1}

    response = admin.post(ROOT, json=sent)

    assert response.status_code == 201
    assert admin.get(response.location).json == response.json
    assert (response.json["label"], response.json["bar"]) == ("Health", 1)
    target = f"category {response.json['category_id']}"
    assert deeds() == [("category.add", target, "Health")]


def test_a_category_is_changed(admin, deeds):
    response = admin.patch(RECEIPTS, json={"name": "Bills", "enabled": False})

    assert (response.status_code, response.json["name"]) == (200, "Bills")
    assert admin.get(RECEIPTS).json["enabled"] is False
    assert deeds() == [("category.change", "category 2", "enabled, name")]


def test_a_removed_category_is_listed_apart_and_comes_back(admin, deeds):
    assert admin.delete(RECEIPTS).status_code == 204
    assert "Receipts" not in names(admin)
    assert names(admin, deleted="true") == ["Receipts"]
    assert admin.get(RECEIPTS).json["deleted_at"]

    assert admin.post(f"{RECEIPTS}/restore", json={}).json["deleted_at"] is None
    assert names(admin)[1] == "Receipts"
    assert [action for action, _, _ in deeds()] == [
        "category.remove",
        "category.restore",
    ]


def test_a_merged_category_says_as_which_it_is_read(admin, deeds):
    response = admin.post(f"{RECEIPTS}/merge", json={"into": FINANCE})

    assert response.json["merged_into_id"] == FINANCE
    assert deeds() == [("category.merge", "category 2", "into category 3")]


def test_categories_are_put_in_order(admin, deeds):
    response = admin.post(f"{ROOT}/order", json={"category_ids": [3, 1]})

    assert [one["category_id"] for one in response.json["items"]][:3] == [3, 1, 2]
    assert deeds() == [("category.order", "categories", "")]


def test_a_preset_is_told_and_added(admin, deeds):
    told = {one["preset"]: one for one in admin.get(f"{ROOT}/presets").json["items"]}

    admin.post(ROOT, json={"name": "TEAM"})
    added = admin.post(f"{ROOT}/presets/work", json={}).json

    assert set(told) == set(PRESETS)
    proposed = [one["name"] for one in told["work"]["categories"]]
    assert added["already_there"] == ["Team"]
    assert [one["name"] for one in added["items"]] == [
        one for one in proposed if one != "Team"
    ]
    assert deeds()[-1] == ("category.preset", "categories", "work")


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ({"name": "receipts"}, "exists", "name"),
        ({"name": "Bills", "label": "RECEIPTS"}, "exists", "label"),
        ({"name": "Bills", "label": "INBOX"}, "impossible", "label"),
        ({"name": "\u200e"}, "impossible", "name"),
    ],
)
def test_what_does_not_go_together_is_refused_with_its_field(
    admin, deeds, sent, code, field
):
    response = admin.post(ROOT, json=sent)

    assert (response.status_code, response.json["code"]) == (409, code)
    assert response.json["errors"][0]["field"] == field
    assert deeds() == []


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", ROOT, {}),
        ("POST", ROOT, {"name": "x" * 65}),
        ("POST", ROOT, {"name": "a\nb"}),
        ("POST", ROOT, {"name": "Health", "color": "#f00"}),
        ("POST", ROOT, {"name": "Health", "bar": 0.1}),
        ("POST", ROOT, {"name": "Health", "bar": True}),
        ("POST", ROOT, {"name": "Health", "slug": "x"}),
        ("PATCH", RECEIPTS, {"name": None}),
        ("PATCH", RECEIPTS, {"position": 3}),
        ("POST", f"{RECEIPTS}/merge", {"into": 0}),
        ("POST", f"{ROOT}/order", {"category_ids": []}),
    ],
)
def test_what_can_never_be_is_refused(admin, deeds, method, path, sent):
    assert admin.open(path, method=method, json=sent).status_code == 422
    assert deeds() == []


@pytest.mark.parametrize("one", [77, 2**31, 10**30])
def test_a_category_that_is_not_there_is_not_found(admin, one):
    path = f"{ROOT}/{one}"

    answers = [
        admin.get(path),
        admin.patch(path, json={}),
        admin.delete(path, json={}),
        admin.post(f"{path}/restore", json={}),
        admin.post(f"{path}/merge", json={"into": 1}),
        admin.post(f"{ROOT}/presets/nothing", json={}),
    ]

    assert {answer.status_code for answer in answers} == {404}


def test_who_may_only_look_changes_nothing(with_scope, deeds):
    reader = with_scope("read")

    answers = [
        reader.post(ROOT, json={"name": "Health"}),
        reader.patch(RECEIPTS, json={"name": "Bills"}),
        reader.delete(RECEIPTS, json={}),
        reader.post(f"{RECEIPTS}/merge", json={"into": FINANCE}),
        reader.post(f"{RECEIPTS}/restore", json={}),
        reader.post(f"{ROOT}/order", json={"category_ids": [2]}),
        reader.post(f"{ROOT}/presets/work", json={}),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert reader.get(RECEIPTS).json["name"] == "Receipts"
    assert names(with_scope("control"))[:2] == ["Personal", "Receipts"]
    assert deeds() == []
