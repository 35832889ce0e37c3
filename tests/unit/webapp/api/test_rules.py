"""Rules over the API: kept in their order, tried out, and as a file."""

import pytest
import sqlalchemy as sa

from mailbeat.db import audit
from mailbeat.db.models import CategoryRow, MessageRow
from mailbeat.db.session import transaction

ROOT = "/api/rules"
AIRLINES = {
    "name": "Airlines",
    "condition": {"domain": "lufthansa.com"},
    "category_id": 2,
}
YAML = {"Content-Type": "application/yaml"}


def rule(name, **more):
    return {**AIRLINES, "name": name, **more}


def names(client):
    return [one["name"] for one in client.get(ROOT).json["items"]]


@pytest.fixture
def three(admin):
    """The ids of three rules."""
    return [
        admin.post(ROOT, json=rule(name)).json["rule_id"] for name in ("A", "B", "C")
    ]


def test_a_rule_is_added_and_listed(admin):
    added = admin.post(ROOT, json=AIRLINES)
    (listed,) = admin.get(ROOT).json["items"]

    assert added.status_code == 201
    assert added.headers["Location"] == f"{ROOT}/{listed['rule_id']}"
    assert added.json == listed == admin.get(added.headers["Location"]).json
    assert listed["condition"] == {"domain": {"is": "lufthansa.com"}}
    assert listed["in_words"] == "sender's domain is lufthansa.com"
    assert (listed["category"], listed["position"]) == ("Receipts", 1)
    assert (listed["problem"], listed["enabled"]) == (None, True)


def test_a_rule_is_changed_moved_and_removed(admin, three):
    where = f"{ROOT}/{three[2]}"

    changed = admin.patch(where, json={"category_id": None, "position": 1}).json
    assert (changed["category_id"], changed["name"]) == (None, "C")
    assert names(admin) == ["C", "A", "B"]

    removed = admin.delete(where).json
    assert removed == {**changed, "updated_at": removed["updated_at"]}
    assert admin.get(where).status_code == 404
    assert names(admin) == ["A", "B"]


def test_a_removed_rule_can_be_added_again_where_it_was(admin, three):
    was = admin.delete(f"{ROOT}/{three[1]}").json

    fields = ("name", "condition", "category_id", "catch_all", "enabled", "position")
    admin.post(ROOT, json={name: was[name] for name in fields})

    assert names(admin) == ["A", "B", "C"]


def test_all_rules_are_brought_into_an_order(admin, three):
    wanted = [three[1], three[2], three[0]]

    answer = admin.post(f"{ROOT}/order", json={"rule_ids": wanted})

    assert [one["rule_id"] for one in answer.json["items"]] == wanted
    assert names(admin) == ["B", "C", "A"]


@pytest.mark.parametrize("missing", [0, 1])
def test_an_order_of_other_rules_is_stale(admin, three, missing):
    wanted = three[1:] if missing else [*three, 99]

    answer = admin.post(f"{ROOT}/order", json={"rule_ids": wanted})

    assert (answer.status_code, answer.json["code"]) == (409, "stale")
    assert names(admin) == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("condition", "field", "hint"),
    [
        ({}, "condition", "domain: lufthansa.com"),
        ({"sendr": "x"}, "condition.sendr", "There are: sender, domain"),
        ({"subject": {"matches": ".*"}}, "condition.subject.matches", "contains"),
        ({"subject": {"contains": ""}}, "condition.subject.contains", "empty"),
        ({"subject": {"contains": "a\x00"}}, "condition.subject.contains", "control"),
        ({"subject": {"contains": "\u202ea"}}, "condition.subject.contains", "control"),
        ({"subject": {"contains": "\u200b"}}, "condition.subject.contains", "seen"),
        ({"subject": {"contains": "x" * 201}}, "condition.subject.contains", "200"),
        ({"sender": "lufthansa.com"}, "condition.sender", "use domain"),
        ({"domain": "a@lufthansa.com"}, "condition.domain", "use sender"),
        ({"header": {"name": "X-Foo"}}, "condition.header.name", "List-Id"),
        ({"header": "x"}, "condition.header", "X-Mailer"),
        ({"size": {"over": "much"}}, "condition.size.over", "5 MB"),
        ({"attachment": {"exists": "maybe"}}, "condition.attachment.exists", "yes"),
        ({"all": []}, "condition.all", "list"),
        ({"any": [{"domain": "x.org"}, {"not": 1}]}, "condition.any.1.not", "look at"),
    ],
)
def test_a_condition_that_is_none_is_refused_with_what_is_accepted(
    admin, condition, field, hint
):
    answer = admin.post(ROOT, json={**AIRLINES, "condition": condition})

    (error,) = answer.json["errors"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert hint in error["message"]
    assert names(admin) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x" * 101},
        {"name": "\u200b"},
        {"category_id": "2"},
        {"account_id": 0},
        {"position": 0},
        {"enabled": None},
        {"is_catch_all": True},
        {"condition": None},
        {"condition": []},
    ],
)
def test_odd_rules_are_refused(admin, changed):
    assert admin.post(ROOT, json={**AIRLINES, **changed}).status_code == 422
    assert names(admin) == []


