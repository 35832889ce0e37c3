"""Accounts: how to log in, when they run next, who may run them now.

The schedule and the lease are columns of the account's row, so that a Celery message
may be lost or doubled: whoever holds the row runs, and what is due is found again.
"""

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import and_, bindparam, case, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer
from sqlalchemy.orm.attributes import set_committed_value

from mailbeat.db import runs
from mailbeat.db.ledger import forget_label_names, forget_numbers
from mailbeat.db.models import Account, Correction, Installation, table_of
from mailbeat.db.types import SecretUnreadable, UTCDateTime
from mailbeat.labeling.progress import Outcome
from mailbeat.mail.address import normal_address
from mailbeat.mail.mailbox import Security

# A message that no worker took within this time is lost, or waits in a long queue: it
# is sent again, under the same id. A worker that gets both takes the first.
SENT_AGAIN_AFTER = timedelta(seconds=20)
# How long labels wait for a run that follows what a person corrected: who corrects
# many, one after the other, has few runs for them.
SOON = timedelta(seconds=3)
WISHES = 100  # runs that people asked for, in one claim
# How many times a failing account's distance doubles: 64 intervals at most, and
# never longer than LONGEST_WAIT.
MAX_DOUBLINGS = 6
LONGEST_WAIT = timedelta(hours=1)
LONGEST_RUN = timedelta(hours=1)  # that has begun before a change
# Google blocks an account that asks for too much for up to a day.
THROTTLED_WAIT = timedelta(minutes=15)
LONGEST_THROTTLED_WAIT = timedelta(hours=6)
# Where an account's mail is: with another of these it is other mail.
WHERE = ("host", "username", "mailbox")
LOGIN = (*WHERE, "port", "security", "password")
SECRETS = (Account.password, Account.refresh_token, Account.access_token)
# Reasons of a pause, beside the error codes.
BY_PERSON = "user"
SETTING_UP = "set-up"  # not finished yet: it has never labelled anything


# What every run reads and writes, many at once, is built once.
_ACCOUNTS, _CORRECTIONS = table_of(Account), table_of(Correction)
_CHANGE = _ACCOUNTS.update().where(_ACCOUNTS.c.id == bindparam("this"))
_AS_IT_IS = select(Account).execution_options(populate_existing=True)
# Without its secrets, which may be unreadable: they are read when they are asked for.
LOCKED = _AS_IT_IS.options(*(defer(column) for column in SECRETS))
_LOCK, _LOCK_WITH_SECRETS = (
    query.where(Account.id == bindparam("this")).with_for_update()
    for query in (LOCKED, _AS_IT_IS)
)
_EVERYTHING_PAUSED = select(Installation.paused_at)
# A run asked what waits when it began; what was corrected since has the next.
_CORRECTED_SINCE = (
    select(_CORRECTIONS.c.id)
    .where(
        _CORRECTIONS.c.account_id == bindparam("this"),
        _CORRECTIONS.c.pending_since >= bindparam("started"),
    )
    .exists()
)
_SUCCEED = (
    _ACCOUNTS.update()
    .where(_ACCOUNTS.c.id == bindparam("this"))
    .where(_ACCOUNTS.c.lease_run_id == bindparam("run"))
    .values(
        lease_run_id=None,
        lease_until=None,
        cancel_run_id=None,
        failures_in_a_row=0,
        interruptions_in_a_row=0,
        next_run_at=case(
            (_CORRECTED_SINCE, bindparam("soon", type_=UTCDateTime)),
            (
                _ACCOUNTS.c.next_run_at <= bindparam("now"),
                bindparam("slot", type_=UTCDateTime),
            ),
            else_=_ACCOUNTS.c.next_run_at,
        ),
    )
)


class AccountExists(Exception):
    pass


class AccountNotFound(Exception):
    pass


class AccountBusy(Exception):
    pass


class AccountPaused(Exception):
    pass


