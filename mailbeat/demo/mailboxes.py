"""The demo's accounts: their mail on the server, their rows in the database."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe

from mailbeat.db.accounts import (
    AccountNotFound,
    NewAccount,
    add_account,
    find_account,
    set_password,
)
from mailbeat.db.session import Sessions, transaction
from mailbeat.demo.logins import DemoLogin, keep_logins
from mailbeat.demo.mail_file import mail_file
from mailbeat.demo.ports import LOOPBACK
from mailbeat.demo.samples import Person, history, people
from mailbeat.mail.mailbox import Security

# Whose password is wrong, so that the page shows what a refusal looks like.
REFUSED = 4


def owners(accounts: int) -> tuple[list[Person], Person | None]:
    """Return who can log in, and who cannot (nobody when there is one account)."""
    everybody = people(accounts)
    if accounts < 2:  # noqa: PLR2004 # one account should be a good one
        return everybody, None
    refused = everybody.pop(min(REFUSED, accounts - 1))
    return everybody, refused


def prepare_mailboxes(
    directory: Path, accounts: int, *, port: int, now: datetime
) -> list[DemoLogin]:
    """Give everybody a login and a mailbox with history; what is there stays."""
    everybody, _ = owners(accounts)
    addresses = [owner.address for owner in everybody]
    logins = keep_logins(directory, addresses, port=port)
    file = mail_file(directory)
    for owner in everybody:
        _, last_uid = file.open_mailbox(owner.address)
        if last_uid == 0:
            file.deliver(owner.address, history(owner, now))
    file.close()
    return logins


def store_accounts(
    sessions: Sessions, accounts: int, logins: Sequence[DemoLogin], *, now: datetime
) -> None:
    """Add the accounts that are not there; the others follow their server's port."""
    _, refused = owners(accounts)
    wanted = list(logins)
    known = {login.address for login in logins}
    if refused is not None and refused.address not in known:
        wanted.append(DemoLogin(refused.address, token_urlsafe(18), logins[0].port))
    with transaction(sessions) as session:
        for login in wanted:
            try:
                account = find_account(session, login.address)
            except AccountNotFound:
                add_account(session, _new_account(login), now=now)
                continue
            account.port = login.port
            if login.address in known and account.password != login.password:
                set_password(session, account.id, login.password, now=now)


def _new_account(login: DemoLogin) -> NewAccount:
    return NewAccount(
        email_address=login.address,
        host=LOOPBACK,
        port=login.port,
        security=Security.NONE,
        username=login.address,
        password=login.password,
    )