def test_too_much_nesting_is_refused(admin):
    condition = {"domain": "x.org"}
    for _ in range(5):
        condition = {"not": condition}

    answer = admin.post(ROOT, json={**AIRLINES, "condition": condition})

    assert answer.status_code == 422
    assert "4 levels" in answer.json["detail"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"category_id": 99}, "category_unknown"),
        ({"account_id": 99}, "account_unknown"),
        ({"name": "AIRLINES "}, "exists"),
    ],
)
def test_what_does_not_go_together_is_refused(admin, changed, code):
    admin.post(ROOT, json=AIRLINES)

    answer = admin.post(ROOT, json={**AIRLINES, "name": "Other", **changed})

    assert (answer.status_code, answer.json["code"]) == (409, code)
    assert names(admin) == ["Airlines"]


def test_a_name_that_another_rule_has_is_refused_in_a_change_too(admin, three):
    answer = admin.patch(f"{ROOT}/{three[0]}", json={"name": "b"})

    assert answer.status_code == 409
    assert names(admin) == ["A", "B", "C"]


def test_a_rule_whose_category_was_removed_says_so(admin, sessions, now):
    admin.post(ROOT, json=AIRLINES)
    with transaction(sessions) as session:
        change = sa.update(CategoryRow).where(CategoryRow.id == 2)
        session.execute(change.values(deleted_at=now))

    (listed,) = admin.get(ROOT).json["items"]

    assert listed["problem"].startswith("Its category Receipts was removed.")


@pytest.fixture
def mail(sessions, add, now):
    """Two messages, of one of which all was forgotten that can be."""
    account_id = add()
    with transaction(sessions) as session:
        for uid, subject in ((1, None), (2, "Your <b>flight</b>")):
            session.add(
                MessageRow(
                    account_id=account_id,
                    mailbox="INBOX",
                    uid_validity=1,
                    uid=uid,
                    key=str(uid),
                    run_id="run-1",
                    state="applied",
                    category_id=8,
                    label="Promotions",
                    confidence=0.9,
                    layer="facts",
                    evidence="",
                    sender="a@lufthansa.com",
                    sender_domain="lufthansa.com",
                    subject=subject,
                    received_at=now,
                    decided_at=now,
                )
            )
    return account_id


def test_a_rule_is_tried_on_the_last_messages_and_not_kept(with_scope, mail):
    reader = with_scope("read")
    condition = {"domain": "lufthansa.com", "subject": {"contains": "flight"}}

    found = reader.post(
        f"{ROOT}/preview", json={"condition": condition, "category_id": 2}
    ).json

    (example,) = found.pop("examples")
    assert found == {"looked_at": 2, "matched": 1, "would_change": 1, "unknown": 1}
    assert example["subject"] == "Your <b>flight</b>"
    assert "subject contains flight" in example["evidence"]
    assert names(reader) == []