@dataclass(frozen=True, slots=True)
class NewAccount:
    email_address: str
    host: str
    port: int
    security: Security
    username: str
    password: str = field(repr=False)
    mailbox: str = "INBOX"
    interval_seconds: int | None = None
    look_back_hours: int | None = None
    label_prefix: str = "Mailbeat"
    tokens: "SignedIn | None" = None  # instead of the password
    moves_mail: bool = False
    setting_up: bool = False  # it waits till a person has finished that


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What signing in at an OAuth provider gave us."""

    provider: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    expires_at: datetime


def add_account(session: Session, new: NewAccount, *, now: datetime) -> Account:
    """Store an account that is due at once, unless a person still sets it up.

    Raises:
        AccountExists: the address is there already.
    """
    if (known := _id_of(session, new.email_address)) is not None:
        raise AccountExists(
            f"{new.email_address} is there already, as account {known}. Change its "
            f"password with `mailbeat account set-password {known}`."
        )
    account = Account(
        email_address=normal_address(new.email_address),
        host=new.host,
        port=new.port,
        security=str(new.security),
        username=new.username,
        password=None if new.tokens else new.password,
        mailbox=new.mailbox,
        label_prefix=new.label_prefix,
        moves_mail=new.moves_mail,
        interval_seconds=new.interval_seconds,
        look_back_hours=new.look_back_hours,
        created_at=now,
        next_run_at=now,
        paused_at=now if new.setting_up else None,
        pause_reason=SETTING_UP if new.setting_up else None,
    )
    if new.tokens is not None:
        _put_tokens(account, new.tokens)
    session.add(account)
    try:
        session.flush()
    except IntegrityError as error:
        raise AccountExists(
            f"{new.email_address} was added at this very moment by somebody else. "
            "`mailbeat account list` shows it."
        ) from error
    return account


def _id_of(session: Session, typed: str) -> int | None:
    """The account of an address, however that is spelled.

    Older rows have it as it was typed, and only of ASCII every database knows the small
    letters: for all others Python looks through the addresses.
    """
    wanted = normal_address(typed)
    rows = select(Account.id, Account.email_address)
    if wanted.isascii():
        rows = rows.where(sa.func.lower(Account.email_address) == wanted)
    same = [
        (address != typed, address != wanted, account_id)
        for account_id, address in session.execute(rows)
        if normal_address(address) == wanted
    ]
    return min(same)[-1] if same else None


def find_account(session: Session, ref: str | int) -> Account:
    """Return an account by its id or its address.

    Raises:
        AccountNotFound: there is none.
    """
    text = str(ref).strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:  # noqa: PLR2004 # ids are 32 bits
        account_id: int | None = int(text)
    else:
        # PostgreSQL refuses a NUL in a text with an error of its own.
        account_id = _id_of(session, text.replace("\0", ""))
    found = None if account_id is None else session.get(Account, account_id)
    if found is None:
        raise AccountNotFound(
            f"There is no account {text[:100]!r}. `mailbeat account list` shows them."
        )
    return found


def lock_account(session: Session, account_id: int) -> Account | None:
    """Return an account as it is now, and keep others from it till the commit.

    Whoever decides by what it read has to read it so. On SQLite `transaction()` has
    locked everything already.
    """
    return session.scalar(_LOCK, {"this": account_id})


def lock_account_to_run(session: Session, account_id: int) -> Account | None:
    """The same, with its secrets: in one round trip, if it can be read."""
    try:
        return session.scalar(_LOCK_WITH_SECRETS, {"this": account_id})
    except SecretUnreadable:
        return lock_account(session, account_id)


def _locked(session: Session, account_id: int) -> Account:
    account = lock_account(session, account_id)
    return account or find_account(session, account_id)  # which says who is missing


def login_of(account: Account) -> tuple[Any, ...]:
    """What a run needs to know of an account to read its mail."""
    if account.oauth_provider is not None:
        secret = account.oauth_provider, account.refresh_token
        return *(getattr(account, name) for name in LOGIN[:-1]), secret
    return tuple(getattr(account, name) for name in LOGIN)


def read_secrets(account: Account) -> None:
    """Read what opens the mailbox while the account still belongs to a session.

    Raises:
        SecretUnreadable: its key is missing.
    """
    if account.oauth_provider is None:
        _ = account.password
    else:
        _ = account.refresh_token, account.access_token


def list_accounts(session: Session) -> list[Account]:
    return list(session.scalars(select(Account).order_by(Account.id)))


def remove_account(session: Session, account_id: int, *, now: datetime) -> None:
    """Forget an account with its password, watermark and decisions; runs stay.

    A run in hand ends with it, and writes nothing any more.

    Raises:
        AccountNotFound: there is none.
    """
    account = _locked(session, account_id)
    if account.lease_run_id is not None:
        message = "The account was removed in the middle of this run."
        runs.end_run(session, account.lease_run_id, Outcome.CANCELLED, message, now=now)
    session.delete(account)
    session.flush()


def set_password(
    session: Session, account_id: int, password: str, *, now: datetime
) -> None:
    """Store a new password; the account is tried with it at once, unless paused.

    Raises:
        AccountNotFound: there is none.
    """
    account = _locked(session, account_id)
    account.password = password
    _forget_tokens(account)
    _try_new_login(account, now)


def store_sign_in(
    session: Session, account_id: int, tokens: SignedIn, *, now: datetime
) -> None:
    """Store what a person's sign-in gave, instead of the password; tried as that is.

    Raises:
        AccountNotFound: there is none.
    """
    account = _locked(session, account_id)
    account.password = None
    _put_tokens(account, tokens)
    _try_new_login(account, now)


def store_refreshed(account: Account, used: str, tokens: SignedIn) -> bool:
    """Store renewed tokens of an account that the caller has locked.

    `used` is the refresh token that was spent for them. False when a person signed in
    anew meanwhile, or stored a password: that stays.
    """
    if account.oauth_provider != tokens.provider or account.refresh_token != used:
        return False
    _put_tokens(account, tokens)
    return True


def _put_tokens(account: Account, tokens: SignedIn) -> None:
    account.oauth_provider = tokens.provider
    account.refresh_token = tokens.refresh_token
    account.access_token = tokens.access_token
    account.token_expires_at = tokens.expires_at


def _forget_tokens(account: Account) -> None:
    account.oauth_provider = account.token_expires_at = None
    account.refresh_token = account.access_token = None


def change_account(
    session: Session,
    account_id: int,
    changes: Mapping[str, Any],
    *,
    now: datetime,
    default_interval: int,
) -> None:
    """Store new values of columns; a new schedule or login holds from now on.

    A new login is tried at once, unless a person paused the account.

    Raises:
        AccountNotFound: there is none.
    """
    account = _locked(session, account_id)
    changed = {
        name
        for name in LOGIN
        if name in changes
        # An old password may be unreadable, and a new one is the cure.
        and (name == "password" or changes[name] != getattr(account, name))
    }
    if changes.get("label_prefix", account.label_prefix) != account.label_prefix:
        # A run in hand goes on with the old names.
        since = now + LONGEST_RUN if is_leased(account, now) else now
        forget_label_names(session, account.id, since=since)
    for name, value in changes.items():
        setattr(account, name, value)
    if "password" in changes:
        _forget_tokens(account)
    if "interval_seconds" in changes:
        interval = account.interval_seconds or default_interval
        account.next_run_at = next_slot(account_id, interval, now)
    if changed & set(WHERE):
        _leave_old_mailbox(session, account, now)
    if changed:
        _try_new_login(account, now)


def _leave_old_mailbox(session: Session, account: Account, now: datetime) -> None:
    """Take the account from a run in hand: what it knows is of other mail."""
    if account.lease_run_id is not None:
        message = (
            "The account's server, user name or mailbox was changed in the middle of "
            "this run. The next run uses the new one."
        )
        runs.end_run(
            session, account.lease_run_id, Outcome.INTERRUPTED, message, now=now
        )
        free(account)
    forget_numbers(session, account.id)


def _try_new_login(account: Account, now: datetime) -> None:
    account.failures_in_a_row = 0
    account.next_run_at = now
    if account.pause_reason not in {BY_PERSON, SETTING_UP}:
        account.paused_at = account.pause_reason = None


def pause_account(
    session: Session, account_id: int, *, reason: str = BY_PERSON, now: datetime
) -> None:
    """Stop scheduling an account; a run in hand stops at its next message.

    `reason` is `user` or the error code that made a person necessary. An account whose
    set-up is not finished stays one.

    Raises:
        AccountNotFound: there is none.
    """
    account = _locked(session, account_id)
    is_set_up = account.pause_reason != SETTING_UP
    if account.paused_at is None or (reason == BY_PERSON and is_set_up):
        account.paused_at = account.paused_at or now
        account.pause_reason = reason
    account.wanted_run_id = account.queued_until = None


def resume_account(session: Session, account_id: int, *, now: datetime) -> None:
    """Schedule an account again, at once.

    Raises:
        AccountNotFound: there is none.
    """
    account = _locked(session, account_id)
    account.paused_at = account.pause_reason = None
    account.failures_in_a_row = account.interruptions_in_a_row = 0
    account.next_run_at = now


def pause_everything(session: Session, *, now: datetime) -> None:
    session.execute(
        update(Installation)
        .where(Installation.paused_at.is_(None))
        .values(paused_at=now)
    )


def resume_everything(session: Session, *, now: datetime) -> None:
    """Schedule everything again; what waited when the pause came is sent anew."""
    send_again(session, now=now)  # accounts first, as beat does
    session.execute(update(Installation).values(paused_at=None))


def everything_paused_since(session: Session) -> datetime | None:
    return session.scalar(_EVERYTHING_PAUSED)


def want_run(
    session: Session, account_id: int, *, now: datetime, in_hand: bool = False
) -> str:
    """Ask for a run now and return its id; beat sends it at its next tick.

    The wish stays in the row until a worker takes the account, so no broker can lose
    it. Asking again before it started returns the same id. `in_hand` is for who begins
    the run at once; beat sends it if that comes to nothing.

    Raises:
        AccountNotFound: there is none.
        AccountBusy: it is running.
        AccountPaused: it, or everything, is paused.
    """
    account = _locked(session, account_id)
    if account.paused_at is not None:
        raise AccountPaused(
            f"{account.email_address} is paused. Resume it first; that runs it at once."
        )
    if everything_paused_since(session) is not None:
        raise AccountPaused("Everything is paused. Resume it first.")
    if is_leased(account, now):
        raise AccountBusy(
            f"{account.email_address} is running. Its next run can be asked for when "
            "this one has ended."
        )
    if account.wanted_run_id is None:
        account.wanted_run_id, account.due_at = str(uuid4()), now
    # None makes it a wish that is not sent yet: see `claim_due`.
    account.queued_until = now + SENT_AGAIN_AFTER if in_hand else None
    account.interruptions_in_a_row = 0  # a person says: try again
    return account.wanted_run_id


def cancel_run(session: Session, run_id: str, *, now: datetime) -> bool:
    """Ask a run to stop at its next message; False when it has ended.

    One that no worker took yet does not begin any more.
    """
    names_it = (
        and_(column.is_not(None), column == run_id)  # which its index needs to hear
        for column in (Account.lease_run_id, Account.wanted_run_id)
    )
    account = session.scalar(LOCKED.where(or_(*names_it)).with_for_update())
    if account is None:
        return False
    if account.lease_run_id == run_id:
        account.cancel_run_id = run_id
        return True
    account.wanted_run_id = account.queued_until = None
    runs.start_run(session, account, run_id, now=now)
    runs.end_run(session, run_id, Outcome.CANCELLED, now=now)
    return True


def is_leased(account: Account, now: datetime) -> bool:
    return (
        account.lease_run_id is not None
        and account.lease_until is not None
        and account.lease_until > now
    )


def leased_until(session: Session, account_id: int) -> datetime | None:
    """Say till when a run has an account; one that lives moves that on and on."""
    return session.scalar(select(Account.lease_until).where(Account.id == account_id))


# The schedule


@dataclass(frozen=True, slots=True)
class Due:
    account_id: int
    run_id: str
    interval_seconds: int
    due_at: datetime


def next_slot(account_id: int, interval_seconds: int, now: datetime) -> datetime:
    """The next time after `now` at which an account is due.

    Slots are `interval_seconds` apart; their phase comes from the account's id, so
    that the load is even and stays where it is over restarts.
    """
    phase = zlib.crc32(str(account_id).encode()) % interval_seconds
    passed = (now.timestamp() - phase) // interval_seconds
    slot = (passed + 1) * interval_seconds + phase
    return datetime.fromtimestamp(slot, tz=now.tzinfo)


def claim_due(
    session: Session, *, now: datetime, default_interval: int, limit: int = 500
) -> list[Due]:
    """Mark due accounts as queued, move them to their next slot, and return them.

    Due is what its time has come for, what lost its worker, and what was sent but is
    not taken: that keeps its run's id. Of these at most `limit`. What a person wished
    for, and beat did not send since, comes before them and beside the limit.

    The caller publishes and then commits: when the broker is away it rolls back, and
    they stay due. Two callers at once never get the same account (SKIP LOCKED on
    PostgreSQL, the write lock of `transaction()` on SQLite).
    """
    if everything_paused_since(session) is not None:
        return []
    claim = partial(_claim, session, now=now, default_interval=default_interval)
    wished = claim(_wished_ids(now), limit=WISHES)
    return wished + claim(_due_ids(now, limit), limit=limit)


def _claim(
    session: Session,
    ids: sa.Select[Any],
    *,
    now: datetime,
    default_interval: int,
    limit: int,
) -> list[Due]:
    rows = session.execute(
        select(
            Account.id,
            Account.interval_seconds,
            Account.wanted_run_id,
            Account.next_run_at,
            Account.due_at,
        )
        .where(Account.id.in_(ids), _is_not_paused())
        .where(_is_free(now), _is_not_queued(now))
        .order_by(Account.next_run_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    due = [
        Due(
            account_id=row.id,
            run_id=row.wanted_run_id or str(uuid4()),
            interval_seconds=row.interval_seconds or default_interval,
            # One that is sent again waits since it was due first. A lost worker's
            # account is not due by its schedule, but at once.
            due_at=(row.due_at if row.wanted_run_id else None)
            or min(row.next_run_at, now),
        )
        for row in rows
    ]
    if due:
        _mark_queued(session, due, now)
    return due


def _is_not_paused() -> sa.ColumnElement[bool]:
    """Where another index leads to the few rows that are meant.

    Written plainly, SQLite takes it for what finds the fewest rows, and reads all.
    """
    return sa.func.coalesce(Account.paused_at, sa.null()).is_(None)


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    return or_(Account.lease_until.is_(None), Account.lease_until <= now)


def _is_not_queued(now: datetime) -> sa.ColumnElement[bool]:
    return or_(Account.queued_until.is_(None), Account.queued_until <= now)


def _wished_ids(now: datetime) -> sa.Select[Any]:
    """A wish that was not sent yet: it has a run's id, but no time to send it again."""
    return (
        select(Account.id)
        .where(Account.wanted_run_id.is_not(None), Account.queued_until.is_(None))
        .where(_is_not_paused(), _is_free(now))
    )


