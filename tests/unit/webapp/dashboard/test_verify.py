import pytest

from mailbeat.db.models import Account
from mailbeat.settings import Settings
from webapp.dashboard.verify import problem_of


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

    assert problem is not None
    assert "wrong and secret" not in problem


def test_a_private_address_is_not_dialled_unless_it_is_allowed(account):
    assert problem_of(account, Settings.model_validate({})) is not None
