from threading import BoundedSemaphore

import pytest

from mailbeat.db.models import Account
from mailbeat.mail.errors import AuthFailed, ConnectFailed
from webapp.errors import Problem
from webapp.parts import parts_of
from webapp.verify import one_of_few, problem_of, server_of


@pytest.fixture
def built(make_app):
    return parts_of(make_app(imap_allowed_networks="127.0.0.0/8"))


@pytest.fixture
def account(imap_server):
    imap_server.add_user("verify@example.org", "right")
    login = imap_server.login("verify@example.org")
    return Account(
        host=login.host,
        port=login.port,
        security=str(login.security),
        username=login.username,
        password=login.password,
        mailbox="INBOX",
    )


def test_an_account_that_works_has_no_problem(account, built):
    assert problem_of(account, built) is None


def test_a_wrong_password_is_told_without_the_password(account, built):
    account.password = "wrong and secret"

    problem = problem_of(account, built)

    assert isinstance(problem, AuthFailed)
    assert "wrong and secret" not in str(problem)


def test_a_private_address_is_not_dialled_unless_it_is_allowed(account, app):
    assert isinstance(problem_of(account, parts_of(app)), ConnectFailed)


def test_only_a_few_are_verified_at_once(account, built, monkeypatch):
    monkeypatch.setattr("webapp.verify._verifying", BoundedSemaphore(1))
    monkeypatch.setattr("webapp.verify.open_mailbox", _verify_another(built))

    with pytest.raises(Problem) as refused:
        problem_of(account, built)

    assert (refused.value.code, refused.value.problem) == (429, "busy")


def test_a_server_is_found_while_few_others_wait(built, monkeypatch):
    assert server_of("ada@example.org", built).host == "imap.example.org"
    assert server_of("ada@nowhere.example", built) is None

    monkeypatch.setattr("webapp.verify._verifying", BoundedSemaphore(1))
    with one_of_few():
        assert server_of("ada@gmail.com", built).host == "imap.gmail.com"
        with pytest.raises(Problem):
            server_of("ada@example.org", built)


def _verify_another(built):
    """A mail server that takes so long that somebody else asks meanwhile."""

    def open_mailbox(login, *_, **__):
        problem_of(Account(host="h", port=1, security="tls", mailbox="M"), built)

    return open_mailbox
