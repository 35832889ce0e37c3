"""Stored secrets under a new key."""

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer
from sqlalchemy.orm.attributes import flag_modified

from mailbeat.db.models import Account, LearnedExample, MessageRow, PendingSignIn

_COLUMNS = (
    Account.password,
    Account.refresh_token,
    Account.access_token,
    PendingSignIn.details,
    MessageRow.subject,
    MessageRow.details,
    LearnedExample.tokens,
)


def reencrypt(session: Session) -> int:
    """Encrypt every secret anew with the first key; return how many there were.

    Raises:
        SecretUnreadable: one was encrypted with a key that is not configured.
    """
    count = 0
    for column in _COLUMNS:
        query = (
            select(column.class_).where(column.is_not(None)).options(undefer(column))
        )
        for row in session.scalars(query.execution_options(yield_per=500)):
            flag_modified(row, column.key)
            count += 1
        session.flush()
    return count
