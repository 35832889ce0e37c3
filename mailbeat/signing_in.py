"""Opening an account's mailbox: with its password, or with a token that is fresh.

A token is renewed five minutes before its end by whoever holds the account's lease, so
that never two do it at once, and what comes back is stored before it is used: some
providers take the old refresh token back as soon as they gave a new one.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from uuid import uuid4

import structlog

from mailbeat.db import accounts, takeover
from mailbeat.db.accounts import SignedIn
from mailbeat.db.clock import database_now
from mailbeat.db.ledger import LeaseLost
from mailbeat.db.models import Account
from mailbeat.db.session import Sessions, transaction
from mailbeat.mail import oauth
from mailbeat.mail.deadline import never
from mailbeat.mail.errors import AuthFailed, MailError, ServerBusy, SignInRefused
from mailbeat.mail.mailbox import Login, Mailbox, Security

EARLY = timedelta(minutes=5)  # before a token's end
# Who only verifies an account takes its lease for one question to the provider.
BORROWED_FOR = timedelta(seconds=oauth.WITHIN + 5)
WAIT_FOR_OTHERS = 5.0  # seconds
LOOK_EVERY = 0.25  # seconds

Opening = Callable[[Login], AbstractContextManager[Mailbox]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Access:
    """What it takes to get at mailboxes, the same for all accounts.

    `clients` are this installation's registrations at OAuth providers, `networks` the
    private networks that may be dialled.
    """

    clients: oauth.Clients = field(default_factory=dict)
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


def login_of(account: Account, networks: Sequence[IPv4Network | IPv6Network]) -> Login:
    """Where and as whom an account signs in, with what is stored."""
    by_token = account.oauth_provider is not None
    return Login(
        host=account.host,
        port=account.port,
        security=Security(account.security),
        username=account.username,
        password="" if by_token else account.password or "",
        allowed_networks=tuple(networks),
        access_token=account.access_token or "" if by_token else "",
    )


@contextmanager
def opened(
    sessions: Sessions,
    account: Account,
    opening: Opening,
    *,
    access: Access,
    run_id: str | None = None,
    now: Callable[[], datetime] | None = None,
    is_stopped: Callable[[], bool] = never,
) -> Iterator[Mailbox]:
    """Open the mailbox of an account, whose tokens are renewed where that is needed.

    `account` is a copy that belongs to no session; new tokens are put into it too.
    `run_id` is the run that holds its lease; without one the lease is borrowed for as
    long as it takes to renew a token. A mail server that refuses a token gets one more.
    `now` is the database's time, which is asked for unless it is given.

    Raises:
        MailError: it was not opened; `AuthFailed` when a person has to sign in.
        LeaseLost: another took the account over.
    """
    with ExitStack() as stack:
        if account.oauth_provider is None:
            yield stack.enter_context(opening(login_of(account, access.networks)))
            return
        keeper = _TokenKeeper(
            sessions,
            account,
            access=access,
            run_id=run_id,
            now=now,
            is_stopped=is_stopped,
        )
        keeper.renew_if_due()
        try:
            mailbox = stack.enter_context(opening(login_of(account, access.networks)))
        except (AuthFailed, SignInRefused):
            log.info("token_refused", account_id=account.id)
            mailbox = None
        if mailbox is None:
            keeper.renew()
            try:
                mailbox = stack.enter_context(
                    opening(login_of(account, access.networks))
                )
            except (AuthFailed, SignInRefused) as error:
                raise keeper.refused(error) from None
        yield mailbox


def verify(
    sessions: Sessions, account: Account, opening: Opening, *, access: Access
) -> None:
    """Open the mailbox of an account once, as a run would.

    Raises:
        MailError: it was not opened.
    """
    with opened(sessions, account, opening, access=access):
        pass


class _TokenKeeper:
    """Renews the access token of one account that signs in by OAuth."""

    def __init__(
        self,
        sessions: Sessions,
        account: Account,
        *,
        access: Access,
        run_id: str | None,
        now: Callable[[], datetime] | None,
        is_stopped: Callable[[], bool],
    ) -> None:
        assert account.oauth_provider is not None  # noqa: S101 # the caller looked
        self._sessions = sessions
        self._account = account
        self._client = oauth.client_of(access.clients, account.oauth_provider)
        self._run_id = run_id
        self._now = now or self._database_now
        self._is_stopped = is_stopped

    def renew_if_due(self) -> None:
        if not _is_fresh(self._account, self._now()):
            self.renew()

    def renew(self) -> None:
        """Get a new access token, whether the old one has ended or not.

        Raises:
            MailError: as `oauth.refresh`.
            LeaseLost: the account is not its run's any more.
        """
        if self._run_id is not None:
            self._renew_as(self._run_id)
            return
        holder = str(uuid4())
        try:
            if not self._borrow(holder):
                return  # somebody else has just renewed it
            try:
                self._renew_as(holder)
            finally:
                self._give_back(holder)
        except LeaseLost:
            raise ServerBusy(
                "The account was removed or taken over just now. Try again."
            ) from None

    def refused(self, error: MailError) -> MailError:
        """The error for a server that refuses a token which the provider just gave."""
        advice = oauth.sign_in_again(self._client.provider)
        return advice if isinstance(error, AuthFailed) else SignInRefused(str(advice))

    def _renew_as(self, holder: str) -> None:
        used = self._account.refresh_token
        if not used:
            raise oauth.sign_in_again(self._client.provider)
        tokens = oauth.refresh(self._client, used, is_stopped=self._is_stopped)
        renewed = SignedIn(
            provider=self._client.provider.name,
            refresh_token=tokens.refresh_token or used,
            access_token=tokens.access_token,
            expires_at=self._now() + timedelta(seconds=tokens.seconds),
        )
        with transaction(self._sessions) as session:
            stored = accounts.lock_account(session, self._account.id)
            if stored is None or stored.lease_run_id != holder:
                raise LeaseLost
            accounts.store_refreshed(stored, used, renewed)
            _copy(stored, self._account)
        log.info(
            "token_renewed", account_id=self._account.id, provider=renewed.provider
        )

    def _borrow(self, holder: str) -> bool:
        """Take the lease; False when a run, which has it, renewed the token meanwhile.

        Raises:
            ServerBusy: the run that has it takes too long.
        """
        old = self._account.access_token
        end = time.monotonic() + WAIT_FOR_OTHERS
        while True:
            with transaction(self._sessions) as session:
                now = database_now(session)
                stored = accounts.lock_account(session, self._account.id)
                if stored is None:
                    raise LeaseLost
                if stored.access_token != old and _is_fresh(stored, now):
                    _copy(stored, self._account)
                    return False
                if not accounts.is_leased(stored, now):
                    takeover.take_over(session, stored, now=now)
                    accounts.borrow_lease(stored, holder, until=now + BORROWED_FOR)
                    _copy(stored, self._account)
                    return True
            if time.monotonic() > end:
                raise ServerBusy(
                    f"{self._account.email_address} is running just now, and gets new "
                    "access to its mailbox itself. Try again when the run has ended."
                )
            time.sleep(LOOK_EVERY)

    def _database_now(self) -> datetime:
        with self._sessions() as session:
            return database_now(session)

    def _give_back(self, holder: str) -> None:
        with transaction(self._sessions) as session:
            stored = accounts.lock_account(session, self._account.id)
            if stored is not None and stored.lease_run_id == holder:
                accounts.free(stored)


def _is_fresh(account: Account, now: datetime) -> bool:
    ends = account.token_expires_at
    return bool(account.access_token) and ends is not None and ends > now + EARLY


def _copy(stored: Account, account: Account) -> None:
    account.oauth_provider = stored.oauth_provider
    account.refresh_token = stored.refresh_token
    account.access_token = stored.access_token
    account.token_expires_at = stored.token_expires_at
