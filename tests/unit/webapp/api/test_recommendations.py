"""What is worth a rule, as programs see it."""

import pytest

from mailbeat.db.audit import newest_entries
from tests.factories import make_row
from webapp.api import answers

ROOT = "/api/recommendations"


@pytest.fixture
def account_id(sessions, add):
    """An account with mail of one sender that a person filed three times."""
    account_id = add()
    for uid in (1, 2, 3):
        make_row(sessions, account_id, uid, layer="you", category_id=3, list_id="")
    return account_id


@pytest.fixture
def ask(admin):
    return lambda asked="days=400": admin.get(f"{ROOT}?{asked}")


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    from tests.factories import NOW

    monkeypatch.setattr("webapp.api.recommendations.database_now", lambda _s: NOW)


def test_what_is_worth_a_rule_comes_with_the_rule(ask, account_id):
    told = ask().json

    answers.Recommendations.model_validate(told)
    (one,) = told["items"]
    assert one["reason"] == (
        "You said 3 times that mail from shop@shop.example is Finance."
    )
    assert one["rule"] == {
        "name": "shop@shop.example",
        "condition": {"sender": "shop@shop.example"},
        "category_id": 3,
        "account_id": account_id,
    }
    assert (one["messages"], one["of"], one["purity"]) == (3, 3, 1.0)


def test_of_other_accounts_it_tells_nothing(ask, account_id):
    assert ask(f"account_id={account_id}").json["items"]
    assert ask(f"account_id={account_id + 1}").json["items"] == []


@pytest.mark.parametrize("asked", ["days=0", "days=x", "account_id=x", "q=1"])
def test_odd_questions_are_refused(ask, asked):
    assert ask(asked).status_code == 422


def test_what_is_dismissed_is_gone_and_in_the_audit_log(
    admin, ask, account_id, sessions
):
    (one,) = ask().json["items"]

    response = admin.post(f"{ROOT}/{one['key']}/dismiss")

    assert response.status_code == 204
    assert ask().json["items"] == []
    with sessions() as session:
        (entry, *_) = newest_entries(session, limit=1)
    assert (entry.action, entry.target) == (
        "recommendation.dismiss",
        f"account {account_id}",
    )
    assert entry.detail == one["key"]


def test_what_is_not_there_cannot_be_dismissed(admin, account_id):
    response = admin.post(f"{ROOT}/99-sender-2-0123456789abcdef/dismiss")

    assert response.status_code == 404
    assert admin.post(f"{ROOT}/nonsense/dismiss").status_code == 404


def test_who_may_only_read_dismisses_nothing(with_scope, account_id):
    reader = with_scope("read")
    assert reader.get(f"{ROOT}?days=400").status_code == 200
    key = f"{account_id}-sender-3-0123456789abcdef"
    assert reader.post(f"{ROOT}/{key}/dismiss").status_code == 403