def _due_ids(now: datetime, limit: int) -> sa.Select[Any]:
    """The three kinds of due accounts, each found in an index of its own."""
    kinds = (
        select(Account.id)
        .where(Account.paused_at.is_(None), Account.next_run_at <= now)
        .where(_is_not_queued(now), _is_free(now))
        .order_by(Account.next_run_at),
        select(Account.id)
        .where(Account.wanted_run_id.is_not(None), Account.queued_until <= now)
        .where(_is_not_paused())
        .order_by(Account.queued_until),
        select(Account.id)
        .where(Account.lease_run_id.is_not(None), Account.lease_until < now)
        .where(_is_not_paused(), _is_not_queued(now)),
    )
    # Twice as many as wanted: another beat may be holding the first half.
    limited = [select(kind.limit(2 * limit).subquery().c.id) for kind in kinds]
    return select(sa.union_all(*limited).subquery().c.id)


def _mark_queued(session: Session, due: Sequence[Due], now: datetime) -> None:
    session.connection().execute(
        _ACCOUNTS.update()
        .where(_ACCOUNTS.c.id == sa.bindparam("account"))
        .values(
            next_run_at=sa.bindparam("slot"),
            queued_until=sa.bindparam("until"),
            wanted_run_id=sa.bindparam("run"),
            due_at=sa.bindparam("due", type_=UTCDateTime),
        ),
        [
            {
                "account": one.account_id,
                "slot": next_slot(one.account_id, one.interval_seconds, now),
                "until": now
                + min(timedelta(seconds=one.interval_seconds), SENT_AGAIN_AFTER),
                "run": one.run_id,
                "due": one.due_at,
            }
            for one in due
        ],
    )


