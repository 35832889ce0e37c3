"""What is tried at other servers while a person waits: signing in, finding a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import BoundedSemaphore

from mailbeat.db.models import Account
from mailbeat.mail.errors import MailError
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.providers import Server, known_server
from mailbeat.signing_in import verify
from webapp.errors import Problem
from webapp.parts import Parts

WITHIN = 15.0  # seconds
# Each holds one of the server's threads for as long as the other server pleases.
AT_ONCE = 4

_verifying = BoundedSemaphore(AT_ONCE)


def problem_of(account: Account, built: Parts) -> MailError | None:
    """Sign in, select the mailbox and hang up; return what is wrong, or None.

    Raises:
        Problem: too many accounts are being verified at this moment.
    """
    opening = partial(open_mailbox, name=account.mailbox, deadline=WITHIN)
    with one_of_few():
        try:
            verify(built.sessions, account, opening, access=built.access)
        except MailError as error:
            return error
    return None


def server_of(email_address: str, built: Parts) -> Server | None:
    """Find where an address has its mail.

    Raises:
        Problem: too many others wait for other servers at this moment.
    """
    known = known_server(email_address)
    if known is not None:
        return known
    with one_of_few():
        return built.find_server(email_address)


@contextmanager
def one_of_few() -> Iterator[None]:
    """Hold a thread for another server, as few may at a time.

    Raises:
        Problem: 429, for there are too many.
    """
    if not _verifying.acquire(blocking=False):
        text = "Others are waiting for mail servers. Try again in a moment."
        raise Problem(429, "busy", text, retry_after=5)
    try:
        yield
    finally:
        _verifying.release()
