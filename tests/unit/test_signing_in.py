"""Opening mailboxes with tokens: fresh ones, stored before they are used."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from mailbeat.db import accounts
from mailbeat.db.accounts import NewAccount, SignedIn
from mailbeat.db.clock import database_now
from mailbeat.db.ledger import LeaseLost
from mailbeat.db.session import transaction
from mailbeat.mail.errors import (
    AuthFailed,
    ConnectFailed,
    MailboxMissing,
    ServerBusy,
    SignInRefused,
)
from mailbeat.mail.mailbox import Security
from mailbeat.mail.oauth import ClientRefused
from mailbeat.signing_in import Access, login_of, opened, verify
from tests.fakes import FakeMailbox
from tests.servers.imap import LOOPBACK
from tests.servers.oauth import says

ADDRESS = "ada@example.org"


class MailServer:
    """Lets in who has a token that the provider knows; remembers all who came."""

    def __init__(self, provider):
        self.provider = provider
        self.logins = []
        self.before = lambda _login: None

    @contextmanager
    def opening(self, login):
        self.logins.append(login)
        self.before(login)
        if login.access_token not in self.provider.valid:
            raise AuthFailed("The mail server refused the token.")
        yield FakeMailbox()


@pytest.fixture
def mail_server(google):
    return MailServer(google)


@pytest.fixture
def add(any_sessions, google):
    """Add an account that signed in at Google; its token is good for `minutes`."""

    def add(minutes=60, *, access_token=None):
        with transaction(any_sessions) as session:
            now = database_now(session)
            tokens = SignedIn(
                provider="google",
                refresh_token=google.issue_refresh_token(ADDRESS),
                access_token=access_token or google.issue_access_token(),
                expires_at=now + timedelta(minutes=minutes),
            )
            new = NewAccount(
                *(ADDRESS, "imap.example.org", 993, Security.TLS, ADDRESS, ""),
                tokens=tokens,
            )
            return accounts.add_account(session, new, now=now)

    return add


@pytest.fixture
def access(google):
    return Access({"google": google.client}, LOOPBACK)


@pytest.fixture
def lease(any_sessions):
    """Take the lease as a run."""

    def lease(account):
        run_id = str(uuid4())
        with transaction(any_sessions) as session:
            now, ttl = database_now(session), timedelta(minutes=1)
            assert accounts.take_lease(session, account.id, run_id, now=now, ttl=ttl)
        return run_id

    return lease


def stored(sessions, account):
    with sessions() as session:
        return accounts.find_account(session, account.id)


def test_a_password_is_used_where_there_is_one(any_sessions, mail_server, access):
    with transaction(any_sessions) as session:
        now = database_now(session)
        new = NewAccount(ADDRESS, "h", 993, Security.TLS, "ada", "open sesame")
        account = accounts.add_account(session, new, now=now)
    mail_server.provider.valid.add("")

    verify(any_sessions, account, mail_server.opening, access=access)

    (login,) = mail_server.logins
    assert (login.username, login.password) == ("ada", "open sesame")
    assert login.access_token == ""
    assert login.allowed_networks == LOOPBACK


def test_a_fresh_token_is_used_as_it_is(any_sessions, add, mail_server, access):
    account = add()

    verify(any_sessions, account, mail_server.opening, access=access)

    (login,) = mail_server.logins
    assert login.access_token == account.access_token
    assert login.password == ""
    assert mail_server.provider.asked == []


@pytest.mark.parametrize(("minutes", "renewals"), [(6, 0), (4, 1), (-60, 1)])
def test_a_token_is_renewed_five_minutes_before_its_end(  # noqa: PLR0917 # fixtures
    minutes, renewals, any_sessions, add, mail_server, access, lease
):
    account = add(minutes)
    run_id = lease(account)

    with opened(
        any_sessions, account, mail_server.opening, access=access, run_id=run_id
    ):
        assert len(mail_server.provider.asked) == renewals
    assert len(mail_server.logins) == 1


def test_a_rotated_refresh_token_is_stored_before_it_is_used(
    any_sessions, add, mail_server, access, lease
):
    mail_server.provider.rotates = True
    account = add(0)
    old = account.refresh_token
    found = []
    mail_server.before = lambda login: found.append(stored(any_sessions, account))

    with opened(
        any_sessions, account, mail_server.opening, access=access, run_id=lease(account)
    ):
        pass

    (seen,) = found
    assert seen.refresh_token in mail_server.provider.refreshable
    assert seen.refresh_token != old
    assert seen.access_token == mail_server.logins[0].access_token
    assert account.refresh_token == seen.refresh_token


def test_a_refused_token_is_renewed_once(any_sessions, add, mail_server, access, lease):
    account = add(60, access_token="withdrawn")

    with opened(
        any_sessions, account, mail_server.opening, access=access, run_id=lease(account)
    ):
        pass

    used = [one.access_token for one in mail_server.logins]
    assert used == ["withdrawn", stored(any_sessions, account).access_token]
    assert len(mail_server.provider.asked) == 1


def test_who_is_refused_twice_has_to_sign_in_again(
    any_sessions, add, mail_server, access, lease
):
    account = add(0)
    mail_server.before = lambda _: mail_server.provider.valid.clear()

    with (
        pytest.raises(AuthFailed, match="mailbeat account sign-in"),
        opened(
            any_sessions,
            account,
            mail_server.opening,
            access=access,
            run_id=lease(account),
        ),
    ):
        pass

    assert len(mail_server.logins) == 2
    assert len(mail_server.provider.asked) == 2


def test_a_server_that_does_not_say_why_is_tried_with_a_new_token_too(
    any_sessions, add, mail_server, access, lease
):
    """Not everyone says AUTHENTICATIONFAILED; three such runs mean the same."""

    def refuse(_login):
        raise SignInRefused("No.")

    mail_server.before = refuse
    account = add()

    with (
        pytest.raises(SignInRefused, match="mailbeat account sign-in"),
        opened(
            any_sessions,
            account,
            mail_server.opening,
            access=access,
            run_id=lease(account),
        ),
    ):
        pass

    assert len(mail_server.logins) == 2
    assert len(mail_server.provider.asked) == 1


def test_a_withdrawn_permission_needs_a_person(
    any_sessions, add, mail_server, access, lease
):
    account = add(0)
    mail_server.provider.refreshable.clear()

    with (
        pytest.raises(AuthFailed, match="Sign in again with Google"),
        opened(
            any_sessions,
            account,
            mail_server.opening,
            access=access,
            run_id=lease(account),
        ),
    ):
        pass

    assert mail_server.logins == []


def test_a_provider_in_trouble_is_tried_again_later(
    any_sessions, add, mail_server, access, lease
):
    account = add(60, access_token="withdrawn")
    mail_server.provider.faults.append(says(503, b""))

    with (
        pytest.raises(ServerBusy),
        opened(
            any_sessions,
            account,
            mail_server.opening,
            access=access,
            run_id=lease(account),
        ),
    ):
        pass


def test_what_goes_wrong_inside_the_mailbox_is_no_refused_token(
    any_sessions, add, mail_server, access
):
    account = add()

    with (
        pytest.raises(AuthFailed, match="in the middle"),
        opened(any_sessions, account, mail_server.opening, access=access),
    ):
        raise AuthFailed("in the middle")

    assert mail_server.provider.asked == []


@pytest.mark.parametrize("error", [MailboxMissing, ConnectFailed])
def test_only_a_refused_token_is_renewed(error, any_sessions, add, mail_server, access):
    def fail(_login):
        raise error("Something else.")

    mail_server.before = fail

    with pytest.raises(error, match="Something else"):
        verify(any_sessions, add(), mail_server.opening, access=access)

    assert mail_server.provider.asked == []


def test_without_a_registration_nothing_is_tried(any_sessions, add, mail_server):
    with pytest.raises(ClientRefused, match="GOOGLE_CLIENT_ID is not set"):
        verify(any_sessions, add(), mail_server.opening, access=Access())

    assert mail_server.logins == []


def test_a_run_that_lost_its_lease_stores_and_opens_nothing(
    any_sessions, add, mail_server, access, lease
):
    account = add(0)
    before = account.access_token
    lease(account)

    with (
        pytest.raises(LeaseLost),
        opened(
            any_sessions,
            account,
            mail_server.opening,
            access=access,
            run_id="another run",
        ),
    ):
        pass

    assert stored(any_sessions, account).access_token == before
    assert mail_server.logins == []


def test_what_a_person_did_meanwhile_stays(
    any_sessions, add, mail_server, access, lease
):
    """They signed in anew while the old refresh token was spent."""
    account = add(0)
    run_id = lease(account)
    theirs = SignedIn(
        provider="google",
        refresh_token="theirs",
        access_token=mail_server.provider.issue_access_token(),
        expires_at=account.token_expires_at + timedelta(hours=1),
    )

    def meanwhile(handler):
        with transaction(any_sessions) as session:
            now = database_now(session)
            accounts.store_sign_in(session, account.id, theirs, now=now)
        status, told = handler.oauth.token(handler.oauth.asked[-1])
        says(status, told)(handler)

    mail_server.provider.faults.append(meanwhile)
    with opened(
        any_sessions, account, mail_server.opening, access=access, run_id=run_id
    ):
        pass

    assert stored(any_sessions, account).refresh_token == "theirs"
    assert mail_server.logins[0].access_token == theirs.access_token


# Without a run


def test_who_only_verifies_borrows_the_lease_and_gives_it_back(
    any_sessions, add, mail_server, access
):
    account = add(0)
    held = []

    def look(handler):
        held.append(stored(any_sessions, account).lease_run_id)
        status, told = handler.oauth.token(handler.oauth.asked[-1])
        says(status, told)(handler)

    mail_server.provider.faults.append(look)

    verify(any_sessions, account, mail_server.opening, access=access)

    assert held[0] is not None
    after = stored(any_sessions, account)
    assert (after.lease_run_id, after.lease_until) == (None, None)


def test_a_paused_account_can_be_verified(any_sessions, add, mail_server, access):
    account = add(0)
    with transaction(any_sessions) as session:
        now = database_now(session)
        accounts.pause_account(session, account.id, reason="auth_failed", now=now)

    verify(any_sessions, account, mail_server.opening, access=access)

    assert stored(any_sessions, account).pause_reason == "auth_failed"


def test_who_verifies_waits_for_the_run_that_renews(
    any_sessions, add, mail_server, access, lease
):
    account = add(0)
    renewing = stored(any_sessions, account)
    run_id = lease(account)
    begun = threading.Event()

    def slow(handler):
        begun.set()
        time.sleep(0.5)
        status, told = handler.oauth.token(handler.oauth.asked[-1])
        says(status, told)(handler)

    def run():
        with opened(
            any_sessions, renewing, mail_server.opening, access=access, run_id=run_id
        ):
            pass

    mail_server.provider.faults.append(slow)
    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(10)

    verify(any_sessions, account, mail_server.opening, access=access)

    thread.join()
    assert len(mail_server.provider.asked) == 1
    assert len({one.access_token for one in mail_server.logins}) == 1


def test_who_verifies_waits_no_longer_than_some_seconds(  # noqa: PLR0917 # fixtures
    any_sessions, add, mail_server, access, lease, monkeypatch
):
    monkeypatch.setattr("mailbeat.signing_in.WAIT_FOR_OTHERS", 0.3)
    account = add(0)
    lease(account)

    with pytest.raises(ServerBusy, match="is running just now"):
        verify(any_sessions, account, mail_server.opening, access=access)


def test_an_account_that_was_removed_is_a_sentence(
    any_sessions, add, mail_server, access
):
    account = add(0)
    with transaction(any_sessions) as session:
        now = database_now(session)
        accounts.remove_account(session, account.id, now=now)

    with pytest.raises(ServerBusy, match="removed or taken over"):
        verify(any_sessions, account, mail_server.opening, access=access)


def test_a_login_shows_no_token(any_sessions, add):
    account = add()

    assert account.access_token not in repr(login_of(account, ()))
