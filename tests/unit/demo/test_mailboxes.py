from datetime import UTC, datetime

from mailbeat.db.accounts import list_accounts
from mailbeat.db.session import transaction
from mailbeat.demo.logins import read_logins
from mailbeat.demo.mail_file import MailFile
from mailbeat.demo.mailboxes import owners, prepare_mailboxes, store_accounts

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_exactly_one_of_several_is_refused():
    for accounts in (2, 5, 20):
        everybody, refused = owners(accounts)
        assert refused is not None
        assert len(everybody) == accounts - 1


def test_a_single_account_is_a_good_one():
    everybody, refused = owners(1)

    assert (len(everybody), refused) == (1, None)


def test_a_second_start_neither_doubles_mail_nor_changes_a_password(tmp_path):
    first = prepare_mailboxes(tmp_path, 5, port=1143, now=NOW)
    second = prepare_mailboxes(tmp_path, 5, port=1143, now=NOW)

    assert first == second == read_logins(tmp_path)
    file = MailFile(tmp_path / "imap" / "mail.db")
    counts = [len(list(file.messages(login.address))) for login in first]
    file.close()
    assert len(counts) == 4
    assert min(counts) >= 60
    assert max(counts) < 120


def test_accounts_are_stored_once_and_follow_the_port(tmp_path, sessions):
    logins = prepare_mailboxes(tmp_path, 5, port=1143, now=NOW)
    store_accounts(sessions, 5, logins, now=NOW)
    moved = prepare_mailboxes(tmp_path, 5, port=2143, now=NOW)

    store_accounts(sessions, 5, moved, now=NOW)

    with transaction(sessions) as session:
        accounts = list_accounts(session)
        passwords = {a.email_address: a.password for a in accounts}
    assert len(accounts) == 5
    assert {account.port for account in accounts} == {2143}
    for login in moved:
        assert passwords[login.address] == login.password


def test_the_refused_accounts_password_opens_nothing_and_stands_nowhere(
    tmp_path, sessions
):
    logins = prepare_mailboxes(tmp_path, 5, port=1143, now=NOW)
    store_accounts(sessions, 5, logins, now=NOW)
    _, refused = owners(5)
    assert refused is not None

    assert refused.address not in {login.address for login in logins}
    assert refused.address.split("@")[0] not in (tmp_path / "imap.url").read_text()
