"""What would be done with an account's newest mail: read, decided about, left alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from mailbeat.db.categories import enabled_categories
from mailbeat.db.knowledge import AccountCategorizer
from mailbeat.db.models import Account
from mailbeat.db.session import Sessions
from mailbeat.labeling.categorizer import Decision
from mailbeat.mail.deadline import never
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.message import Message
from mailbeat.mail.stage import Begins, Keeps, untold
from mailbeat.signing_in import Access, opened


@dataclass(frozen=True, slots=True)
class FirstLook:
    """The newest messages, the newest first, and as what the server keeps labels."""

    keeps: Keeps
    decided: list[tuple[Message, Decision]]


def first_look(
    sessions: Sessions,
    account: Account,
    *,
    access: Access,
    within: float,
    back: timedelta,
    limit: int,
    begins: Begins = untold,
    is_stopped: Callable[[], bool] = never,
) -> FirstLook:
    """Decide about the newest messages that came within `back`; remember nothing.

    `account` is a copy that belongs to no session, `within` is in seconds, and
    `begins` is told of the stages. No model is asked: its answers would have to be
    paid twice.

    Raises:
        MailError: the mailbox could not be read.
        Stopped: because of `is_stopped`.
    """
    since = datetime.now(UTC) - back
    opening = partial(
        open_mailbox,
        name=account.mailbox,
        deadline=within,
        since=since,
        is_stopped=is_stopped,
        begins=begins,
    )
    with opened(
        sessions, account, opening, access=access, is_stopped=is_stopped
    ) as mailbox:
        uids = mailbox.new_uids(after=0, since=since)[-limit:]
        messages = sorted(mailbox.fetch(uids), key=lambda message: message.uid)
        keeps = mailbox.keeps
    with sessions() as session:
        categories = enabled_categories(session)
    categorizer = AccountCategorizer(sessions, account.id, categories)
    decided = list(zip(messages, categorizer.decide(messages), strict=True))
    return FirstLook(keeps, decided[::-1])