def send_again(session: Session, *, now: datetime) -> None:
    """Make everything that was sent and not taken due: the broker's data are lost."""
    session.execute(
        update(Account)
        .where(Account.wanted_run_id.is_not(None), Account.queued_until > now)
        .values(queued_until=now)
    )


def tick(session: Session, *, now: datetime) -> None:
    """Leave beat's sign of life."""
    session.execute(update(Installation).values(beat_ticked_at=now))


# The lease


class LeaseState(StrEnum):
    KEPT = "kept"
    STOP = "stop"  # still held, and a person wants it to end
    MISSED = "missed"  # still held, and not prolonged this time
    LOST = "lost"


def take_lease(
    session: Session, account_id: int, run_id: str, *, now: datetime, ttl: timedelta
) -> bool:
    """Become the one run of an account; False when another is, or it is paused.

    The wish for this run is fulfilled with it; one for another run waits for its end.
    """
    account = lock_account(session, account_id)
    return account is not None and lease(session, account, run_id, now=now, ttl=ttl)


def lease(
    session: Session, account: Account, run_id: str, *, now: datetime, ttl: timedelta
) -> bool:
    """The same, for an account that the caller has locked."""
    if account.paused_at is not None or is_leased(account, now):
        return False
    is_others = account.wanted_run_id not in {None, run_id}
    _write(
        session,
        account,
        lease_run_id=run_id,
        lease_until=now + ttl,
        cancel_run_id=None,
        wanted_run_id=account.wanted_run_id if is_others else None,
        queued_until=None,
    )
    return True


