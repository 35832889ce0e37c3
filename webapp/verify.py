"""Whether an account can be signed in to, tried while a person waits."""

from threading import BoundedSemaphore

from mailbeat.db.models import Account
from mailbeat.mail.errors import MailError
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import Login, Security
from mailbeat.settings import Settings
from webapp.errors import Problem

WITHIN = 15.0  # seconds
# Each holds one of the server's threads for as long as the mail server pleases.
AT_ONCE = 4

_verifying = BoundedSemaphore(AT_ONCE)


def problem_of(account: Account, settings: Settings) -> MailError | None:
    """Sign in, select the mailbox and hang up; return what is wrong, or None.

    Raises:
        Problem: too many accounts are being verified at this moment.
    """
    login = Login(
        host=account.host,
        port=account.port,
        security=Security(account.security),
        username=account.username,
        password=account.password or "",
        allowed_networks=settings.imap_allowed_networks,
    )
    if not _verifying.acquire(blocking=False):
        text = "Other accounts are being verified. Try again in a moment."
        raise Problem(429, "busy", text, retry_after=5)
    try:
        with open_mailbox(login, account.mailbox, deadline=WITHIN):
            return None
    except MailError as error:
        return error
    finally:
        _verifying.release()
