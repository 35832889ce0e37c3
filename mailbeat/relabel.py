"""Deciding about labelled messages once more, after rules or categories changed.

First one looks: what is still in the mailbox is read and decided about, and nothing is
touched. Then changes are written down, some at a time, and a run over the account puts
the labels on, as after a person's correction. So wherever it is stopped, what is done
is recorded, what was begun the next run brings to its end, and nothing is done twice.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from mailbeat.db import accounts
from mailbeat.db.categories import enabled_categories
from mailbeat.db.clock import database_now
from mailbeat.db.knowledge import AccountCategorizer
from mailbeat.db.ledger import Place
from mailbeat.db.models import Account
from mailbeat.db.relabelling import (
    AT_ONCE,
    Change,
    Known,
    change_all,
    count_followed,
    messages_since,
)
from mailbeat.db.session import Sessions, transaction
from mailbeat.labeling.categorizer import Decision
from mailbeat.labeling.category import Category
from mailbeat.labeling.progress import Outcome, RunStep
from mailbeat.lease import LeaseKeeper
from mailbeat.mail.answers import parts
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.mailbox import Mailbox
from mailbeat.mail.message import Message
from mailbeat.run import RunOptions, run_account
from mailbeat.signing_in import opened

WAIT_SECONDS = 60.0  # for another run of the account to end
LOOK_EVERY = 0.25  # seconds

log = structlog.get_logger(__name__)


class RelabelStopped(Exception):
    """A run did not bring it to its end; the text says why, and what was done."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How far one is, and what would change among the messages looked at last."""

    done: int
    total: int
    changes: Sequence[Change] = ()


def look(
    sessions: Sessions, account_id: int, *, since: datetime, options: RunOptions
) -> Iterator[Looked]:
    """Decide about an account's messages of the ledger again, and change nothing.

    `since` is when they were decided about. Those that are gone are left out.

    Raises:
        MailError: the mailbox could not be read.
    """
    with sessions() as session:
        account = accounts.find_account(session, account_id)
        accounts.read_secrets(account)
        categories = enabled_categories(session)
    opening = partial(
        open_mailbox,
        name=account.mailbox,
        deadline=options.deadline,
        label_prefix=account.label_prefix,
        moves=account.moves_mail,
    )
    with opened(sessions, account, opening, access=options.access) as mailbox:
        place = Place(account_id, account.mailbox, mailbox.uid_validity)
        with sessions() as session:
            known = messages_since(session, place, since)
        yield Looked(0, len(known))
        categorizer = AccountCategorizer(sessions, account_id, categories)
        done = 0
        for some in parts(known, AT_ONCE):
            changes = _decide(mailbox, categorizer, categories, some)
            done += len(some)
            yield Looked(done, len(known), changes)


def _decide(
    mailbox: Mailbox,
    categorizer: AccountCategorizer,
    categories: Sequence[Category],
    some: Sequence[Known],
) -> list[Change]:
    by_uid = {one.uid: one for one in some}
    by_id = {category.id: category for category in categories}
    messages = [one for one in mailbox.fetch(list(by_uid)) if one.readable]
    changes = [
        Change(
            by_uid[message.uid],
            by_id.get(decision.category_id or 0),
            decision,
            message.sender,
        )
        for message, decision in _decisions(categorizer, messages)
    ]
    return [one for one in changes if one.new_label != one.known.label]


def _decisions(
    categorizer: AccountCategorizer, messages: Sequence[Message]
) -> list[tuple[Message, Decision]]:
    """Decide; a message that breaks the categorizer is left as it is, by itself."""
    if not messages:
        return []
    try:
        return list(zip(messages, categorizer.decide(messages), strict=True))
    except Exception:  # what mail holds can make a categorizer raise anything
        if len(messages) == 1:
            log.exception("message breaks the categorizer", uid=messages[0].uid)
            return []
    return [pair for one in messages for pair in _decisions(categorizer, [one])]


def carry_out(
    sessions: Sessions,
    account: Account,
    changes: Sequence[Change],
    *,
    actor: str,
    options: RunOptions,
    leases: LeaseKeeper,
    waiting: Callable[[], None] = lambda: None,
) -> Iterator[int]:
    """Make changes, and yield how many are on the server, some at a time.

    `waiting` is told once for each time that another run has to end first.

    Raises:
        RelabelStopped: a run of the account failed, was cancelled, or cannot begin.
    """
    done = 0
    for some in parts(changes, AT_ONCE):
        with transaction(sessions) as session:
            now = database_now(session)
            ids = change_all(session, some, actor=actor, now=now)
        last = _run(sessions, account.id, options, leases, waiting)
        if last.outcome is not Outcome.SUCCEEDED:
            raise RelabelStopped(last.error_message or f"The run was {last.outcome}.")
        with sessions() as session:
            done += count_followed(session, ids)
        yield done


def _run(
    sessions: Sessions,
    account_id: int,
    options: RunOptions,
    leases: LeaseKeeper,
    waiting: Callable[[], None],
) -> RunStep:
    """Run the account once, which brings the labels to where they are to be."""
    end = time.monotonic() + WAIT_SECONDS
    is_told = False
    while True:
        try:
            with transaction(sessions) as session:
                run_id = accounts.want_run(
                    session, account_id, now=database_now(session), in_hand=True
                )
        except accounts.AccountPaused as error:
            raise RelabelStopped(str(error)) from None
        except accounts.AccountBusy as error:
            if time.monotonic() > end:
                raise RelabelStopped(str(error)) from None
        else:
            steps = run_account(
                sessions, account_id, run_id, options=options, leases=leases
            )
            for step in steps:
                if step.outcome is not None:
                    return step
        if not is_told:
            waiting()
            is_told = True
        time.sleep(LOOK_EVERY)