def _write(session: Session, account: Account, **values: Any) -> None:
    """Set columns of a locked account, for less than a flush costs."""
    session.flush()  # what else was set comes before
    session.execute(_CHANGE, {"this": account.id, **values})
    for name, value in values.items():
        set_committed_value(account, name, value)


def renew_leases(
    session: Session, run_ids: Collection[str], *, now: datetime, ttl: timedelta
) -> dict[str, LeaseState]:
    """Prolong leases in one statement, and tell what became of each.

    A lease that ended but that nobody took is prolonged too: its run is alive. An
    account that somebody holds just now is not waited for; its lease is `MISSED`.
    """
    free_rows = (
        select(Account.id)
        .where(Account.lease_run_id.in_(run_ids))
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(
        update(Account)
        .where(Account.id.in_(free_rows))
        .values(lease_until=now + ttl)
        .returning(Account.lease_run_id, Account.cancel_run_id, Account.paused_at),
        execution_options={"synchronize_session": False},
    ).all()
    everything = everything_paused_since(session)
    states = dict.fromkeys(run_ids, LeaseState.LOST)
    for run_id, cancelled, paused_at in rows:
        if run_id is None:  # cannot be: the statement asked for our ids
            continue
        wished = cancelled == run_id or paused_at is not None or everything is not None
        states[run_id] = LeaseState.STOP if wished else LeaseState.KEPT
    if len(rows) < len(states):
        lost = [run_id for run_id, state in states.items() if state is LeaseState.LOST]
        held = select(Account.lease_run_id).where(Account.lease_run_id.in_(lost))
        missed = {run_id for run_id in session.scalars(held) if run_id is not None}
        states |= dict.fromkeys(missed, LeaseState.MISSED)
    return states


def release_lease(
    session: Session,
    account_id: int,
    run_id: str,
    *,
    now: datetime,
    interval_seconds: int,
    hand_over: bool = False,
) -> None:
    """Let go of an account.

    A slot that passed while it ran is skipped, unless the run was stopped halfway and
    its work is handed over: then the account is due at once.
    """
    account = lock_account(session, account_id)
    if account is None or account.lease_run_id != run_id:
        return
    free(account)
    if hand_over:
        account.next_run_at = now
    else:
        skip_passed_slot(account, interval_seconds, now=now)


def borrow_lease(account: Account, holder: str, *, until: datetime) -> None:
    """Keep runs from an account for a moment; the caller has it locked, and it is free.

    What becomes of a paused account, or of a wish, is not touched.
    """
    account.lease_run_id, account.lease_until = holder, until
    account.cancel_run_id = None


def free(account: Account) -> None:
    """Leave an account to whoever comes next; the caller has it locked."""
    account.lease_run_id = account.lease_until = account.cancel_run_id = None


def skip_passed_slot(account: Account, interval_seconds: int, *, now: datetime) -> None:
    if account.next_run_at <= now:
        account.next_run_at = next_slot(account.id, interval_seconds, now)


def want_runs_soon(
    session: Session, account_ids: Collection[int], *, now: datetime
) -> None:
    """Have accounts run a little earlier than they would, once for all who ask so.

    A server that is tired or away, and a mailbox that kills workers, are spared.
    """
    soon = now + SOON
    session.execute(
        update(Account)
        .where(Account.id.in_(account_ids), Account.next_run_at > soon)
        .where(Account.failures_in_a_row == 0, Account.interruptions_in_a_row == 0)
        .values(next_run_at=soon),
        execution_options={"synchronize_session": False},
    )


def succeed(
    session: Session,
    account_id: int,
    run_id: str,
    *,
    started_at: datetime,
    now: datetime,
    interval_seconds: int,
) -> bool:
    """Let go of an account whose run went well; False when it has not the lease.

    It runs again soon if a person corrected something since `started_at`.
    """
    done = session.execute(
        _SUCCEED,
        {
            "this": account_id,
            "run": run_id,
            "started": started_at,
            "now": now,
            "soon": now + SOON,
            "slot": next_slot(account_id, interval_seconds, now),
        },
    )
    return bool(done.rowcount)  # type: ignore[attr-defined] # an UPDATE has one


def note_success(account: Account) -> None:
    account.failures_in_a_row = account.interruptions_in_a_row = 0


def note_failure(
    account: Account,
    *,
    now: datetime,
    interval_seconds: int,
    is_throttled: bool = False,
) -> None:
    """Count a failure that may pass by itself, and move the next try further away.

    A server that wants less of us (`is_throttled`) is left alone for longer.
    """
    account.failures_in_a_row += 1
    account.interruptions_in_a_row = 0
    doublings = min(account.failures_in_a_row - 1, MAX_DOUBLINGS)
    interval = timedelta(seconds=interval_seconds)
    wait = min(interval * 2**doublings, max(LONGEST_WAIT, interval))
    if is_throttled:
        wait = max(wait, min(THROTTLED_WAIT * 2**doublings, LONGEST_THROTTLED_WAIT))
    if wait > interval:
        account.next_run_at = next_slot(
            account.id,
            interval_seconds,
            now + wait - timedelta(seconds=interval_seconds),
        )


def note_survival(account: Account) -> None:
    """A run ended by itself, however: its mailbox does not kill its worker."""
    account.interruptions_in_a_row = 0
