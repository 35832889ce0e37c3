from threading import BoundedSemaphore

import pytest

from mailbeat.db.models import Account
from mailbeat.mail.errors import AuthFailed, ConnectFailed
from mailbeat.settings import Settings
from webapp.errors import Problem
from webapp.verify import problem_of


@pytest.fixture
def settings():
    return Settings.model_validate({"IMAP_ALLOWED_NETWORKS": "127.0.0.0/8"})


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


def test_an_account_that_works_has_no_problem(account, settings):
    assert problem_of(account, settings) is None


def test_a_wrong_password_is_told_without_the_password(account, settings):
    account.password = "wrong and secret"

    problem = problem_of(account, settings)

    assert isinstance(problem, AuthFailed)
    assert "wrong and secret" not in str(problem)


def test_a_private_address_is_not_dialled_unless_it_is_allowed(account):
    assert isinstance(problem_of(account, Settings.model_validate({})), ConnectFailed)


def test_only_a_few_are_verified_at_once(account, settings, monkeypatch):
    monkeypatch.setattr("webapp.verify._verifying", BoundedSemaphore(1))
    monkeypatch.setattr("webapp.verify.open_mailbox", _verify_another(settings))

    with pytest.raises(Problem) as refused:
        problem_of(account, settings)

    assert (refused.value.code, refused.value.problem) == (429, "busy")


def _verify_another(settings):
    """A mail server that takes so long that somebody else asks meanwhile."""

    def open_mailbox(login, *_, **__):
        problem_of(Account(host="h", port=1, security="tls", mailbox="M"), settings)

    return open_mailbox
