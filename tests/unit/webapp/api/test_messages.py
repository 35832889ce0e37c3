"""What was decided about which message."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from mailbeat.db.audit import newest_entries
from mailbeat.db.models import CategoryRow, Correction, MessageRow
from mailbeat.db.session import transaction
from webapp.api import answers

ROOT = "/api/messages"


@pytest.fixture
def decided(sessions, now, add):
    """Three messages of one account."""
    account_id = add()
    with transaction(sessions) as session:
        for uid in (1, 2, 3):
            session.add(
                MessageRow(
                    account_id=account_id,
                    mailbox="INBOX",
                    uid_validity=1,
                    uid=uid,
                    key=str(uid),
                    run_id="run-1",
                    state="applied",
                    category_id=None if uid == 3 else uid,
                    label="Receipts",
                    confidence=0.9,
                    layer="facts",
                    evidence="The sender sends receipts",
                    sender="shop@shop.example",
                    sender_domain="shop.example",
                    subject=f"Order {uid}",
                    received_at=now,
                    decided_at=now,
                    applied_at=now,
                )
            )
    return account_id


@pytest.mark.parametrize(
    ("asked", "subjects"),
    [
        ("", ["Order 3", "Order 2", "Order 1"]),
        ("limit=1", ["Order 3"]),
        ("category_id=2", ["Order 2"]),
        ("category_id=0", ["Order 3"]),
        ("account_id=99", []),
        ("run_id=run-1&limit=2", ["Order 3", "Order 2"]),
    ],
)
def test_messages_are_filtered_newest_first(admin, decided, asked, subjects):
    found = admin.get(f"{ROOT}?{asked}").json["items"]

    assert [one["subject"] for one in found] == subjects


def test_messages_of_a_merged_category_are_those_of_the_other(admin, decided):
    admin.post("/api/categories/2/merge", json={"into": 5})
    admin.delete("/api/categories/1", json={})

    (merged,) = admin.get(f"{ROOT}?category_id=5").json["items"]
    none = admin.get(f"{ROOT}?category_id=0").json["items"]

    assert (merged["subject"], merged["category"]) == ("Order 2", "Security")
    assert merged["category_id"] == 5
    assert [one["subject"] for one in none] == ["Order 3", "Order 1"]
    assert {(one["category_id"], one["category"]) for one in none} == {(None, None)}
    assert admin.get(f"{ROOT}?category_id=2").json["items"] == []


def test_a_message_tells_why(admin, decided):
    one = admin.get(ROOT).json["items"][0]

    assert one["evidence"] == "The sender sends receipts"
    assert (one["layer"], one["confidence"], one["state"]) == ("facts", 0.9, "applied")


@pytest.fixture
def unsure(sessions, decided):
    """The second message is none that a layer was sure of."""
    considered = [[4, 0.4, "facts", "An invitation"], [2, 0.3, "learned", "Its words"]]
    with transaction(sessions) as session:
        values = {"layer": "none", "suggested_id": 4, "confidence": 0.4}
        values |= {"category_id": None, "label": None}
        values["considered"] = json.dumps(considered)
        session.execute(update(MessageRow).where(MessageRow.uid == 2).values(**values))
    return 2


def test_what_is_not_sure_is_suggested(admin, unsure):
    shown = {one["message_id"]: one for one in admin.get(ROOT).json["items"]}

    assert shown[2]["suggestion"] == {
        "category_id": 4,
        "category": "Calendar",
        "confidence": 0.4,
    }
    assert (shown[1]["suggestion"], shown[1]["category"]) == (None, "Personal")


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("suggested=true", [2]),
        ("suggested=false", [3, 1]),
        ("layer=none", [2]),
        ("layer=facts", [3, 1]),
        ("corrected=true", []),
        ("corrected=false", [3, 2, 1]),
        ("sender=Shop@shop.example", [3, 2, 1]),
        ("sender=SHOP.example", [3, 2, 1]),
        ("sender=example", []),
    ],
)
def test_messages_are_found_by_what_is_known(admin, unsure, asked, ids):
    found = admin.get(f"{ROOT}?{asked}").json["items"]

    assert [one["message_id"] for one in found] == ids


def test_what_is_suggested_has_a_category_that_there_is(admin, unsure):
    admin.delete("/api/categories/4", json={})

    assert admin.get(f"{ROOT}?suggested=true").json["items"] == []
    assert len(admin.get(f"{ROOT}?suggested=false").json["items"]) == 3


def test_messages_are_found_by_when_they_were_decided(admin, decided, now):
    def found(**times):
        asked = {name: one.isoformat() for name, one in times.items()}
        return len(admin.get(ROOT, query_string=asked).json["items"])

    hour = timedelta(hours=1)
    assert (found(since=now), found(since=now + hour)) == (3, 0)
    assert (found(until=now), found(until=now + hour)) == (0, 3)


# One message


def test_all_that_is_known_of_a_message(admin, unsure):
    told = admin.get(f"{ROOT}/2").json

    answers.WholeMessage.model_validate(told)
    assert told["considered"][0] == {
        "category_id": 4,
        "category": "Calendar",
        "confidence": 0.4,
        "layer": "facts",
        "evidence": "An invitation",
    }
    assert (told["label_state"], told["corrections"]) == ("none", [])
    assert "details" not in told


@pytest.mark.parametrize("message_id", [99, 10**12])
def test_no_message(admin, decided, message_id):
    assert admin.get(f"{ROOT}/{message_id}").status_code == 404
    path = f"{ROOT}/{message_id}/category"
    assert admin.post(path, json={"category": None}).status_code == 404


# Correcting


@pytest.mark.parametrize(
    ("sent", "category"),
    [
        ({"category": "Finance"}, "Finance"),
        ({"category": " fINance "}, "Finance"),
        ({"category_id": 3}, "Finance"),
        ({"category": None}, None),
        ({"category_id": None}, None),
    ],
)
def test_a_message_is_corrected(admin, decided, sent, category):
    told = admin.post(f"{ROOT}/1/category", json=sent)

    assert told.status_code == 200
    answers.Corrected.model_validate(told.json)
    assert (told.json["category"], told.json["label"]) == (category, category)
    assert (told.json["layer"], told.json["confidence"]) == ("you", 1.0)
    assert (told.json["label_waits"], told.json["label_state"]) == (True, "waits")
    (one,) = told.json["corrections"]
    assert (one["correction_id"], one["source"], one["actor"]) == (
        told.json["correction_id"],
        "api",
        "bootstrap",
    )
    assert admin.get(f"{ROOT}/1").json["category"] == category
    assert [
        x["message_id"] for x in admin.get(f"{ROOT}?corrected=1").json["items"]
    ] == [1]


def test_to_confirm_a_suggestion_is_the_same(admin, unsure):
    told = admin.post(f"{ROOT}/2/category", json={"category": "calendar"}).json

    assert (told["category"], told["suggestion"]) == ("Calendar", None)
    assert told["evidence"] == "You confirmed this"
    assert admin.get(f"{ROOT}?suggested=true").json["items"] == []


def test_a_person_at_the_dashboard_is_told_apart(browser, decided):
    told = browser.post(f"{ROOT}/1/category", json={"category": "Finance"}).json

    assert told["corrections"][0]["source"] == "dashboard"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"category": "Finance", "category_id": 3},
        {"category": ""},
        {"category": 3},
        {"category_id": "3"},
        {"category_id": 0},
        {"category": "a\nb"},
        {"category": "Finance", "more": 1},
        [],
    ],
)
@pytest.mark.parametrize("path", ["1/category", "corrections"])
def test_what_is_no_category_is_refused(admin, decided, sessions, path, sent):
    if path == "corrections" and isinstance(sent, dict):
        sent = sent | {"ids": [1]}

    assert admin.post(f"{ROOT}/{path}", json=sent).status_code == 422
    with sessions() as session:
        assert session.scalars(select(Correction)).all() == []


@pytest.mark.parametrize("sent", [{"category": "Unknown"}, {"category_id": 99}])
def test_a_category_that_is_not_there_is_told_with_those_that_are(admin, decided, sent):
    for path in ("1/category", "corrections"):
        body = sent if path == "1/category" else sent | {"ids": [1]}
        told = admin.post(f"{ROOT}/{path}", json=body)

        assert (told.status_code, told.json["code"]) == (404, "category_unknown")


def test_a_category_that_is_turned_off_is_not_chosen(admin, decided, sessions):
    with transaction(sessions) as session:
        session.get_one(CategoryRow, 3).enabled = False

    told = admin.post(f"{ROOT}/1/category", json={"category": "Finance"})

    assert told.status_code == 404
    assert "Receipts" in told.json["detail"]


def test_many_are_corrected_in_one_call(admin, decided, sessions):
    sent = {"ids": [3, 1, 77, 1], "category": "Forums"}

    told = admin.post(f"{ROOT}/corrections", json=sent).json

    answers.ManyCorrected.model_validate(told)
    assert [one["message_id"] for one in told["items"]] == [1, 3]
    assert {one["category"] for one in told["items"]} == {"Forums"}
    assert all(one["label_waits"] for one in told["items"])
    assert told["missing"] == [77]
    with sessions() as session:
        (entry,) = newest_entries(session)
    assert (entry.action, entry.target, entry.detail) == (
        "message.correct",
        "3 messages",
        "Forums",
    )


@pytest.mark.parametrize("ids", [[], [0], ["1"], list(range(1, 502)), None])
def test_odd_lists_of_messages_are_refused(admin, decided, ids):
    sent = {"ids": ids, "category": "Forums"}

    assert admin.post(f"{ROOT}/corrections", json=sent).status_code == 422


def test_five_hundred_are_not_too_many(admin, decided):
    sent = {"ids": list(range(1, 501)), "category": None}

    told = admin.post(f"{ROOT}/corrections", json=sent).json

    assert (len(told["items"]), len(told["missing"])) == (3, 497)


def test_who_may_only_read_corrects_nothing(with_scope, decided):
    reader, controller = with_scope("read"), with_scope("control")

    for path in ("1/category", "corrections"):
        sent = {"category": "Forums"} | ({"ids": [1]} if path == "corrections" else {})
        assert reader.post(f"{ROOT}/{path}", json=sent).status_code == 403
        assert controller.post(f"{ROOT}/{path}", json=sent).status_code == 200


def test_each_correction_is_in_the_audit_log(admin, decided, sessions):
    admin.post(f"{ROOT}/1/category", json={"category": None})

    with sessions() as session:
        (entry,) = newest_entries(session)
    assert (entry.actor, entry.action) == ("bootstrap", "message.correct")
    assert (entry.target, entry.detail) == ("message 1", "no category")


@pytest.mark.parametrize(
    "asked", ["limit=0", "cursor=x", "run_id=a%27b", "q=1", "layer=1"]
)
def test_odd_questions_are_refused(admin, asked):
    assert admin.get(f"{ROOT}?{asked}").status_code == 422