def test_rules_go_into_a_file_and_back(admin, three):
    file = admin.get(f"{ROOT}/export")
    before = admin.get(ROOT).json["items"]

    answer = admin.post(f"{ROOT}/import?mode=replace", data=file.data, headers=YAML)

    assert file.mimetype == "application/yaml"
    assert answer.json == {"imported": 3, "total": 3}
    assert admin.get(f"{ROOT}/export").data == file.data
    told = ("name", "condition", "category_id", "position")
    after = admin.get(ROOT).json["items"]
    assert [[one[name] for name in told] for one in after] == [
        [one[name] for name in told] for one in before
    ]


def test_an_imported_file_comes_after_what_is_there(admin, three):
    file = "rules:\n- name: D\n  if: {domain: x.org}\n  category: none\n"

    answer = admin.post(f"{ROOT}/import", data=file, headers=YAML)

    assert answer.json == {"imported": 1, "total": 4}
    assert names(admin) == ["A", "B", "C", "D"]


def test_a_file_is_taken_whole_or_not_at_all(admin, three):
    file = """\
rules:
- name: D
  if: {domain: x.org}
  category: none
- name: E
  if: {domain: x.org}
  category: Reciepts
"""

    answer = admin.post(f"{ROOT}/import?mode=replace", data=file, headers=YAML)

    (error,) = answer.json["errors"]
    assert (answer.status_code, error["field"]) == (409, "line 7")
    assert "Receipts" in error["message"]
    assert names(admin) == ["A", "B", "C"]


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_a_file_is_sent_as_yaml(admin, kind):
    headers = {"Content-Type": kind}

    answer = admin.post(f"{ROOT}/import", data="rules: []", headers=headers)

    assert answer.status_code == 415


def test_a_browser_may_send_a_file(browser):
    assert (
        browser.post(f"{ROOT}/import", data="rules: []", headers=YAML).status_code
        == 200
    )


def test_who_may_only_read_changes_nothing(with_scope, admin, three):
    reader, controller = with_scope("read"), with_scope("control")
    where = f"{ROOT}/{three[0]}"

    assert reader.get(ROOT).status_code == 200
    assert reader.get(f"{ROOT}/export").status_code == 200
    assert reader.post(ROOT, json=rule("D")).status_code == 403
    assert reader.patch(where, json={"name": "D"}).status_code == 403
    assert reader.delete(where).status_code == 403
    assert reader.post(f"{ROOT}/order", json={"rule_ids": three}).status_code == 403
    assert reader.post(f"{ROOT}/import", data="", headers=YAML).status_code == 403
    assert names(admin) == ["A", "B", "C"]
    assert controller.post(ROOT, json=rule("D")).status_code == 201


def test_changes_are_in_the_audit_log(admin, three, sessions):
    admin.patch(f"{ROOT}/{three[0]}", json={"name": "D", "enabled": False})
    admin.post(f"{ROOT}/order", json={"rule_ids": three[::-1]})
    admin.delete(f"{ROOT}/{three[1]}")
    admin.post(f"{ROOT}/import?mode=replace", data="rules: []", headers=YAML)

    with sessions() as session:
        entries = audit.newest_entries(session, limit=5)

    assert [(one.action, one.target, one.detail) for one in entries[::-1]] == [
        ("rule.add", f"rule {three[2]}", "C"),
        ("rule.change", f"rule {three[0]}", "enabled, name"),
        ("rule.order", "rules", ""),
        ("rule.remove", f"rule {three[1]}", "B"),
        ("rule.import", "rules", "0 rules, replace"),
    ]


def test_a_rule_that_is_not_there_is_not_found(admin):
    for number in (7, 2**40):
        assert admin.get(f"{ROOT}/{number}").status_code == 404
        assert admin.patch(f"{ROOT}/{number}", json={}).status_code == 404
        assert admin.delete(f"{ROOT}/{number}").status_code == 404
