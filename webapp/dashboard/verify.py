"""Whether an account can be signed in to, tried while the person waits."""

from mailbeat.db.models import Account
from mailbeat.mail.errors import MailError
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import Login, Security
from mailbeat.settings import Settings

PATIENCE = 20.0  # seconds


def problem_of(account: Account, settings: Settings) -> str | None:
    """Sign in and select the mailbox; return what is wrong, in a sentence, or None."""
    login = Login(
        host=account.host,
        port=account.port,
        security=Security(account.security),
        username=account.username,
        password=account.password or "",
        allowed_networks=settings.imap_allowed_networks,
    )
    try:
        with open_mailbox(login, account.mailbox, deadline=PATIENCE):
            return None
    except MailError as error:
        return str(error)
