"""What forms on an account's page change: how it signs in, and how it runs."""

from collections.abc import Mapping
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from mailbeat.db import accounts as db
from mailbeat.db.accounts import BY_PERSON
from mailbeat.db.clock import database_now
from mailbeat.db.models import Account
from mailbeat.db.session import transaction
from mailbeat.mail.errors import ErrorCode, MailError
from webapp.auth import requires
from webapp.dashboard.account_pages import account_page
from webapp.dashboard.actions import Answer, back, note
from webapp.dashboard.blueprint import known_account, pages, reading, refuse
from webapp.dashboard.new_account import read_change, read_settings
from webapp.dashboard.trial import advice_on
from webapp.errors import Problem
from webapp.language import N_, _
from webapp.parts import parts
from webapp.verify import problem_of

ONE = "/accounts/<int(max=2147483647):account_id>"
LOGIN = ("host", "port", "security", "username", "mailbox", "password")
# Where an error is shown: at the field that is most likely wrong.
_AT = {
    ErrorCode.AUTH_FAILED: "password",
    ErrorCode.CONNECT_FAILED: "host",
    ErrorCode.TLS_FAILED: "host",
    ErrorCode.HOST_REFUSED: "security",
    ErrorCode.MAILBOX_MISSING: "mailbox",
}
UNSTORED = N_("Nothing was stored.")
SEE_BELOW = N_("Nothing was stored. What is wrong stands below, at its field.")
NOTHING = N_("Nothing is different from what is stored, so nothing was tried.")


@pages.post(f"{ONE}/login")
@requires("admin")
def account_login(account_id: int) -> Answer:
    """Try how an account shall sign in from now on, and store it if that works.

    It runs at once then, and that run is shown, for it tells whether all is well again.
    """
    form = request.form.to_dict()
    changes, errors = read_change(form, LOGIN)
    if errors:
        return _again(account_id, form, errors, 422)
    candidate = _candidate(account_id, changes)
    if candidate is None:
        refuse(_(NOTHING))
        return _again(account_id, form, {}, 422)
    try:
        problem = problem_of(candidate, parts())
    except Problem as busy:
        refuse(f"{busy.description} {_(UNSTORED)}")
        return _again(account_id, form, {}, busy.code or 429)
    if problem is not None:
        at = _AT.get(problem.code, "host")
        said = f"{_advice(problem, candidate)} {_(UNSTORED)}"
        return _again(account_id, form, {at: said}, 422)
    with transaction(parts().sessions) as session:
        known_account(session, account_id)
        _store(session, account_id, changes)
        account = known_account(session, account_id)
        done = "login-paused" if account.pause_reason == BY_PERSON else "login"
        run_id = _run(session, account_id)
    parts().live.refresh()
    if run_id is not None:
        return back("pages.run", done, run_id=run_id)
    return back("pages.account", done, account_id=account_id)


def _run(session: Session, account_id: int) -> str | None:
    """Ask for a run and return its id; None where there is none to be asked for."""
    try:
        return db.want_run(session, account_id, now=database_now(session))
    except (db.AccountBusy, db.AccountPaused):
        return None


def _candidate(account_id: int, changes: Mapping[str, Any]) -> Account | None:
    """A copy with the changes, that belongs to no session; None if it is the same."""
    with reading() as session:
        known_account(session, account_id)
        session.expunge_all()
        account = session.scalar(db.LOCKED.where(Account.id == account_id))
        if account is None:  # removed at this moment
            known_account(session, account_id)
            return None
        is_other = any(
            name != "password" and str(value) != str(getattr(account, name))
            for name, value in changes.items()
        )
        if not is_other and "password" not in changes:
            return None
        if "password" not in changes:
            db.read_secrets(account)
        else:  # the stored one may be unreadable, and a new one is the cure
            account.oauth_provider = None
        session.expunge(account)
    for name, value in changes.items():
        setattr(account, name, value)
    return account


def _advice(problem: MailError, account: Account) -> str:
    return advice_on(problem, account).replace(" below", " here")


@pages.post(f"{ONE}/settings")
@requires("admin")
def account_settings(account_id: int) -> Answer:
    """Store when an account runs, what it calls its labels, and what it learns from."""
    form = request.form.to_dict()
    changes, errors = read_settings(form)
    if errors:
        return _again(account_id, form, errors, 422)
    with transaction(parts().sessions) as session:
        account = known_account(session, account_id)
        different = {
            name: value
            for name, value in changes.items()
            if value != getattr(account, name)
        }
        if different:
            _store(session, account_id, different)
    parts().live.refresh()
    return back("pages.account", "changed", account_id=account_id)


def _store(session: Session, account_id: int, changes: Mapping[str, Any]) -> None:
    db.change_account(
        session,
        account_id,
        changes,
        now=database_now(session),
        default_interval=parts().settings.background_scan_interval,
    )
    note(session, "account.change", f"account {account_id}", ", ".join(sorted(changes)))


def _again(
    account_id: int, form: Mapping[str, str], errors: Mapping[str, str], status: int
) -> Answer:
    """The page with what was typed, but no password, and what is wrong with it."""
    typed = {name: text for name, text in form.items() if name != "password"}
    if errors:
        refuse(_(SEE_BELOW))
    with reading() as session:
        return account_page(session, account_id, errors, typed), status
