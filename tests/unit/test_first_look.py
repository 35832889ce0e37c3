from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select

from mailbeat.db.accounts import NewAccount, add_account, find_account
from mailbeat.db.models import MailboxState, MessageRow
from mailbeat.db.session import transaction
from mailbeat.first_look import first_look
from mailbeat.mail.deadline import Stopped
from mailbeat.mail.errors import AuthFailed
from mailbeat.mail.stage import Keeps, Stage
from mailbeat.signing_in import Access
from tests.factories import make_raw
from tests.servers.imap import LOOPBACK

NUMBERS = count(1)
LIST = b"List-Id: <news.shop.example>\r\nList-Unsubscribe: <https://x.example>\r\n"


@pytest.fixture
def account(sessions, imap_server):
    address = f"look-{next(NUMBERS)}@example.org"
    imap_server.add_user(address)
    login = imap_server.login(address)
    with transaction(sessions) as session:
        new = NewAccount(
            email_address=address,
            host=login.host,
            port=login.port,
            security=login.security,
            username=address,
            password=login.password,
            setting_up=True,
        )
        account_id = add_account(session, new, now=datetime.now(UTC)).id
    with sessions() as session:
        found = find_account(session, account_id)
        assert found.password
        return found


def look(sessions, account, **options):
    values = {"within": 20, "back": timedelta(days=30), "limit": 20}
    access = Access(networks=LOOPBACK)
    return first_look(sessions, account, access=access, **(values | options))


def test_the_newest_mail_is_decided_about_the_newest_first(
    sessions, account, imap_server
):
    imap_server.append(account.email_address, *map(make_raw, range(5)))
    stages = []

    seen = look(sessions, account, limit=3, begins=stages.append)

    assert [message.uid for message, _ in seen.decided] == sorted(
        (message.uid for message, _ in seen.decided), reverse=True
    )
    assert len(seen.decided) == 3
    assert seen.keeps is Keeps.KEYWORDS
    assert stages == [Stage.REACH, Stage.SIGN_IN, Stage.OPEN]


def test_nothing_is_labelled_and_nothing_is_remembered(sessions, account, imap_server):
    imap_server.append(account.email_address, make_raw(1))
    before = imap_server.flags(account.email_address)

    look(sessions, account)

    assert imap_server.flags(account.email_address) == before
    with sessions() as session:
        assert session.scalars(select(MessageRow)).all() == []
        assert session.scalars(select(MailboxState)).all() == []


def test_old_mail_is_not_looked_at(sessions, account, imap_server):
    old = datetime.now(UTC) - timedelta(days=40)
    imap_server.append(account.email_address, make_raw(1), received_at=old)

    assert look(sessions, account).decided == []


def test_what_is_wrong_is_raised(sessions, account):
    account.password = "wrong"

    with pytest.raises(AuthFailed):
        look(sessions, account)


def test_it_stops_when_nobody_waits_for_it(sessions, account):
    with pytest.raises(Stopped):
        look(sessions, account, is_stopped=lambda: True)
