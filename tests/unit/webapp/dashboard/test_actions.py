import pytest
from sqlalchemy import select

from mailbeat.db.accounts import everything_paused_since, find_account, take_lease
from mailbeat.db.models import Account, AuditEntry
from mailbeat.db.session import transaction


def account(sessions, account_id):
    with sessions() as session:
        return find_account(session, account_id)


def audited(sessions):
    with sessions() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(one.actor, one.action) for one in entries][1:]  # after the sign-in


def test_a_person_pauses_and_resumes_an_account(browser, sessions, add):
    account_id = add()

    response = browser.post(f"/accounts/{account_id}/pause", follow_redirects=True)

    assert "The account is paused." in response.get_data(as_text=True)
    assert account(sessions, account_id).paused_at is not None
    browser.post(f"/accounts/{account_id}/resume")
    assert account(sessions, account_id).paused_at is None
    assert audited(sessions) == [
        ("bootstrap", "account.pause"),
        ("bootstrap", "account.resume"),
    ]


def test_run_now_is_a_wish_in_the_database(browser, sessions, add):
    account_id = add()

    response = browser.post(f"/accounts/{account_id}/run")

    assert response.location == f"/accounts/{account_id}?done=wanted"
    assert account(sessions, account_id).wanted_run_id is not None
    assert audited(sessions) == [("bootstrap", "run.want")]


def test_run_now_of_a_paused_account_says_why_not(browser, sessions, add):
    account_id = add()
    browser.post(f"/accounts/{account_id}/pause")

    response = browser.post(f"/accounts/{account_id}/run")

    assert response.status_code == 409
    assert "is paused. Resume it first" in response.get_data(as_text=True)
    assert audited(sessions) == [("bootstrap", "account.pause")]


def test_everything_is_paused_and_resumed(browser, sessions):
    browser.post("/pause")
    with sessions() as session:
        assert everything_paused_since(session) is not None

    browser.post("/resume")
    with sessions() as session:
        assert everything_paused_since(session) is None


def test_a_running_run_is_cancelled(browser, sessions, add, ran, now):
    from datetime import timedelta

    account_id = add()
    ran(account_id, end_time=None, outcome=None, state="labeling")
    with transaction(sessions) as session:
        take_lease(session, account_id, "run-1", now=now, ttl=timedelta(minutes=1))

    response = browser.post("/runs/run-1/cancel")

    assert response.location == "/runs/run-1?done=cancelling"
    assert account(sessions, account_id).cancel_run_id == "run-1"
    assert audited(sessions) == [("bootstrap", "run.cancel")]


def test_what_does_not_run_any_more_is_not_cancelled(browser, sessions, add, ran):
    ran(add())

    response = browser.post("/runs/run-1/cancel")

    assert response.location == "/runs/run-1?done=not-running"
    assert audited(sessions) == []


def test_an_account_is_removed_only_when_its_address_was_typed(browser, sessions, add):
    account_id = add("äda@example.org")

    refused = browser.post(
        f"/accounts/{account_id}/remove", data={"confirm": "grace@example.org"}
    )
    done = browser.post(
        f"/accounts/{account_id}/remove", data={"confirm": " ÄDA@example.org "}
    )

    assert refused.status_code == 422
    assert "Nothing was removed" in refused.get_data(as_text=True)
    assert done.location == "/accounts?done=removed"
    with sessions() as session:
        assert session.scalars(select(Account)).all() == []
        details = session.scalars(select(AuditEntry.detail)).all()
    assert details[-1] == "äda@example.org"


def test_an_account_is_added_with_a_form(browser, sessions):
    response = browser.post(
        "/accounts", data={"email_address": "ada@gmail.com", "password": "app pass"}
    )

    added = account(sessions, "ada@gmail.com")
    assert response.location == f"/accounts/{added.id}/set-up"
    assert (added.host, added.password) == ("imap.gmail.com", "app pass")
    assert audited(sessions) == [("bootstrap", "account.add")]


def test_a_wrong_form_comes_back_with_what_was_typed_and_no_password(browser):
    response = browser.post(
        "/accounts",
        data={"email_address": "ada", "password": "secret word", "port": "x"},
    )

    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert 'value="ada"' in text
    assert "That is not an address" in text
    assert '<details class="more" open>' in text
    assert "secret word" not in text


@pytest.mark.parametrize(
    ("there", "typed"),
    [("ada@example.org", "Ada@Example.org"), ("Øda@x.de", "øda@X.de")],
)
def test_an_account_is_not_added_twice(browser, add, there, typed):
    add(there)

    typed_in = {"email_address": typed, "password": "p", "host": "imap.example.org"}
    response = browser.post("/accounts", data=typed_in)

    assert response.status_code == 409
    assert "is there already" in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [
        "/accounts",
        "/accounts/1/run",
        "/accounts/1/pause",
        "/accounts/1/resume",
        "/accounts/1/verify",
        "/accounts/1/login",
        "/accounts/1/settings",
        "/accounts/1/remove",
        "/runs/x/cancel",
        "/pause",
        "/resume",
    ],
)
def test_who_may_only_look_changes_nothing(reader, sessions, add, path):
    add()

    assert reader.post(path).status_code == 403


def test_no_other_page_sends_our_forms(browser, sessions):
    response = browser.post("/pause", headers={"Sec-Fetch-Site": "same-site"})

    assert response.status_code == 403
    with sessions() as session:
        assert everything_paused_since(session) is None
